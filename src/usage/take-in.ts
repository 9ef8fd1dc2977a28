import './events.ts';
import { db, transaction } from '../platform/db.ts';
import { record } from '../platform/events.ts';

import { matchAccounts } from './matching.ts';
import * as queries from './take-in.queries.ts';

declare module '../platform/jobs.ts' {
  interface Jobs {
    take_in_usage: Record<string, never>;
  }
}

/** Messages of one transaction: enough to be worth its cost, few enough to keep memory and locks small. */
const MOST_AT_ONCE = 20_000;

/**
 * Counts what waits in the inbox, many requests a transaction: events are kept once, accounts and people appear, and the days'
 * sums grow with them. Whoever finds another at it leaves it the rest. What is counted leaves the inbox in the same transaction, so a crash counts nothing twice.
 */
export async function takeInUsage(): Promise<void> {
  let mayBeMore = true;
  while (mayBeMore) mayBeMore = await takeInOnce();
}

async function takeInOnce(): Promise<boolean> {
  const days = await queries.daysToCome(db, MOST_AT_ONCE);
  if (days.length > 0) await transaction((tx) => queries.makePartitions(tx, days));
  return await transaction(async (tx) => {
    if (!(await queries.isOurTurn(tx))) return false;
    const taken = await queries.take(tx, MOST_AT_ONCE);
    if (taken === 0) return false;
    await queries.forgetErased(tx);
    const tellsWhoIsWho = await queries.tellsWhoIsWho(tx);
    await queries.makeKnown(tx);
    if (tellsWhoIsWho) await matchAccounts(tx);
    await queries.keepEvents(tx);
    const accounts = await queries.count(tx);
    await queries.noteCounted(tx);
    if (accounts > 0) await record(tx, 'usage.counted', { accounts });
    return true;
  });
}
