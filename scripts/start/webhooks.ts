import type { Config } from '../../src/platform/config.ts';

/** How the demo's recipients behave. */
const readers = {
  deferred: 0.01,
  bounced: 0.01,
  blocked: 0.003,
  opened: 0.45,
  machineOpened: 0.25,
  clicked: 0.3,
  spamReported: 0.001,
  unsubscribed: 0.004,
};

/** Has the sandbox's Sunshine tell this portal what becomes of chat messages, and the portal know the secret that comes with it. */
export async function introduceChat({ SANDBOX_URL, PORT }: Config): Promise<void> {
  const { secret } = await post<{ secret: string }>(`${SANDBOX_URL}/__sandbox__/sunshine/webhook`, {
    url: `http://127.0.0.1:${String(PORT)}/hooks/sunshine`,
  });
  process.env.SUNSHINE_WEBHOOK_SECRET ||= secret;
}

/** Has the sandbox's SendGrid tell this portal what becomes of mails, and the portal know its key. A key that is configured stays. */
export async function introduceWebhooks({ SANDBOX_URL, PORT }: Config): Promise<void> {
  const control = `${SANDBOX_URL}/__sandbox__/sendgrid`;
  const { publicKey } = await post<{ publicKey: string }>(`${control}/webhook`, {
    url: `http://127.0.0.1:${String(PORT)}/hooks/sendgrid`,
  });
  process.env.SENDGRID_WEBHOOK_PUBLIC_KEY ||= publicKey;
  const { opened } = await post<{ opened: number }>(`${control}/settings`, {});
  if (opened === 0) await post(`${control}/settings`, readers);
}

async function post<Answer>(url: string, body: object): Promise<Answer> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`${url} answered ${String(response.status)}: ${await response.text()}`);
  return (await response.json()) as Answer;
}
