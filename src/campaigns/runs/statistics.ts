import { now } from '../../platform/clock.ts';
import type { Tx } from '../../platform/db.ts';

import * as queries from './statistics.queries.ts';

/**
 * Adds to the counters of a run, in the transaction that changes what they count: rows by their state (`planned`, `sent`, …), and what outcomes
 * add. Whoever touches several runs in one transaction does so in the order of their ids.
 */
export async function addCounts(
  tx: Tx,
  runId: number,
  counts: Readonly<Record<string, number>>,
): Promise<void> {
  const changed = Object.fromEntries(Object.entries(counts).filter(([, count]) => count !== 0));
  if (Object.keys(changed).length > 0) await queries.addCounts(tx, { runId, counts: changed, at: now() });
}
