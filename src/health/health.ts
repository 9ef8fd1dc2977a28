import './events.ts';

import { forStaff, type Viewer } from '../access/viewer.ts';
import type { Status } from '../licenses/status.ts';
import { now } from '../platform/clock.ts';
import { transaction, type Tx } from '../platform/db.ts';
import { type Events, record } from '../platform/events.ts';
import { enqueue } from '../platform/jobs.ts';
import { refreshEngagement, takeCounted } from '../usage/engagement.ts';
import { isImporting } from '../usage/imports.ts';

import { catalogOverReadings } from './catalog.ts';
import { keepDays } from './days.ts';
import { selectProfiles } from './profiles.queries.ts';
import * as queries from './queries.ts';
import type { Rank, Reason } from './ranks.ts';
import type { Reading, Readings } from './readings.ts';
import type { Accounts } from './readings.queries.ts';
import { forgetDeleted, recompute, waitForTurn } from './recompute.queries.ts';
import { requestReplay } from './replay.ts';
import { keepReadings } from './snapshots.queries.ts';

/** An account's health now. Without rank and score unless the account pays (AP1). */
export interface Health {
  accountId: string;
  status: Status;
  rank: Rank | null;
  /** 0–100, within the band of its rank. */
  score: number | null;
  reasons: Reason[];
  /** Indicators that say nothing, because nothing is known; their weight went to the others. */
  missing: Reading[];
  readings: Readings;
  openCases: number;
  urgentCases: number;
  contacts: number;
  renewalOn: string | null;
  /** Which profile judged, in which version. */
  profileId: number | null;
  profileVersion: number | null;
  /** Since when the rank is what it is. */
  rankSince: Date | null;
  /** When status, rank, score or reasons last changed. */
  changedAt: Date;
}

/** A change of an account's health. */
export interface HealthChange {
  id: number;
  status: Status;
  rank: Rank | null;
  score: number | null;
  reasons: Reason[];
  profileId: number | null;
  profileVersion: number | null;
  previousStatus: Status | null;
  previousRank: Rank | null;
  previousScore: number | null;
  occurredAt: Date;
}

/** How many accounts have each status and rank, and the health of them all (HE5). */
export interface Distribution {
  accounts: number;
  statuses: Record<Status, number>;
  ranks: Record<Rank, number>;
  /** 0–100: the share of good accounts and half that of average ones; undefined without a paying account. */
  score: number | undefined;
  openCases: number;
  urgentCases: number;
  /** Paying accounts whose support ends within 90 days. */
  renewals: number;
}

/** The health of an account as staff see it; undefined until it is computed first. */
export async function maybeHealth(viewer: Viewer, accountId: string): Promise<Health | undefined> {
  return await queries.selectHealth(forStaff(viewer), accountId);
}

/** The newest changes of an account's health, newest first. */
export async function healthHistory(viewer: Viewer, accountId: string): Promise<HealthChange[]> {
  return await queries.selectHistory(forStaff(viewer), accountId);
}

/** How the accounts of the house are. */
export async function distribution(viewer: Viewer): Promise<Distribution> {
  const counts = await queries.countHealth(forStaff(viewer), dayOf(now()));
  const statuses: Distribution['statuses'] = { paying: 0, free: 0, cancelled: 0, unknown: 0 };
  const ranks: Distribution['ranks'] = { good: 0, average: 0, poor: 0 };
  for (const { status, rank, accounts } of counts) {
    statuses[status] += accounts;
    if (rank !== null) ranks[rank] += accounts;
  }
  const total = (of: 'accounts' | 'openCases' | 'urgentCases' | 'renewals') =>
    counts.reduce((sum, count) => sum + count[of], 0);
  return {
    statuses,
    ranks,
    score:
      statuses.paying === 0
        ? undefined
        : Math.round((100 * (ranks.good + ranks.average / 2)) / statuses.paying),
    accounts: total('accounts'),
    openCases: total('openCases'),
    urgentCases: total('urgentCases'),
    renewals: total('renewals'),
  };
}

