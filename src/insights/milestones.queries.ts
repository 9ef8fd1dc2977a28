import type { RawBuilder } from 'kysely';

import { db, sql, type Tx } from '../platform/db.ts';
import { compile, compileValues, existing, type Question, subjects } from '../rules/compile.ts';
import type { Condition } from '../rules/rules.ts';

import type { Definition } from './definitions.ts';
import { insightColumns } from './insight-columns.ts';
import type { Insight } from './insights.ts';
import type { Milestone } from './milestones.ts';

/** A query of account ids, in one column. */
export type Among = RawBuilder<unknown>;

export const these = (accountIds: readonly string[]): Among => sql`select unnest(${accountIds}::text[])`;

/** `isOfPast`: what holds now may have been so for long: it is the first look, or files of the past have come in since the last one. */
type Turn = Definition & { isOfPast: boolean };

/** Nothing is held against rules before every table is loaded once: a customer without licenses yet would look like none. */
export async function isLoading(): Promise<boolean> {
  const { rows } = await sql`select from sync_states where phase <> 'live' and not is_paused limit 1`.execute(
    db,
  );
  return rows.length > 0;
}

/** The definition as it is now, kept from changing and from others who look; undefined where it is gone or paused. */
export async function takeTurn(tx: Tx, id: string): Promise<Turn | undefined> {
  await sql`set local statement_timeout to '5min'`.execute(tx);
  const { rows } = await sql<Turn>`
    select id, name, headline, rule, repeats, tells_past as "tellsPast", is_paused as "isPaused", looked_at as "lookedAt",
           changed_at as "changedAt", begun_at is null or exists (
             select from usage_imports u where u.started_at > coalesce(looked_at, 'epoch') - interval '2 hours') as "isOfPast"
    from insight_definitions where id = ${id} and deleted_at is null and not is_paused for update`.execute(
    tx,
  );
  return rows[0];
}

interface Look {
  definition: Turn;
  question: Question;
  at: Date;
}

/**
 * Keeps which accounts are there now, and who no longer is. Those that were there when the rule was made are noted without a word,
 * unless it says otherwise.
 * @returns the accounts that have reached it now, and are to be told of
 */
export async function insertReached(tx: Tx, look: Look): Promise<string[]> {
  const { definition, question, at } = look;
  const { sources, condition } = compile(definition.rule, question);
  const isQuiet = definition.isOfPast && !definition.tellsPast;
  const { rows } = await sql<{ accountId: string }>`
    with holding as materialized (
      select a.id from ${subjects('account')} ${sources}
      where ${existing(question)} and ${open(definition)} and ${condition}
    ), lapsed as (${lapsing(look)}),
    reached as (
      insert into milestones as m (definition_id, account_id, reached_at, was_there)
      select ${definition.id}::uuid, id, ${at}::timestamptz, ${isQuiet}::boolean from holding order by id
      on conflict (definition_id, account_id) do update
        set reached_at = excluded.reached_at, lapsed_at = null, times = m.times + 1, was_there = false
        where m.lapsed_at is not null and ${definition.repeats}::boolean
      returning account_id, was_there)
    select account_id as "accountId" from reached where not was_there order by account_id`.execute(tx);
  return rows.map(({ accountId }) => accountId);
}

/** What is told once for ever is not asked again of those who reached it. */
const open = ({ id, repeats }: Turn) =>
  repeats
    ? sql`true`
    : sql`not exists (select from milestones m where m.definition_id = ${id} and m.account_id = a.id)`;

function lapsing({ definition: { id, repeats }, question: { among }, at }: Look) {
  if (!repeats) return sql`select`;
  const asked = among === undefined ? sql`true` : sql`m.account_id in (${among})`;
  return sql`
    update milestones m set lapsed_at = ${at}
    where m.definition_id = ${id} and m.lapsed_at is null and ${asked}
      and not exists (select from holding where holding.id = m.account_id)`;
}

interface Kept {
  definitionId: string;
  question: Question;
  conditions: readonly Condition[];
  accountIds: readonly string[];
}

/** Keeps what the conditions looked at, beside what was reached. */
export async function keepEvidence(tx: Tx, { definitionId, question, conditions }: Kept): Promise<void> {
  if (conditions.length === 0) return;
  const { sources, values } = compileValues(conditions, question);
  const parts = values.map(
    (value, i) =>
      sql`jsonb_build_object('condition', ${JSON.stringify(conditions[i])}::jsonb, 'value', to_jsonb(${value}))`,
  );
  await sql`
    update milestones m set evidence = seen.evidence
    from (select a.id, jsonb_build_array(${sql.join(parts)}) as evidence
          from ${subjects('account')} ${sources} where ${existing(question)}) seen
    where m.definition_id = ${definitionId} and m.account_id = seen.id`.execute(tx);
}

/** One insight for each of these accounts; none that exists already. */
export async function insertMilestoneInsights(
  tx: Tx,
  { id, name, headline }: Definition,
  accountIds: readonly string[],
): Promise<Insight[]> {
  const { rows } = await sql<Insight>`
    insert into insights (account_id, kind, source, data, occurred_at, definition_id)
    select m.account_id, 'milestone.reached', 'milestone:' || m.definition_id || ':' || m.account_id || ':' || m.times,
           jsonb_build_object('name', ${name}::text, 'headline', ${headline}::text, 'evidence', m.evidence, 'reasons', '[]'::jsonb),
           m.reached_at, m.definition_id
    from milestones m where m.definition_id = ${id} and m.account_id = any(${accountIds})
    on conflict (source) do nothing
    returning ${insightColumns}`.execute(tx);
  return rows;
}

/** Every account was held against it. */
export async function noteLooked(tx: Tx, id: string, at: Date): Promise<void> {
  await sql`
    update insight_definitions set looked_at = ${at}, begun_at = coalesce(begun_at, ${at}) where id = ${id}`.execute(
    tx,
  );
}

export async function selectMilestones(scope: RawBuilder<boolean>, accountId: string): Promise<Milestone[]> {
  const { rows } = await sql<Milestone>`
    select m.definition_id as "definitionId", d.name, m.reached_at as "reachedAt", m.lapsed_at as "lapsedAt", m.times,
           m.was_there as "wasThere", m.evidence
    from milestones m join insight_definitions d on d.id = m.definition_id and d.deleted_at is null
    where ${scope} and m.account_id = ${accountId} order by m.reached_at desc, d.name limit 100`.execute(db);
  return rows;
}

/** Hangs what accounts reached on those that they became; what both had reached stays the other's. */
export async function moveMilestones(tx: Tx, batch: number): Promise<void> {
  await sql`
    with moves as (
      select from_id, to_id from mirror_moves where batch = ${batch} and table_name = 'accounts'),
    gone as (
      delete from milestones m using moves where m.account_id = moves.from_id returning m.*, moves.to_id)
    insert into milestones (definition_id, account_id, reached_at, lapsed_at, times, was_there, evidence)
    select distinct on (definition_id, to_id) definition_id, to_id, reached_at, lapsed_at, times, was_there, evidence from gone
    order by definition_id, to_id, reached_at
    on conflict do nothing`.execute(tx);
}
