import { MINUTE, now } from '../../clock.ts';
import { db, sql, transaction, type Tx } from '../../db.ts';
import { record } from '../../events.ts';
import { log } from '../../log.ts';

import {
  dropStaging,
  expectWhole,
  prepareStaging,
  removeJob,
  stagePage,
  staging,
  startJob,
  waitForJob,
} from '../wire/bulk.ts';
import { type Change, recordChanges } from './changes.ts';
import { names, type Readable } from './describe.ts';
import { toFailure } from '../wire/errors.ts';
import { typesOf } from './fields.ts';
import { mergeSilently, recordsAsSource } from './merge.ts';
import { type Door, query } from '../wire/query.ts';
import { BULK_ABOVE, plainPages } from './scan.ts';
import { select } from '../wire/soql.ts';
import { type SyncState, updateState } from './states.ts';

/** How far the mark trails Salesforce's clock: rows may become visible this late. */
export const TRAIL = 2 * MINUTE;

/** A load that has begun. */
type Started = Pick<SyncState, 'bulkJob' | 'bulkLocator' | 'loadStartedAt' | 'rowsExpected' | 'rowsLoaded'>;

/**
 * Reads an object whole: plainly when it is small, else by Bulk API 2.0, page by page, each merged with its progress in one
 * transaction, so that a load which was cut off goes on where it was. What an earlier load had and this one has not is gone
 * from Salesforce, and becomes a tombstone.
 */
export async function load(readable: Readable, state: SyncState, stopping: AbortSignal): Promise<void> {
  const { sobject, table } = readable.mapping;
  const isFirst = state.markAt === null;
  const door = isFirst ? 'query' : 'queryAll';
  const started = isResumable(readable, state) ? state : await begin(readable, state, door);
  if (!(await loadedInBulk(readable, started, door, stopping))) await loadPlainly(readable, door);
  await finish(readable, started, isFirst);
  log.info({ sobject, table, rows: started.rowsExpected }, 'loaded');
}

/** A job goes on where it was as long as it carries the fields that are readable now. */
function isResumable(readable: Readable, { bulkJob, fields }: SyncState): boolean {
  return bulkJob !== null && fields.join() === names(readable).join();
}

async function begin(readable: Readable, state: SyncState, door: Door): Promise<Started> {
  const { sobject } = readable.mapping;
  const { totalSize, at: askedAt } = await query(select(readable, { fields: ['COUNT()'] }), door);
  /* What a load that was given up has brought must be followed from where that one began. */
  const at = state.phase === 'loading' ? (state.loadStartedAt ?? askedAt) : askedAt;
  const bulkJob = totalSize > BULK_ABOVE ? await jobFor(readable, door) : null;
  await sql`delete from sync_loaded where sobject = ${sobject}`.execute(db);
  await updateState(db, sobject, {
    phase: 'loading',
    rows_loaded: 0,
    rows_expected: totalSize,
    load_started_at: at,
    bulk_job: bulkJob,
    bulk_locator: null,
    fields: names(readable),
    field_types: JSON.stringify(typesOf(readable)),
    hidden_fields: [...readable.hidden],
    unfit_fields: [...readable.unfit],
    load_begun_at: now(),
    error: null,
  });
  return { bulkJob, bulkLocator: null, loadStartedAt: at, rowsExpected: totalSize, rowsLoaded: 0 };
}

/** Some objects and some queries are beyond the Bulk API; they are read plainly, however many rows they have. */
async function jobFor(readable: Readable, door: Door): Promise<string | null> {
  try {
    return await startJob(select(readable), door);
  } catch (error) {
    const failure = toFailure(error);
    if (failure.kind !== 'terminal') throw failure;
    log.warn({ sobject: readable.mapping.sobject, reason: failure.message }, 'Bulk refuses the object');
    return null;
  }
}

/** A job that fails is begun anew this often. */
const JOBS = 2;

