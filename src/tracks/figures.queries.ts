import type { RawBuilder } from 'kysely';

import { db, sql } from '../platform/db.ts';

const told = ['planned', 'sent', 'skipped', 'failed', 'doubt', 'delivered', 'opened', 'clicked'] as const;
const sums = sql.join(
  told.map((name) => sql`${sql.lit(name)}, coalesce(sum((s.counts ->> ${sql.lit(name)})::int), 0)`),
);

/** What the runs of each step that sends came to, their counters added up: there may be one a minute. */
export async function selectStepRuns(
  scope: RawBuilder<boolean>,
  trackId: string,
): Promise<Map<string, Record<string, number>>> {
  const { rows } = await sql<{ step: string; counts: Record<string, number> }>`
    select r.fixed #>> '{source,step}' as step, json_build_object(${sums}) as counts
    from runs r join run_statistics s on s.run_id = r.id
    where r.campaign_id = ${trackId} and r.fixed #>> '{source,step}' is not null and ${scope} group by 1`.execute(
    db,
  );
  return new Map(rows.map(({ step, counts }) => [step, counts]));
}
