import { forStaff, type Viewer } from '../../access/viewer.ts';
import type { ChannelName } from '../../channels/channel.ts';
import { DAY, now } from '../../platform/clock.ts';
import { transaction, type Tx } from '../../platform/db.ts';

import { campaignSeenBy } from '../definition/campaigns.ts';
import type { Goal } from '../definition/goals.ts';
import {
  areEnough, areEnoughAccounts, difference, effective, type Estimate, newcombe, type Share, type Verdict, verdictOf, wilson,
} from './intervals.ts'; // prettier-ignore
import type { MessageClass } from '../definition/policy.ts';
import * as queries from './results.queries.ts';
import { runSeenBy, type ShownRun } from '../runs/runs.ts';
import type { MeasuredVariant } from './variants.ts';

/** What a campaign came to, as it is kept: counts, of which shares, intervals and words are made when somebody looks. */
export interface Results {
  goal: { definition: Goal; sent: Share; before: number; groups: queries.Groups | null } | null;
  health: queries.Groups | null;
  renewal: queries.Groups | null;
  variants: MeasuredVariant[];
}

export type Span = 'sent' | 'held';

/** How far back campaigns are measured anew after their last run has ended: renewals are decided late. */
const MEASURED_FOR_DAYS = 100;
/** When the effect on health and on renewals is read, at the latest. */
export const HEALTH_DAYS = 30;
export const RENEWAL_DAYS = 90;

/** Measures the campaigns of which anything may have changed, each in a transaction of its own. */
export async function measureCampaigns(): Promise<void> {
  const since = new Date(now().getTime() - MEASURED_FOR_DAYS * DAY);
  for (const campaignId of await queries.selectToMeasure(since))
    await transaction((tx) => measure(tx, campaignId));
}

async function measure(tx: Tx, campaignId: string): Promise<void> {
  await queries.settle(tx);
  const runs = await queries.selectRuns(tx, campaignId);
  const ids = runs.map(({ id }) => id);
  const goal = await queries.selectGoal(tx, ids);
  const isHoldingOut = runs.some((run) => run.isHoldingOut);
  if (isHoldingOut) await queries.stagePeople(tx, ids);
  const compare = async (readings: Parameters<typeof queries.compareGroups>[1]) =>
    isHoldingOut ? ((await queries.compareGroups(tx, readings)) ?? null) : null;
  const results: Results = {
    goal: goal === undefined ? null : await goalOf(tx, ids, goal, compare),
    health: await compare(queries.healthOf(now(), HEALTH_DAYS)),
    renewal: await compare(queries.renewalOf(RENEWAL_DAYS)),
    variants: await queries.measureVariants(tx, ids),
  };
  await queries.keep(tx, campaignId, { results, at: now() });
}

async function goalOf(
  tx: Tx,
  runIds: readonly number[],
  { id, definition }: { id: number; definition: Goal },
  compare: (readings: ReturnType<typeof queries.reachedOf>) => Promise<queries.Groups | null>,
): Promise<Results['goal']> {
  const { count, of, before } = await queries.countReached(tx, runIds, id);
  return { definition, sent: { count, of }, before, groups: await compare(queries.reachedOf(id)) };
}

/** What getting the message did, as far as those who were held out tell: the difference, its interval, and what that says. */
export interface Effect {
  meant: Share;
  held: Share;
  estimate: Estimate;
  verdict: Verdict;
}

/** The effect on shares. Where people of one account cannot but do the same, accounts are what counts. */
function effectOnShare({ meant, held }: queries.Groups, isOfAccounts: boolean): Effect {
  const [one, other] = isOfAccounts ? [effective(meant), effective(held)] : [shareOf(meant), shareOf(held)];
  const estimate = newcombe(one, other);
  const isSaid = areEnough(one, other);
  return {
    meant: shareOf(meant),
    held: shareOf(held),
    estimate,
    verdict: isSaid ? verdictOf(estimate) : 'too_few',
  };
}

const shareOf = ({ sum, of }: { sum: number; of: number }): Share => ({ count: sum, of });

function effectOnMean({ meant, held }: queries.Groups): Effect {
  const estimate = difference(meant, held);
  const isSaid = areEnoughAccounts(meant, held);
  return {
    meant: shareOf(meant),
    held: shareOf(held),
    estimate,
    verdict: isSaid ? verdictOf(estimate) : 'too_few',
  };
}

