import type { RawBuilder } from 'kysely';

import { countingLicense, statusOfLicenses } from '../licenses/status.ts';
import { sql } from '../platform/db.ts';
import { accountUse } from '../usage/engagement.queries.ts';
import type { EngagementRules } from '../usage/engagement-rules.ts';

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
 * keeps no history (an account's attributes, its business impact among them, a license's status, the date of the last activity) is as it is known now. Every
 * source is read once, whatever the number of accounts.
 */
const mirrorReadings = (
  accounts: Accounts,
  today: string,
  { status, end, undated }: { status: Sql; end: Sql; undated: Sql },
): Sql => sql`
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
    where deleted_at is null and coalesce(created_at < ${today}::date + 1, ${undated}) and ${within(accounts, 'account_id')}
    group by account_id
  ),
  license_reading as (
    select account_id, ${status} as status, sum(seats) filter (where counts and support_until >= ${today}::date) as seats,
           min(${end}) filter (where counts and support_until >= ${today}::date and ${end} >= ${today}::date) as renewal_on,
           max(support_until) filter (where counts and support_until < ${today}::date) as lapsed_on
    from (select *, not is_trial and coalesce(status not in ('Replaced', 'Revoked'), true) as counts from licenses) licenses
    where ${countingLicense} and coalesce(purchased_on <= ${today}::date, created_at < ${today}::date + 1, true)
      and ${within(accounts, 'account_id')}
    group by account_id
  )`;

/** The figure that the company keeps itself, where it said in which field. No account is looked at where it did not. */
const impactReading = (accounts: Accounts): Sql => sql`
  impact_reading as (
    select account_id, least(1000000, greatest(-1000000, round(value::numeric)))::int as impact
    from (select a.id as account_id, a.attributes ->> s.field as value from health_impact s cross join accounts a
          where a.deleted_at is null and ${within(accounts, 'a.id')}) kept
    where pg_input_is_valid(value, 'numeric') and value <> 'NaN'
  )`;

const percentOf = (part: Sql, whole: Sql, least: number) =>
  sql`case when ${whole} >= ${least}::int then least(9999, round(100.0 * (${part} - ${whole}) / ${whole}))::int end`;

/** What is kept for now, and has to be found out for a past day. */
interface Found {
  status: Sql;
  /** The last activity that Salesforce knows. */
  activity: Sql;
  engagement: Sql;
  utilization: Sql;
}

const together = (accounts: Accounts, today: string, found: Found): Sql => sql`
  reading as (
    select a.id as account_id, ${found.status} as status, u.stage,
           u.days_active, u.people_active, ${found.engagement}::int as engagement, round(u.seconds_7 / 60.0)::int as weekly_minutes,
           ${percentOf(sql`coalesce(u.actions_14, 0)`, sql`u.actions_before`, LEAST_ACTIONS)} as usage_change,
           ${found.utilization} as utilization, u.modules,
           coalesce(c.open_cases, 0) as open_cases, coalesce(c.urgent_cases, 0) as urgent_cases, c.oldest_case_on,
           coalesce(d.reopened_cases, 0) as reopened_cases, coalesce(p.contacts, 0) as contacts,
           greatest(${found.activity}, c.active_on, o.active_on, a.created_at::date) as active_on,
           l.renewal_on, case when not coalesce(o.has_open_renewal, false) then l.renewal_on end as unprepared_renewal_on,
           l.lapsed_on, case when o.won_on >= o.lost_on then null else o.lost_on end as renewal_lost_on,
           o.contract_minor, ${percentOf(sql`coalesce(o.contract_minor, 0)`, sql`o.earlier_minor`, 1)} as contract_change, i.impact
    from accounts a
    left join usage_reading u on u.account_id = a.id
    left join case_reading c on c.account_id = a.id
    left join reopened_reading d on d.account_id = a.id
    left join contact_reading p on p.account_id = a.id
    left join opportunity_reading o on o.account_id = a.id
    left join license_reading l on l.account_id = a.id
    left join impact_reading i on i.account_id = a.id
    where a.deleted_at is null and (a.created_at is null or a.created_at < ${today}::date + 1) and ${within(accounts, 'a.id')}
  )`;

/** The CTEs up to `reading`: one row an account, as things are now. Engagement must have been refreshed before. */
export const readingsNow = (accounts: Accounts, today: string): Sql =>
  sql.join(
    [
      usageNow(accounts),
      mirrorReadings(accounts, today, {
        status: statusOfLicenses(today),
        end: sql`support_until`,
        undated: sql`true`,
      }),
      impactReading(accounts),
      together(accounts, today, {
        status: sql`coalesce(u.status, 'unknown')`,
        /* One that is planned for later is a sign of life, too. */
        activity: sql`least(a.last_activity_on, ${today}::date)`,
        engagement: sql`u.engagement`,
        utilization: sql`u.utilization`,
      }),
    ],
    sql`, `,
  );

