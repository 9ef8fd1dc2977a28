import './events.ts';
import { transaction, type Tx } from '../platform/db.ts';
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
  try {
    return await transaction(takeInTurn);
  } catch (error) {
    if (!(error instanceof UnknownDays)) throw error;
    await transaction((tx) => queries.makePartitions(tx, error.days));
    return true;
  }
}

/** Days that have no partition yet. One cannot be made within the turn, since that locks the whole table: the turn is begun anew. */
class UnknownDays extends Error {
  readonly days: readonly string[];
  constructor(days: readonly string[]) {
    super(`no partition of ${days.join(', ')}`);
    this.days = days;
  }
}

async function takeInTurn(tx: Tx): Promise<boolean> {
  if (!(await queries.isOurTurn(tx))) return false;
  const taken = await queries.take(tx, MOST_AT_ONCE);
  if (taken === 0) return false;
  const days = await queries.daysWithoutPartition(tx);
  if (days.length > 0) throw new UnknownDays(days);
  await queries.forgetErased(tx);
  const tellsWhoIsWho = await queries.tellsWhoIsWho(tx);
  await queries.makeKnown(tx);
  if (tellsWhoIsWho) await matchAccounts(tx);
  await queries.keepEvents(tx);
  const accounts = await queries.count(tx);
  await queries.noteCounted(tx);
  if (accounts > 0) await record(tx, 'usage.counted', { accounts });
  return true;
}
