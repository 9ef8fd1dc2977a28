import { restDateTime } from '../../clock.ts';
import { idOf } from '../records/ids.ts';

import type { Db } from '../../database.ts';
import type { Context } from '../context.ts';

export const bulkTables = `
create sequence if not exists _bulk_ids;
create table if not exists _bulk_job (
  id text primary key,
  kind text not null check (kind in ('query', 'ingest')),
  user_id text not null,
  client text not null,
  created_at timestamptz not null,
  changed_at timestamptz not null,
  state text not null,
  job jsonb not null
);
create table if not exists _bulk_result (
  job_id text not null references _bulk_job on delete cascade,
  batch integer not null,
  kind text not null check (kind in ('successful', 'failed')),
  csv text not null,
  primary key (job_id, kind, batch)
);
`;

export type JobKind = 'query' | 'ingest';

export type JobState = 'Open' | 'UploadComplete' | 'InProgress' | 'JobComplete' | 'Failed' | 'Aborted';

/** What a job is told, and how far it is. */
export interface Job {
  operation: 'query' | 'queryAll' | 'insert' | 'update' | 'upsert' | 'delete' | 'hardDelete';
  object: string;
  apiVersion: number;
  columnDelimiter: string;
  lineEnding: string;
  /** SOQL of a query job. */
  query?: string;
  externalIdFieldName?: string;
  assignmentRuleId?: string;
  /** Whether an ingest job has got its data. */
  isUploaded?: boolean;
  processed: number;
  failed: number;
  batches: number;
  /** Milliseconds of work. */
  duration: number;
  errorMessage?: string;
  /** Of a query's result: the names of its columns, and where every thousandth record starts, in bytes. */
  columns?: string[];
  marks?: number[];
}

/** A job as it is kept. */
export interface KeptJob {
  id: string;
  kind: JobKind;
  userId: string;
  client: string;
  createdAt: string;
  changedAt: string;
  state: JobState;
  job: Job;
}

const columns = `id, kind, user_id as "userId", client, created_at as "createdAt", changed_at as "changedAt", state, job`;

/** Keeps a new job in its first state. */
export async function createJob(
  ctx: Context,
  kind: JobKind,
  { state, job }: { state: JobState; job: Job },
): Promise<KeptJob> {
  const counter = await ctx.db.query(`select nextval('_bulk_ids') as counter`);
  const id = idOf('750', Number((counter.rows as { counter: number }[])[0]?.counter));
  const { rows } = await ctx.db.query(
    `insert into _bulk_job (id, kind, user_id, client, created_at, changed_at, state, job)
     values ($1, $2, $3, $4, $5, $5, $6, $7) returning ${columns}`,
    [id, kind, ctx.user.id, ctx.client, ctx.org.clock.now(), state, JSON.stringify(job)],
  );
  return (rows as [KeptJob])[0];
}

/** The job of that id (15 or 18 characters) and kind. */
export async function maybeJob(db: Db, kind: JobKind, id: string): Promise<KeptJob | undefined> {
  const { rows } = await db.query(
    `select ${columns} from _bulk_job where left(id, 15) = left($1, 15) and kind = $2`,
    [id, kind],
  );
  return (rows as KeptJob[])[0];
}

/** Jobs of a kind, the newest first, so many from a place on. */
export async function listJobs(
  db: Db,
  kind: JobKind,
  { from, count }: { from: number; count: number },
): Promise<KeptJob[]> {
  const { rows } = await db.query(
    `select ${columns} from _bulk_job where kind = $1 order by created_at desc, id desc limit $2 offset $3`,
    [kind, count, from],
  );
  return rows as KeptJob[];
}

/** What the jobs of the last 24 hours have used of the day's limits. */
export async function bulkUse(db: Db, now: Date): Promise<{ queries: number; batches: number }> {
  const { rows } = await db.query(
    `select count(*) filter (where kind = 'query') as queries, coalesce(sum((job->>'batches')::int), 0) as batches
     from _bulk_job where created_at > $1::timestamptz - interval '1 day'`,
    [now],
  );
  return (rows as [{ queries: number; batches: number }])[0];
}

/** Jobs that were on their way when the sandbox ended. */
export async function unfinishedJobs(db: Db): Promise<KeptJob[]> {
  const { rows } = await db.query(
    `select ${columns} from _bulk_job where state in ('UploadComplete', 'InProgress') order by created_at`,
  );
  return rows as KeptJob[];
}

/** Jobs that ended a week ago or more: their results are no longer kept. */
export async function expiredJobs(db: Db, now: Date): Promise<string[]> {
  const { rows } = await db.query(
    `select id from _bulk_job where changed_at < $1::timestamptz - interval '7 days' and state in ('JobComplete', 'Failed', 'Aborted')`,
    [now],
  );
  return (rows as { id: string }[]).map(({ id }) => id);
}

/** Moves a job on and merges what is known of it; only from one of the states named. Undefined when it is in none of them. */
export async function moveJob(
  db: Db,
  id: string,
  { from, to, change = {}, at }: { from: JobState[]; to: JobState; change?: Partial<Job>; at: Date },
): Promise<KeptJob | undefined> {
  const { rows } = await db.query(
    `update _bulk_job set state = $3, changed_at = $4, job = job || $5::jsonb where id = $1 and state = any($2) returning ${columns}`,
    [id, from, to, at, JSON.stringify(change)],
  );
  return (rows as KeptJob[])[0];
}

/** The `errorMessage` of a job that failed; data may have put characters into it that cannot be stored. */
export const failureText = (text: string): string => text.replaceAll('\0', '\ufffd').toWellFormed();

/** Removes a job with its results. */
export async function deleteJob(db: Db, id: string): Promise<void> {
  await db.query('delete from _bulk_job where id = $1', [id]);
}

/** A job as the API shows it; how far it is only when it is asked about. */
export function shownJob(
  kept: KeptJob,
  { withProgress }: { withProgress: boolean },
): Record<string, unknown> {
  const { id, kind, state, job } = kept;
  return {
    id,
    operation: job.operation,
    object: job.object,
    createdById: kept.userId,
    createdDate: restDateTime(new Date(kept.createdAt)),
    systemModstamp: restDateTime(new Date(kept.changedAt)),
    state,
    ...(job.externalIdFieldName === undefined ? {} : { externalIdFieldName: job.externalIdFieldName }),
    concurrencyMode: 'Parallel',
    contentType: 'CSV',
    apiVersion: job.apiVersion,
    ...(job.assignmentRuleId === undefined ? {} : { assignmentRuleId: job.assignmentRuleId }),
    ...(kind === 'ingest' ? { jobType: 'V2Ingest' } : withProgress ? { jobType: 'V2Query' } : {}),
    ...(kind === 'ingest' && state === 'Open'
      ? { contentUrl: `services/data/v${String(job.apiVersion)}.0/jobs/ingest/${id}/batches` }
      : {}),
    lineEnding: job.lineEnding,
    columnDelimiter: job.columnDelimiter,
    ...(withProgress ? progressOf(kept) : {}),
  };
}

function progressOf({ kind, job }: KeptJob): Record<string, unknown> {
  const progress = { numberRecordsProcessed: job.processed, retries: 0, totalProcessingTime: job.duration };
  const failed = {
    numberRecordsFailed: job.failed,
    apiActiveProcessingTime: job.duration,
    apexProcessingTime: 0,
  };
  return {
    ...progress,
    ...(kind === 'ingest' ? failed : { isPkChunkingSupported: true }),
    ...(job.errorMessage === undefined ? {} : { errorMessage: job.errorMessage }),
  };
}
