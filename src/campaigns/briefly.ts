import { sql, transaction, type Tx } from '../platform/db.ts';

import { LEASE_MILLISECONDS } from './batches.ts';

/* Counted while the transaction waits for its process, not while it works. */
const LONGEST_IDLE = Math.max(1_000, LEASE_MILLISECONDS / 6);

/**
 * A transaction that the database ends by itself when its process has stopped in the middle: what it holds, a batch or the counters of a run,
 * others wait for.
 */
export async function briefly<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
  return await transaction(async (tx) => {
    await sql`select set_config('idle_in_transaction_session_timeout', ${String(LONGEST_IDLE)}, true)`.execute(tx);
    return await work(tx);
  });
}
