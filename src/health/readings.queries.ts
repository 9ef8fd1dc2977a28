import type { RawBuilder } from 'kysely';

import { countingLicense, statusOfLicenses } from '../licenses/status.ts';
import { sql } from '../platform/db.ts';

import { urgentPriorities } from './readings.ts';

/** Which accounts a statement is about. */
export type Accounts = 'all' | readonly string[];

type Sql = RawBuilder<unknown>;

const within = (accounts: Accounts, column: string) =>
  accounts === 'all' ? sql<boolean>`true` : sql<boolean>`${sql.ref(column)} = any(${accounts})`;

/** What a change of a percentage is taken of; below it, two more clicks would look like a boom. */
const LEAST_ACTIONS = 10;

/** Usage as it is kept now: engagement was refreshed in the same transaction. */
const usageNow = (accounts: Accounts): Sql => sql`
  usage_reading as (
    select account_id, status, stage, days_active_14 as days_active, people_active_14 as people_active, engagement, utilization,
           modules_14 as modules, actions_14, actions_before, seconds_7
    from account_engagement where ${within(accounts, 'account_id')}
  )`;

/**
 * Everything read of each account as it was at the end of that day: what came later, or was there only later, does not count. What
 * keeps no history (an account's attributes, a license's status, the date of the last activity) is as it is known now. Every
 * source is read once, whatever the number of accounts.
 */
const mirrorReadings = (accounts: Accounts, today: string): Sql => sql`
  case_reading as (
    select account_id, count(*) filter (where is_open)::int as open_cases,
           count(*) filter (where is_open and priority in (${sql.join(urgentPriorities)}))::int as urgent_cases,
           min(created_at) filter (where is_open)::date as oldest_case_on,
           greatest(max(created_at), max(closed_at) filter (where not is_open))::date as active_on
    from (select *, not is_closed or closed_at >= ${today}::date + 1 as is_open from cases) cases
    where deleted_at is null and account_id is not null and created_at < ${today}::date + 1 and ${within(accounts, 'account_id')}
    group by account_id
  ),
  reopened_reading as (
    select c.account_id, count(distinct c.id)::int as reopened_cases
    from case_changes h join cases c on c.id = h.case_id
    where h.deleted_at is null and c.deleted_at is null and c.account_id is not null and h.field = 'Status' and h.old_value = 'Closed'
      and h.created_at >= ${today}::date - 90 and h.created_at < ${today}::date + 1 and ${within(accounts, 'c.account_id')}
    group by c.account_id
  ),
  contact_reading as (
    select account_id, count(*)::int as contacts
    from contacts
    where (deleted_at is null or deleted_at >= ${today}::date + 1) and (created_at is null or created_at < ${today}::date + 1)
      and ${within(accounts, 'account_id')}
    group by account_id
  ),
  opportunity_reading as (
    select account_id, max(created_at)::date as active_on,
           bool_or(not is_over and type = 'Renewal') as has_open_renewal,
           max(close_on) filter (where type = 'Renewal' and is_over and not is_won) as lost_on,
           max(close_on) filter (where type = 'Renewal' and is_over and is_won) as won_on,
           sum(amount_minor) filter (where is_over and is_won and close_on > ${today}::date - 365) as contract_minor,
           sum(amount_minor) filter (where is_over and is_won and close_on > ${today}::date - 730 and close_on <= ${today}::date - 365) as earlier_minor
    from (select *, is_closed and close_on <= ${today}::date as is_over from opportunities) opportunities
    where deleted_at is null and (created_at is null or created_at < ${today}::date + 1) and ${within(accounts, 'account_id')}
    group by account_id
  ),
  license_reading as (
    select account_id, ${statusOfLicenses(today)} as status, sum(seats) filter (where counts and support_until >= ${today}::date) as seats,
           min(support_until) filter (where counts and support_until >= ${today}::date) as renewal_on,
           max(support_until) filter (where counts and support_until < ${today}::date) as lapsed_on
    from (select *, not is_trial and coalesce(status not in ('Replaced', 'Revoked'), true) as counts from licenses) licenses
    where ${countingLicense} and coalesce(purchased_on <= ${today}::date, created_at < ${today}::date + 1, true)
      and ${within(accounts, 'account_id')}
    group by account_id
  )`;

const percentOf = (part: Sql, whole: Sql, least: number) =>
  sql`case when ${whole} >= ${least}::int then least(9999, round(100.0 * (${part} - ${whole}) / ${whole}))::int end`;

const together = (accounts: Accounts, today: string, activity: Sql): Sql => sql`
  reading as (
    select a.id as account_id, coalesce(u.status, l.status, 'unknown') as status, u.stage,
           u.days_active, u.people_active, u.engagement::int as engagement, round(u.seconds_7 / 60.0)::int as weekly_minutes,
           ${percentOf(sql`coalesce(u.actions_14, 0)`, sql`u.actions_before`, LEAST_ACTIONS)} as usage_change, u.utilization, u.modules,
           coalesce(c.open_cases, 0) as open_cases, coalesce(c.urgent_cases, 0) as urgent_cases, c.oldest_case_on,
           coalesce(d.reopened_cases, 0) as reopened_cases, coalesce(p.contacts, 0) as contacts,
           greatest(${activity}, c.active_on, o.active_on, a.created_at::date) as active_on,
           l.renewal_on, case when not coalesce(o.has_open_renewal, false) then l.renewal_on end as unprepared_renewal_on,
           l.lapsed_on, case when o.won_on >= o.lost_on then null else o.lost_on end as renewal_lost_on,
           o.contract_minor, ${percentOf(sql`coalesce(o.contract_minor, 0)`, sql`o.earlier_minor`, 1)} as contract_change
    from accounts a
    left join usage_reading u on u.account_id = a.id
    left join case_reading c on c.account_id = a.id
    left join reopened_reading d on d.account_id = a.id
    left join contact_reading p on p.account_id = a.id
    left join opportunity_reading o on o.account_id = a.id
    left join license_reading l on l.account_id = a.id
    where a.deleted_at is null and (a.created_at is null or a.created_at < ${today}::date + 1) and ${within(accounts, 'a.id')}
  )`;

/** The CTEs up to `reading`: one row an account, as things are now. Engagement must have been refreshed before. */
export const readingsNow = (accounts: Accounts, today: string): Sql =>
  sql.join(
    [usageNow(accounts), mirrorReadings(accounts, today), together(accounts, today, plannedToo(today))],
    sql`, `,
  );

/** An activity that is planned for later is a sign of life today. */
const plannedToo = (today: string) => sql`least(a.last_activity_on, ${today}::date)`;
