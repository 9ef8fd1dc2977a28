import { maybeActiveUser } from '../context.ts';
import { begin } from './course.ts';
import { deleteJob, expiredJobs, failureText, moveJob, unfinishedJobs } from './jobs.ts';
import { runIngest } from './run-ingest.ts';
import { runQuery } from './run-query.ts';
import { removeSpooled } from './spool.ts';

import type { Context, Org } from '../context.ts';
import type { KeptJob } from './jobs.ts';

/** So many jobs run at a time; the others wait in order. */
const AT_ONCE = 3;

/** The jobs of an org at work. */
export interface BulkQueue {
  add: (ctx: Context, kept: KeptJob) => void;
  /** Takes up what the last process left unfinished, and clears away what has expired. */
  resume: (org: Org) => Promise<void>;
  /** Resolves when nothing runs or waits; what still waits is left to the next process. */
  stop: () => Promise<void>;
}

/** Starts with nothing to do. */
export function createBulkQueue(): BulkQueue {
  const waiting: (() => Promise<void>)[] = [];
  const running = new Set<Promise<void>>();
  const next = () => {
    while (running.size < AT_ONCE) {
      const work = waiting.shift();
      if (!work) return;
      const run = work().finally(() => {
        running.delete(run);
        next();
      });
      running.add(run);
    }
  };
  const add = (ctx: Context, kept: KeptJob) => {
    const own = { ...ctx, db: ctx.org.pool };
    waiting.push(() => (kept.kind === 'query' ? answerQuery(own, kept) : runIngest(own, kept)));
    next();
  };
  return {
    add,
    async resume(org) {
      for (const id of await expiredJobs(org.pool, org.clock.now())) {
        await removeSpooled(org, id);
        await deleteJob(org.pool, id);
      }
      for (const kept of await unfinishedJobs(org.pool)) {
        const user = await maybeActiveUser(org, kept.userId);
        if (user)
          add(
            {
              org,
              api: 'bulkapi',
              db: org.pool,
              user,
              apiVersion: kept.job.apiVersion,
              client: kept.client,
              origin: '',
              headers: {},
            },
            kept,
          );
      }
    },
    async stop() {
      waiting.length = 0;
      await Promise.all(running);
    },
  };
}

async function answerQuery(ctx: Context, kept: KeptJob): Promise<void> {
  const { pool, clock } = ctx.org;
  const started = performance.now();
  try {
    const begun = await moveJob(pool, kept.id, {
      from: ['UploadComplete', 'InProgress'],
      to: 'InProgress',
      at: clock.now(),
    });
    if (!begun) return;
    const course = await begin(ctx.org, kept);
    const result = await runQuery(ctx, kept);
    if (!(await course.after(result.processed ?? 0))) return;
    if (course.losesResults) await removeSpooled(ctx.org, kept.id);
    const change = { ...result, duration: Math.round(performance.now() - started) };
    await moveJob(pool, kept.id, { from: ['InProgress'], to: 'JobComplete', change, at: clock.now() });
  } catch (error) {
    const errorMessage = error instanceof Error ? error.message : String(error);
    await moveJob(pool, kept.id, {
      from: ['InProgress', 'UploadComplete'],
      to: 'Failed',
      change: { errorMessage: failureText(errorMessage) },
      at: clock.now(),
    }).catch(() => undefined);
  }
}
