import type { RawBuilder } from 'kysely';

import type { Status } from '../licenses/status.ts';
import { db, sql, type Db, type Tx } from '../platform/db.ts';

import type { Health, HealthChange } from './health.ts';
import type { Rank } from './ranks.ts';
import { readingNames, type Readings } from './readings.ts';

type Condition = RawBuilder<boolean>;

/** The readings in a row of that table or alias, by name. */
export const readingsOf = (table: string): RawBuilder<unknown> =>
  sql`jsonb_build_object(${sql.join(readingNames.flatMap((name) => [sql.lit(name), sql.ref(`${table}.${name}`)]))})`;

export async function selectHealth(scope: Condition, accountId: string): Promise<Health | undefined> {
  const { rows } = await sql<Health>`
    select account_id as "accountId", status, rank, score, reasons, open_cases as "openCases", urgent_cases as "urgentCases",
           contacts, renewal_on as "renewalOn", missing, profile_id as "profileId", profile_version as "profileVersion",
           rank_since as "rankSince", changed_at as "changedAt", ${readingsOf('health')} as readings
    from health where account_id = ${accountId} and ${scope}`.execute(db);
  return rows[0];
}

/** What was read of those accounts that a profile judged. */
export async function selectJudged(
  tx: Db,
  accountIds: readonly string[],
): Promise<{ accountId: string; profileId: number; readings: Readings }[]> {
  const { rows } = await sql<{ accountId: string; profileId: number; readings: Readings }>`
    select account_id as "accountId", profile_id as "profileId", ${readingsOf('health')} as readings
    from health where account_id = any(${accountIds}) and profile_id is not null`.execute(tx);
  return rows;
}

export async function selectHistory(scope: Condition, accountId: string): Promise<HealthChange[]> {
  const { rows } = await sql<HealthChange>`
    select id, status, rank, score, reasons, profile_id as "profileId", profile_version as "profileVersion", previous_status as "previousStatus", previous_rank as "previousRank",
           previous_score as "previousScore", occurred_at as "occurredAt"
    from health_history where account_id = ${accountId} and ${scope}
    order by id desc limit 100`.execute(db);
  return rows;
}

interface Count {
  status: Status;
  rank: Rank | null;
  accounts: number;
  openCases: number;
  urgentCases: number;
  renewals: number;
}

export async function countHealth(scope: Condition, today: string): Promise<Count[]> {
  const { rows } = await sql<Count>`
    select status, rank, count(*) as accounts, sum(open_cases) as "openCases", sum(urgent_cases) as "urgentCases",
           count(*) filter (where status = 'paying' and renewal_on <= ${today}::date + 90) as renewals
    from health where ${scope} group by status, rank`.execute(db);
  return rows;
}

/** Where each table of the mirror names the account that a row of it belongs to. */
const accountOf: Record<string, RawBuilder<unknown>> = {
  accounts: sql`select row_id as account_id from changed`,
  contacts: sql`select account_id from contacts where id in (select row_id from changed)`,
  opportunities: sql`select account_id from opportunities where id in (select row_id from changed)`,
  licenses: sql`select account_id from licenses where id in (select row_id from changed)`,
  cases: sql`select account_id from cases where id in (select row_id::uuid from changed)`,
  case_changes: sql`
    select c.account_id from case_changes h join cases c on c.id = h.case_id where h.id in (select row_id from changed)`,
};

const needed = ['accounts', 'contacts', 'opportunities', 'licenses', 'cases'];

/** Half-loaded data would judge wrongly: a customer whose licenses are not here yet does not pay. */
export async function isLoading(): Promise<boolean> {
  const { rows } = await sql`
    select 1 from sync_states
    where table_name = any(${needed}) and phase <> 'live' and error is null limit 1`.execute(db);
  return rows.length > 0;
}

/** Has the accounts wait that a batch of the change log touched. @returns false for a table that health does not read */
export async function insertTouched(tx: Tx, table: string, batch: number): Promise<boolean> {
  const source = accountOf[table];
  if (source === undefined) return false;
  await sql`
    with changed as (select row_id from mirror_changes where batch = ${batch} and table_name = ${table})
    insert into health_due (account_id)
    select distinct account_id from (${source}) touched where account_id is not null order by account_id
    on conflict do nothing`.execute(tx);
  return true;
}

export async function insertDue(tx: Tx, accountId: string): Promise<void> {
  await sql`insert into health_due (account_id) values (${accountId}) on conflict do nothing`.execute(tx);
}

export async function insertAllDue(tx: Tx, accountIds: readonly string[]): Promise<void> {
  await sql`
    insert into health_due (account_id) select id from unnest(${[...accountIds].sort()}::text[]) each (id)
    on conflict do nothing`.execute(tx);
}

/** Takes up to 5,000 of the accounts that wait; they wait again when the transaction fails. */
export async function takeDue(tx: Tx): Promise<string[]> {
  const { rows } = await sql<{ account_id: string }>`
    delete from health_due where account_id in (select account_id from health_due order by account_id limit 5000)
    returning account_id`.execute(tx);
  return rows.map((row) => row.account_id);
}
