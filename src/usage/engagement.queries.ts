import type { RawBuilder } from 'kysely';

import { sql, type Tx } from '../platform/db.ts';

import type { Accounts } from './engagement.ts';
import { accountScore } from './engagement-scores.queries.ts';
import type { EngagementRules } from './engagement-rules.ts';

/* Steps of a refresh: `humans` holds who an account's people are and what each did, `engaged` what an account's readings come to. */

export interface Given {
  accounts: Accounts;
  /** YYYY-MM-DD. */
  today: string;
  rules: EngagementRules;
}

/** The accounts that a refresh is for, as a query of their ids. */
export const scopeOf = (accounts: Accounts) =>
  accounts === 'all'
    ? sql`select id from accounts where deleted_at is null`
    : sql`select id from accounts where deleted_at is null and id = any(${accounts})`;

/** One refresh at a time, with memory enough that nothing of it goes to disk; what it gathers lies in temporary tables. */
export async function begin(tx: Tx, accounts: Accounts): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtextextended('engagement', 0))`.execute(tx);
  await sql`select set_config('work_mem', '128MB', true), set_config('jit', 'off', true), set_config('random_page_cost', '1.1', true)`.execute(
    tx,
  );
  if (accounts === 'all') await readWholeTables(tx);
  await sql`drop table if exists pg_temp.humans, pg_temp.engaged`.execute(tx);
}

/* Of everybody, nothing is gained by looking rows up one by one, workers are worth the rows that they hand over, and each part of the days is added up by one of them. */
async function readWholeTables(tx: Tx): Promise<void> {
  await sql`
    select set_config('enable_nestloop', 'off', true), set_config('parallel_setup_cost', '100', true),
      set_config('parallel_tuple_cost', '0.01', true), set_config('min_parallel_table_scan_size', '1MB', true),
      set_config('enable_partitionwise_aggregate', 'on', true)`.execute(tx);
}

/** The days that a refresh looks at: today, the fourteen before it, and the fourteen before those. */
export const inWindow = (today: string) => sql`d.day between ${today}::date - 28 and ${today}::date`;

const recent = (today: string) => sql`d.day >= ${today}::date - 14`;

/** What the rows `d` of days come to. In `days` the lowest bit is today, the next yesterday. */
const sums = (today: string) => sql`
  bit_or(1 << (${today}::date - d.day)) as days, bit_or(d.modules) filter (where ${recent(today)}) as modules,
  coalesce(sum(d.events) filter (where ${recent(today)}), 0)::int as actions_14,
  (sum(d.events) - coalesce(sum(d.events) filter (where ${recent(today)}), 0))::int as actions_before,
  coalesce(sum(d.seconds) filter (where ${recent(today)}), 0)::int as seconds_14`;

/** What each person did for each account in the windows, as the sources name both. */
export const personalUse = ({ accounts, today }: Pick<Given, 'accounts' | 'today'>) => sql`
  select d.usage_account, d.person, ${sums(today)}
  from usage_person_days d where ${inWindow(today)} and ${usedBy(accounts)} group by 1, 2`;

/** What everybody did for each account in the windows, added up by the accounts of Salesforce. */
export const accountUse = ({ accounts, today }: Pick<Given, 'accounts' | 'today'>) => sql`
  select u.account_id, bit_or(days) as days, bit_or(modules) as modules, ${sql.join(
    [
      'actions_14',
      'actions_before',
      'actions_today',
      'seconds_7',
      'seconds_14',
      'seconds_before',
      'seconds_today',
    ].map((name) => sql`sum(${sql.ref(name)})::int as ${sql.ref(name)}`),
  )}
  from usage_accounts u join (
    select d.usage_account, ${sums(today)},
      coalesce(sum(d.events) filter (where d.day = ${today}::date), 0)::int as actions_today,
      coalesce(sum(d.seconds) filter (where d.day >= ${today}::date - 7), 0)::int as seconds_7,
      (sum(d.seconds) - coalesce(sum(d.seconds) filter (where ${recent(today)}), 0))::int as seconds_before,
      coalesce(sum(d.seconds) filter (where d.day = ${today}::date), 0)::int as seconds_today
    from usage_account_days d where ${inWindow(today)} and ${usedBy(accounts)} group by 1
  ) s on s.usage_account = u.id
  where u.account_id is not null group by 1`;

/** From when until when each account was used at all, as the sources name it. */
export const memberSpans = ({ accounts }: Pick<Given, 'accounts'>) => sql`
  select d.usage_account, min(d.first_on) as first_on, max(d.last_on) as last_on
  from usage_members d where ${usedBy(accounts)} group by 1`;

const usedBy = (accounts: Accounts) =>
  accounts === 'all'
    ? sql`true`
    : sql`d.usage_account in (select id from usage_accounts where account_id = any(${accounts}))`;

/** Daily, weekly, occasionally or inactive, by a count of active days of the last fourteen. */
export const frequencyFrom = (days: RawBuilder<unknown>, { frequency }: EngagementRules) => sql`
  case when ${days} >= ${frequency.daily}::int then 'daily' when ${days} >= ${frequency.weekly}::int then 'weekly'
       when ${days} >= ${frequency.occasionally}::int then 'occasionally' else 'inactive' end`;

const columns = [
  'status', 'stage', 'customer_since', 'contract_value_minor', 'tracked_since', 'last_active_on', 'days_active_14', 'days_active_before',
  'people_active_14', 'people_active_before', 'people_known', 'actions_14', 'actions_before', 'seconds_7', 'seconds_14', 'seconds_before',
  'modules_14', 'actions_per_day', 'minutes_per_day', 'frequency', 'seats', 'utilization',
] as const; // prettier-ignore
const listed = sql.join(columns.map((name) => sql.ref(name)));
const of = (table: string) => sql.join(columns.map((name) => sql.ref(`${table}.${name}`)));

/** Writes what differs. The day alone does not, of an account that nobody told any usage of. @returns the accounts written */
export async function write(tx: Tx, { today, rules }: Given): Promise<string[]> {
  const { rows } = await sql<{ account_id: string }>`
    with scored as (
      select e.*, ${accountScore('e', rules)} as engagement
      from engaged e left join engagement_bounds b on b.kind = 'account' and b.status = e.status
    )
    insert into account_engagement as kept (account_id, ${listed}, engagement, refreshed_on)
    select s.account_id, ${of('s')}, s.engagement, ${today}::date
    from scored s left join account_engagement g on g.account_id = s.account_id
    where g.account_id is null or (${of('g')}, g.engagement) is distinct from (${of('s')}, s.engagement)
       or (g.refreshed_on <> ${today}::date and s.tracked_since is not null)
    on conflict (account_id) do update set (${listed}, engagement, refreshed_on) = row(${of('excluded')}, excluded.engagement, excluded.refreshed_on)
    returning account_id`.execute(tx);
  return rows.map((row) => row.account_id);
}

/** Nothing is kept of accounts that Salesforce deleted; their people went with everybody who is known no more. */
export async function forget(tx: Tx, accounts: Accounts): Promise<void> {
  await sql`
    delete from account_engagement k where ${accounts === 'all' ? sql`true` : sql`k.account_id = any(${accounts})`}
      and not exists (select from engaged e where e.account_id = k.account_id)`.execute(tx);
}

/** Accounts whose usage was counted since somebody asked; each is handed out once, when the transaction is kept. */
export async function takeCounted(tx: Tx): Promise<string[]> {
  const { rows } = await sql<{ account_id: string }>`
    with gone as (
      delete from usage_counted where id in (select id from usage_counted for update skip locked) returning account_id
    ) select distinct account_id from gone`.execute(tx);
  return rows.map((row) => row.account_id);
}
