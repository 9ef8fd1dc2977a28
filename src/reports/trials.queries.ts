import type { RawBuilder } from 'kysely';

import { countingLicense } from '../licenses/status.ts';
import { db, sql } from '../platform/db.ts';

import { grouped, nameOf } from './groups.queries.ts';
import type { Asked, Row } from './report.ts';

type Condition = RawBuilder<boolean>;

/** CTEs `trial` (one row an account that ever tried) and `bought` (its first paid license), by the days on licenses. */
const trials = sql`
  license as (select * from licenses where ${countingLicense} and account_id is not null and purchased_on is not null),
  trial as materialized (
    select account_id, min(purchased_on) as from_on, max(support_until) as until_on from license where is_trial group by account_id
  ),
  bought as materialized (select account_id, min(purchased_on) as on_day from license where not is_trial group by account_id)`;

/** Trials by what became of them: still running, bought, or over. */
const fates = (today: string) => sql`
  fate as (
    select t.account_id, t.from_on, t.until_on, b.on_day as bought_on,
      case when b.on_day >= t.from_on and b.on_day <= ${today}::date then 'converted'
           when t.until_on >= ${today}::date then 'running' else 'over' end as fate
    from trial t join grouped g on g.account_id = t.account_id left join bought b on b.account_id = t.account_id
    where t.from_on <= ${today}::date and not coalesce(b.on_day < t.from_on, false)
  )`;

/** Whether somebody used the product within the first 14 days of the trial. */
const used = sql`exists (
  select from usage_accounts u join usage_account_days d on d.usage_account = u.id
  where u.account_id = f.account_id and d.day between f.from_on and f.from_on + 13 and d.events > 0)`;

const counts = sql`
  count(*)::int as started, count(*) filter (where used)::int as used, count(*) filter (where fate = 'converted')::int as converted,
  count(*) filter (where fate = 'running')::int as running, count(*) filter (where fate = 'over')::int as over,
  count(*) filter (where fate = 'converted')::numeric / nullif(count(*) filter (where fate <> 'running'), 0) as conversion,
  avg(bought_on - from_on) filter (where fate = 'converted') as "daysToBuy"`;

export async function selectTrialMonths(scope: Condition, today: string, firstMonth: string): Promise<Row[]> {
  const { rows } = await sql<Row>`
    with ${grouped(undefined)}, ${trials}, ${fates(today)}, started as (select f.*, ${used} as used from fate f where f.from_on >= ${firstMonth}::date and ${scope})
    select to_char(m.first, 'YYYY-MM') as month, ${counts}
    from generate_series(${firstMonth}::date, ${today}::date, interval '1 month') m (first)
    left join started s on date_trunc('month', s.from_on) = m.first
    group by m.first order by m.first`.execute(db);
  return rows.map((row) =>
    row.running === 0 && row.over === 0 && row.converted === 0 ? { ...row, started: 0 } : row,
  );
}

export async function selectTrialGroups(
  scope: Condition,
  { today, by }: Asked,
  firstMonth: string,
): Promise<Row[]> {
  const { rows } = await sql<Row>`
    with ${grouped(by)}, ${trials}, ${fates(today)}, started as (select f.*, ${used} as used from fate f where f.from_on >= ${firstMonth}::date and ${scope})
    select g.key, ${nameOf(by, sql`g.key`)} as group, ${counts}
    from started s join grouped g on g.account_id = s.account_id group by g.key order by started desc, g.key`.execute(
    db,
  );
  return rows;
}

/** Accounts that bought for the first time, by month: after a trial, or without one. */
export async function selectAcquisition(scope: Condition, today: string, firstMonth: string): Promise<Row[]> {
  const { rows } = await sql<Row>`
    with ${grouped(undefined)}, ${trials},
    first as (
      select b.on_day, t.from_on <= b.on_day as tried from bought b join grouped g on g.account_id = b.account_id
      left join trial t on t.account_id = b.account_id where b.on_day between ${firstMonth}::date and ${today}::date and ${scope}
    )
    select to_char(m.first, 'YYYY-MM') as month, count(*) filter (where f.tried)::int as "afterTrial",
      count(f.on_day) filter (where f.tried is not true)::int as direct, count(f.on_day)::int as acquired
    from generate_series(${firstMonth}::date, ${today}::date, interval '1 month') m (first)
    left join first f on date_trunc('month', f.on_day) = m.first
    group by m.first order by m.first`.execute(db);
  return rows;
}

/** Trials that run now, those that use the product most first. */
export async function selectRunningTrials(scope: Condition, { today, limit }: Asked): Promise<Row[]> {
  const { rows } = await sql<Row>`
    with ${grouped(undefined)}, ${trials}, ${fates(today)}
    select a.id, a.name as account, f.from_on as "startedOn", f.until_on as "endsOn", e.engagement, e.days_active_14 as "daysActive",
      e.people_active_14 as people, e.last_active_on as "lastUseOn"
    from fate f join accounts a on a.id = f.account_id left join account_engagement e on e.account_id = a.id
    where f.fate = 'running' and ${scope}
    order by e.engagement desc nulls last, e.days_active_14 desc nulls last, a.id limit ${limit}`.execute(db);
  return rows;
}
