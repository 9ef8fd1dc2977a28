import { randomBytes } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';

import { keepState, maybeState } from '../salesforce/auth/state.ts';
import { newId } from './store.ts';

import type { Db } from '../database.ts';
import type { Org } from '../salesforce/context.ts';

/** Where a custom integration wants to be told of events; the secret comes in the header `X-API-Key` of every post. */
export interface Webhook {
  id: string;
  integrationId: string;
  target: string;
  triggers: string[];
  secret: string;
}

/** The longest that events are held together before they are posted. */
const TOGETHER_MS = 50;
const MOST_TOGETHER = 100;
const WAITS_MS = [0, 500, 1_000, 2_000, 4_000, 8_000, 15_000, 30_000, 60_000];

export async function webhooksOf(db: Db): Promise<Webhook[]> {
  const kept = await maybeState(db, 'sunshine-webhooks');
  return Array.isArray(kept) ? (kept as Webhook[]) : [];
}

/** Adds a webhook; one of the same integration and target is changed, and keeps its secret. */
export async function keepWebhook(
  db: Db,
  {
    integrationId,
    target,
    triggers,
    secret,
  }: Pick<Webhook, 'integrationId' | 'target' | 'triggers'> & { secret?: string },
): Promise<Webhook> {
  const all = await webhooksOf(db);
  const same = all.find((each) => each.integrationId === integrationId && each.target === target);
  const webhook = {
    id: same?.id ?? newId(),
    integrationId,
    target,
    triggers,
    secret: secret ?? same?.secret ?? randomBytes(32).toString('base64url'),
  };
  await keepState(db, 'sunshine-webhooks', [...all.filter((each) => each !== same), webhook]);
  return webhook;
}

/** @returns whether it was there */
export async function removeWebhook(db: Db, id: string): Promise<boolean> {
  const all = await webhooksOf(db);
  await keepState(
    db,
    'sunshine-webhooks',
    all.filter((each) => each.id !== id),
  );
  return all.some((each) => each.id === id);
}

export interface ChatEvent {
  id: string;
  type: string;
  createdAt: string;
  payload: Record<string, unknown>;
}

/** Tells webhooks of events: those that happen close together in one post, each until it is taken. */
export function createTelling(org: Org) {
  const closing = new AbortController();
  let waiting: ChatEvent[] = [];
  let timer: NodeJS.Timeout | undefined;
  const copies = { number: 1 };

  async function flush(): Promise<void> {
    timer = undefined;
    const events = waiting;
    waiting = [];
    for (const webhook of await webhooksOf(org.pool)) {
      const wanted = events.filter(({ type }) => isWanted(webhook, type));
      for (let from = 0; from < wanted.length; from += MOST_TOGETHER)
        void post(webhook, wanted.slice(from, from + MOST_TOGETHER), closing.signal, copies.number);
    }
  }

  return {
    copies,
    tell(type: string, payload: ChatEvent['payload'], at: Date): void {
      waiting.push({ id: newId(), type, createdAt: at.toISOString(), payload });
      timer ??= setTimeout(() => {
        flush().catch((error: unknown) => {
          process.stderr.write(`Sunshine's events were not told: ${String(error)}\n`);
        });
      }, TOGETHER_MS);
    },
    close(): void {
      closing.abort();
      clearTimeout(timer);
    },
  };
}
export type Telling = ReturnType<typeof createTelling>;

/* `conversation:message` stands for itself alone, `conversation:message:delivery` for no other; `*` for all. */
const isWanted = ({ triggers }: Webhook, type: string): boolean =>
  triggers.includes('*') || triggers.includes(type);

async function post(
  webhook: Webhook,
  events: ChatEvent[],
  closing: AbortSignal,
  copies: number,
): Promise<void> {
  const body = JSON.stringify({ app: { id: 'sandbox' }, webhook: { id: webhook.id, version: 'v2' }, events });
  for (const wait of WAITS_MS) {
    await pause(wait, undefined, { ref: false, signal: closing }).catch(() => undefined);
    if (closing.aborted) return;
    if (!(await isTaken(webhook, body))) continue;
    for (let copy = 1; copy < copies; copy++) await isTaken(webhook, body);
    return;
  }
  process.stderr.write(`${webhook.target} did not take ${String(events.length)} of Sunshine's events\n`);
}

async function isTaken({ target, secret }: Webhook, body: string): Promise<boolean> {
  const answer = await fetch(target, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'user-agent': 'smooch-webhook-delivery',
      'x-api-key': secret,
    },
    body,
    signal: AbortSignal.timeout(20_000),
  }).catch(() => undefined);
  await answer?.arrayBuffer().catch(() => undefined);
  return answer?.ok ?? false;
}
