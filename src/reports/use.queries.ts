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
/** The last day of the point in time that `day` belongs to. */
const pointOf = ({ until, step }: Window, day: RawBuilder<unknown>) =>
  sql`${until}::date - (${until}::date - ${day}) / ${step}::int * ${step}::int`;

/** Accounts that used the product at all, and people on an average day, for each point in time. */
export async function selectActivity(scope: Condition, window: Window): Promise<Row[]> {
  const { rows } = await sql<Row>`
    with ${grouped(undefined)}, used as (
      select ${pointOf(window, sql`d.day`)} as day, u.account_id, sum(d.people) as people, sum(d.events) as events, sum(d.seconds) as seconds
      from usage_account_days d join usage_accounts u on u.id = d.usage_account
      where d.day between ${first(window)} and ${window.until}::date and d.events > 0
      group by 1, 2
    ), summed as (
      select u.day, count(*)::int as accounts, sum(u.people) as people, sum(u.events) as events, sum(u.seconds) as seconds
      from used u join grouped g on g.account_id = u.account_id group by u.day
    )
    select each.at::date as day, coalesce(s.accounts, 0) as "activeAccounts", round(coalesce(s.people, 0) / ${window.step}::numeric, 1) as "peopleADay",
      coalesce(s.events, 0)::bigint as events, round(coalesce(s.seconds, 0) / 3600.0, 1) as hours
    from generate_series(${first(window)} + ${window.step - 1}::int, ${window.until}::date, make_interval(days => ${window.step}::int)) each (at)
    left join summed s on s.day = each.at::date where ${scope} order by 1`.execute(db);
  return rows;
}

/** The same by group: accounts that used the product at all. */
export async function selectActivityByGroup(
  scope: Condition,
  by: Asked['by'],
  window: Window,
): Promise<{ day: string; key: string | null; name: string | null; accounts: number }[]> {
  const { rows } = await sql<{ day: string; key: string | null; name: string | null; accounts: number }>`
    with ${grouped(by)}, used as (
      select distinct ${pointOf(window, sql`d.day`)} as day, u.account_id
      from usage_account_days d join usage_accounts u on u.id = d.usage_account
      where d.day between ${first(window)} and ${window.until}::date and d.events > 0
    ), summed as (
      select u.day, g.key, count(*)::int as accounts from used u join grouped g on g.account_id = u.account_id where ${scope} group by 1, 2
    )
    select day, key, ${nameOf(by, sql`key`)} as name, accounts from summed order by day`.execute(db);
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
      select ${pointOf(window, sql`day`)} as day, sum(events) as events, count(distinct usage_account)::int as accounts
      from usage_account_days where day between ${first(window)} and ${window.until}::date group by 1
    ), refused as (
      select ${pointOf(window, sql`received_at::date`)} as day, count(*)::int as refused from usage_rejections
      where received_at >= ${first(window)} and received_at < ${window.until}::date + 1 group by 1
    )
    select each.at::date as day, coalesce(t.events, 0)::bigint as events, round(coalesce(t.events, 0) / ${window.step}::numeric) as "eventsADay",
      coalesce(t.accounts, 0) as accounts, coalesce(r.refused, 0) as refused
    from generate_series(${first(window)} + ${window.step - 1}::int, ${window.until}::date, make_interval(days => ${window.step}::int)) each (at)
    left join told t on t.day = each.at::date left join refused r on r.day = each.at::date
    where ${scope} order by 1`.execute(db);
  return rows;
}
