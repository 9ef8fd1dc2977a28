import './events.ts';

import type { RawBuilder } from 'kysely';

import { DAY, now } from '../platform/clock.ts';
import { db, transaction } from '../platform/db.ts';
import { enqueue } from '../platform/jobs.ts';
import { engagementRules } from '../usage/engagement-rules.ts';

import { catalogOverReadings } from './catalog.ts';
import { keepDays } from './days.ts';
import type { Profile } from './profiles.ts';
import { selectProfiles } from './profiles.queries.ts';
import { isLoading } from './queries.ts';
import { waitForTurn, withoutLoops } from './recompute.queries.ts';
import * as queries from './snapshots.queries.ts';

export type { JudgedThen } from './snapshots.queries.ts';

/** How far back health is found out for days before Rapport was there: each of the last 90 days, before them one a week. */
const [DAILY, WEEKLY] = [90, 365];

/** A reaction, and done after each full run: has past days judged, if any has to be. */
export async function requestReplay(): Promise<void> {
  if ((await daysToReplay()).length === 0) return;
  await transaction((tx) =>
    enqueue(tx, 'replay_health', {}, { key: 'replay_health', queue: 'health-replay' }),
  );
}

/**
 * A job: finds out how accounts were on past days, from usage and from what Salesforce dates; the newest day first, each in a transaction
 * of its own. What was kept on a day itself stays.
 */
export async function replayHealth(): Promise<void> {
  if (await isLoading()) return;
  for (const day of await daysToReplay()) {
    const [profiles, catalog, rules] = await Promise.all([
      enabledProfiles(),
      catalogOverReadings(),
      engagementRules(db),
    ]);
    await transaction(async (tx) => {
      await waitForTurn(tx);
      await withoutLoops(tx);
      await queries.replayDay(tx, day, { profiles, catalog, rules });
    });
  }
  await transaction(async (tx) => {
    await waitForTurn(tx);
    await queries.backdateRanks(tx);
    await keepDays(tx, dayBefore(WEEKLY));
  });
}

const dayBefore = (days: number): string => new Date(now().getTime() - days * DAY).toISOString().slice(0, 10);

async function daysToReplay(): Promise<string[]> {
  const wanted: string[] = [];
  for (let days = 1; days <= WEEKLY; days += days < DAILY ? 1 : 7) wanted.push(dayBefore(days));
  return await queries.selectDaysToReplay(db, wanted);
}

const enabledProfiles = async () => (await selectProfiles(db)).filter(({ isEnabled }) => isEnabled);

/** The days of which readings are kept, the first one first. */
export const keptDays = () => queries.selectKeptDays(db);

/**
 * How paying accounts are judged by what was known at the end of a past day: what was kept of it, else found out. By the profiles in force,
 * or by others that are to be tried. One statement for all accounts, and nothing is written (100,000 accounts: half a second for a day
 * that is kept).
 */
export async function judgedOn(day: string, profiles?: readonly Profile[]): Promise<queries.JudgedThen[]> {
  return await queries.selectJudgedThen(db, await judgedOnAsSql(day, profiles));
}

/** The same as CTEs that end with `judged (account_id, status, rank, score, profile_id, …)`, to go on from in SQL. */
export async function judgedOnAsSql(
  day: string,
  profiles?: readonly Profile[],
): Promise<RawBuilder<unknown>> {
  const judges = { profiles: profiles ?? (await enabledProfiles()), catalog: await catalogOverReadings() };
  const rules = (await queries.isKept(db, day)) ? undefined : await engagementRules(db);
  return queries.judgedThen(day, { ...judges, rules });
}
