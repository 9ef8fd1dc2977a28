import type { RawBuilder } from 'kysely';

import { notRemoved } from '../accounts/removals.ts';
import { managerOf } from '../accounts/managers.ts';
import { db, sql } from '../platform/db.ts';

import { keyOf, nameOf } from './groups.queries.ts';
import type { Asked, Row } from './report.ts';

type Condition = RawBuilder<boolean>;

/** CTE `paying`: the paying accounts, or some of them, with their group, rank, and what they pay a year (minor units). */
export const paying = (by: Asked['by'], scope: Condition, only: Condition = sql<boolean>`true`) => sql`
  paying as (
    select h.account_id, ${keyOf(by)} as key, ${managerOf('a')} as manager, h.rank, h.score, h.renewal_on,
      coalesce(e.contract_value_minor, 0) as value, e.engagement, e.days_active_14, e.people_active_14, e.utilization, e.modules_14, e.tracked_since
    from health h join accounts a on a.id = h.account_id and a.deleted_at is null
    left join account_engagement e on e.account_id = h.account_id
    where h.rank is not null and ${only} and ${notRemoved('a.id')} and ${scope}
  )`;

const byRank = (figure: RawBuilder<unknown>) => sql`
  coalesce(${figure} filter (where rank = 'good'), 0) as good, coalesce(${figure} filter (where rank = 'average'), 0) as average,
  coalesce(${figure} filter (where rank = 'poor'), 0) as poor`;

/** How the paying accounts of each group are, and what hangs on it (RP7). `of`: counted, or weighed by what they pay. */
export async function selectHealth(
  scope: Condition,
  by: Asked['by'],
  of: 'accounts' | 'value',
): Promise<Row[]> {
  const figure = of === 'accounts' ? sql`count(*)` : sql`sum(value)`;
  const { rows } = await sql<Row>`
    with ${paying(by, scope)}
    select key, ${nameOf(by, sql`key`)} as group, ${byRank(figure)}, count(*)::int as accounts, sum(value)::bigint as value,
      round(100 * (count(*) filter (where rank = 'good') + 0.5 * count(*) filter (where rank = 'average')) / count(*)) as score,
      coalesce(sum(value) filter (where rank = 'poor'), 0)::numeric / nullif(sum(value), 0) as "shareAtRisk"
    from paying group by key order by ${of === 'accounts' ? sql`accounts` : sql`poor`} desc, key`.execute(db);
  return rows;
}

/** The accounts in poor health that pay the most. */
export async function selectAtRisk(scope: Condition, limit: number): Promise<Row[]> {
  const { rows } = await sql<Row>`
    with ${paying(undefined, scope, sql<boolean>`h.rank = 'poor'`)},
    worst as (select * from paying order by value desc, account_id limit ${limit})
    select a.id, a.name as account, m.name as manager, w.value, w.score, w.rank, w.renewal_on as "renewalOn", h.rank_since as "since",
      e.last_active_on as "lastUseOn"
    from worst w join accounts a on a.id = w.account_id join health h on h.account_id = a.id
    left join account_engagement e on e.account_id = a.id left join users m on m.id = w.manager
    order by w.value desc, a.id`.execute(db);
  return rows.map(withDay);
}

const withDay = (row: Row): Row => ({ ...row, since: dayOf(row.since) });
const dayOf = (at: unknown): string | null => (at instanceof Date ? at.toISOString().slice(0, 10) : null);

/** What success managers have in hand, what they did in those days, and what came of it (RP7). */
export async function selectManagers(
  scope: Condition,
  { today, since }: { today: string; since: string },
): Promise<Row[]> {
  const within = (day: RawBuilder<unknown>) => sql`${day} >= ${since}::date and ${day} < ${today}::date + 1`;
  const { rows } = await sql<Row>`
    with ${paying(undefined, scope)},
    portfolio as (
      select manager, count(*)::int as accounts, sum(value)::bigint as value, count(*) filter (where rank = 'poor')::int as poor,
        round(100 * (count(*) filter (where rank = 'good') + 0.5 * count(*) filter (where rank = 'average')) / count(*)) as score
      from paying group by manager
    ), act as (
      select owner_id, account_id from salesforce_tasks where deleted_at is null and is_closed and ${within(sql`completed_at`)}
      union all select owner_id, account_id from salesforce_events where deleted_at is null and ${within(sql`starts_at`)}
    ), acts as (
      select p.manager, count(*)::int as activities, count(distinct p.account_id)::int as touched
      from act join paying p on p.account_id = act.account_id and p.manager = act.owner_id group by p.manager
    ), renewals as (
      select ${managerOf('a')} as manager, count(*) filter (where o.is_won)::int as kept, count(*) filter (where not o.is_won)::int as lost,
        coalesce(sum(o.amount_minor) filter (where o.is_won), 0)::bigint as "keptValue",
        coalesce(sum(o.amount_minor) filter (where not o.is_won), 0)::bigint as "lostValue"
      from opportunities o join accounts a on a.id = o.account_id and a.deleted_at is null
      where o.type = 'Renewal' and o.is_closed and o.deleted_at is null and ${within(sql`o.close_on`)} and ${notRemoved('a.id')} group by 1
    ), moves as (
      select p.manager, count(*) filter (where p.score > f.previous_score)::int as improved, count(*) filter (where p.score < f.previous_score)::int as declined
      from paying p join (
        select distinct on (account_id) account_id, previous_score from health_history
        where ${within(sql`occurred_at`)} and previous_score is not null order by account_id, id
      ) f on f.account_id = p.account_id group by p.manager
    )
    select m.id as key, coalesce(u.name, '') as group, coalesce(p.accounts, 0) as accounts, coalesce(p.value, 0)::bigint as value, p.score,
      coalesce(p.poor, 0) as poor, coalesce(c.activities, 0) as activities, coalesce(c.touched, 0) as touched,
      coalesce(c.touched, 0)::numeric / nullif(p.accounts, 0) as reach, coalesce(r.kept, 0) as kept, coalesce(r.lost, 0) as lost,
      r."keptValue"::numeric / nullif(r."keptValue" + r."lostValue", 0) as "renewalRate", coalesce(v.improved, 0) as improved, coalesce(v.declined, 0) as declined
    from (select manager as id from portfolio union select manager from renewals) m
    left join users u on u.id = m.id left join portfolio p on p.manager is not distinct from m.id left join acts c on c.manager = m.id
    left join renewals r on r.manager is not distinct from m.id left join moves v on v.manager is not distinct from m.id
    order by value desc, m.id`.execute(db);
  return rows;
}
