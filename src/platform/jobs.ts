import { db, sql, type Db } from './db.ts';
import type { EventName, Events } from './events.ts';
import { countDead, deadOnes, discardDead, retryDead } from './kafka/dead-letters.ts';

/** Every job that is not a reaction, with its payload's shape. Capabilities add theirs by declaration merging. */
// eslint-disable-next-line @typescript-eslint/no-empty-object-type
export interface Jobs {}

export type JobName = keyof Jobs;

/** What each event sets off, by name: names are queued, so they outlive a deploy. */
export type Reactions = {
  [Name in EventName]: Record<string, (data: Events[Name]) => Promise<void>>;
};

export interface JobOptions {
  /** While a job of this key waits, another is not added; its payload and time are replaced. */
  key?: string;
  /** Jobs of one queue run one after another. */
  queue?: string;
  runAt?: Date;
  /** Attempts before the job counts as dead; each waits exp(attempt) seconds. */
  maxAttempts?: number;
}

/** Spread over a day, since each wait is longer than the one before. */
export const MAX_ATTEMPTS = 12;

/**
 * Puts work off to a worker process, in the transaction of the act that asks for it. The job may run twice. Where one of that key begins just
 * now, and may not see what this transaction does, the queue takes neither this one nor has that one again: it is asked once more.
 */
export async function enqueue<Name extends JobName>(
  tx: Db,
  name: Name,
  payload: Jobs[Name],
  { key, queue, runAt, maxAttempts }: JobOptions = {},
): Promise<void> {
  let isTaken = false;
  while (!isTaken) {
    const { rows } = await sql<{ id: number | null }>`
      select id from graphile_worker.add_job(${name}, ${JSON.stringify(payload)}::json,
        job_key => ${key ?? null}, queue_name => ${queue ?? null}, run_at => ${runAt ?? null}::timestamptz,
        max_attempts => ${maxAttempts ?? MAX_ATTEMPTS}::int)`.execute(tx);
    isTaken = rows.some(({ id }) => id !== null);
  }
}

/** A job, or a reaction that Kafka carried, that failed as often as it may. It stays until someone retries or discards it. */
export interface DeadLetter {
  id: string;
  task: string;
  payload: Record<string, unknown>;
  attempts: number;
  error: string;
  failedAt: Date;
}

/** The dead letters, newest first. */
export async function deadLetters(): Promise<DeadLetter[]> {
  const { rows } = await sql<DeadLetter>`
    select j.id::text as id, t.identifier as task, j.payload, j.attempts, coalesce(j.last_error, '') as error,
           j.updated_at as "failedAt"
    from graphile_worker._private_jobs j join graphile_worker._private_tasks t on t.id = j.task_id
    where j.attempts >= j.max_attempts and j.locked_at is null
    order by j.updated_at desc limit 500`.execute(db);
  return [...(await deadOnes()), ...rows].sort((a, b) => b.failedAt.getTime() - a.failedAt.getTime());
}

export async function countDeadLetters(): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select count(*) from graphile_worker._private_jobs where attempts >= max_attempts and locked_at is null`.execute(
    db,
  );
  return (rows[0]?.count ?? 0) + (await countDead());
}

/** Gives a dead letter all its attempts again, at once. Whoever retries a mail in doubt wants it sent, even twice. */
export async function retryDeadLetter(id: string): Promise<void> {
  if (await retryDead(id)) return;
  await sql`
    delete from mails_once m using graphile_worker._private_jobs j
    where j.id = ${id}::bigint and m.key = j.payload ->> 'once' and m.sent_at is null`.execute(db);
  await sql`select graphile_worker.reschedule_jobs(array[${id}::bigint], run_at => now(), attempts => 0,
    max_attempts => ${MAX_ATTEMPTS}::int)`.execute(db);
}

/** Gives up on a dead letter for good. */
export async function discardDeadLetter(id: string): Promise<void> {
  if (await discardDead(id)) return;
  await sql`select graphile_worker.complete_jobs(array[${id}::bigint])`.execute(db);
}
