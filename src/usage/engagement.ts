import './events.ts';
import type { Tx } from '../platform/db.ts';
import { record } from '../platform/events.ts';

import * as queries from './engagement.queries.ts';
import * as people from './engagement-people.queries.ts';
import * as readings from './engagement-readings.queries.ts';
import { engagementRules } from './engagement-rules.ts';
import { keepBounds } from './engagement-scores.queries.ts';
import { settle } from './who-is-who.queries.ts';

/** More accounts than that are told as all. */
const MOST_NAMED = 5_000;

/** Which accounts are meant. */
export type Accounts = 'all' | readonly string[];

/**
 * Brings `account_engagement` and `account_people` up to date for these accounts, in sets; rows that would not change are not
 * written. Scores are percentiles, so those of others may move along: at once while there are few accounts, else with the full run. Records one
 * `engagement.refreshed`.
 */
export async function refreshEngagement(tx: Tx, accounts: Accounts, now: Date): Promise<void> {
  if (accounts !== 'all' && accounts.length === 0) return;
  const rules = await engagementRules(tx);
  const today = now.toISOString().slice(0, 10);
  const given = { accounts, today, rules };
  await queries.begin(tx, accounts);
  const settled = await settle(tx, accounts, today);
  await people.gather(tx, given);
  await readings.gather(tx, given);
  const moved = await keepBounds(tx, { accounts, rules, now });
  const written = [
    ...settled,
    ...moved,
    ...(await people.write(tx, given)),
    ...(await queries.write(tx, given)),
  ];
  await queries.forget(tx, accounts);
  const told = [...new Set(accounts === 'all' ? written : [...accounts, ...moved])];
  if (told.length > 0)
    await record(tx, 'engagement.refreshed', { accounts: told.length > MOST_NAMED ? 'all' : told });
}

/**
 * The accounts whose usage was counted since the last call, for whoever judges them: each is handed out once, if the caller's
 * transaction is kept.
 */
export const takeCounted = (tx: Tx): Promise<string[]> => queries.takeCounted(tx);
