import { EventEmitter } from 'node:events';
import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';

import { Logger, run, runOnce, type Runner, type TaskList, type WorkerEvents } from 'graphile-worker';

import { now } from './clock.ts';
import { db, pool, sql } from './db.ts';
import { Refused } from './errors.ts';
import type { EventJob } from './events.ts';
import { faultPoint } from './faults.ts';
import { MAX_ATTEMPTS, type JobName, type Jobs, type Reactions } from './jobs.ts';
import { log, logWith } from './log.ts';
import { jobSeconds } from './metrics.ts';

declare module './db.ts' {
  interface Tables {
    worker_heartbeats: { worker: string; job_owners: string[]; started_at: Date; beat_at: Date };
  }
}

export type JobHandlers = { [Name in JobName]: (payload: Jobs[Name]) => Promise<void> };

interface Work {
  reactions: Reactions;
  jobs: JobHandlers;
  /** Which part of all work a job or a reaction (`case.opened:tellOwner`) is, where processes may do parts of it alone. */
  stageOf?: (name: string) => string;
}

interface Part {
  /** The stages that this process leaves to others. */
  without: readonly string[];
}

/** A worker whose last heartbeat is older than this is dead: its jobs are given to the others. */
const DEAD_AFTER_SECONDS = 30;
const HEARTBEAT_MILLISECONDS = 5_000;
const RESTART_MILLISECONDS = 1_000;
const CONCURRENT_JOBS = 8;

const workerName = `${hostname()}:${String(process.pid)}`;
const logger = new Logger(() => (level, message) => {
  log[level === 'warning' ? 'warn' : level === 'info' ? 'debug' : level](message);
});

/**
 * Runs jobs until it is stopped. A lost database does not end it: it tries again until the database is back.
 * Its life: start → (run → lost → wait →)* stop, with a heartbeat beside it all the while.
 */
export function createJobRunner(work: Work, { without }: Part = { without: [] }) {
  const taskList = tasksOf(work, without);
  /** The names that this process locks jobs under at present; whatever other names hold is up for grabs. */
  const owners = new Set<string>();
  const stopping = new AbortController();
  const startedAt = now();
  let runner: Runner | undefined;
  /** The database went away since the last beginning, perhaps before there was a runner to stop. */
  let isLost = false;
  let ended: Promise<void> = Promise.resolve();

  const events: WorkerEvents = new EventEmitter();
  events.on('pool:create', ({ workerPool }) => {
    owners.add(workerPool.id);
    void beat([...owners], startedAt);
  });
  /* The database went away, perhaps with jobs that it gave us and that never arrived: begin again under a new name. */
  events.on('pool:listen:error', () => {
    isLost = true;
    owners.clear();
    endLost(runner);
  });

  const hasBeenLost = () => isLost;

  async function runUntilStopped(): Promise<void> {
    while (!stopping.signal.aborted) {
      try {
        isLost = false;
        runner = await run({
          pgPool: pool, taskList, events, logger, noHandleSignals: true, concurrency: CONCURRENT_JOBS,
          forbiddenFlags: without.length > 0 ? [...without] : null,
        }); // prettier-ignore
        if (hasBeenLost()) endLost(runner);
        await runner.promise;
      } catch (error) {
        log.warn({ err: error }, 'the job runner lost the database and tries again');
      }
      owners.clear();
      await pauseUnless(stopping.signal);
    }
  }

  const heart = setInterval(() => void beat([...owners], startedAt), HEARTBEAT_MILLISECONDS);
  return {
    start(): void {
      ended = runUntilStopped();
    },
    async stop(): Promise<void> {
      stopping.abort();
      clearInterval(heart);
      await runner?.stop().catch(() => undefined);
      await ended;
      await db.deleteFrom('worker_heartbeats').where('worker', '=', workerName).execute();
    },
  };
}

function endLost(runner: Runner | undefined): void {
  runner?.stop('the database went away').catch((error: unknown) => {
    log.debug({ err: error }, 'the job runner was ending already');
  });
}

async function pauseUnless(stopping: AbortSignal): Promise<void> {
  if (!stopping.aborted) await new Promise((wait) => setTimeout(wait, RESTART_MILLISECONDS));
}

/** Does every job that is due, and those that they set off, then returns. For tests and one-off scripts. */
export async function drainJobs(work: Work): Promise<void> {
  await runOnce({ pgPool: pool, taskList: tasksOf(work), noHandleSignals: true, logger });
  for (let looks = 0; looks < 100 && (await isAnyLocked()); looks += 1) await sleep(20);
}

