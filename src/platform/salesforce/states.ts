import { db, sql, type Db } from '../db.ts';

import type { Mirrored } from './mapping.ts';
import type { SyncStatesTable } from './tables.ts';

/** How far the mirror of one object is. */
export interface SyncState {
  sobject: string;
  phase: 'waiting' | 'loading' | 'live';
  isPaused: boolean;
  markAt: Date | null;
  seenAt: Date | null;
  rowsLoaded: number;
  rowsExpected: number | null;
  loadStartedAt: Date | null;
  bulkJob: string | null;
  bulkLocator: string | null;
  fields: string[];
  hiddenFields: string[];
  syncedAt: Date | null;
  error: string | null;
  failedAt: Date | null;
}

/** The states of these objects, in their order; an object met for the first time gets one. */
export async function statesOf(mappings: readonly Mirrored[]): Promise<Map<string, SyncState>> {
  await db
    .insertInto('sync_states')
    .values(mappings.map(({ sobject, table }, position) => ({ sobject, table_name: table, position })))
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  const rows = await db
    .selectFrom('sync_states')
    .select([
      'sobject',
      'phase',
      'fields',
      'error',
      'is_paused as isPaused',
      'mark_at as markAt',
      'seen_at as seenAt',
    ])
    .select([
      'rows_loaded as rowsLoaded',
      'rows_expected as rowsExpected',
      'load_started_at as loadStartedAt',
    ])
    .select(['bulk_job as bulkJob', 'bulk_locator as bulkLocator', 'hidden_fields as hiddenFields'])
    .select(['synced_at as syncedAt', 'failed_at as failedAt'])
    .execute();
  const known = new Map(rows.map((row) => [row.sobject, row]));
  return new Map(
    mappings.flatMap(({ sobject }) =>
      known.has(sobject) ? [[sobject, known.get(sobject) as SyncState] as const] : [],
    ),
  );
}

type Update = Partial<
  Omit<SyncStatesTable, 'sobject' | 'phase' | 'is_paused' | 'rows_loaded' | 'fields' | 'hidden_fields'>
> & {
  phase?: SyncState['phase'];
  is_paused?: boolean;
  rows_loaded?: number;
  fields?: string[];
  hidden_fields?: string[];
};

export async function updateState(tx: Db, sobject: string, changes: Update): Promise<void> {
  await tx.updateTable('sync_states').set(changes).where('sobject', '=', sobject).execute();
}

/** Keeps an object's mirror as it is until it is resumed. */
export const pause = (sobject: string): Promise<void> => updateState(db, sobject, { is_paused: true });
export const resume = (sobject: string): Promise<void> =>
  updateState(db, sobject, { is_paused: false, error: null });

/** Has an object read again from the start; what is in the mirror stays until it is found changed. */
export async function reload(sobject: string): Promise<void> {
  await updateState(db, sobject, { phase: 'waiting', bulk_job: null, bulk_locator: null, error: null });
}

/** An object as staff see it. */
export interface SyncedObject {
  sobject: string;
  phase: 'waiting' | 'loading' | 'live';
  isPaused: boolean;
  /** Rows of the mirror; large tables by the database's own estimate. */
  rows: number;
  rowsLoaded: number;
  rowsExpected: number | null;
  hiddenFields: string[];
  syncedAt: Date | null;
  error: string | null;
  failedAt: Date | null;
}

/** Every object that the sync knows, in the order of loading. */
export async function syncedObjects(): Promise<SyncedObject[]> {
  const states = await db
    .selectFrom('sync_states')
    .select(['sobject', 'phase', 'error', 'table_name as table', 'is_paused as isPaused'])
    .select(['rows_loaded as rowsLoaded', 'rows_expected as rowsExpected', 'hidden_fields as hiddenFields'])
    .select(['synced_at as syncedAt', 'failed_at as failedAt'])
    .orderBy('position')
    .execute();
  const counts = await rowCounts(states.map(({ table }) => table));
  return states.map(({ table, ...state }) => ({ ...state, rows: counts.get(table) ?? 0 }));
}

/** Counting more rows than this takes longer than a page may. */
const COUNTED = 50_000;

async function rowCounts(tables: readonly string[]): Promise<Map<string, number>> {
  if (tables.length === 0) return new Map();
  const estimates = await sql<{ name: string; estimate: number }>`
    select relname as name, reltuples::bigint as estimate from pg_class
    where relnamespace = 'public'::regnamespace and relname = any(${tables})`.execute(db);
  const large = estimates.rows.filter(({ estimate }) => estimate > COUNTED);
  const small = tables.filter((table) => !large.some(({ name }) => name === table));
  const each = small.map(
    (table) =>
      sql`select ${table}::text as name, count(*) as count from ${sql.table(table)} where deleted_at is null`,
  );
  const counted = await sql<{ name: string; count: number }>`${sql.join(each, sql` union all `)}`.execute(db);
  return new Map([
    ...large.map(({ name, estimate }) => [name, estimate] as const),
    ...counted.rows.map(({ name, count }) => [name, count] as const),
  ]);
}
