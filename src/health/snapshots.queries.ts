import type { RawBuilder } from 'kysely';

import { sql, type Db, type Tx } from '../platform/db.ts';
import type { Catalog } from '../rules/fields.ts';
import type { EngagementRules } from '../usage/engagement-rules.ts';

import { judgement } from './judgement.queries.ts';
import { profiled } from './profiled.queries.ts';
import type { Profile } from './profiles.ts';
import type { Rank } from './ranks.ts';
import { readingsThen } from './readings.queries.ts';
import { readingNames } from './readings.ts';

/** Columns of `health` and `health_readings` that hold what was read. */
export const readNames = [...readingNames, 'renewal_on', 'contract_minor', 'stage'] as const;

const snapshotNames = ['status', 'rank', 'score', 'profile_id', ...readNames] as const;
const snapshot = sql.join(snapshotNames.map((name) => sql.ref(name)));
const of = (table: string) => sql.join(snapshotNames.map((name) => sql.ref(`${table}.${name}`)));

/** Keeps the day's readings of every account; a later run of the same day rewrites those that differ. */
export async function keepReadings(tx: Tx, today: string): Promise<void> {
  await makeMonth(tx, today);
  await sql`
    insert into health_readings (day, account_id, ${snapshot})
    select ${today}::date, h.account_id, ${of('h')}
    from health h left join health_readings r on r.account_id = h.account_id and r.day = ${today}::date
    where r.account_id is null or (${of('r')}, r.is_replayed) is distinct from (${of('h')}, false)
    on conflict (account_id, day) do update set (${snapshot}, is_replayed) = (${of('excluded')}, false)`.execute(
    tx,
  );
}

/** A month's partition, when its first day is written. */
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

export interface Judges {
  profiles: readonly Profile[];
  catalog: Catalog;
}

/** Writes what was known on a past day, and how it is judged. What was kept on the day itself stays as it was. */
export async function replayDay(
  tx: Tx,
  day: string,
  { profiles, catalog, rules }: Judges & { rules: EngagementRules },
): Promise<void> {
  await makeMonth(tx, day);
  await sql`
    with ${judgedThen(day, { profiles, catalog, rules })}
    insert into health_readings (day, account_id, ${snapshot}, is_replayed)
    select ${day}::date, account_id, ${snapshot}, true from judged
    on conflict (account_id, day) do update set (${snapshot}) = (${of('excluded')})
      where health_readings.is_replayed and (${of('health_readings')}) is distinct from (${of('excluded')})`.execute(
    tx,
  );
  await sql`
    insert into health_replays (day, replayed_at) values (${day}::date, clock_timestamp())
    on conflict (day) do update set replayed_at = excluded.replayed_at`.execute(tx);
}

const keptReadings = (day: string): RawBuilder<unknown> => sql`
  reading as (select account_id, status, ${sql.join(readNames.map((name) => sql.ref(name)))} from health_readings where day = ${day}::date)`;

/**
 * How these profiles judge a day, as CTEs up to `judged`: account_id, status, rank, score, profile_id, contract_minor, renewal_on and
 * every reading. With `rules` what was known then is found out; without, it is what was kept of that day.
 */
export const judgedThen = (
  day: string,
  { profiles, catalog, rules }: Judges & { rules?: EngagementRules | undefined },
): RawBuilder<unknown> => sql`
  ${rules === undefined ? keptReadings(day) : readingsThen(day, rules)},
  ${profiled(profiles, { today: day, catalog })}, ${judgement(profiles, day, 'ranks')}`;

/** An account as it would have been judged on a day. */
export interface JudgedThen {
  accountId: string;
  rank: Rank;
  score: number;
  profileId: number;
  contractMinor: number | null;
  renewalOn: string | null;
}

export async function selectJudgedThen(tx: Db, judged: RawBuilder<unknown>): Promise<JudgedThen[]> {
  const { rows } = await sql<JudgedThen>`
    with ${judged}
    select account_id as "accountId", rank, score, profile_id as "profileId", contract_minor as "contractMinor", renewal_on as "renewalOn"
    from judged where rank is not null order by account_id`.execute(tx);
  return rows;
}

export async function isKept(tx: Db, day: string): Promise<boolean> {
  const { rows } = await sql`select 1 from health_readings where day = ${day}::date limit 1`.execute(tx);
  return rows.length > 0;
}

/** The days of which readings are kept, the first one first; `isReplayed` where they were found out later. */
export async function selectKeptDays(tx: Db): Promise<{ day: string; isReplayed: boolean }[]> {
  const { rows } = await sql<{ day: string; isReplayed: boolean }>`
    with recursive kept as (
      (select min(day) as day from health_readings)
      union all
      select (select min(r.day) from health_readings r where r.day > kept.day) from kept where kept.day is not null
    )
    select k.day, (select r.is_replayed from health_readings r where r.day = k.day limit 1) as "isReplayed"
    from kept k where k.day is not null order by 1`.execute(tx);
  return rows;
}

/**
 * Of these days, those that still have to be found out, or anew because a file of past usage came since; none while such a file
 * is still being read.
 */
export async function selectDaysToReplay(tx: Db, days: readonly string[]): Promise<string[]> {
  const { rows } = await sql<{ day: string }>`
    select wanted.day::date as day
    from unnest(${days}::text[]) wanted (day) left join health_replays p on p.day = wanted.day::date
    where not exists (select from usage_imports i where i.error is null and i.started_at > now() - interval '1 day' and (i.received_at is null
                        or exists (select from usage_inbox b where b.id <= i.last_inbox_id)))
      and (p.day is null or p.replayed_at < (select max(i.received_at) from usage_imports i))
      and exists (select from accounts)
    order by wanted.day::date desc`.execute(tx);
  return rows.map(({ day }) => day);
}

/** Since when each account's rank is what it is, by what is kept of the days before health was computed first. */
export async function backdateRanks(tx: Tx): Promise<void> {
  await sql`
    update health h set rank_since = s.since::timestamptz
    from (
      select r.account_id, min(r.day) as since
      from health_readings r join health h on h.account_id = r.account_id and h.rank = r.rank
      where r.day > coalesce((select max(o.day) from health_readings o where o.account_id = r.account_id and o.rank is distinct from h.rank), '-infinity')
      group by r.account_id
    ) s
    where s.account_id = h.account_id and h.rank_since > s.since::timestamptz`.execute(tx);
}
