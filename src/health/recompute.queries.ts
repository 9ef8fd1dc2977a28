import { countingLicense, statusOfLicenses } from '../licenses/status.ts';
import { sql, type Tx } from '../platform/db.ts';

import { type Penalty, RANKS, type Reading, urgentPriorities } from './penalties.ts';

/** Which accounts a statement is about. */
export type Accounts = 'all' | readonly string[];

const within = (accounts: Accounts, column: string) =>
  accounts === 'all' ? sql<boolean>`true` : sql<boolean>`${sql.ref(column)} = any(${accounts})`;

/** One recomputation at a time: a second waits, and then reads what the first wrote. A million accounts may take their minutes. */
export async function waitForTurn(tx: Tx): Promise<void> {
  await sql`select set_config('statement_timeout', '600000', true)`.execute(tx);
  await sql`select pg_advisory_xact_lock(hashtextextended('health', 0))`.execute(tx);
}

/** What the mirror holds of each account, one row an account; every source is read once, whatever the number of accounts. */
const readings = (accounts: Accounts, today: string) => sql`
  case_reading as (
    select account_id, count(*) filter (where not is_closed)::int as open_cases,
           count(*) filter (where not is_closed and priority in (${sql.join(urgentPriorities)}))::int as urgent_cases,
           min(created_at) filter (where not is_closed)::date as oldest_case_on,
           max(greatest(created_at, closed_at))::date as active_on
    from cases where deleted_at is null and account_id is not null and ${within(accounts, 'account_id')}
    group by account_id
  ),
  contact_reading as (
    select account_id, count(*)::int as contacts
    from contacts where deleted_at is null and ${within(accounts, 'account_id')} group by account_id
  ),
  opportunity_reading as (
    select account_id, max(created_at)::date as active_on,
           bool_or(not is_closed and type = 'Renewal') as has_open_renewal,
           max(close_on) filter (where type = 'Renewal' and is_closed and not is_won and close_on <= ${today}::date) as lost_on,
           max(close_on) filter (where type = 'Renewal' and is_won) as won_on
    from opportunities where deleted_at is null and ${within(accounts, 'account_id')} group by account_id
  ),
  license_reading as (
    select account_id, ${statusOfLicenses(today)} as status,
           min(support_until) filter (where counts and support_until >= ${today}::date) as renewal_on,
           max(support_until) filter (where counts and support_until < ${today}::date) as lapsed_on
    from (select *, not is_trial and coalesce(status not in ('Replaced', 'Revoked'), true) as counts from licenses) licenses
    where ${countingLicense} and ${within(accounts, 'account_id')} group by account_id
  ),
  reading as (
    select a.id as account_id, coalesce(l.status, 'unknown') as status,
           coalesce(c.open_cases, 0) as open_cases, coalesce(c.urgent_cases, 0) as urgent_cases, c.oldest_case_on,
           coalesce(p.contacts, 0) as contacts,
           greatest(case when a.last_activity_on > ${today}::date then ${today}::date else a.last_activity_on end, c.active_on, o.active_on, a.created_at::date) as active_on,
           l.renewal_on, case when not coalesce(o.has_open_renewal, false) then l.renewal_on end as unprepared_renewal_on,
           l.lapsed_on, case when o.won_on >= o.lost_on then null else o.lost_on end as renewal_lost_on
    from accounts a
    left join case_reading c on c.account_id = a.id
    left join contact_reading p on p.account_id = a.id
    left join opportunity_reading o on o.account_id = a.id
    left join license_reading l on l.account_id = a.id
    where a.deleted_at is null and ${within(accounts, 'a.id')}
  )`;

/** When a penalty applies to the row `r` of readings. */
function applies({ reading, test, threshold }: Penalty, today: string) {
  const column = sql.ref(`r.${reading}`);
  const conditions: Record<Penalty['test'], ReturnType<typeof sql<boolean>>> = {
    at_least: sql`${column} >= ${threshold}::int`,
    at_most: sql`${column} <= ${threshold}::int`,
    days_ago: sql`${column} <= ${today}::date - ${threshold}::int`,
    within_past_days: sql`${column} >= ${today}::date - ${threshold}::int`,
    within_next_days: sql`${column} <= ${today}::date + ${threshold}::int`,
  };
  return conditions[test];
}

/** Score, rank and reasons of each reading; only paying accounts are judged. */
function judgement(penalties: readonly Penalty[], today: string) {
  const reasons = penalties.map((penalty) => {
    const { code, points, reading } = penalty;
    return sql`case when ${applies(penalty, today)} then jsonb_build_object(
      'code', ${code}::text, 'points', ${points}::int, 'value', ${sql.ref(`r.${reading}`)}) end`;
  });
  const points = penalties.map(
    (penalty) => sql`case when ${applies(penalty, today)} then ${penalty.points}::int else 0 end`,
  );
  return sql`
  scored as (
    select r.*,
      case when status = 'paying' then greatest(0, 100 - (0 + ${sql.join(points, sql` + `)})) end as score,
      case when status = 'paying' then to_jsonb(array_remove(array[${sql.join(reasons)}]::jsonb[], null)) else '[]' end as reasons
    from reading r
  ),
  judged as (
    select *, case when score >= ${RANKS.good}::int then 'good' when score < ${RANKS.average}::int then 'poor'
                   when score is not null then 'average' end as rank
    from scored
  )`;
}

