import { sql, type Tx } from '../../platform/db.ts';

export async function addCounts(
  tx: Tx,
  { runId, counts, at }: { runId: number; counts: Record<string, number>; at: Date },
): Promise<void> {
  await sql`
    insert into run_statistics as s (run_id, counts, changed_at) values (${runId}, ${JSON.stringify(counts)}, ${at})
    on conflict (run_id) do update set changed_at = excluded.changed_at, counts = s.counts || (
      select jsonb_object_agg(key, coalesce((s.counts ->> key)::bigint, 0) + value::bigint) from jsonb_each_text(excluded.counts))`.execute(
    tx,
  );
}