/**
 * Computes the health of these accounts from what the mirror holds now, keeps every change as history, and records one
 * `health.changed` for them all. Computing again what has not changed writes nothing.
 */
export async function recomputeHealth(accounts: Accounts): Promise<void> {
  if (accounts !== 'all' && accounts.length === 0) return;
  await transaction(async (tx) => {
    await waitForTurn(tx);
    await judge(tx, accounts);
  });
}

/**
 * A reaction: has the accounts judged again that a batch of the sync touched. Until everything is loaded once, nothing is judged.
 * Batches that come while one is judged wait together, and hold no connection meanwhile.
 */
export async function recomputeTouched({ table, batch }: Events['mirror.changed']): Promise<void> {
  if (await queries.isLoading()) return;
  await transaction(async (tx) => {
    if (await queries.insertTouched(tx, table, batch)) await enqueueDue(tx);
  });
}

/** A reaction: somebody did something in the portal that counts; Salesforce will hear of it a little later. */
export async function recomputeAccount({ accountId }: { accountId: string }): Promise<void> {
  if (await queries.isLoading()) return;
  await transaction(async (tx) => {
    await queries.insertDue(tx, accountId);
    await enqueueDue(tx);
  });
}

const enqueueDue = (tx: Tx, runAt = now()) =>
  enqueue(tx, 'recompute_due_health', {}, { key: 'recompute_due_health', queue: 'health', runAt });

const soon = (): Date => new Date(now().getTime() + 3_000);

/** A reaction: has the accounts judged again whose usage was counted. */
export async function recomputeUsed(): Promise<void> {
  if (await queries.isLoading()) return;
  await transaction(async (tx) => {
    const accounts = await takeCounted(tx);
    if (accounts.length === 0) return;
    await queries.insertAllDue(tx, accounts);
    await enqueueDue(tx);
  });
  await requestReplay();
}

/** A job: judges the accounts that wait for it, until none is left. While past usage is being counted, they go on waiting. */
export async function recomputeDueHealth(): Promise<void> {
  if (await isImporting()) {
    await transaction((tx) => enqueueDue(tx, soon()));
    return;
  }
  while (await transaction(judgeDue));
}

/** @returns whether any waited. */
async function judgeDue(tx: Tx): Promise<boolean> {
  await waitForTurn(tx);
  const accounts = await queries.takeDue(tx);
  if (accounts.length > 0) await judge(tx, accounts);
  return accounts.length > 0;
}

/** A reaction: asks for a full run; several requests before it starts are one. */
export const requestFullRun = (): Promise<void> => askForFullRun(now());

const askForFullRun = (runAt: Date): Promise<void> =>
  transaction((tx) =>
    enqueue(tx, 'recompute_health', {}, { key: 'recompute_health', queue: 'health', runAt }),
  );

/** The full run: every account, without those deleted since, and the day's readings kept; later, while past usage is being counted. */
export async function recomputeAllHealth(): Promise<void> {
  if (await queries.isLoading()) return;
  if (await isImporting()) {
    await askForFullRun(soon());
    return;
  }
  await transaction(async (tx) => {
    await waitForTurn(tx);
    await forgetDeleted(tx);
    await judge(tx, 'all');
    await keepReadings(tx, dayOf(now()));
    await keepDays(tx, dayOf(now()));
  });
  await requestReplay();
}

const dayOf = (at: Date): string => at.toISOString().slice(0, 10);

async function judge(tx: Tx, accounts: Accounts): Promise<void> {
  await refreshEngagement(tx, accounts, now());
  const [profiles, catalog] = [await selectProfiles(tx), await catalogOverReadings()];
  const changed = await recompute(tx, { accounts, profiles, catalog, now: now() });
  if (changed.accounts > 0) await record(tx, 'health.changed', changed);
}
