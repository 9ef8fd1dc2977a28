import type { RawBuilder } from 'kysely';

import { countingLicense, statusOfLicenses } from '../licenses/status.ts';
import { sql, type Tx } from '../platform/db.ts';

import { accountUse, frequencyFrom, type Given, memberSpans, scopeOf } from './engagement.queries.ts';
import type { EngagementRules } from './engagement-rules.ts';

/** The value of a field of Salesforce's Account, as the mirror holds it, for the account `a`. */
const fieldOf = (field: string) =>
  ({ Type: sql`a.type`, Industry: sql`a.industry` })[field] ?? sql`a.attributes ->> ${field}`;

/** What an account's field tells, else what follows from the rest. */
function told(
  { field, meanings }: { field: string | null; meanings: readonly { value: string; means: string }[] },
  otherwise: RawBuilder<unknown>,
) {
  if (field === null || meanings.length === 0) return otherwise;
  const cases = meanings.map(({ value, means }) => sql`when ${value.toLowerCase()} then ${means}`);
  return sql`coalesce(case lower(${fieldOf(field)}) ${sql.join(cases, sql` `)} end, ${otherwise})`;
}

/** Each account's status by the rule, when it became a customer, and what it pays. */
export const standing = ({ accounts, today, rules }: Given) => sql`
  engaging as materialized (${scopeOf(accounts)}), license as (
    select account_id, ${statusOfLicenses(today, rules.status)} as status, min(purchased_on) filter (where not is_trial) as since,
      sum(seats) filter (where coalesce(status not in ('Replaced', 'Revoked', 'Expired'), true)
        and (support_until is null or support_until >= ${today}::date - ${rules.status.graceDays}::int))::int as seats
    from engaging e join licenses l on l.account_id = e.id where ${countingLicense} group by account_id
  ), won as (
    select account_id, min(close_on) as since,
      sum(amount_minor) filter (where close_on > ${today}::date - ${rules.contractDays}::int)::bigint as contract_value_minor
    from engaging e join opportunities o on o.account_id = e.id
    where o.deleted_at is null and o.is_won and o.close_on <= ${today}::date group by account_id
  ), rated as (
    select a.id as account_id, ${told(rules.status, sql`coalesce(l.status, 'unknown')`)} as status, least(l.since, w.since) as bought_on,
      a.created_at::date as created_on, w.contract_value_minor, l.seats, a.type, a.industry, a.attributes
    from engaging e join accounts a on a.id = e.id
    left join license l on l.account_id = a.id left join won w on w.account_id = a.id
  ), standing as (
    select a.*, ${told(rules.stage, ordinaryStage(today, rules))} as stage
    from (select *, coalesce(bought_on, case when status = 'paying' then created_on end) as customer_since from rated) a
  )`;

const ordinaryStage = (today: string, { stage }: EngagementRules) => sql`
  case a.status when 'free' then 'trial' when 'cancelled' then 'cancelled' when 'paying' then
    case when a.customer_since > ${today}::date - ${stage.onboardingDays}::int then 'onboarding' else 'established' end end`;

/** Sums that are null where nothing was ever told, and 0 where nothing happened. */
const sums = ['actions_14', 'actions_before', 'seconds_7', 'seconds_14', 'seconds_before'] as const;
const counts = ['people_active_14', 'people_active_before'] as const;

/** Of the fourteen full days, or of the account's own while it is younger; its first day counts alone. */
const perDay = (sum: string, ofToday: string, today: string) => sql`
  (coalesce(${sql.ref(sum)}, 0) - case when tracked_since < ${today}::date then coalesce(${sql.ref(ofToday)}, 0) else 0 end)::numeric
  / greatest(1, least(14, ${today}::date - tracked_since))`;

/** Everything that is read of each account, one row an account, in `engaged`. */
export async function gather(tx: Tx, given: Given): Promise<void> {
  const { today, rules } = given;
  const known = (name: string, value: RawBuilder<unknown>) =>
    sql`case when tracked_since is not null then ${value} end as ${sql.ref(name)}`;
  const recent = sql`bit_count((coalesce(days, 0) & 32767)::bit(32))`;
  await sql`
    create temporary table engaged on commit drop as
    with ${standing(given)}, used as (${accountUse(given)}
    ), span as (
      select u.account_id, min(s.first_on) as first_on, max(s.last_on) as last_on
      from usage_accounts u join (${memberSpans(given)}) s on s.usage_account = u.id where u.account_id is not null group by 1
    ), human as (
      select account_id, count(*)::int as people_known, (count(*) filter (where days & 32767 <> 0))::int as people_active_14,
        (count(*) filter (where days >> 15 <> 0))::int as people_active_before
      from humans group by 1
    ), told as (
      select a.*, u.*, h.*, s.first_on as tracked_since, s.last_on as last_active_on
      from (select account_id as id, status, stage, customer_since, contract_value_minor, seats from standing) a
      left join used u on u.account_id = a.id left join span s on s.account_id = a.id left join human h on h.account_id = a.id
    )
    select id as account_id, status, stage, customer_since, contract_value_minor, tracked_since, last_active_on, seats,
      coalesce(people_known, 0) as people_known,
      ${sql.join([...sums, ...counts].map((name) => known(name, sql`coalesce(${sql.ref(name)}, 0)::int`)))},
      ${known('days_active_14', sql`least(14, ${recent})::int`)},
      ${known('days_active_before', sql`bit_count((coalesce(days, 0) >> 15)::bit(32))::int`)},
      ${known('modules_14', sql`bit_count(coalesce(modules, 0)::bit(64))::int`)},
      ${known('utilization', sql`round(100.0 * coalesce(people_active_14, 0) / nullif(seats, 0))::int`)},
      ${known('frequency', frequencyFrom(recent, rules))},
      ${known('actions_per_day', sql`round(${perDay('actions_14', 'actions_today', today)}, 3)`)},
      ${known('minutes_per_day', sql`round(${perDay('seconds_14', 'seconds_today', today)} / 60, 3)`)}
    from told`.execute(tx);
}
