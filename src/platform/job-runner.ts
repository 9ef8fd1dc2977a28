import { EventEmitter } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';

import { Logger, run, runOnce, type Runner, type TaskList, type WorkerEvents } from 'graphile-worker';

import { now } from './clock.ts';
import { db, pool, sql } from './db.ts';
import { Refused } from './errors.ts';
import { isCarriedByKafka, type EventJob } from './events.ts';
import { beat, endHeartbeat } from './heartbeats.ts';
import * as inbox from './kafka/inbox.ts';
import { faultPoint } from './faults.ts';
import { MAX_ATTEMPTS, type JobName, type Jobs, type Reactions } from './jobs.ts';
import { log, logWith } from './log.ts';
import { jobSeconds } from './metrics.ts';

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

const HEARTBEAT_MILLISECONDS = 5_000;
const RESTART_MILLISECONDS = 1_000;
/** Where Kafka has reactions done beside them, jobs leave connections of the database to those. */
const CONCURRENT_JOBS = isCarriedByKafka ? 5 : 8;

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

  const carrying = carrierOf(work, without);
  const sign = (names: Set<string>) => beatFor(names, startedAt, carrying);
  const events = eventsOf({
    onBegin: (id) => void sign(owners.add(id)),
    onLost: () => {
      isLost = true;
      owners.clear();
      endQueue(runner, 'the database went away');
    },
  });
  const hasBeenLost = () => isLost;
  const isStopping = () => stopping.signal.aborted;

  async function runUntilStopped(): Promise<void> {
    while (!isStopping()) {
      try {
        isLost = false;
        runner = await runQueue(taskList, events, without);
        if (hasBeenLost() || isStopping()) endQueue(runner, 'it was over before it began');
        await runner.promise;
      } catch (error) {
        log.warn({ err: error }, 'the job runner lost the database and tries again');
      }
      owners.clear();
      await pauseUnless(stopping.signal);
    }
  }

  const heart = setInterval(() => void sign(owners), HEARTBEAT_MILLISECONDS);
  return {
    start(): void {
      ended = runUntilStopped();
      void carrying.then((carrier) => carrier?.start());
    },
    async stop(): Promise<void> {
      stopping.abort();
      clearInterval(heart);
      const carrier = await carrying;
      await Promise.all([carrier?.stop(), runner?.stop().catch(() => undefined)]);
      await ended;
      await endHeartbeat();
    },
  };
}

const runQueue = (taskList: TaskList, events: WorkerEvents, without: readonly string[]) =>
  run({
    pgPool: pool, taskList, events, logger, noHandleSignals: true, concurrency: CONCURRENT_JOBS,
    forbiddenFlags: without.length > 0 ? [...without] : null,
  }); // prettier-ignore

interface Turns {
  onBegin: (owner: string) => void;
  onLost: () => void;
}

function eventsOf({ onBegin, onLost }: Turns): WorkerEvents {
  const events: WorkerEvents = new EventEmitter();
  events.on('pool:create', ({ workerPool }) => {
    onBegin(workerPool.id);
  });
  /* The database went away, perhaps with jobs that it gave us and that never arrived: begin again under a new name. */
  events.on('pool:listen:error', onLost);
  return events;
}

/** What carries events to this process where Kafka does; loaded only then. */
async function carrierOf(work: Work, without: readonly string[]) {
  if (!isCarriedByKafka) return undefined;
  const { createCarrier } = await import('./kafka/carrier.ts');
  return createCarrier({ ...work, without, react: reactTo(work) });
}

/** Where Kafka carries no events (any more), what waits for it is queued. */
async function takeBack(): Promise<void> {
  if (await inbox.isAnythingWithKafka()) await inbox.takeBack();
}

async function beatFor(
  owners: Set<string>,
  startedAt: Date,
  carrying: ReturnType<typeof carrierOf>,
): Promise<void> {
  const carrier = await carrying;
  await beat([...owners, ...(carrier ? [carrier.holder] : [])], startedAt);
  await (carrier?.mend ?? takeBack)().catch(lostBeat);
}

function lostBeat(error: unknown): void {
  log.warn({ err: error }, 'what Kafka should carry is looked at with the next heartbeat');
}

function endQueue(runner: Runner | undefined, reason: string): void {
  runner?.stop(reason).catch((error: unknown) => {
    log.debug({ err: error }, 'the job runner was ending already');
  });
}

async function pauseUnless(stopping: AbortSignal): Promise<void> {
  if (!stopping.aborted) await new Promise((wait) => setTimeout(wait, RESTART_MILLISECONDS));
}

/** Does every job that is due, and those that they set off, then returns. For tests and one-off scripts. */
export async function drainJobs(work: Work): Promise<void> {
  do {
    await runOnce({ pgPool: pool, taskList: tasksOf(work), noHandleSignals: true, logger });
    for (let looks = 0; looks < 100 && (await isAnyLocked()); looks += 1) await sleep(20);
  } while (isCarriedByKafka && (await carry(work)));
}

async function carry(work: Work): Promise<boolean> {
  const { carryWhatIsDue } = await import('./kafka/carrier.ts');
  return await carryWhatIsDue({ ...work, without: [], react: reactTo(work) });
}

/** What became of a job is written down a moment after the queue has ended. */
async function isAnyLocked(): Promise<boolean> {
  const { rows } =
    await sql`select from graphile_worker._private_jobs where locked_at is not null limit 1`.execute(db);
  return rows.length > 0;
}

type ByName = Record<string, Record<string, (data: unknown) => Promise<void>> | undefined>;

/* While a deploy rolls out, an older worker may meet what only a newer one knows: it fails, and is tried again elsewhere. */
function known<Thing>(thing: Thing | undefined, name: string): Thing {
  if (thing === undefined) throw new Error(`this version of the worker does not know ${name}`);
  return thing;
}

/** Has a reaction do what it does about what happened. */
function reactTo({ reactions }: Work) {
  return async (name: string, reaction: string, data: unknown): Promise<void> => {
    const react = known((reactions as ByName)[name]?.[reaction], `${name}:${reaction}`);
    await measured(`${name}:${reaction}`, () => react(data));
  };
}

/** An event becomes one job per reaction, so that a failing one retries alone. */
function tasksOf(work: Work, without: readonly string[] = []): TaskList {
  const { reactions, jobs, stageOf } = work;
  const byName = reactions as ByName;
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
      await lastlyIfRefused(job, () => reactTo(work)(name, reaction, rows[0]?.data));
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
