import type { RawBuilder } from 'kysely';

import { db, sql } from '../platform/db.ts';

/** What the runs of each step that sends came to, their counters added up. */
export async function selectStepRuns(
  scope: RawBuilder<boolean>,
  trackId: string,
): Promise<Map<string, Record<string, number>>> {
  const { rows } = await sql<{ step: string; counts: Record<string, number> }>`
    select step, json_object_agg(name, count) as counts from (
      select r.fixed #>> '{source,step}' as step, e.key as name, sum(e.value::int) as count
      from runs r join run_statistics s on s.run_id = r.id, jsonb_each_text(s.counts) e
      where r.campaign_id = ${trackId} and ${scope} group by 1, 2) c
    where step is not null group by step`.execute(db);
  return new Map(rows.map(({ step, counts }) => [step, counts]));
}