export interface CampaignResults {
  measuredAt: Date;
  goal: { definition: Goal; sent: Share; rate: Estimate; before: number; effect: Effect | null } | null;
  /** By how many points the score of accounts moved. */
  health: Effect | null;
  /** Of the renewals that were decided, how many were won. */
  renewal: Effect | null;
  variants: MeasuredVariant[];
}

/** What a campaign came to; undefined while nothing is measured of it. @throws NotFound */
export async function resultsOf(viewer: Viewer, campaignId: string): Promise<CampaignResults | undefined> {
  await campaignSeenBy(viewer, campaignId);
  const kept = await queries.selectResults(forStaff(viewer), campaignId);
  return kept && told(kept);
}

function told({ measuredAt, results }: { measuredAt: Date; results: Results }): CampaignResults {
  const { goal, health, renewal, variants } = results;
  return {
    measuredAt,
    goal: goal && { ...goal, rate: wilson(goal.sent), effect: effectOf(goal) },
    health: health && effectOnMean(health),
    renewal: renewal && effectOnShare(renewal, true),
    variants,
  };
}

const effectOf = ({ definition, groups }: NonNullable<Results['goal']>): Effect | null =>
  groups && effectOnShare(groups, !('entity' in definition) || definition.entity === 'account');

/** A campaign beside others, by its counters over a time; its goal and effect are those of its whole life. */
export interface ComparedRow {
  id: string;
  name: string;
  channel: ChannelName;
  messageClass: MessageClass;
  runs: number;
  lastAt: Date;
  sent: number;
  delivered: number;
  opened: number;
  clicked: number;
  machineOpened: number;
  machineClicked: number;
  unsubscribed: number;
  complained: number;
  results: Results | null;
  measuredAt: Date | null;
}
export type ComparedCampaign = Omit<ComparedRow, 'results' | 'measuredAt'> & {
  measured: CampaignResults | undefined;
};

const COMPARED = 100;

/** Campaigns of which anything was sent within so many days, the latest first; a hundred at most. */
export async function comparedCampaigns(viewer: Viewer, days: number): Promise<ComparedCampaign[]> {
  const rows = await queries.selectCompared(forStaff(viewer), { since: daysAgo(days), limit: COMPARED });
  return rows.map(({ results, measuredAt, ...row }) => ({
    ...row,
    measured: results === null || measuredAt === null ? undefined : told({ results, measuredAt }),
  }));
}

const daysAgo = (days: number): Date => new Date(now().getTime() - days * DAY);

/** How many reached the goals within so many days, day by day and added up; of one campaign or of all. */
export async function reachedByDay(
  viewer: Viewer,
  days: number,
  campaignId?: string,
): Promise<{ day: string; count: number; total: number }[]> {
  const rows = await queries.selectReachedByDay(forStaff(viewer), { since: daysAgo(days), campaignId });
  const counts = new Map(rows.map(({ day, count }) => [day, count]));
  let total = 0;
  return Array.from({ length: days + 1 }, (_, index) => {
    const day = daysAgo(days - index)
      .toISOString()
      .slice(0, 10);
    const count = counts.get(day) ?? 0;
    total += count;
    return { day, count, total };
  });
}

/** A goal of a run: who of those to whom it was sent reached it, and who of those held out. */
export interface RunGoal {
  definition: Goal;
  isMain: boolean;
  isOfMessage: boolean;
  since: Date;
  overAt: Date | null;
  sent: Share;
  held: Share;
  /** Who met it before. */
  before: number;
}

/** What a run came to by its goals. @throws NotFound */
export async function goalsOfRun(viewer: Viewer, runId: number): Promise<RunGoal[]> {
  const run = await runSeenBy(viewer, runId);
  const rows = await queries.selectRunGoals(forStaff(viewer), runId);
  return rows.map(({ reached, before, ...goal }) => ({
    ...goal,
    before: before.sent,
    sent: { count: reached.sent, of: (run.counts.sent ?? 0) - before.sent },
    held: { count: reached.held, of: heldOut(run) - before.held },
  }));
}

const heldOut = ({ skippedBy }: ShownRun): number => skippedBy.holdout ?? 0;
