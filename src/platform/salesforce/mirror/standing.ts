import { db, sql } from '../../db.ts';

/** An object as staff see it. */
export interface SyncedObject {
  sobject: string;
  phase: 'waiting' | 'loading' | 'live';
  isPaused: boolean;
  /** An administrator added it. */
  isChosen: boolean;
  /** Rows of the mirror; large tables by the database's own estimate. */
  rows: number;
  rowsLoaded: number;
  rowsExpected: number | null;
  /** When the load began, by our clock. */
  loadBegunAt: Date | null;
  hiddenFields: string[];
  unfitFields: string[];
  /** Fields that are being read for rows which are here already. */
  backfill: string[];
  syncedAt: Date | null;
  /** When rows changed last. */
  changedAt: Date | null;
  error: string | null;
  failedAt: Date | null;
}

/** Every object that the sync knows, in the order of loading. */
export async function syncedObjects(): Promise<SyncedObject[]> {
  const states = await db
    .selectFrom('sync_states')
    .select(['sobject', 'phase', 'error', 'backfill', 'table_name as table', 'is_paused as isPaused'])
    .select(['rows_loaded as rowsLoaded', 'rows_expected as rowsExpected', 'hidden_fields as hiddenFields'])
    .select(['synced_at as syncedAt', 'failed_at as failedAt', 'is_chosen as isChosen'])
    .select(['unfit_fields as unfitFields', 'changed_at as changedAt', 'load_begun_at as loadBegunAt'])
    .orderBy('is_chosen')
    .orderBy('position')
    .execute();
  const counts = await rowCounts(states.map(({ table }) => table));
  return states.map(({ table, ...state }) => ({
    ...state,
    rows: counts.get(state.isChosen ? state.sobject : table) ?? 0,
  }));
}

/** Counting more rows than this takes longer than a page may. */
const COUNTED = 50_000;

/** Living rows by table, and, of the table that several share, by object. */
async function rowCounts(tables: readonly string[]): Promise<Map<string, number>> {
  if (tables.length === 0) return new Map();
  const own = tables.filter((table) => table !== 'salesforce_records');
  const estimates = await sql<{ name: string; estimate: number }>`
    select relname as name, reltuples::bigint as estimate from pg_class
    where relnamespace = 'public'::regnamespace and relname = any(${own})`.execute(db);
  const large = estimates.rows.filter(({ estimate }) => estimate > COUNTED);
  const small = own.filter((table) => !large.some(({ name }) => name === table));
  const each = small.map(
    (table) =>
      sql`select ${table}::text as name, count(*) as count from ${sql.table(table)} where deleted_at is null`,
  );
  const shared = sql`select sobject as name, count(*) as count from salesforce_records where deleted_at is null group by sobject`;
  const counted = await sql<{
    name: string;
    count: number;
  }>`${sql.join([...each, shared], sql` union all `)}`.execute(db);
  return new Map([
    ...large.map(({ name, estimate }) => [name, estimate] as const),
    ...counted.rows.map(({ name, count }) => [name, count] as const),
  ]);
}
