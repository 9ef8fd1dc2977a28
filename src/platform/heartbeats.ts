import { hostname } from 'node:os';

import { now } from './clock.ts';
import { db, sql } from './db.ts';
import * as inbox from './kafka/inbox.ts';
import { log } from './log.ts';

declare module './db.ts' {
  interface Tables {
    worker_heartbeats: { worker: string; job_owners: string[]; started_at: Date; beat_at: Date };
  }
}

/** A worker whose last heartbeat is older than this is dead: its jobs are given to the others. */
const DEAD_AFTER_SECONDS = 30;

const workerName = `${hostname()}:${String(process.pid)}`;

/** Says that this worker is alive and frees the jobs of those that are not. A lost beat only waits for the next. */
export async function beat(owners: string[], startedAt: Date): Promise<void> {
  const at = now();
  const dead = new Date(at.getTime() - DEAD_AFTER_SECONDS * 1000);
  try {
    await sql`
      insert into worker_heartbeats (worker, job_owners, started_at, beat_at)
      values (${workerName}, ${owners}, ${startedAt}, ${at})
      on conflict (worker) do update set job_owners = excluded.job_owners, beat_at = excluded.beat_at`.execute(
      db,
    );
    await freeJobsOfTheDead(dead);
  } catch (error) {
    log.warn({ err: error }, 'no heartbeat: the database does not answer');
  }
}

/**
 * Gives the jobs of workers whose last heartbeat is older than that to the others. What was asked for again while such a worker had it was
 * queued anew by then: it is forgotten, or it would end as a dead letter that nobody can explain. The others' job is another one, by its number:
 * a worker that was only silent, and ends it after all, would else cross out what was asked for since.
 */
export async function freeJobsOfTheDead(silentSince: Date): Promise<void> {
  await sql`delete from worker_heartbeats where beat_at < ${silentSince}`.execute(db);
  const isDead = sql`locked_at < ${silentSince} and not exists (select from worker_heartbeats where locked_by = any(job_owners))`;
  await sql`
    delete from graphile_worker._private_jobs
    where ${isDead} and key is null and attempts >= max_attempts and last_error is null and updated_at <> created_at`.execute(
    db,
  );
  await sql`
    with dead as (select distinct locked_by as name from graphile_worker._private_jobs where ${isDead}),
    given as (
      update graphile_worker._private_jobs set id = default, locked_at = null, locked_by = null where locked_by in (select name from dead))
    update graphile_worker._private_job_queues set locked_at = null, locked_by = null where locked_by in (select name from dead)`.execute(
    db,
  );
  await inbox.freeWhatTheDeadHeld(silentSince);
}

/** This worker ends in order: nobody has to wait whether it is silent. */
export async function endHeartbeat(): Promise<void> {
  await db.deleteFrom('worker_heartbeats').where('worker', '=', workerName).execute();
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
