import { createHash } from 'node:crypto';

import { now } from '../../platform/clock.ts';
import { db, type Db } from '../../platform/db.ts';
import { record } from '../../platform/events.ts';
import { faultPoint } from '../../platform/faults.ts';
import { enqueue } from '../../platform/jobs.ts';
import { log } from '../../platform/log.ts';

import '../events.ts';
import { briefly } from '../mailing/briefly.ts';
import * as queries from './completion.queries.ts';
import { addCounts } from './statistics.ts';

declare module '../../platform/jobs.ts' {
  interface Jobs {
    /** Ends a run of which nothing is open any more. */
    end_run: { runId: number };
  }
}

/** Rows of one link of the chain, and batches whose rows are skipped in one transaction. */
const LINK = 10_000;
const BATCHES_AT_ONCE = 50;

/** Has it looked at whether a run is done. */
export async function askForEnd(tx: Db, runId: number): Promise<void> {
  await enqueue(tx, 'end_run', { runId }, { key: `end_run:${String(runId)}` });
}

/** The same, if nothing of it is open. */
export async function askForEndOf(runId: number): Promise<void> {
  if (!(await queries.isOpen(db, runId))) await askForEnd(db, runId);
}

/** The same for all runs. */
export async function endWhatIsDone(): Promise<void> {
  for (const runId of await queries.selectDone()) await askForEnd(db, runId);
}

/**
 * A job: a run is complete when each row of its ledger has ended; then the ledger is sealed by a hash. Of a cancelled run, what waited is
 * skipped first; what was with the provider at that moment is waited for.
 */
export async function endRun({ runId }: { runId: number }): Promise<void> {
  if (await queries.isCancelled(runId)) while (await skipSome(runId));
  if (await queries.isOpen(db, runId)) return;
  const left = await queries.countOpenRows(runId);
  if (left > 0) {
    log.error({ runId, left }, 'rows of a run wait in no open batch');
    return;
  }
  const hash = await ledgerHash(runId);
  faultPoint('ending');
  await briefly(async (tx) => {
    if (await queries.end(tx, runId, { hash, at: now() })) await record(tx, 'run.ended', { runId });
  });
}

/** @returns whether there may be more */
async function skipSome(runId: number): Promise<boolean> {
  return await briefly(async (tx) => {
    const { rows, batches } = await queries.skipCancelled(tx, runId, { most: BATCHES_AT_ONCE, at: now() });
    await addCounts(tx, runId, { planned: -rows, skipped: rows, 'skipped:cancelled': rows });
    return batches > 0;
  });
}

/**
 * What seals a ledger: sha256 chained over its rows in order of n, ten thousand a link, beginning with the run's id and its audience. What
 * became of a message after it was sent is no part of it, nor is the address, which an erasure takes away.
 */
export async function ledgerHash(runId: number): Promise<Buffer> {
  const { audienceHash, last } = await queries.selectExtent(runId);
  let hash = createHash('sha256')
    .update(`run ${String(runId)} `)
    .update(audienceHash)
    .digest();
  for (let first = 1; first <= last; first += LINK) {
    const link = await queries.selectLink(runId, { first, last: first + LINK - 1 });
    hash = createHash('sha256').update(hash).update(link).digest();
  }
  return hash;
}
