import type { Db } from '../../platform/db.ts';
import { enqueue } from '../../platform/jobs.ts';

declare module '../../platform/jobs.ts' {
  interface Jobs {
    /** Sends batches that are due, for a while. */
    send_batches: { lane: number };
  }
}

/** Requests to providers at the same time, of each process at most. */
export const LANES = 4;

/** Has every lane look for batches. */
export async function askForLanes(tx: Db): Promise<void> {
  for (let lane = 0; lane < LANES; lane += 1) await askForLane(tx, lane);
}

/** Has one lane look for batches, now or at that moment. */
export async function askForLane(tx: Db, lane: number, runAt?: Date): Promise<void> {
  const key = `send_batches:${String(lane)}`;
  await enqueue(tx, 'send_batches', { lane }, { key, ...(runAt && { runAt }) });
}