/** Whether the Bulk API gave everything. A job that fails, or is no longer there, is begun anew, then given up for plain queries. */
async function loadedInBulk(
  readable: Readable,
  started: Started,
  door: Door,
  stopping: AbortSignal,
): Promise<boolean> {
  const { sobject } = readable.mapping;
  let job = started;
  for (let attempt = 1; job.bulkJob !== null; attempt += 1) {
    try {
      await loadInBulk(readable, job, door, stopping);
      return true;
    } catch (error) {
      const failure = toFailure(error);
      if (stopping.aborted || failure.kind !== 'terminal') throw error;
      log.warn({ sobject, reason: failure.message }, 'a Bulk job was given up');
      const bulkJob = attempt < JOBS ? await jobFor(readable, door) : null;
      job = { ...started, bulkJob, bulkLocator: null, rowsLoaded: 0 };
      await updateState(db, sobject, { bulk_job: bulkJob, bulk_locator: null, rows_loaded: 0 });
      await sql`delete from sync_loaded where sobject = ${sobject}`.execute(db);
    }
  }
  return false;
}

/** Reads page by page in the order of ids: there is no locator that could expire. */
async function loadPlainly(readable: Readable, door: Door): Promise<void> {
  const { sobject } = readable.mapping;
  let loaded = 0;
  const readAt = now();
  for await (const records of plainPages(readable, door)) {
    loaded += records.length;
    await transaction(async (tx) => {
      await mergeSilently(tx, readable, recordsAsSource(readable, records), readAt);
      if (door === 'queryAll')
        await sql`insert into sync_loaded (sobject, id)
                  select ${sobject}, unnest(${records.map(({ Id }) => Id)}::text[])`.execute(tx);
      await updateState(tx, sobject, { rows_loaded: loaded });
    });
  }
}

async function begunAt(sobject: string): Promise<Date> {
  const { load_begun_at } = await db
    .selectFrom('sync_states')
    .select('load_begun_at')
    .where('sobject', '=', sobject)
    .executeTakeFirstOrThrow();
  return load_begun_at ?? new Date(0);
}

async function loadInBulk(
  readable: Readable,
  { bulkJob, bulkLocator, rowsLoaded }: Started,
  door: Door,
  stopping: AbortSignal,
): Promise<void> {
  const job = bulkJob ?? '';
  const found = await waitForJob(job, stopping);
  await prepareStaging(readable);
  /* A page is as old as its job, however late it is fetched. */
  const readAt = await begunAt(readable.mapping.sobject);
  let locator = bulkLocator;
  let loaded = rowsLoaded;
  while (loaded === 0 || locator !== null) {
    const { next, rows } = await stagePage({ readable, job, locator }, stopping);
    loaded += rows;
    await transaction(async (tx) => {
      await mergeSilently(tx, readable, staging(), readAt);
      if (door === 'queryAll') await noteStaged(tx, readable);
      await updateState(tx, readable.mapping.sobject, { rows_loaded: loaded, bulk_locator: next ?? null });
    });
    locator = next ?? null;
    if (rows === 0) break;
    stopping.throwIfAborted();
  }
  await dropStaging();
  expectWhole(job, loaded, found);
  await removeJob(job);
}

/** What the load has met: the rest is gone from Salesforce. A first load has nothing to bury. */
async function noteStaged(tx: Tx, { mapping }: Readable): Promise<void> {
  await sql`insert into sync_loaded (sobject, id) select ${mapping.sobject}, "Id" from sync_staging`.execute(
    tx,
  );
}

async function finish({ mapping }: Readable, { loadStartedAt }: Started, isFirst: boolean): Promise<void> {
  const { sobject, table } = mapping;
  const startedAt = loadStartedAt ?? now();
  await transaction(async (tx) => {
    if (!isFirst) await recordChanges(tx, table, await entomb(tx, mapping, startedAt));
    await sql`delete from sync_loaded where sobject = ${sobject}`.execute(tx);
    await updateState(tx, sobject, {
      phase: 'live',
      backfill: [],
      refreshed_at: now(),
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
  { sobject, table, key, sharesTable }: Readable['mapping'],
  startedAt: Date,
): Promise<Change[]> {
  const id = sql.ref(key === 'ours' ? 'm.salesforce_id' : 'm.id');
  const { rows } = await sql<Change>`
    update ${sql.table(table)} m set deleted_at = ${startedAt}
    where m.deleted_at is null and ${id} is not null and m.modified_at < ${startedAt}
      and ${sharesTable ? sql`m.sobject = ${sobject}` : sql`true`}
      and not exists (select 1 from sync_loaded l where l.sobject = ${sobject} and l.id = ${id})
      and (select count(*) from sync_loaded where sobject = ${sobject})
          >= (select rows_loaded from sync_states where sobject = ${sobject})
    returning m.id::text as row_id, 'deleted' as change`.execute(tx);
  return rows;
}
