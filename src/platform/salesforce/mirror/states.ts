import { db, type Db } from '../../db.ts';

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
  fieldTypes: Record<string, string>;
  backfill: string[];
  refreshedAt: Date | null;
  syncedAt: Date | null;
  error: string | null;
  failedAt: Date | null;
}

/** The states of these objects, in their order; an object met for the first time gets one. */
export async function statesOf(mappings: readonly Mirrored[]): Promise<Map<string, SyncState>> {
  const known = await knownStates();
  if (mappings.some(({ sobject }, position) => known.get(sobject)?.position !== position)) {
    await noteObjects(mappings);
    return await statesOf(mappings);
  }
  return new Map(
    mappings.flatMap(({ sobject }) => {
      const state = known.get(sobject);
      return state === undefined ? [] : [[sobject, state] as const];
    }),
  );
}

async function noteObjects(mappings: readonly Mirrored[]): Promise<void> {
  const rows = mappings.map(({ sobject, table, sharesTable }, position) => ({
    sobject,
    table_name: table,
    position,
    is_chosen: sharesTable ?? false,
  }));
  await db
    .insertInto('sync_states')
    .values(rows)
    .onConflict((conflict) =>
      conflict.column('sobject').doUpdateSet((each) => ({ position: each.ref('excluded.position') })),
    )
    .execute();
}

async function knownStates(): Promise<Map<string, SyncState & { position: number }>> {
  const rows = await db
    .selectFrom('sync_states')
    .select([
      'sobject',
      'position',
      'phase',
      'fields',
      'backfill',
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
    .select(['field_types as fieldTypes', 'refreshed_at as refreshedAt'])
    .execute();
  return new Map(rows.map((row) => [row.sobject, row]));
}

type Plain =
  'sobject' | 'phase' | 'is_paused' | 'rows_loaded' | 'fields' | 'hidden_fields' | 'is_chosen' | 'field_types' | 'backfill' | 'unfit_fields'; // prettier-ignore

type Update = Partial<Omit<SyncStatesTable, Plain>> & {
  phase?: SyncState['phase'];
  is_paused?: boolean;
  rows_loaded?: number;
  fields?: string[];
  hidden_fields?: string[];
  field_types?: string;
  backfill?: string[];
  unfit_fields?: string[];
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
