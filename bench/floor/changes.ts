import { oauthClient, SANDBOX_PASSWORD, staff } from '../../sandbox/cast.ts';

/** A signed-in user's way to an org. */
export interface Org {
  ask: (method: string, path: string, body?: unknown) => Promise<unknown>;
}

export async function signIn(origin: string): Promise<Org> {
  const answer = await fetch(`${origin}/services/oauth2/token`, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'password',
      client_id: oauthClient.id,
      client_secret: oauthClient.secret,
      username: staff.admin.username,
      password: SANDBOX_PASSWORD,
    }),
  });
  const { access_token: token } = (await answer.json()) as { access_token: string };
  return {
    async ask(method, path, body) {
      const reply = await fetch(`${origin}/services/data/v60.0${path}`, {
        method,
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      if (!reply.ok) throw new Error(`${path}: ${await reply.text()}`);
      return await reply.json();
    },
  };
}

const TOGETHER = 50;
/** Accounts that are changed in turn, so that each change has time to be seen before the next of its record. */
const AMONG = 10_000;

let number = 0;

/** Changes records at a steady rate whether or not answers have come; resolves to when each change was sent, by its value. */
export async function changesAtRate(
  { ask }: Org,
  { perSecond, seconds }: { perSecond: number; seconds: number },
): Promise<Map<string, number>> {
  const sent = new Map<string, number>();
  const asked: Promise<unknown>[] = [];
  const start = performance.now();
  for (let batch = 0; batch < (perSecond * seconds) / TOGETHER; batch += 1) {
    const wait = start + (batch * TOGETHER * 1000) / perSecond - performance.now();
    if (wait > 1) await new Promise((resolve) => setTimeout(resolve, wait));
    const records = Array.from({ length: TOGETHER }, () => {
      number += 1;
      const id = String(1 + (number % AMONG)).padStart(12, '0');
      return { attributes: { type: 'Account' }, Id: `001${id}AAA`, Site: `Change ${String(number)}` };
    });
    for (const { Site } of records) sent.set(Site, Date.now());
    asked.push(ask('PATCH', '/composite/sobjects', { allOrNone: false, records }));
  }
  for (const results of (await Promise.all(asked)) as { success: boolean; errors: unknown }[][])
    for (const { success, errors } of results)
      if (!success) throw new Error(`a change failed: ${JSON.stringify(errors)}`);
  return sent;
}
