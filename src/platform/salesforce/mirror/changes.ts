import { sql, type Tx } from '../../db.ts';
import { record } from '../../events.ts';

declare module '../../events.ts' {
  interface Events {
    /** The sync changed rows of one table: which, `mirror_changes` says under the batch. */
    'mirror.changed': { table: string; batch: number };
    /** A table has been loaded whole, without a change log. */
    'mirror.loaded': { table: string };
  }
}

/** One row that a batch changed, by the table's own key. */
export interface Change {
  row_id: string;
  change: 'created' | 'updated' | 'deleted';
}

/** Appends a batch to the change log and records its one event. */
export async function recordChanges(tx: Tx, table: string, changes: readonly Change[]): Promise<void> {
  if (changes.length === 0) return;
  const { rows } = await sql<{ batch: number }>`select nextval('mirror_batches') as batch`.execute(tx);
  const batch = rows[0]?.batch ?? 0;
  await sql`
    insert into mirror_changes (batch, table_name, row_id, change)
    select ${batch}, ${table}, row_id, change
    from jsonb_to_recordset(${JSON.stringify(changes)}::jsonb) as changed (row_id text, change text)
    on conflict do nothing`.execute(tx);
  await record(tx, 'mirror.changed', { table, batch });
}