const readingNames = ['open_cases', 'urgent_cases', 'oldest_case_on', 'contacts', 'active_on', 'renewal_on',
  'unprepared_renewal_on', 'lapsed_on', 'renewal_lost_on'] as const satisfies readonly Reading[]; // prettier-ignore
const names = ['status', 'rank', 'score', 'reasons', ...readingNames] as const;
const readingColumns = sql.join(readingNames.map((name) => sql.ref(name)));
const columns = sql.join(names.map((name) => sql.ref(name)));
const prefixed = (table: string, wanted: readonly string[] = names) =>
  sql.join(wanted.map((name) => sql.ref(`${table}.${name}`)));

/**
 * Judges the accounts and writes what differs from before: the row of today, and a line of history where status, rank, score or
 * reasons changed. One statement for any number of accounts (100,000 accounts with their cases and licenses: seconds).
 * @returns the batch of the changes, and how many accounts it holds.
 */
export async function recompute(
  tx: Tx,
  {
    accounts,
    penalties,
    now,
  }: {
    accounts: Accounts;
    penalties: readonly Penalty[];
    now: Date;
  },
): Promise<{ batch: number; accounts: number }> {
  const today = now.toISOString().slice(0, 10);
  const { rows } = await sql<{ batch: number; accounts: number }>`
    with ${readings(accounts, today)}, ${judgement(penalties, today)},
    moved as (
      select j.*, h.status as old_status, h.rank as old_rank, h.score as old_score,
             (h.status, h.rank, h.score, h.reasons) is distinct from (j.status, j.rank, j.score, j.reasons) as has_changed
      from judged j left join health h on h.account_id = j.account_id
      where h.account_id is null
         or (${prefixed('h')}) is distinct from (${prefixed('j')})
    ),
    written as (
      insert into health (account_id, ${columns}, changed_at)
      select account_id, ${columns}, ${now} from moved
      on conflict (account_id) do update set
        (${columns}, changed_at) = (${prefixed('excluded')},
          case when (health.status, health.rank, health.score, health.reasons)
                 is distinct from (excluded.status, excluded.rank, excluded.score, excluded.reasons)
               then excluded.changed_at else health.changed_at end)
    ),
    batch as materialized (select nextval('health_batches') as id),
    history as (
      insert into health_history (batch, account_id, status, rank, score, reasons,
                                  previous_status, previous_rank, previous_score, occurred_at)
      select batch.id, account_id, status, rank, score, reasons, old_status, old_rank, old_score, ${now}
      from moved, batch where has_changed
      returning 1
    )
    select (select id from batch) as batch, (select count(*) from history) as accounts`.execute(tx);
  const [outcome] = rows;
  if (outcome === undefined) throw new Error('a recomputation answered nothing');
  return outcome;
}

/** Health is not kept of what Salesforce deleted. */
export async function forgetDeleted(tx: Tx): Promise<void> {
  await sql`
    delete from health h where not exists (select 1 from accounts a where a.id = h.account_id and a.deleted_at is null)
  `.execute(tx);
}

/** Keeps the day's readings of every account; a later run of the same day rewrites those that differ. */
export async function keepReadings(tx: Tx, today: string): Promise<void> {
  await makeMonth(tx, today);
  await sql`
    insert into health_readings (day, account_id, status, rank, score, ${readingColumns})
    select ${today}::date, account_id, status, rank, score, ${readingColumns} from health
    on conflict (account_id, day) do update set
      (status, rank, score, ${readingColumns}) = (excluded.status, excluded.rank, excluded.score, ${prefixed('excluded', readingNames)})
      where (health_readings.status, health_readings.rank, health_readings.score, ${prefixed('health_readings', readingNames)})
        is distinct from (excluded.status, excluded.rank, excluded.score, ${prefixed('excluded', readingNames)})`.execute(
    tx,
  );
}

async function makeMonth(tx: Tx, today: string): Promise<void> {
  const month = today.slice(0, 7);
  const name = `health_readings_${month.replace('-', '_')}`;
  const first = sql.lit(`${month}-01`);
  const [year = 0, number = 0] = month.split('-').map(Number);
  const next = sql.lit(new Date(Date.UTC(year, number, 1)).toISOString().slice(0, 10));
  const { rows } =
    await sql`select 1 from pg_class where relname = ${name} and relnamespace = 'public'::regnamespace`.execute(
      tx,
    );
  if (rows.length > 0) return;
  await sql`create table ${sql.table(name)} partition of health_readings for values from (${first}) to (${next})`.execute(
    tx,
  );
}
