import type { RawBuilder } from 'kysely';

import { db, sql } from '../platform/db.ts';

import { grouped, keyOf, nameOf } from './groups.queries.ts';
import type { Asked, Row } from './report.ts';

type Condition = RawBuilder<boolean>;

interface Window {
  /** The last day, and how many days each point in time holds, and how many points there are. */
  until: string;
  step: number;
  points: number;
}

const first = ({ until, step, points }: Window) => sql`(${until}::date - ${step * points - 1}::int)`;
/** The place of the point in time that `day` belongs to: 0 is the newest. At most 53 fit into the bits of a number. */
const placeOf = ({ until, step }: Window, day: RawBuilder<unknown>) =>
  sql`(${until}::date - ${day}) / ${step}::int`;

/**
 * CTE `active`: how many accounts of each group used the product at all, for each point in time. A bit for each point an account was
 * active at: one number an account, instead of a row for each account and point (3.6 million days of use: a quarter of the time).
 */
const active = (window: Window) => sql`
  counted as materialized (
    select u.id as usage_account, g.account_id, g.key from usage_accounts u join grouped g on g.account_id = u.account_id
  ), masks as (
    select usage_account, bit_or(1::bigint << ${placeOf(window, sql`day`)}) as mask from usage_account_days
    where day between ${first(window)} and ${window.until}::date and events > 0 group by usage_account
  ), account_mask as materialized (
    select c.key, bit_or(m.mask) as mask from masks m join counted c on c.usage_account = m.usage_account group by c.account_id, c.key
  ), active as (
    select p.place, m.key, count(*)::int as accounts
    from generate_series(0, ${window.points - 1}::int) p (place) join account_mask m on m.mask & (1::bigint << p.place) <> 0
    group by p.place, m.key
  )`;

/** Accounts that used the product at all, and people on an average day, for each point in time. */
export async function selectActivity(scope: Condition, window: Window): Promise<Row[]> {
  const { rows } = await sql<Row>`
    with ${grouped(undefined)}, ${active(window)},
    day_sum as (
      select d.day, sum(d.people) as people, sum(d.events) as events, sum(d.seconds) as seconds from usage_account_days d
      where d.day between ${first(window)} and ${window.until}::date and d.events > 0
        and d.usage_account in (select usage_account from counted) group by d.day
    ), summed as (
      select ${placeOf(window, sql`day`)} as place, sum(people) as people, sum(events) as events, sum(seconds) as seconds from day_sum group by 1
    )
    select ${window.until}::date - each.place * ${window.step}::int as day, coalesce(a.accounts, 0) as "activeAccounts",
      round(coalesce(s.people, 0) / ${window.step}::numeric, 1) as "peopleADay", coalesce(s.events, 0)::bigint as events,
      round(coalesce(s.seconds, 0) / 3600.0, 1) as hours
    from generate_series(0, ${window.points - 1}::int) each (place)
    left join active a on a.place = each.place and ${scope} left join summed s on s.place = each.place and ${scope}
    order by each.place desc`.execute(db);
  return rows;
}

/** The same by group: accounts that used the product at all. */
export async function selectActivityByGroup(
  scope: Condition,
  by: Asked['by'],
  window: Window,
): Promise<{ day: string; key: string | null; name: string | null; accounts: number }[]> {
  const { rows } = await sql<{ day: string; key: string | null; name: string | null; accounts: number }>`
    with ${grouped(by)}, ${active(window)}
    select ${window.until}::date - place * ${window.step}::int as day, key, ${nameOf(by, sql`key`)} as name, accounts
    from active where ${scope} order by place desc`.execute(db);
  return rows;
}

/** How often accounts visit now, by group; those of which usage is told. */
export async function selectFrequencies(scope: Condition, by: Asked['by']): Promise<Row[]> {
  const { rows } = await sql<Row>`
    with counted as (
      select ${keyOf(by)} as key, e.frequency, e.engagement, e.people_active_14 as people
      from account_engagement e join accounts a on a.id = e.account_id and a.deleted_at is null
      where e.tracked_since is not null and ${by === undefined ? sql`e.status in ('paying', 'free')` : sql`e.status = 'paying'`}
        and not exists (select from removed_accounts r where r.account_id = a.id) and ${scope}
    )
    select key, ${nameOf(by, sql`key`)} as group, count(*) filter (where frequency = 'daily')::int as daily,
      count(*) filter (where frequency = 'weekly')::int as weekly, count(*) filter (where frequency = 'occasionally')::int as occasionally,
      count(*) filter (where frequency = 'inactive')::int as inactive, count(*)::int as accounts,
      round(avg(engagement), 1) as engagement, coalesce(sum(people), 0)::int as people
    from counted group by key order by accounts desc, key`.execute(db);
  return rows;
}

/** What products told of each day, and what had to be refused. */
export async function selectEvents(scope: Condition, window: Window): Promise<Row[]> {
  const { rows } = await sql<Row>`
    with told as (
      select ${placeOf(window, sql`day`)} as place, sum(events) as events, sum(accounts) as accounts from (
        select day, sum(events) as events, count(*) as accounts from usage_account_days
        where day between ${first(window)} and ${window.until}::date and ${scope} group by day) days
      group by 1
    ), refused as (
      select ${placeOf(window, sql`received_at::date`)} as place, count(*)::int as refused from usage_rejections
      where received_at >= ${first(window)} and received_at < ${window.until}::date + 1 and ${scope} group by 1
    )
    select ${window.until}::date - each.place * ${window.step}::int as day, coalesce(t.events, 0)::bigint as events,
      round(coalesce(t.events, 0) / ${window.step}::numeric) as "eventsADay", round(coalesce(t.accounts, 0) / ${window.step}::numeric) as "accountsADay",
      coalesce(r.refused, 0) as refused
    from generate_series(0, ${window.points - 1}::int) each (place)
    left join told t on t.place = each.place left join refused r on r.place = each.place
    where ${scope} order by each.place desc`.execute(db);
  return rows;
}
