import { forStaff, type Viewer } from '../access/viewer.ts';
import type { Status } from '../licenses/status.ts';
import { DAY, now } from '../platform/clock.ts';
import type { VisitFrequency } from '../usage/account-usage.ts';

import { selectStanding } from './standing.queries.ts';
import type { Rank, Reason } from '../health/ranks.ts';

/** How an account stands, at a glance: what heads its profile (AP1 to AP5). */
export interface Standing {
  status: Status;
  stage: string | null;
  customerSince: string | null;
  rank: Rank | null;
  score: number | null;
  /** The score of 30 days ago; null when there was none. */
  scoreBefore: number | null;
  reasons: Reason[];
  /** Since when the rank is what it is. */
  rankSince: Date | null;
  risk: string | null;
  tags: { name: string; tone: string }[];
  /** Null until health was computed first. */
  changedAt: Date | null;
  renewalOn: string | null;
  openCases: number;
  urgentCases: number;
  contractValueMinor: number | null;
  /** Null where no usage was ever told; then the readings of usage below are null, too. */
  trackedSince: string | null;
  lastActiveOn: string | null;
  engagement: number | null;
  frequency: VisitFrequency | null;
  daysActive: number | null;
  people: number | null;
  peopleBefore: number | null;
  seconds: number | null;
  secondsBefore: number | null;
  seats: number | null;
  utilization: number | null;
  managerId: string | null;
  managerName: string | null;
  removedAt: Date | null;
  removedBy: string | null;
  removedReason: string | null;
}

/** The account's standing; undefined when there is no such account. One statement. */
export async function standingOf(viewer: Viewer, accountId: string): Promise<Standing | undefined> {
  const monthAgo = new Date(now().getTime() - 30 * DAY);
  return await selectStanding(forStaff(viewer), accountId, monthAgo);
}

/** How many points the score moved in 30 days; undefined when there was no score then, or is none now (AP2). */
export function trendOf({ score, scoreBefore }: Pick<Standing, 'score' | 'scoreBefore'>): number | undefined {
  return score === null || scoreBefore === null ? undefined : score - scoreBefore;
}
