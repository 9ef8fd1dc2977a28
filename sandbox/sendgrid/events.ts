/**
 * SendGrid's event webhook: what became of each mail, posted in signed batches to the address that the control plane sets
 * (`POST /__sandbox__/sendgrid/webhook {url}` answers with the public key to verify with). Every mail is processed and delivered, unless its address or
 * the settings (`POST /__sandbox__/sendgrid/settings`, see settings.ts) say otherwise.
 */
import { createPublicKey, generateKeyPairSync } from 'node:crypto';

import { keepState, maybeState } from '../salesforce/auth/state.ts';
import { createTimers } from '../timers.ts';
import { fatesOf, type Fate, type MailEvent } from './fates.ts';
import { noteTold, requestOf, untoldRequests, type Accepted } from './mail.ts';
import { createPosting } from './posting.ts';
import { clickOf, createReaders, unsubscribeOf } from './readers.ts';
import { settingsOf, type Settings } from './settings.ts';
import { fields, list } from './validate-values.ts';

import type { Db } from '../database.ts';
import type { Org } from '../salesforce/context.ts';

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

export const webhookUrl = async (db: Db): Promise<string | undefined> => {
  const url = await maybeState(db, 'webhook-url');
  return typeof url === 'string' ? url : undefined;
};

async function signingKey(db: Db): Promise<string> {
  const kept = await maybeState(db, 'webhook-key');
  if (typeof kept === 'string') return kept;
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  await keepState(db, 'webhook-key', pem);
  return pem;
}

type Part = Record<string, unknown>;

/** Tells what became of accepted requests behind their back, when there is an address for that. */
export function createWebhook(org: Org) {
  const posting = createPosting();
  const readers = createReaders();
  const timers = createTimers('SendGrid’s events were not told');

  async function tell(accepted: Accepted, request: Part): Promise<void> {
    const url = await webhookUrl(org.pool);
    if (url === undefined) return;
    const [key, settings] = await Promise.all([signingKey(org.pool), settingsOf(org.pool)]);
    const post = async (events: MailEvent[]) => {
      const posts = inPosts(events).map((part) => posting.post({ url, key, ...ordered(part, settings) }));
      return (await Promise.all(posts)).every(Boolean);
    };
    const timestamp = Math.floor(org.clock.now().getTime() / 1000);
    const told = fatesIn(request, { messageId: accepted.messageId, timestamp, settings });
    timers.after(settings.delayMs, async () => {
      if (await post(told.now)) await noteTold(org.pool, accepted.id);
    });
    timers.after(settings.delayMs + settings.engagementDelayMs, async () => {
      readers.do(told.acts);
      await post(told.later);
    });
  }

  return {
    sent(accepted: Accepted, request: Part): void {
      timers.after(0, () => tell(accepted, request));
    },
    /** Whatever an earlier process left untold. */
    async resume(): Promise<void> {
      for (const accepted of await untoldRequests(org.pool))
        await tell(accepted, await requestOf(org.pool, accepted.id));
    },
    close(): void {
      timers.close();
      posting.close();
      readers.close();
    },
  };
}

const inPosts = (events: MailEvent[]): MailEvent[][] =>
  Array.from({ length: Math.ceil(events.length / BATCH) }, (_, i) =>
    events.slice(i * BATCH, (i + 1) * BATCH),
  );

/* Some posts come behind others, their events in another order. */
function ordered(events: MailEvent[], { copies, reordered }: Settings) {
  const isLate = reordered > 0 && Math.random() < reordered;
  const some = isLate
    ? events.toSorted((a, b) => (String(a.sg_event_id) < String(b.sg_event_id) ? -1 : 1))
    : events;
  return { body: JSON.stringify(some), copies, isLate };
}

function fatesIn(request: Part, sent: { messageId: string; timestamp: number; settings: Settings }) {
  const now: MailEvent[] = [];
  const later: MailEvent[] = [];
  const acts: ReturnType<typeof clickOf> = [];
  for (const [place, each] of list(request.personalizations).entries()) {
    const personalization = fields(each);
    for (const fate of fatesOf(personalization, place, { ...sent, request })) {
      now.push(...fate.now);
      later.push(...fate.later);
      acts.push(...actsOf(fate, request, personalization));
    }
  }
  return { now, later, acts };
}

const actsOf = ({ isClicking, isUnsubscribing }: Fate, request: Part, personalization: Part) => [
  ...(isClicking ? clickOf(request, personalization) : []),
  ...(isUnsubscribing ? unsubscribeOf(personalization) : []),
];
