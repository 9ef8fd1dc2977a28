import { transaction } from '../../database.ts';
import type { Context } from '../context.ts';
import { capture } from '../events/capture.ts';
import type { SObject } from '../schema/catalog.ts';
import { unableToLock } from './lock.ts';
import { refreshSecurity } from './refresh-security.ts';
import type { SaveResult } from './results.ts';

interface Attempt {
  /** What is written to. */
  sobjects: SObject[];
  /** Rows of the request. */
  count: number;
}

type Work = (inner: Context) => Promise<SaveResult[]>;

/**
 * Does `work` in a transaction; once more when another request took a unique value between check and write. Rows that
 * others hold for longer than the connection's lock time-out fail with UNABLE_TO_LOCK_ROW.
 */
export async function attempt(ctx: Context, { sobjects, count }: Attempt, work: Work): Promise<SaveResult[]> {
  const run = () =>
    transaction(ctx.db, async (tx) => {
      const inner = { ...ctx, db: tx };
      await capture(inner);
      return work(inner);
    });
  const results = await run()
    .catch((error: unknown) => (codeOf(error) === '23505' ? run() : Promise.reject(error as Error)))
    .catch((error: unknown) => {
      if (!lockCodes.has(codeOf(error))) throw error;
      return Array.from({ length: count }, (): SaveResult => ({ success: false, errors: [unableToLock()] }));
    });
  await refreshSecurity(ctx, sobjects);
  return results;
}

const codeOf = (error: unknown) => (error as { code?: string }).code ?? '';

/** PostgreSQL's codes of a lock time-out and of a deadlock. */
const lockCodes = new Set(['55P03', '40P01']);