/** Usage as it was known at the end of a past day, by the same windows and rules as engagement is kept by. */
const usageThen = (day: string, { stage }: EngagementRules): Sql => sql`
  used as (${accountUse({ accounts: 'all', today: day })}),
  tracked as (
    select u.account_id, min(m.first_on) as since
    from usage_accounts u join usage_members m on m.usage_account = u.id
    where u.account_id is not null and m.first_on <= ${day}::date group by u.account_id
  ),
  active_people as (
    select u.account_id, count(distinct coalesce(p.contact_id, nullif(lower(btrim(p.email)), ''), p.id::text))::int as people
    from usage_accounts u
    join usage_person_days d on d.usage_account = u.id and d.person > 0 and d.day between ${day}::date - 14 and ${day}::date
    join usage_people p on p.id = d.person
    where u.account_id is not null group by u.account_id
  ),
  bought as (
    select account_id, min(since) as since
    from (select account_id, min(purchased_on) as since from licenses where not is_trial and ${countingLicense} group by account_id
          union all
          select account_id, min(close_on) from opportunities where deleted_at is null and is_won group by account_id) buys
    group by account_id
  ),
  usage_reading as (
    select a.id as account_id, t.since as tracked_since,
           case when coalesce(b.since, a.created_at::date) > ${day}::date - ${stage.onboardingDays}::int then 'onboarding' else 'established' end as stage,
           case when t.since is not null then least(14, bit_count((coalesce(days, 0) & 32767)::bit(32)))::int end as days_active,
           case when t.since is not null then coalesce(p.people, 0) end as people_active,
           case when t.since is not null then bit_count(coalesce(modules, 0)::bit(64))::int end as modules,
           case when t.since is not null then coalesce(actions_14, 0) end as actions_14,
           case when t.since is not null then coalesce(actions_before, 0) end as actions_before,
           case when t.since is not null then coalesce(seconds_7, 0) end as seconds_7,
           coalesce(actions_14, 0) - case when t.since < ${day}::date then coalesce(actions_today, 0) else 0 end as full_actions,
           coalesce(seconds_14, 0) - case when t.since < ${day}::date then coalesce(seconds_today, 0) else 0 end as full_seconds
    from accounts a
    left join tracked t on t.account_id = a.id left join used on used.account_id = a.id
    left join active_people p on p.account_id = a.id left join bought b on b.account_id = a.id
    where a.deleted_at is null
  )`;

/**
 * A license holds the end of its support as the last renewal moved it. On a past day it was the end of a yearly term: the first purchase's,
 * or that of the last renewal won by then. Where that had passed already, the end is not known.
 */
const endThen = (
  day: string,
): Sql => sql`least(support_until, ((select min(first.purchased_on) from licenses first
    where first.account_id = licenses.account_id and not first.is_trial and first.deleted_at is null)
  + (select 1 + count(*) from opportunities won where won.account_id = licenses.account_id and won.deleted_at is null
      and won.is_won and won.type = 'Renewal' and won.close_on <= ${day}::date) * interval '1 year')::date)`;

/** The engagement score as of that day: the share of the tracked accounts of the same status that did less. */
const engagementThen = (day: string, { metric }: EngagementRules): Sql => sql`
  engagement_reading as (
    select account_id, case when measure < 1 then 0 when others = 0 then 100 else round(100.0 * lesser / others)::int end as engagement
    from (
      select account_id, measure, rank() over (partition by status order by measure) - 1 as lesser, count(*) over (partition by status) - 1 as others
      from (
        select u.account_id, coalesce(l.status, 'unknown') as status,
               (${metric === 'time' ? sql`u.full_seconds / 60.0` : sql`u.full_actions::numeric`})
                 / greatest(1, least(14, ${day}::date - u.tracked_since)) as measure
        from usage_reading u left join license_reading l on l.account_id = u.account_id where u.tracked_since is not null
      ) measured
    ) ranked
  )`;

/**
 * The CTEs up to `reading` as of the end of a past day: usage until then, cases open then, licenses bought and opportunities decided
 * by then. What keeps no history is as it is known now, but nothing dated later counts.
 */
export const readingsThen = (day: string, rules: EngagementRules): Sql =>
  sql.join(
    [
      usageThen(day, rules),
      mirrorReadings('all', day, {
        status: statusOfLicenses(day, rules.status),
        end: endThen(day),
        undated: sql`is_over`,
      }),
      engagementThen(day, rules),
      impactReading('all'),
      together('all', day, {
        status: sql`coalesce(l.status, 'unknown')`,
        activity: sql`case when a.last_activity_on <= ${day}::date then a.last_activity_on end`,
        engagement: sql`(select e.engagement from engagement_reading e where e.account_id = a.id)`,
        utilization: sql`case when u.people_active is not null then round(100.0 * u.people_active / nullif(l.seats, 0))::int end`,
      }),
    ],
    sql`, `,
  );
