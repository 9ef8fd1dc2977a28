import type { RawBuilder } from 'kysely';

import { db, sql, type Tx } from '../platform/db.ts';

import { insightColumns } from './insight-columns.ts';
import type { DayScore } from './score-course.ts';
import type { HealthToTell, Insight } from './insights.ts';

/** What Salesforce is to know: every judged account, those that were judged before, and those new with a known status. */
export async function selectHealthToTell(tx: Tx, batch: number, after: string): Promise<HealthToTell[]> {
  const { rows } = await sql<HealthToTell>`
    select h.account_id as "accountId", h.status, h.rank, h.score, h.reasons, h.changed_at as "changedAt", ${trend} as trend
    from health_history c
    join health h on h.account_id = c.account_id
    join accounts a on a.id = c.account_id and a.deleted_at is null
    where c.batch = ${batch} and c.account_id > ${after}
      and (c.rank is not null or c.previous_rank is not null or c.status <> 'unknown')
    order by c.account_id limit 1000`.execute(tx);
  return rows;
}

/* The scores of the last 90 days, as they were read each day, and the one of now: 15 letters a day. */
const trend = sql`coalesce((
  select string_agg(day || ' ' || score, E'\n' order by day)
  from (select r.day::text as day, r.score from health_readings r
        where r.account_id = h.account_id and r.score is not null
          and r.day between h.changed_at::date - 90 and h.changed_at::date - 1
        union all
        select h.changed_at::date::text, h.score where h.score is not null) days), '')`;

/** The scores of an account on each day since then that one was read. */
export async function selectScores(
  scope: RawBuilder<boolean>,
  accountId: string,
  since: Date,
): Promise<DayScore[]> {
  const { rows } = await sql<DayScore>`
    select day::text as day, score from health_readings
    where ${scope} and account_id = ${accountId} and score is not null and day >= ${since}::date order by day`.execute(
    db,
  );
  return rows;
}

/** One insight for each of these accounts whose rank the batch changed; none that exists already. */
export async function insertInsights(
  tx: Tx,
  batch: number,
  accountIds: readonly string[],
): Promise<Insight[]> {
  const { rows } = await sql<Insight>`
    insert into insights (account_id, kind, source, data, occurred_at)
    select account_id, 'health.changed', 'health:' || id,
           jsonb_build_object('rank', rank, 'score', score, 'previousRank', previous_rank, 'reasons', reasons), occurred_at
    from health_history
    where batch = ${batch} and account_id = any(${accountIds})
      and rank is not null and rank is distinct from previous_rank and (previous_rank is not null or rank = 'poor')
    on conflict (source) do nothing
    returning ${insightColumns}`.execute(tx);
  return rows;
}

/** Hangs the insights of accounts on those that they became. */
export async function moveInsights(tx: Tx, batch: number): Promise<void> {
  await sql`
    update insights i set account_id = m.to_id from mirror_moves m
    where m.batch = ${batch} and m.table_name = 'accounts' and i.account_id = m.from_id`.execute(tx);
}
