import { setTimeout as wait } from 'node:timers/promises';

import { moveJob } from './jobs.ts';

import type { Org } from '../context.ts';
import type { JobTrouble, Occasion } from '../trouble.ts';
import type { KeptJob } from './jobs.ts';

/** A reason to give the whole job up; its message is the job's errorMessage. */
export class JobFailure extends Error {}

/** How a job goes: at its own pace to its end, unless the control plane has something else in mind. */
export interface Course {
  /** Rows of the next batch, when so many are done: fewer where the job is to end or to go slowly. */
  batchAfter: (processed: number, most: number) => number;
  /** To be called after each batch; false when the job was aborted. @throws JobFailure when it is to fail now. */
  after: (processed: number) => Promise<boolean>;
  /** Whether the results are to be lost. */
  losesResults: boolean;
}

/** The request that a job counts as for what happens in its course. */
export const occasionOf = ({ id, kind, job }: KeptJob): Occasion => ({
  method: 'POST',
  url: `/services/data/v${String(job.apiVersion)}.0/jobs/${kind}/${id}`,
});

/** Waits as long as the job is to wait, and tells how it will go. @throws JobFailure when it is to fail at once. */
export async function begin(org: Org, kept: KeptJob): Promise<Course> {
  const trouble = org.trouble.ofJob(occasionOf(kept), kept.job.object);
  if (trouble.delayMs !== undefined) await wait(trouble.delayMs);
  let last = kept.job.processed;
  const ends = [trouble.failAfter, trouble.abortAfter].filter((each) => each !== undefined);
  const course: Course = {
    losesResults: trouble.loseResults ?? false,
    batchAfter(processed, most) {
      const pace = trouble.rowsPerSecond === undefined ? most : Math.max(1, Math.floor(trouble.rowsPerSecond / 4));
      const left = ends.filter((end) => end > processed).map((end) => end - processed);
      return Math.min(most, pace, ...left);
    },
    async after(processed) {
      const rows = Math.max(0, processed - last);
      last = processed;
      if (trouble.rowsPerSecond !== undefined) await wait((1000 * rows) / trouble.rowsPerSecond);
      return endIfDue(org, kept, { trouble, processed });
    },
  }; // prettier-ignore
  await course.after(0);
  return course;
}

interface Progress {
  trouble: JobTrouble;
  processed: number;
}

async function endIfDue(org: Org, kept: KeptJob, { trouble, processed }: Progress): Promise<boolean> {
  if (trouble.failAfter !== undefined && processed >= trouble.failAfter)
    throw new JobFailure(trouble.message ?? usualFailure[kept.kind]);
  if (trouble.abortAfter === undefined || processed < trouble.abortAfter) return true;
  const at = org.clock.now();
  await moveJob(org.pool, kept.id, { from: ['UploadComplete', 'InProgress'], to: 'Aborted', at });
  return false;
}

const usualFailure = {
  ingest: 'TooManyLockFailure : Too many lock failure 200 Trying again later.',
  query: 'InternalServerError : Retried more than fifteen times',
};
