import { forStaff, type StaffViewer } from '../access/viewer.ts';
import type { Rank, Reason } from '../health/ranks.ts';
import type { Status } from '../licenses/status.ts';
import { DAY, MINUTE, now } from '../platform/clock.ts';
import { keeping } from '../platform/kept.ts';

import * as queries from './morning.queries.ts';

/* What somebody who looks after accounts wants to know in the morning. */

/** An account whose rank or status changed since yesterday, as it was then and as it is now, with the reasons. */
export interface ChangedAccount {
  id: string;
  name: string;
  managerName: string | null;
  status: Status;
  previousStatus: Status | null;
  rank: Rank | null;
  previousRank: Rank | null;
  score: number | null;
  previousScore: number | null;
  reasons: Reason[];
  contractValueMinor: number | null;
  changedAt: Date;
}

/** An account whose support ends soon. */
export interface ComingRenewal {
  id: string;
  name: string;
  managerName: string | null;
  rank: Rank | null;
  score: number | null;
  reasons: Reason[];
  renewalOn: string;
  contractValueMinor: number | null;
  /** Whether an opportunity of renewal is open. */
  isPrepared: boolean;
}

/** Whose accounts: a user's, or everybody's. */
export type Whose = { managerId: string } | 'everybody';

const SHOWN = 10;
const RENEWAL_DAYS = 60;

/** Whether anybody's accounts are looked after by this user. */
export async function hasAccounts(viewer: StaffViewer): Promise<boolean> {
  return viewer.userId !== null && (await queries.existsManaged(forStaff(viewer), viewer.userId));
}

/* They read all accounts of a manager, and are asked for with each look at the first page. */
const changes = keeping<ChangedAccount[]>({ milliseconds: MINUTE / 2, times: 200, most: 200 });

/** What became better or worse since yesterday, the worst news first. */
export async function changedSinceYesterday(
  viewer: StaffViewer,
  version: string,
  whose: Whose,
): Promise<ChangedAccount[]> {
  const today = now().toISOString().slice(0, 10);
  const since = new Date(now().getTime() - DAY);
  const asked = { key: `${today} ${JSON.stringify(whose)}`, version };
  return await changes(asked, () =>
    queries.selectChanged(forStaff(viewer), { whose, today, since, limit: SHOWN }),
  );
}

/** Support that ends within 60 days, the next first. */
export async function comingRenewals(viewer: StaffViewer, whose: Whose): Promise<ComingRenewal[]> {
  return await queries.selectRenewals(forStaff(viewer), { whose, days: RENEWAL_DAYS, limit: SHOWN });
}
