import type { RawBuilder } from 'kysely';

import { managerOf } from '../accounts/managers.ts';
import { notRemoved } from '../accounts/removals.ts';
import { db, sql } from '../platform/db.ts';

import type { Marker, PersistentlyPoor, ScoreOfDay } from './history.ts';

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

export async function selectPersistentlyPoor(
  scope: Condition,
  before: Date,
  limit: number,
): Promise<PersistentlyPoor[]> {
  const { rows } = await sql<PersistentlyPoor>`
    select h.account_id as "accountId", a.name, h.score, h.rank_since as since, u.name as "ownerName",
           h.contract_minor as "contractMinor", h.renewal_on as "renewalOn"
    from health h join accounts a on a.id = h.account_id left join users u on u.id = ${managerOf()}
    where h.rank = 'poor' and h.rank_since <= ${before} and a.deleted_at is null and ${notRemoved('a.id')} and ${scope}
    order by h.rank_since, h.account_id limit ${limit}`.execute(db);
  return rows;
}
