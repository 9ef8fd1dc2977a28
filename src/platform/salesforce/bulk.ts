import { pipeline } from 'node:stream/promises';
import { setTimeout as pause } from 'node:timers/promises';

import { from as copyFrom } from 'pg-copy-streams';

import { db, pool, sql } from '../db.ts';

import { columnType } from './columns.ts';
import { send, stream } from './connection.ts';
import type { Readable } from './describe.ts';
import { SalesforceFailure } from './errors.ts';
import type { Source } from './merge.ts';

/** Rows of one page: what is in flight, and what a crash costs. */
const PAGE = 50_000;

interface Job {
  id: string;
  state: 'UploadComplete' | 'InProgress' | 'JobComplete' | 'Aborted' | 'Failed';
  errorMessage?: string;
}

/** Starts a Bulk API 2.0 query. */
export async function startJob(soql: string, operation: 'query' | 'queryAll'): Promise<string> {
  const { body } = await send<Job>({ method: 'POST', path: '/jobs/query', body: { operation, query: soql } });
  return body.id;
}

/** @throws SalesforceFailure when the job failed, was aborted or is gone. */
export async function waitForJob(id: string, stopping: AbortSignal): Promise<void> {
  for (let wait = 250; ; wait = Math.min(wait * 1.5, 10_000)) {
    const { body } = await send<Job>({ path: `/jobs/query/${id}` });
    if (body.state === 'JobComplete') return;
    if (body.state === 'Failed' || body.state === 'Aborted')
      throw new SalesforceFailure('BULK_JOB_FAILED', `Bulk job ${id}: ${body.errorMessage ?? body.state}`);
    await pause(wait, undefined, { signal: stopping });
  }
}

/** Removes a job that nobody needs any more; the org forgets it after a week by itself. */
export async function removeJob(id: string): Promise<void> {
  await send({ method: 'DELETE', path: `/jobs/query/${id}` }).catch(() => undefined);
}

/** A table for the CSV of this object's pages; one at a time, since there is one runner. */
export async function prepareStaging({ fields }: Readable): Promise<void> {
  const columns = fields.map((field) => `"${field.name}" ${columnType(field)}`).join(', ');
  await sql`drop table if exists sync_staging`.execute(db);
  await sql`create unlogged table sync_staging (${sql.raw(columns)})`.execute(db);
}

export const staging: Source = sql`sync_staging s`;

/**
 * Streams one page of a job's results into the staging table, straight from the wire: nothing of it is parsed here.
 * @returns the locator of the next page, undefined after the last.
 */
export async function stagePage(
  readable: Readable,
  job: string,
  locator: string | null,
): Promise<{ next: string | undefined; rows: number }> {
  const at = locator === null ? '' : `&locator=${encodeURIComponent(locator)}`;
  const answer = await stream({
    path: `/jobs/query/${job}/results?maxRecords=${String(PAGE)}${at}`,
    headers: { accept: 'text/csv' },
    timeout: 120_000,
  });
  const rows = await copy(readable, answer.body);
  const announced = Number(answer.headers['sforce-numberofrecords'] ?? rows);
  if (announced !== rows)
    throw new SalesforceFailure(
      'UNREACHABLE',
      `a page of ${String(announced)} rows broke off after ${String(rows)}`,
    );
  const next = answer.headers['sforce-locator'];
  return { rows, next: next === undefined || next === 'null' ? undefined : next };
}

async function copy({ fields }: Readable, body: NodeJS.ReadableStream): Promise<number> {
  const columns = fields.map((field) => `"${field.name}"`).join(', ');
  const client = await pool.connect();
  try {
    await client.query(`set statement_timeout to '10min'`);
    await client.query('truncate sync_staging');
    const target = client.query(
      copyFrom(
        `copy sync_staging (${columns}) from stdin with (format csv, header match, force_null (${columns}))`,
      ),
    );
    await pipeline(body, target);
    return target.rowCount;
  } finally {
    await client.query('reset statement_timeout').catch(() => undefined);
    client.release();
  }
}
