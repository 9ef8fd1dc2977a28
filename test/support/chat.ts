import { keepWebhook } from '../../sandbox/sunshine/webhooks.ts';

import { startSandbox } from './sandbox.ts';

const SECRET = 'a secret that Sunshine shares';

/** A message of a conversation as `/chat/<person>.json` shows it. */
export interface ReceivedMessage {
  id: string;
  author: { type: string };
  content: { type: string; text?: string; actions?: { type: string; text: string; uri: string }[] };
  metadata: Record<string, string> | null;
}

/** Starts a sandbox whose Sunshine takes the product's chat messages. Call it before anything of src/ is imported. */
export async function startChat() {
  const sandbox = await startSandbox();
  process.env.SANDBOX_URL = sandbox.url;
  process.env.SUNSHINE_WEBHOOK_SECRET = SECRET;
  const settings = (change: object) => post(`${sandbox.url}/__sandbox__/sunshine/settings`, change);
  return {
    sandbox,
    settings,
    /** Has its events told to that address, with the secret that the product knows. */
    hookTo: async (url: string) => {
      await keepWebhook(sandbox.org.pool, {
        integrationId: 'rapport',
        target: url,
        triggers: ['*'],
        secret: SECRET,
      });
    },
    fault: (fault: object) => post(`${sandbox.url}/__sandbox__/faults`, fault),
    noFaults: async () => {
      await fetch(`${sandbox.url}/__sandbox__/faults`, { method: 'DELETE' });
    },
    api: (method: string, path: string, body?: object) => api(sandbox.url, method, path, body),
    /** What somebody sees in their chat, in all their conversations. */
    messagesTo: async (person: string): Promise<ReceivedMessage[]> => {
      const answer = await fetch(`${sandbox.url}/chat/${encodeURIComponent(person)}.json`);
      const { conversations } = (await answer.json()) as { conversations: { messages: ReceivedMessage[] }[] };
      return conversations.flatMap(({ messages }) => messages);
    },
  };
}

async function post(url: string, body: object): Promise<void> {
  const answer = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(`${url} answered ${String(answer.status)}`);
}

async function api(url: string, method: string, path: string, body?: object) {
  const answer = await fetch(`${url}/sunshine/v2/apps/sandbox${path}`, {
    method,
    headers: {
      authorization: `Basic ${Buffer.from('app_test:secret').toString('base64')}`,
      'content-type': 'application/json',
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  return { status: answer.status, body: (await answer.json()) as Record<string, never> };
}