/** What became of a job is written down a moment after the queue has ended. */
async function isAnyLocked(): Promise<boolean> {
  const { rows } =
    await sql`select from graphile_worker._private_jobs where locked_at is not null limit 1`.execute(db);
  return rows.length > 0;
}

/** Seconds since the last heartbeat of the liveliest worker, or undefined when there is none. */
export async function secondsSinceHeartbeat(): Promise<number | undefined> {
  const newest = await db
    .selectFrom('worker_heartbeats')
    .select(({ fn }) => fn.max('beat_at').as('at'))
    .executeTakeFirst();
  const at = newest?.at as Date | null | undefined;
  return at ? (now().getTime() - at.getTime()) / 1000 : undefined;
}

/** An event becomes one job per reaction, so that a failing one retries alone. */
function tasksOf({ reactions, jobs, stageOf }: Work, without: readonly string[] = []): TaskList {
  const byName = reactions as Record<string, Record<string, (data: unknown) => Promise<void>> | undefined>;
  /* While a deploy rolls out, an older worker may meet what only a newer one knows: it fails, and is tried again elsewhere. */
  const known = <Thing>(thing: Thing | undefined, name: string): Thing => {
    if (thing === undefined) throw new Error(`this version of the worker does not know ${name}`);
    return thing;
  };
  const tasks: TaskList = {
    async fan_out(payload, { addJob }) {
      const { eventId, name } = payload as EventJob;
      for (const reaction of Object.keys(known(byName[name], name))) {
        const jobKey = `event:${String(eventId)}:${reaction}`;
        const flags = stageOf && { flags: [stageOf(`${name}:${reaction}`)] };
        await addJob('react', { eventId, name, reaction }, { jobKey, maxAttempts: MAX_ATTEMPTS, ...flags });
        faultPoint('fanning_out');
      }
    },
    async react(payload, { job }) {
      const { eventId, name, reaction } = payload as EventJob & { reaction: string };
      const { rows } = await sql<{ data: unknown }>`select data from events where id = ${eventId}`.execute(
        db,
      );
      const react = known(byName[name]?.[reaction], `${name}:${reaction}`);
      await measured(`${name}:${reaction}`, () => lastlyIfRefused(job, () => react(rows[0]?.data)));
      faultPoint('reacted');
    },
  };
  for (const [name, handle] of Object.entries(jobs as Record<string, (payload: unknown) => Promise<void>>))
    if (!without.includes(stageOf?.(name) ?? ''))
      tasks[name] = (payload, { job }) => measured(name, () => lastlyIfRefused(job, () => handle(payload)));
  return tasks;
}

/** What was refused for good is not tried again: this attempt was the last that the job had. */
async function lastlyIfRefused({ id }: { id: string }, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (error instanceof Refused)
      await sql`update graphile_worker._private_jobs set max_attempts = attempts where id = ${id}`.execute(
        db,
      );
    throw error;
  }
}

async function measured(job: string, work: () => Promise<void>): Promise<void> {
  const ended = jobSeconds.startTimer({ job });
  await logWith({ job }, work).then(
    () => ended({ outcome: 'done' }),
    (error: unknown) => {
      ended({ outcome: 'failed' });
      throw error;
    },
  );
}

/** Says that this worker is alive and frees the jobs of those that are not. A lost beat only waits for the next. */
async function beat(owners: string[], startedAt: Date): Promise<void> {
  const at = now();
  const dead = new Date(at.getTime() - DEAD_AFTER_SECONDS * 1000);
  try {
    await sql`
      insert into worker_heartbeats (worker, job_owners, started_at, beat_at)
      values (${workerName}, ${owners}, ${startedAt}, ${at})
      on conflict (worker) do update set job_owners = excluded.job_owners, beat_at = excluded.beat_at`.execute(
      db,
    );
    await sql`delete from worker_heartbeats where beat_at < ${dead}`.execute(db);
    await sql`
      select graphile_worker.force_unlock_workers(array_agg(distinct locked_by))
      from graphile_worker._private_jobs
      where locked_at < ${dead}
        and not exists (select from worker_heartbeats where locked_by = any(job_owners))
      having count(*) > 0`.execute(db);
  } catch (error) {
    log.warn({ err: error }, 'no heartbeat: the database does not answer');
  }
}
