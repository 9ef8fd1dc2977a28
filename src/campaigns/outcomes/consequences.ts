import { ALL_TOPICS } from '../../consent/conditions.ts';
import { noteWords, type Word } from '../../consent/consent.ts';
import { suppress, type NewSuppression, type SuppressionReason } from '../../consent/suppression.ts';
import { DAY } from '../../platform/clock.ts';
import type { Tx } from '../../platform/db.ts';

import * as queries from './consequences.queries.ts';

/** A block says something about us or about that day (SendGrid does not suppress for it): the address rests a while. */
const BLOCK_DAYS = 3;

/** An event that says something about the address beyond this delivery. */
export interface Telling {
  address: string;
  kind: string;
  detail: string | null;
  occurredAt: Date;
  /** Of a product's own mail: null. */
  runId: number | null;
  n: number | null;
  topic: string | null;
  /** What SendGrid calls it: `unsubscribe` is of all, `group_unsubscribe` of the message's topic. */
  event: string;
}

/** Bounces, drops and complaints keep the address from being written to; what was said to the provider is said to us. */
export async function drawConsequences(tx: Tx): Promise<void> {
  const tellings = await queries.selectTellings(tx);
  await suppress(tx, tellings.flatMap(suppressionsFrom));
  await noteWords(tx, tellings.flatMap(wordsFrom));
}

function suppressionsFrom(telling: Telling): NewSuppression[] {
  const reason = reasonFor(telling);
  if (reason === undefined) return [];
  const until = new Date(telling.occurredAt.getTime() + BLOCK_DAYS * DAY);
  return [
    {
      address: telling.address,
      channel: 'email',
      reason,
      comment: telling.detail ?? '',
      at: telling.occurredAt,
      ...deliveryOf(telling),
      ...(reason === 'blocked' ? { until } : {}),
    },
  ];
}

const deliveryOf = ({ runId, n }: Telling) => (runId === null || n === null ? {} : { runId, n });

function reasonFor({ kind, detail }: Telling): SuppressionReason | undefined {
  if (kind === 'bounced' || kind === 'blocked' || kind === 'complained') return kind;
  if (kind !== 'dropped') return undefined;
  const found = dropReasons.find(([words]) => words.test(detail ?? ''));
  return found?.[1];
}

/* SendGrid drops what its own lists hold. Whatever else it drops (spam content, a quota) is no fault of the address. */
const dropReasons: readonly (readonly [RegExp, SuppressionReason])[] = [
  [/bounced address/i, 'bounced'],
  [/spam report/i, 'complained'],
  [/\binvalid\b/i, 'invalid'],
];

function wordsFrom(telling: Telling): Word[] {
  const topic = refusedTopic(telling);
  if (topic === undefined) return [];
  return [
    {
      address: telling.address,
      topic,
      isGranted: telling.kind === 'resubscribed',
      source: 'provider',
      saidAt: telling.occurredAt,
      ...deliveryOf(telling),
    },
  ];
}

function refusedTopic({ kind, event, topic, detail }: Telling): string | undefined {
  if (event.startsWith('group_')) return topic ?? undefined;
  const refusesAll =
    kind === 'unsubscribed' ||
    kind === 'complained' ||
    (kind === 'dropped' && /unsubscribed address/i.test(detail ?? ''));
  return refusesAll ? ALL_TOPICS : undefined;
}
