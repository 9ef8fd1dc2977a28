/**
 * SendGrid's event webhook: what became of each mail, posted in signed batches to the address that the control plane sets
 * (`POST /__sandbox__/sendgrid/webhook {url}` answers with the public key to verify with). Every mail is processed and delivered;
 * an address that starts with `bounce` bounces, one that starts with `dropped` is dropped.
 */
import { createPrivateKey, createPublicKey, generateKeyPairSync, randomUUID, sign } from 'node:crypto';

import { keepState, maybeState } from '../salesforce/auth/state.ts';
import { fields } from './validate.ts';

import type { Db } from '../database.ts';
import type { Org } from '../salesforce/context.ts';

interface Recipient {
  email: string;
  payload: Record<string, unknown>;
  personalization: Record<string, unknown>;
}

type MailEvent = Record<string, unknown>;

/** SendGrid waits longer between its tries, and gives up after a day. */
const WAITS_MS = [0, 500, 1000, 2000, 4000, 8000];
const BATCH = 1000;

/** Where events go, and the public key (base64, DER) that proves where they come from; no address turns them off. */
export async function setWebhook(
  db: Db,
  url: string | undefined,
): Promise<{ url: string | undefined; publicKey: string }> {
  await keepState(db, 'webhook-url', url ?? null);
  const key = createPublicKey(await signingKey(db));
  return { url, publicKey: key.export({ type: 'spki', format: 'der' }).toString('base64') };
}

async function signingKey(db: Db): Promise<string> {
  const kept = await maybeState(db, 'webhook-key');
  if (typeof kept === 'string') return kept;
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  await keepState(db, 'webhook-key', pem);
  return pem;
}

/** Posts the events of accepted messages behind the request's back, when there is an address for them. */
export function createWebhook(org: Org) {
  return {
    sent: (messageId: string): void => {
      void report(org, messageId).catch((error: unknown) => {
        process.stderr.write(`SendGrid events of ${messageId} were not delivered: ${String(error)}\n`);
      });
    },
  };
}

async function report({ pool, clock }: Org, messageId: string): Promise<void> {
  const url = await maybeState(pool, 'webhook-url');
  if (typeof url !== 'string') return;
  const { rows } = await pool.query<Recipient>(
    `select m.email, s.payload - 'content' - 'attachments' as payload, m.personalization
     from _mail m join _mail_message s on s.id = m.message_id where m.message_id = $1 order by m.id`,
    [messageId],
  );
  const timestamp = Math.floor(clock.now().getTime() / 1000);
  const events = rows.flatMap((recipient) => eventsOf(recipient, { messageId, timestamp }));
  const key = await signingKey(pool);
  for (let from = 0; from < events.length; from += BATCH)
    await deliver(url, key, events.slice(from, from + BATCH));
}

function eventsOf(
  { email, payload, personalization }: Recipient,
  { messageId, timestamp }: { messageId: string; timestamp: number },
): MailEvent[] {
  const event = (name: string, more: MailEvent = {}): MailEvent => ({
    ...fields(payload.custom_args),
    ...fields(personalization.custom_args),
    email,
    timestamp,
    event: name,
    'smtp-id': `<${messageId}@sandbox>`,
    sg_event_id: randomUUID(),
    sg_message_id: `${messageId}.recvd-sandbox-1-0.0`,
    ...(payload.categories === undefined ? {} : { category: payload.categories }),
    ...more,
  });
  if (email.startsWith('dropped')) return [event('dropped', { reason: 'Bounced Address' })];
  if (email.startsWith('bounce'))
    return [
      event('processed'),
      event('bounce', {
        type: 'bounce',
        status: '5.1.1',
        reason: '550 5.1.1 The email account that you tried to reach does not exist.',
      }),
    ];
  return [event('processed'), event('delivered', { response: '250 2.0.0 OK' })];
}

async function deliver(url: string, key: string, events: MailEvent[]): Promise<void> {
  const body = JSON.stringify(events);
  for (const wait of WAITS_MS) {
    await new Promise((wake) => setTimeout(wake, wait).unref());
    if (await isTaken(url, key, body)) return;
  }
  throw new Error(`${url} did not take ${String(events.length)} events`);
}

async function isTaken(url: string, key: string, body: string): Promise<boolean> {
  const timestamp = String(Math.floor(Date.now() / 1000));
  const signature = sign('sha256', Buffer.from(timestamp + body), createPrivateKey(key)).toString('base64');
  const headers = {
    'content-type': 'application/json;charset=utf-8',
    'user-agent': 'SendGrid Event API',
    'x-twilio-email-event-webhook-signature': signature,
    'x-twilio-email-event-webhook-timestamp': timestamp,
  };
  const answer = await fetch(url, {
    method: 'POST',
    headers,
    body,
    signal: AbortSignal.timeout(10_000),
  }).catch(() => undefined);
  return answer?.ok ?? false;
}
