import { pipeline } from 'node:stream/promises';
import { setTimeout as pause } from 'node:timers/promises';

import { from as copyFrom } from 'pg-copy-streams';

import { db, pool, sql } from '../../db.ts';

import { columnType } from '../mirror/columns.ts';
import { send, stream } from './connection.ts';
import type { Readable } from '../mirror/describe.ts';
import { SalesforceFailure, toFailure } from './errors.ts';
import type { Source } from '../mirror/merge.ts';

/** Rows of one page: what is in flight, and what a crash costs. */
const PAGE = 50_000;

interface Job {
  id: string;
  state: 'UploadComplete' | 'InProgress' | 'JobComplete' | 'Aborted' | 'Failed';
  numberRecordsProcessed?: number;
  errorMessage?: string;
}

/** Starts a Bulk API 2.0 query. */
export async function startJob(soql: string, operation: 'query' | 'queryAll'): Promise<string> {
  const { body } = await send<Job>({ method: 'POST', path: '/jobs/query', body: { operation, query: soql } });
  return body.id;
}

/**
 * @returns how many records the job found, if it says
 * @throws SalesforceFailure when the job failed, was aborted or is gone.
 */
export async function waitForJob(id: string, stopping: AbortSignal): Promise<number | undefined> {
  for (let wait = 250; ; wait = Math.min(wait * 1.5, 10_000)) {
    const { body } = await send<Job>({ path: `/jobs/query/${id}` });
    if (body.state === 'JobComplete') return body.numberRecordsProcessed;
    if (body.state === 'Failed' || body.state === 'Aborted')
      throw new SalesforceFailure('BULK_JOB_FAILED', `Bulk job ${id}: ${body.errorMessage ?? body.state}`);
    await pause(wait, undefined, { signal: stopping });
  }
}

/** Removes a job that nobody needs any more; the org forgets it after a week by itself. */
export async function removeJob(id: string): Promise<void> {
  await send({ method: 'DELETE', path: `/jobs/query/${id}` }).catch(() => undefined);
}

/** Tables for the CSV of a job's pages: one for what is loaded, one for what is compared meanwhile. */
type Staging = 'sync_staging' | 'sync_scanned';

/** A table for the CSV of this object's pages; each has one user at a time. */
export async function prepareStaging({ fields }: Readable, name: Staging = 'sync_staging'): Promise<void> {
  const columns = fields.map((field) => `"${field.name}" ${columnType(field)}`).join(', ');
  await sql`drop table if exists ${sql.table(name)}`.execute(db);
  await sql`create unlogged table ${sql.table(name)} (${sql.raw(columns)})`.execute(db);
}

export const staging = (name: Staging = 'sync_staging'): Source => sql`${sql.table(name)} s`;

export async function dropStaging(name: Staging = 'sync_staging'): Promise<void> {
  await sql`drop table if exists ${sql.table(name)}`.execute(db);
}

/** A page that breaks off is asked for again, a few times. */
export async function stagePage(page: StagedPage, stopping: AbortSignal): Promise<Staged> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await stageOnce(page);
    } catch (error) {
      const failure = toFailure(error);
      if (attempt >= 5 || failure.kind !== 'retry') throw failure;
      await pause(500 * 2 ** attempt, undefined, { signal: stopping });
    }
  }
}

/** Says so when a job's pages together have other rows than it found: some were lost on the way. */
export function expectWhole(job: string, rows: number, found: number | undefined): void {
  if (found === undefined || rows === found) return;
  throw new SalesforceFailure(
    'BULK_INCOMPLETE',
    `Bulk job ${job} found ${String(found)} rows, and its pages have ${String(rows)}`,
  );
}

interface StagedPage {
  readable: Readable;
  job: string;
  locator: string | null;
  into?: Staging;
}

interface Staged {
  /** The locator of the next page, undefined after the last. */
  next: string | undefined;
  rows: number;
}

/** Streams one page of a job's results into the staging table, straight from the wire: nothing of it is parsed here. */
async function stageOnce({ readable, job, locator, into = 'sync_staging' }: StagedPage): Promise<Staged> {
  const at = locator === null ? '' : `&locator=${encodeURIComponent(locator)}`;
  const answer = await stream({
    path: `/jobs/query/${job}/results?maxRecords=${String(PAGE)}${at}`,
    headers: { accept: 'text/csv' },
    timeout: 120_000,
  });
  const rows = await copy(readable, into, answer.body);
  const announced = Number(answer.headers['sforce-numberofrecords'] ?? rows);
  if (announced !== rows)
    throw new SalesforceFailure(
      'UNREACHABLE',
      `a page of ${String(announced)} rows broke off after ${String(rows)}`,
    );
  const next = answer.headers['sforce-locator'];
  return { rows, next: next === undefined || next === 'null' ? undefined : next };
}

async function copy({ fields }: Readable, into: Staging, body: NodeJS.ReadableStream): Promise<number> {
  const columns = fields.map((field) => `"${field.name}"`).join(', ');
  const client = await pool.connect();
  try {
    await client.query(`set statement_timeout to '10min'`);
    await client.query(`truncate ${into}`);
    const target = client.query(
      copyFrom(
        `copy ${into} (${columns}) from stdin with (format csv, header match, force_null (${columns}))`,
      ),
    );
    await pipeline(body, target);
    return target.rowCount;
  } finally {
    await client.query('reset statement_timeout').catch(() => undefined);
    client.release();
  }
}
