import { db, sql } from '../platform/db.ts';
import type { RawBuilder } from 'kysely';

import { coverage, grouped, nameOf } from './groups.queries.ts';
import type { Asked, Row } from './report.ts';

type Condition = RawBuilder<boolean>;

/** What changed in a month among the paying accounts of a group; `month` is null for all that came before. */
export interface Step {
  key: string | null;
  name: string | null;
  /** YYYY-MM */
  month: string | null;
  started: number;
  ended: number;
  /** Minor units: what began to count and what ceased to, and what the accounts that ended had paid in their last year. */
  gained: number;
  ceased: number;
  lost: number;
}

/** A deal counts towards what an account pays a year for this many days. */
const YEAR = 365;
/** The last renewal before an account left may have closed some weeks early. */
const LAST_YEAR = 395;

/**
 * The steps of the months since `firstMonth`, from the days on licenses and opportunities alone: what an account pays a year is the
 * sum of its won opportunities of the last 365 days, as long as it pays at all. Every table is read once.
 */
export async function selectSteps(
  scope: Condition,
  { today, by }: Pick<Asked, 'today' | 'by'>,
  firstMonth: string,
): Promise<Step[]> {
  const monthOf = (day: RawBuilder<unknown>) =>
    sql`case when ${day} >= ${firstMonth}::date then to_char(${day}, 'YYYY-MM') end`;
  const { rows } = await sql<Step>`
    with ${grouped(by)}, ${coverage},
    won as materialized (
      select o.account_id, o.close_on, o.amount_minor, least(o.close_on + ${YEAR}::int, c.until_on + 1) as ceases_on
      from opportunities o
      join coverage c on c.account_id = o.account_id and o.close_on between c.from_on - 60 and c.until_on
      where o.is_won and o.deleted_at is null and o.close_on <= ${today}::date and o.amount_minor > 0
    ), step as (
      select account_id, from_on as day, 1 as started, 0 as ended, 0::bigint as gained, 0::bigint as ceased, 0::bigint as lost
      from coverage where from_on <= ${today}::date
      union all
      select c.account_id, c.until_on + 1, 0, 1, 0, 0,
        coalesce((select sum(o.amount_minor) from opportunities o where o.account_id = c.account_id and o.is_won and o.deleted_at is null
          and o.close_on between c.until_on - ${LAST_YEAR}::int and c.until_on), 0)::bigint
      from coverage c where c.until_on < ${today}::date
      union all
      select account_id, close_on, 0, 0, amount_minor, 0, 0 from won
      union all
      select account_id, ceases_on, 0, 0, 0, amount_minor, 0 from won where ceases_on <= ${today}::date
    )
    select key, ${nameOf(by, sql`key`)} as name, ${monthOf(sql`day`)} as month, sum(started)::int as started, sum(ended)::int as ended,
      sum(gained)::bigint as gained, sum(ceased)::bigint as ceased, sum(lost)::bigint as lost
    from (
      select g.key, s.day, sum(started) as started, sum(ended) as ended, sum(gained) as gained, sum(ceased) as ceased, sum(lost) as lost
      from step s join grouped g on g.account_id = s.account_id where ${scope} group by g.key, s.day) days
    group by key, 3`.execute(db);
  return rows;
}

/** The accounts whose support ended since that day and that have none now, the latest first. */
export async function selectLeft(
  scope: Condition,
  { today, limit }: Pick<Asked, 'today' | 'limit'>,
  since: string,
): Promise<Row[]> {
  const { rows } = await sql<Row>`
    with ${grouped(undefined)}, ${coverage},
    last as (select distinct on (account_id) account_id, until_on from coverage order by account_id, until_on desc),
    gone as (
      select l.account_id, l.until_on from last l join grouped g on g.account_id = l.account_id
      where l.until_on >= ${since}::date and l.until_on < ${today}::date and ${scope}
      order by l.until_on desc, l.account_id limit ${limit}
    )
    select a.id, a.name as account, coalesce(m.name, '') as manager, g.until_on as "endedOn",
      (select coalesce(sum(o.amount_minor), 0)::bigint from opportunities o where o.account_id = a.id and o.is_won and o.deleted_at is null
        and o.close_on between g.until_on - ${LAST_YEAR}::int and g.until_on) as value,
      (select o.attributes ->> 'Description' from opportunities o where o.account_id = a.id and o.type = 'Renewal' and o.is_closed
        and not o.is_won and o.deleted_at is null and o.close_on between g.until_on - 120 and g.until_on + 120
        order by o.close_on desc limit 1) as reason,
      (select max(d.day) from usage_account_days d join usage_accounts u on u.id = d.usage_account where u.account_id = a.id) as "lastUseOn"
    from gone g join accounts a on a.id = g.account_id
    left join users m on m.id = coalesce(a.success_manager_id, a.owner_id)
    order by g.until_on desc, a.id`.execute(db);
  return rows;
}
