import { sql, transaction, type Tx } from '../../platform/db.ts';

import { endsWhenIdle } from './batches.ts';

/** A transaction that is ended when its process has stopped in the middle of it. */
export async function briefly<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
  return await transaction(async (tx) => {
    await sql`select ${endsWhenIdle}`.execute(tx);
    return await work(tx);
  });
}
