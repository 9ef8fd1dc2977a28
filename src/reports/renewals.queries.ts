import type { RawBuilder } from 'kysely';

import { db, sql } from '../platform/db.ts';

import { paying } from './portfolio.queries.ts';
import type { Row } from './report.ts';

type Condition = RawBuilder<boolean>;

interface Asked {
  today: string;
  /** It is said how accounts were on this day, or up to ten days before, by the readings that are kept. */
  earlier: string;
  /** The first day that is beyond the forecast. */
  until: string;
}

/**
 * CTE `due`: the paying accounts whose support ends by `until`, with their rank now and as it was on the earlier day, by the
 * readings that are kept of every day.
 */
const due = (scope: Condition, { today, earlier, until }: Asked) => sql`
  ${paying(undefined, scope, sql<boolean>`h.status = 'paying' and h.renewal_on >= ${today}::date and h.renewal_on < ${until}::date`)},
  due as (
    select p.*, to_char(p.renewal_on, 'YYYY"-Q"Q') as quarter, r.rank as earlier_rank, r.score as earlier_score,
      exists (select from opportunities o where o.account_id = p.account_id and o.type = 'Renewal' and not o.is_closed and o.deleted_at is null) as is_prepared
    from paying p left join health_readings r on r.account_id = p.account_id
      and r.day = (select max(day) from health_days where day between ${earlier}::date - 10 and ${earlier}::date)
  )`;

/** Renewals by quarter and health, weighed by what the accounts pay a year (AN2). */
export async function selectQuarters(scope: Condition, asked: Asked): Promise<Row[]> {
  const { rows } = await sql<Row>`
    with ${due(scope, asked)}
    select to_char(q.first, 'YYYY"-Q"Q') as quarter, count(d.account_id)::int as accounts, coalesce(sum(d.value), 0)::bigint as value,
      coalesce(sum(d.value) filter (where d.rank = 'good'), 0)::bigint as good,
      coalesce(sum(d.value) filter (where d.rank = 'average'), 0)::bigint as average,
      coalesce(sum(d.value) filter (where d.rank = 'poor'), 0)::bigint as poor,
      count(*) filter (where d.earlier_score > d.score)::int as declined, count(*) filter (where d.earlier_score < d.score)::int as improved,
      coalesce(sum(d.value) filter (where d.rank <> 'good' and d.earlier_rank = 'good'), 0)::bigint as "slippedValue"
    from generate_series(date_trunc('quarter', ${asked.today}::date), ${asked.until}::date - 1, interval '3 months') q (first)
    left join due d on d.quarter = to_char(q.first, 'YYYY"-Q"Q')
    group by q.first order by q.first`.execute(db);
  return rows;
}

/** How the accounts that renew next were earlier, against how they are now: how many went each way. */
export async function selectMoves(scope: Condition, asked: Asked): Promise<Row[]> {
  const { rows } = await sql<Row>`
    with ${due(scope, asked)}
    select w.earlier, count(d.account_id) filter (where d.rank = 'good')::int as good, count(d.account_id) filter (where d.rank = 'average')::int as average,
      count(d.account_id) filter (where d.rank = 'poor')::int as poor, coalesce(sum(d.value), 0)::bigint as value
    from (values ('good', 1), ('average', 2), ('poor', 3), (null, 4)) w (earlier, place)
    left join due d on d.earlier_rank is not distinct from w.earlier
    group by w.earlier, w.place having w.earlier is not null or count(d.account_id) > 0 order by w.place`.execute(
    db,
  );
  return rows;
}

/** The renewals themselves: those in need first, the most valuable first. */
export async function selectDue(scope: Condition, asked: Asked, limit: number): Promise<Row[]> {
  const { rows } = await sql<Row>`
    with ${due(scope, asked)}, first as (
      select * from due order by case rank when 'poor' then 1 when 'average' then 2 else 3 end, value desc, account_id limit ${limit}
    )
    select a.id, a.name as account, m.name as manager, f.renewal_on as "renewalOn", f.value, f.rank, f.score, f.earlier_rank as "earlierRank",
      f.earlier_score as "earlierScore", case when f.is_prepared then 'yes' else 'no' end as prepared
    from first f join accounts a on a.id = f.account_id left join users m on m.id = f.manager
    order by case f.rank when 'poor' then 1 when 'average' then 2 else 3 end, f.value desc, a.id`.execute(db);
  return rows;
}
