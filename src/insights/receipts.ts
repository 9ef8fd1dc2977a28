import { forStaff, type StaffViewer, type Viewer } from '../access/viewer.ts';
import type { Rank } from '../health/ranks.ts';
import { DAY, now } from '../platform/clock.ts';
import type { Events } from '../platform/events.ts';

import type { Insight, InsightKind } from './insights.ts';
import * as queries from './receipts.queries.ts';

/* A receipt says what became of an insight: that it was sent, that somebody saw it, and what people in Salesforce did on its account
   afterwards. Acts come through the mirror like any change; times are Salesforce's own. */

/** How many days after an insight an act on its account counts as an answer to it. */
export const RECEIPT_DAYS = 14;

/**
 * `seen`, `done`, `not_helpful`: what somebody set on the insight's own record. The rest: a task was completed, a meeting held, an
 * opportunity's stage moved, an opportunity created, a case commented on, the account given to somebody else.
 */
export const actKinds = [
  'seen', 'done', 'not_helpful', 'task', 'meeting', 'stage', 'opportunity', 'comment', 'owner',
] as const; // prettier-ignore
export type ActKind = (typeof actKinds)[number];

/** What somebody did after an insight. */
export interface Act {
  insightId: string;
  kind: ActKind;
  /** Salesforce's id of the record that they did it on. */
  recordId: string;
  /** A subject, a stage, a name; the feedback for what was set on the insight itself. */
  detail: string | null;
  /** Who did it; null where Salesforce does not say, or another program did. */
  actor: string | null;
  actedAt: Date;
  /** Milliseconds after Salesforce had the insight. */
  after: number;
}

/** How far an insight has come. */
export const standings = ['waiting', 'sent', 'seen', 'acted', 'not_helpful'] as const;
export type Standing = (typeof standings)[number];

/** An insight with what became of it. */
export interface Receipt extends Insight {
  accountName: string;
  ownerName: string | null;
  sentAt: Date | null;
  salesforceId: string | null;
  standing: Standing;
  feedback: string | null;
  acts: Act[];
}

/** Insights that Salesforce has now are sent: how things stand there is kept, to see what people move. */
export async function noteSent({ sobject, rows }: Events['outbox.delivered']): Promise<void> {
  if (sobject === 'Rapport_Insight__c') await queries.keepSent(rows, now());
}

/** What people did in Salesforce is tied to the insights that it answers. */
export async function noteActs({ table, batch }: Events['mirror.changed']): Promise<void> {
  const touched = queries.accountsTouched(table, batch);
  if (touched) await queries.insertActs(touched, { at: now(), days: RECEIPT_DAYS });
}

/** The same for all recent insights: a meeting is held when its time has come, without any change. */
export async function noteAllActs(): Promise<void> {
  const at = now();
  await queries.insertActs(queries.accountsWithInsights(new Date(at.getTime() - (RECEIPT_DAYS + 1) * DAY)), {
    at,
    days: RECEIPT_DAYS,
  });
}

declare module '../platform/jobs.ts' {
  interface Jobs {
    note_insight_acts: Record<string, never>;
  }
}

/** The newest insights of an account with what became of them, newest first; at most 50. */
export async function receiptsOf(viewer: Viewer, accountId: string): Promise<Receipt[]> {
  return await withActs(
    await queries.selectReceipts(forStaff(viewer), { accountId }, { limit: 50, offset: 0 }),
  );
}

/** What the overview of insights is narrowed to. */
export interface InsightFilter {
  since: Date;
  kind?: InsightKind | undefined;
  rank?: Rank | undefined;
  standing?: Standing | undefined;
  ownerId?: string | undefined;
}

/** What became of the insights of one kind. */
export interface Rate {
  kind: InsightKind;
  rank: Rank | null;
  /** Of a milestone. */
  name: string | null;
  sent: number;
  seen: number;
  acted: number;
  notHelpful: number;
  /** Half of those that were acted on were so within this many hours; null when none was. */
  medianHours: number | null;
}

export const RECEIPTS_A_PAGE = 50;

/** Insights of every account by what became of them, with the rates of each kind over all that the filter's span and owner hold. */
export async function insightOverview(
  viewer: StaffViewer,
  filter: InsightFilter,
  page: number,
): Promise<{ receipts: Receipt[]; total: number; rates: Rate[] }> {
  const scope = forStaff(viewer);
  const at = { limit: RECEIPTS_A_PAGE, offset: (page - 1) * RECEIPTS_A_PAGE };
  const [receipts, total, rates] = await Promise.all([
    queries.selectReceipts(scope, filter, at),
    queries.countReceipts(scope, filter),
    queries.selectRates(scope, filter),
  ]);
  return { receipts: await withActs(receipts), total, rates };
}

async function withActs(receipts: readonly Omit<Receipt, 'acts'>[]): Promise<Receipt[]> {
  const acts = await queries.selectActs(receipts.map(({ id }) => id));
  const byInsight = Map.groupBy(acts, ({ insightId }) => insightId);
  return receipts.map((receipt) => ({ ...receipt, acts: byInsight.get(receipt.id) ?? [] }));
}
