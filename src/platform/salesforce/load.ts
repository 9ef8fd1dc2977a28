import { setTimeout as pause } from 'node:timers/promises';

import { MINUTE, now } from '../clock.ts';
import { db, sql, transaction, type Tx } from '../db.ts';
import { record } from '../events.ts';
import { log } from '../log.ts';

import { prepareStaging, removeJob, stagePage, staging, startJob, waitForJob } from './bulk.ts';
import { type Change, recordChanges } from './changes.ts';
import { names, type Readable } from './describe.ts';
import { toFailure } from './errors.ts';
import { mergeSilently, recordsAsSource } from './merge.ts';
import { pages, query } from './query.ts';
import { select } from './soql.ts';
import { type SyncState, updateState } from './states.ts';

/** Above this many rows Salesforce itself advises the Bulk API. */
const BULK_ABOVE = 2_000;

/** How far the mark trails Salesforce's clock: rows may become visible this late. */
export const TRAIL = 2 * MINUTE;

/**
 * Reads an object whole: plainly when it is small, else by Bulk API 2.0, page by page, each merged with its progress in one
 * transaction, so that a load which was cut off goes on where it was. What an earlier load had and this one has not is gone
 * from Salesforce, and becomes a tombstone.
 */
export async function load(readable: Readable, state: SyncState, stopping: AbortSignal): Promise<void> {
  const { sobject, table } = readable.mapping;
  const isFirst = state.markAt === null;
  const door = isFirst ? 'query' : 'queryAll';
  const started = state.bulkJob === null ? await begin(readable, door) : state;
  if (started.bulkJob === null) await loadPlainly(readable, door);
  else
    await loadInBulk(readable, started, stopping).catch((error: unknown) =>
      abandon(sobject, error, stopping),
    );
  await finish(readable, started, isFirst);
  log.info({ sobject, table, rows: started.rowsExpected }, 'loaded');
}

/** A job that can give no more (failed, expired, removed) is forgotten; the load then starts again with a new one. */
async function abandon(sobject: string, error: unknown, stopping: AbortSignal): Promise<never> {
  if (!stopping.aborted && toFailure(error).kind === 'terminal')
    await updateState(db, sobject, { bulk_job: null, bulk_locator: null });
  throw error;
}

async function begin(readable: Readable, door: 'query' | 'queryAll'): Promise<SyncState> {
  const { sobject } = readable.mapping;
  const { totalSize, at } = await query(select(readable, { fields: ['COUNT()'] }), door);
  const bulkJob = totalSize > BULK_ABOVE ? await startJob(select(readable), door) : null;
  await sql`delete from sync_loaded where sobject = ${sobject}`.execute(db);
  await updateState(db, sobject, {
    phase: 'loading',
    rows_loaded: 0,
    rows_expected: totalSize,
    load_started_at: at,
    bulk_job: bulkJob,
    bulk_locator: null,
    fields: names(readable),
    hidden_fields: [...readable.hidden],
    error: null,
  });
  return {
    bulkJob,
    bulkLocator: null,
    loadStartedAt: at,
    rowsExpected: totalSize,
    rowsLoaded: 0,
  } as SyncState;
}

async function loadPlainly(readable: Readable, door: 'query' | 'queryAll'): Promise<void> {
  let loaded = 0;
  const readAt = now();
  for await (const { records } of pages(select(readable), door)) {
    loaded += records.length;
    await transaction(async (tx) => {
      await mergeSilently(tx, readable, recordsAsSource(readable, records), readAt);
      await sql`insert into sync_loaded (sobject, id)
                select ${readable.mapping.sobject}, unnest(${records.map(({ Id }) => Id)}::text[])`.execute(
        tx,
      );
      await updateState(tx, readable.mapping.sobject, { rows_loaded: loaded });
    });
  }
}

async function loadInBulk(
  readable: Readable,
  { bulkJob, bulkLocator, rowsLoaded }: SyncState,
  stopping: AbortSignal,
): Promise<void> {
  const job = bulkJob ?? '';
  await waitForJob(job, stopping);
  await prepareStaging(readable);
  let locator = bulkLocator;
  let loaded = rowsLoaded;
  do {
    const readAt = now();
    const { next, rows } = await persistently(() => stagePage(readable, job, locator), stopping);
    loaded += rows;
    await transaction(async (tx) => {
      await mergeSilently(tx, readable, staging, readAt);
      await sql`insert into sync_loaded (sobject, id) select ${readable.mapping.sobject}, "Id" from sync_staging`.execute(
        tx,
      );
      await updateState(tx, readable.mapping.sobject, { rows_loaded: loaded, bulk_locator: next ?? null });
    });
    locator = next ?? null;
    stopping.throwIfAborted();
  } while (locator !== null);
  await sql`drop table sync_staging`.execute(db);
  await removeJob(job);
}

/** A page that breaks off is asked for again, a few times. */
async function persistently<T>(work: () => Promise<T>, stopping: AbortSignal): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      const failure = toFailure(error);
      if (attempt >= 5 || failure.kind !== 'retry') throw failure;
      await pause(500 * 2 ** attempt, undefined, { signal: stopping });
    }
  }
}

async function finish({ mapping }: Readable, { loadStartedAt }: SyncState, isFirst: boolean): Promise<void> {
  const { sobject, table } = mapping;
  const startedAt = loadStartedAt ?? now();
  await transaction(async (tx) => {
    if (!isFirst) await recordChanges(tx, table, await entomb(tx, mapping, startedAt));
    await sql`delete from sync_loaded where sobject = ${sobject}`.execute(tx);
    await updateState(tx, sobject, {
      phase: 'live',
      bulk_job: null,
      bulk_locator: null,
      seen_at: startedAt,
      mark_at: new Date(startedAt.getTime() - TRAIL),
      synced_at: now(),
      error: null,
    });
    await record(tx, 'mirror.loaded', { table });
  });
  await sql`analyze ${sql.table(table)}`.execute(db);
}

/** Marks what the load did not meet as deleted; nothing, if the list of what it met is not whole. */
async function entomb(
  tx: Tx,
  { sobject, table, key }: Readable['mapping'],
  startedAt: Date,
): Promise<Change[]> {
  const id = sql.ref(key === 'ours' ? 'm.salesforce_id' : 'm.id');
  const { rows } = await sql<Change>`
    update ${sql.table(table)} m set deleted_at = ${startedAt}
    where m.deleted_at is null and ${id} is not null and m.modified_at < ${startedAt}
      and not exists (select 1 from sync_loaded l where l.sobject = ${sobject} and l.id = ${id})
      and (select count(*) from sync_loaded where sobject = ${sobject})
          >= (select rows_loaded from sync_states where sobject = ${sobject})
    returning m.id::text as row_id, 'deleted' as change`.execute(tx);
  return rows;
}
