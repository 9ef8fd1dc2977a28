import type { RawBuilder } from 'kysely';

import { db, sql, type Tx } from '../platform/db.ts';
import type { Subject } from '../rules/fields.ts';
import type { Rule } from '../rules/rules.ts';

import { count } from './counts.queries.ts';
import { type Look, meeting } from './conditions.queries.ts';
import type { StopRow } from './flow.ts';

/*
 * Who may enter, found by sets among those whom stageAudience has put into `plan_people`; who may not, and why, is kept in `track_refused`.
 */

/** Why somebody does not enter; words `tracks.refusals.<reason>`. */
export type Refusal = 'erased' | 'duplicate' | 'already' | 'again' | 'who' | 'goal' | 'while';

/** Only one transaction at a time takes people into a track: two rows of one human would not see each other. */
export async function waitForEntry(tx: Tx, trackId: string): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtextextended(${`track_entry:${trackId}`}, 0))`.execute(tx);
}

export async function beginRefusing(tx: Tx): Promise<void> {
  await sql`create temporary table track_refused (person_id bigint primary key, reason text not null) on commit drop`.execute(
    tx,
  );
}

/** Of those whom nothing refuses yet. @param condition over `c` */
export async function refuse(tx: Tx, reason: Refusal, condition: RawBuilder<unknown>): Promise<void> {
  await sql`
    insert into track_refused (person_id, reason)
    select c.person_id, ${reason} from plan_people c where ${isLeft} and ${condition}`.execute(tx);
}

const isLeft = sql`not exists (select from track_refused r where r.person_id = c.person_id)`;

export const refuseErased = (tx: Tx) =>
  refuse(tx, 'erased', sql`c.hash in (select hash from erased_identities)`);

/** @param reason where the rule does not hold, or where it does */
export async function refuseByRule(
  tx: Tx,
  { rule, reason, holds, entity }: { rule: Rule; reason: Refusal; holds: boolean; entity?: Subject },
  look: Omit<Look, 'accounts'>,
): Promise<void> {
  const accounts = sql`select account_id from plan_people`;
  const isMet = sql`c.person_id in (${meeting(rule, { ...look, accounts }, entity)})`;
  await refuse(tx, reason, holds ? isMet : sql`not ${isMet}`);
}

/** Who is in it, or was and may not again: asked of the human, by any of their rows. */
export async function refuseKnown(
  tx: Tx,
  { trackId, again, now }: { trackId: string; again: 'never' | number; now: Date },
): Promise<void> {
  const since = again === 'never' ? null : new Date(now.getTime() - again * 86_400_000);
  await sql`
    insert into track_refused (person_id, reason)
    select h.person_id, case when bool_or(t.state = 'in') then 'already' else 'again' end
    from (
      select c.person_id, o.id as other from plan_people c join account_people o on o.email_normalized = c.address where ${isLeft}
      union select c.person_id, c.person_id from plan_people c where ${isLeft}) h
    join track_people t on t.track_id = ${trackId} and t.person_id = h.other
    group by h.person_id
    having bool_or(t.state = 'in') or ${since}::timestamptz is null or max(t.ended_at) > ${since}::timestamptz`.execute(
    tx,
  );
}

/** Of a human who would enter for several accounts one row does: the paying account's, the largest contract's, the oldest. */
export async function refuseDuplicates(tx: Tx): Promise<void> {
  await sql`
    insert into track_refused (person_id, reason)
    select person_id, 'duplicate' from (
      select c.person_id, row_number() over (partition by c.hash order by
          (e.status is not distinct from 'paying') desc, e.contract_value_minor desc nulls last, c.person_id) as place
      from plan_people c left join account_engagement e on e.account_id = c.account_id
      where c.hash is not null and ${isLeft}) d
    where place > 1`.execute(tx);
}

export async function countRefused(tx: Tx): Promise<Record<string, number>> {
  const { rows } = await sql<{ reason: string; count: number }>`
    select reason, count(*) from track_refused group by reason order by reason`.execute(tx);
  return Object.fromEntries(rows.map(({ reason, count: each }) => [reason, each]));
}

interface Entering {
  trackId: string;
  version: number;
  /** Their first step. */
  stop: StopRow;
  cause: object;
  now: Date;
}

/**
 * Whoever is left enters. How often they were there before is found first, once for all: asked of each, it would be looked for among the rows that are
 * written meanwhile as well. @returns how many
 */
export async function insertPeople(
  tx: Tx,
  { trackId, version, stop, cause, now }: Entering,
): Promise<number> {
  const { numAffectedRows } = await sql`
    insert into track_people (track_id, person_id, entry, version, step, cause, zone, entered_at, arrived_at, due_at, until_at)
    with zones as materialized (
      select zone, case when ${stop.kind}::text = 'waitUntil' then next_local_time(${now}, zone, ${stop.clock}::time, ${stop.weekdays}::int[])
        else ${now}::timestamptz + ${stop.ms}::bigint * interval '1 millisecond' end as until_at
      from (select distinct zone from plan_people) z),
    times as materialized (
      select t.person_id, max(t.entry) as entry from track_people t join plan_people c on c.person_id = t.person_id
      where t.track_id = ${trackId} group by t.person_id)
    select ${trackId}, c.person_id, coalesce(f.entry, 0) + 1,
      ${version}, ${stop.key}, ${JSON.stringify(cause)}, c.zone, ${now}, ${now},
      case when ${stop.kind}::text = 'waitFor' then ${now}::timestamptz else coalesce(z.until_at, ${now}::timestamptz) end, z.until_at
    from plan_people c join zones z on z.zone = c.zone left join times f on f.person_id = c.person_id where ${isLeft}
    on conflict do nothing`.execute(tx);
  const entered = Number(numAffectedRows ?? 0);
  await count(tx, trackId, { entered, [`here:${stop.key}`]: entered, [`came:${stop.key}`]: entered });
  return entered;
}

/** Some of those who would enter, by name. */
export interface Sampled {
  personId: number;
  name: string;
  email: string | null;
  accountId: string;
  accountName: string;
}

export async function sampleLeft(tx: Tx): Promise<{ count: number; sample: Sampled[] }> {
  const { rows } = await sql<Sampled>`
    select c.person_id as "personId", p.name, c.address as email, c.account_id as "accountId", a.name as "accountName"
    from plan_people c join account_people p on p.id = c.person_id join accounts a on a.id = c.account_id
    where ${isLeft} order by lower(p.name), c.person_id limit 20`.execute(tx);
  const { rows: counted } = await sql<{ count: number }>`
    select count(*) from plan_people c where ${isLeft}`.execute(tx);
  return { count: counted[0]?.count ?? 0, sample: rows };
}

/** How many entered at one asking. */
export async function countEnteredBy(trackId: string, key: string): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select count(*) from track_people where track_id = ${trackId} and cause ->> 'key' = ${key}`.execute(db);
  return rows[0]?.count ?? 0;
}
