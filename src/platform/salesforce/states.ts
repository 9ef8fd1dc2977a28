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
    .values(mappings.map(({ sobject }) => ({ sobject })))
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

/** Live rows of a mirror table. */
export async function rowsIn(table: Mirrored['table']): Promise<number> {
  const { rows } = await sql<{
    count: number;
  }>`select count(*) from ${sql.table(table)} where deleted_at is null`.execute(db);
  return rows[0]?.count ?? 0;
}
