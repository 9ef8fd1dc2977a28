import type { Config } from '../../src/platform/config.ts';

/** Has the sandbox's SendGrid tell this portal what becomes of mails, and the portal know its key. A key that is configured stays. */
export async function introduceWebhooks({ SANDBOX_URL, PORT }: Config): Promise<void> {
  const response = await fetch(`${SANDBOX_URL}/__sandbox__/sendgrid/webhook`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ url: `http://127.0.0.1:${String(PORT)}/hooks/sendgrid` }),
  });
  if (!response.ok) throw new Error(`the sandbox takes no address for webhooks: ${String(response.status)}`);
  const { publicKey } = (await response.json()) as { publicKey: string };
  process.env.SENDGRID_WEBHOOK_PUBLIC_KEY ||= publicKey;
}
