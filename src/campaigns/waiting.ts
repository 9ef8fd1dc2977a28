import { db } from '../platform/db.ts';

import * as queries from './waiting.queries.ts';

/**
 * How many things about campaigns wait for a person: approvals that were asked for, runs that were paused and cohorts that were
 * held by themselves, batches in doubt whose owner was told.
 */
export async function countWaiting(): Promise<number> {
  return await queries.countWaiting(db);
}
