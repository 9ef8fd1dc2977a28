import { type Explanation, sentencesOf } from '../health/explain.ts';
import { explanationsOf } from '../health/explained.ts';
import type { Rank, Reason } from '../health/ranks.ts';
import { sentenceOf } from '../health/reasons.ts';
import type { Status } from '../licenses/status.ts';
import { transaction, type Tx } from '../platform/db.ts';
import type { Events } from '../platform/events.ts';
import { formatsFor } from '../platform/formats.ts';
import { writeAll } from '../platform/salesforce/outbox/outbox.ts';
import { type Translate, translator } from '../platform/words.ts';

import type { Evidence } from './milestones.ts';
import { profileUrl } from './profile-url.ts';
import * as queries from './queries.ts';
import { accountWrite, insightWrite } from './salesforce.ts';

/** What insights are about: a new rank, or a milestone that somebody defined. */
export const insightKinds = ['health.changed', 'milestone.reached'] as const;
export type InsightKind = (typeof insightKinds)[number];

/** A milestone or change of an account, told in Salesforce on the account's record (TG5). */
export interface Insight {
  id: string;
  accountId: string;
  kind: InsightKind;
  /** Of a milestone: what it is called, what reps read, and what it stands on. */
  name: string | null;
  headline: string | null;
  evidence: Evidence[];
  rank: Rank | null;
  score: number | null;
  previousRank: Rank | null;
  reasons: Reason[];
  occurredAt: Date;
}

/** An account's health as it is now, after a change of it. */
export interface HealthToTell {
  accountId: string;
  status: Status;
  rank: Rank | null;
  score: number | null;
  reasons: Reason[];
  changedAt: Date;
  /** The scores of the last 90 days, a day and its score a line, oldest first. */
  trend: string;
}

/** What happened, in one line. */
export function headlineOf(insight: Insight, words: Translate): string {
  const { rank, previousRank, score, headline } = insight;
  if (headline !== null) return headline;
  const names = {
    rank: words(`health.${rank ?? 'unknown'}`),
    previous: words(`health.${previousRank ?? 'unknown'}`),
    score,
  };
  return words(previousRank === null ? 'insights.firstRank' : 'insights.newRank', names);
}

/**
 * Puts the accounts whose health changed into the outbox, and an insight for each new rank (a first rank only when it is poor).
 * A batch of any size goes a thousand accounts at a time; done twice, it tells the same once.
 */
export async function tellHealth({ batch }: Events['health.changed']): Promise<void> {
  let last: string | undefined = '';
  while (last !== undefined) last = await transaction((tx) => tellAfter(tx, batch, last ?? ''));
}

/** @returns the last account told, or undefined when none is left. */
async function tellAfter(tx: Tx, batch: number, after: string): Promise<string | undefined> {
  const health = await queries.selectHealthToTell(tx, batch, after);
  const ids = health.map(({ accountId }) => accountId);
  const insights = await queries.insertInsights(tx, batch, ids);
  const explanations = await explanationsOf(tx, ids);
  await writeAll(tx, [
    ...health.map((one) => {
      const latest = insights.find(({ accountId }) => accountId === one.accountId);
      return accountWrite(one, {
        reasons: explained(explanations.get(one.accountId)) ?? reasonsOf(one),
        url: profileUrl(one.accountId),
        latest: latest && { headline: headlineOf(latest, t), at: latest.occurredAt },
      });
    }),
    ...insights.map((one) => insightWrite(one, { ...wordsOf(one), url: profileUrl(one.accountId) })),
  ]);
  return ids.at(-1);
}

/** Salesforce's people read it in English, as the console. */
const t = translator('en', 'console');
const formats = formatsFor('en', 'UTC');

/** The same sentences as on the account's page: what counts, what is missing, what would make it good. */
function explained(explanation: Explanation | undefined): string | undefined {
  if (explanation === undefined) return undefined;
  return sentencesOf(explanation, { t, formats }).join('\n');
}

function reasonsOf({ status, reasons }: Pick<HealthToTell, 'status' | 'reasons'>): string {
  if (status !== 'paying') return t('health.none', { status: t(`statuses.${status}`) });
  if (reasons.length === 0) return t('health.noReasons');
  return reasons.map((reason) => sentenceOf(reason, t, formats.date)).join('\n');
}

const wordsOf = (insight: Insight): { headline: string; body: string } => ({
  headline: headlineOf(insight, t),
  body: reasonsOf({ status: 'paying', reasons: insight.reasons }),
});
