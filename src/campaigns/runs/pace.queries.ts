import type { RawBuilder } from 'kysely';

import { db, sql } from '../../platform/db.ts';

export async function selectPace(scope: RawBuilder<boolean>, runId: number, now: Date): Promise<number> {
  const { rows } = await sql<{ pace: number }>`
    select coalesce(sum(b.size) / greatest(1, least(20, extract(epoch from ${now}::timestamptz - r.started_at))), 0)::float8 as pace
    from runs r join batches b on b.run_id = r.id and b.answered_at > ${now}::timestamptz - interval '20 seconds'
    where r.id = ${runId} and ${scope} group by r.started_at`.execute(db);
  return rows[0]?.pace ?? 0;
}
