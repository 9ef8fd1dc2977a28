import { sql, type Db, type Tx } from '../platform/db.ts';

/**
 * Counters of a track: `entered`, `done`, `left:<reason>`, and of each step `here:`, `came:` (arrivals), `passed:` and `outcome:<step>:<outcome>`.
 */

/** Adds to counters, in one order for everybody, as the last act of a transaction. */
export async function count(
  tx: Tx,
  trackId: string,
  changes: Readonly<Record<string, number>>,
): Promise<void> {
  const changed = Object.entries(changes).filter(([, by]) => by !== 0);
  if (changed.length === 0) return;
  await sql`
    insert into track_counts as t (track_id, name, count)
    select ${trackId}, name, change from jsonb_to_recordset(${JSON.stringify(changed.map(([name, change]) => ({ name, change })))}::jsonb)
      as g (name text, change bigint) order by name
    on conflict (track_id, name) do update set count = t.count + excluded.count`.execute(tx);
}

export async function selectCounts(
  at: Db,
  trackIds: readonly string[],
): Promise<Map<string, Record<string, number>>> {
  const { rows } = await sql<{ id: string; counts: Record<string, number> }>`
    select track_id as id, json_object_agg(name, count) as counts from track_counts where track_id = any(${[...trackIds]}::uuid[])
    group by track_id`.execute(at);
  return new Map(rows.map(({ id, counts }) => [id, counts]));
}
