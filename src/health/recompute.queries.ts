import { sql, type Tx } from '../platform/db.ts';
import type { Catalog } from '../rules/fields.ts';

import { judgement } from './judgement.queries.ts';
import { profiled } from './profiled.queries.ts';
import type { Profile } from './profiles.ts';
import { readNames } from './snapshots.queries.ts';
import { type Accounts, readingsNow } from './readings.queries.ts';

/**
 * For statements about everybody: tables that were filled a moment ago have no statistics yet, and a loop over them that looks cheap takes
 * hours. Holds until the transaction ends. (3,000 accounts just loaded: 8.7 s without, 0.2 s with.)
 */
export async function withoutLoops(tx: Tx): Promise<void> {
  await sql`select set_config('enable_nestloop', 'off', true)`.execute(tx);
}

/** One recomputation at a time: a second waits, and then reads what the first wrote. A million accounts may take their minutes. */
export async function waitForTurn(tx: Tx): Promise<void> {
  await sql`select set_config('statement_timeout', '600000', true)`.execute(tx);
  await sql`select pg_advisory_xact_lock(hashtextextended('health', 0))`.execute(tx);
}

const names = [
  'status',
  'rank',
  'score',
  'reasons',
  'missing',
  'gist',
  'profile_id',
  'profile_version',
  ...readNames,
] as const;
const listed = sql.join(names.map((name) => sql.ref(name)));
const of = (table: string, wanted: readonly string[] = names) =>
  sql.join(wanted.map((name) => sql.ref(`${table}.${name}`)));

const newsNames = ['status', 'rank', 'score', 'gist'] as const;

/**
 * Judges the accounts and writes what differs from before: the row of today, and a line of history where status, rank, score or what
 * matters of the reasons changed, and a marker where a contract did. One statement for any number of accounts (100,000 accounts with their
 * cases and licenses: seconds).
 * @returns the batch of the changes, and how many accounts it holds.
 */
export async function recompute(
  tx: Tx,
  {
    accounts,
    profiles,
    catalog,
    now,
  }: { accounts: Accounts; profiles: readonly Profile[]; catalog: Catalog; now: Date },
): Promise<{ batch: number; accounts: number }> {
  if (accounts === 'all') await withoutLoops(tx);
  const today = now.toISOString().slice(0, 10);
  const judging = profiles.filter(({ isEnabled }) => isEnabled);
  const { rows } = await sql<{ batch: number; accounts: number }>`
    with ${readingsNow(accounts, today)}, ${profiled(judging, { today, catalog })}, ${judgement(judging, today)},
    moved as (
      select j.*, h.account_id is not null as was_known, h.status as old_status, h.rank as old_rank, h.score as old_score,
             h.profile_id as old_profile, h.contract_minor as old_contract,
             (${of('h', newsNames)}) is distinct from (${of('j', newsNames)}) as is_news,
             case when h.rank is not distinct from j.rank then coalesce(h.rank_since, h.changed_at) else ${now} end as rank_since
      from judged j left join health h on h.account_id = j.account_id
      where h.account_id is null or (${of('h')}) is distinct from (${of('j')})
    ),
    written as (
      insert into health (account_id, ${listed}, rank_since, changed_at)
      select account_id, ${listed}, rank_since, ${now} from moved
      on conflict (account_id) do update set
        (${listed}, rank_since, changed_at) = (${of('excluded')}, excluded.rank_since,
          case when (${of('health', newsNames)}) is distinct from (${of('excluded', newsNames)})
               then excluded.changed_at else health.changed_at end)
    ),
    ${markers(now)},
    ${history(now)}
    select (select id from batch) as batch, (select count(*) from history) as accounts`.execute(tx);
  const [outcome] = rows;
  if (outcome === undefined) throw new Error('a recomputation answered nothing');
  return outcome;
}

/** What explains a step in a chart: another contract, another profile. */
const markers = (now: Date) => sql`
    marked as (
      insert into health_markers (account_id, profile_id, kind, data, occurred_at)
      select account_id, null, 'contract', jsonb_build_object('from', old_contract, 'to', contract_minor), ${now}::timestamptz
      from moved where was_known and old_contract is distinct from contract_minor
      union all
      select account_id, profile_id, 'profile', jsonb_build_object('from', old_profile, 'to', profile_id), ${now}
      from moved where was_known and old_profile <> profile_id
    )`;

/** A line for each account of which something is news, under one batch. */
const history = (now: Date) => sql`
    batch as materialized (select nextval('health_batches') as id),
    history as (
      insert into health_history (batch, account_id, status, rank, score, reasons, missing, profile_id, profile_version,
                                  previous_status, previous_rank, previous_score, occurred_at)
      select batch.id, account_id, status, rank, score, reasons, missing, profile_id, profile_version,
             old_status, old_rank, old_score, ${now}
      from moved, batch where is_news
      returning 1
    )`;

/** Health is not kept of what Salesforce deleted. */
export async function forgetDeleted(tx: Tx): Promise<void> {
  await sql`
    delete from health h where not exists (select 1 from accounts a where a.id = h.account_id and a.deleted_at is null)
  `.execute(tx);
}
