import type { RawBuilder } from 'kysely';

import { db, sql } from '../platform/db.ts';

import type { Marker, ScoreOfDay } from './history.ts';

type Condition = RawBuilder<boolean>;

export async function selectScores(scope: Condition, accountId: string, from: string): Promise<ScoreOfDay[]> {
  const { rows } = await sql<ScoreOfDay>`
    select day, rank, score from health_readings
    where account_id = ${accountId} and day >= ${from}::date and ${scope} order by day`.execute(db);
  return rows;
}

/** Changes of a profile count for whom it judges now. */
export async function selectMarkers(scope: Condition, accountId: string, from: string): Promise<Marker[]> {
  const { rows } = await sql<Marker>`
    select m.occurred_at::date as day, m.kind, p.name, (m.data ->> 'version')::int as version,
           (m.data ->> 'from')::bigint as "from", (m.data ->> 'to')::bigint as "to"
    from health_markers m left join health_profiles p on p.id = m.profile_id
    where m.occurred_at >= ${from}::date and ${scope}
      and (m.account_id = ${accountId}
           or (m.account_id is null and m.profile_id = (select profile_id from health where account_id = ${accountId})))
    order by m.occurred_at`.execute(db);
  return rows;
}
