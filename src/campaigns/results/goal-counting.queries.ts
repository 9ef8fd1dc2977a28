import type { RawBuilder } from 'kysely';

import { db, sql, type Db, type Tx } from '../../platform/db.ts';
import { compile, existing } from '../../rules/compile.ts';
import type { Catalog } from '../../rules/fields.ts';
import type { Rule } from '../../rules/rules.ts';

import { reasonOf } from '../audience/eligibility.ts';
import { type Goal, isOfRule, type RuleGoal } from '../definition/goals.ts';
import { flagOf } from '../outcomes/outcomes.ts';

/** A goal that somebody may still reach. */
export interface OpenGoal {
  id: number;
  definition: Goal;
}

/* Rows that are settled and that a goal is asked of: sent, held out, or meant to get it and did not. Holdouts come before these reasons, so
   that those held out are like all others together. */
const missed = [reasonOf.personCap, reasonOf.accountCap];
export const isHeld = sql<boolean>`(d.state = 'skipped' and d.reason = ${sql.lit(reasonOf.holdout)})`;
export const isMeasured = sql<boolean>`(d.state in ('sent', 'failed')
  or d.state = 'skipped' and d.reason in (${sql.join([reasonOf.holdout, ...missed].map((reason) => sql.lit(reason)))}))`;

/** More rows than this, and tables are read whole instead of being looked up one by one. */
const LARGE = 5_000;

/** Signals may be noted that long after what they tell of. */
export const NOTED_WITHIN_DAYS = 2;

export async function selectOpen(): Promise<OpenGoal[]> {
  const { rows } = await sql<OpenGoal>`
    select g.id, g.definition from goals g
    where exists (select from run_goals r where r.goal_id = g.id and r.over_at is null) order by g.id`.execute(
    db,
  );
  return rows;
}

export async function isAnyOpen(at: Db): Promise<boolean> {
  const { rows } = await sql`select from run_goals where over_at is null limit 1`.execute(at);
  return rows.length > 0;
}

/** Runs that have goals by now, and none is noted of them: their campaign's, their message's. Tried ones have none. */
export async function selectUnmeasured(runId?: number): Promise<number[]> {
  const { rows } = await sql<{ id: number }>`
    select r.id from runs r join campaigns c on c.id = r.campaign_id
    where r.planned_at is not null and not r.is_dry and (${runId ?? null}::bigint is null or r.id = ${runId ?? null})
      and (c.goal is not null or exists (
        select from goals g where g.message_id = (r.fixed ->> 'messageId')::uuid and g.retired_at is null))
      and not exists (select from run_goals o where o.run_id = r.id) order by r.id`.execute(db);
  return rows.map(({ id }) => id);
}

/** Names the goals of a run, once. @returns those that are new */
export async function attach(tx: Tx, runId: number, at: Date): Promise<OpenGoal[]> {
  await sql`
    insert into goals (campaign_id, definition, created_at)
    select c.id, c.goal, ${at} from runs r join campaigns c on c.id = r.campaign_id where r.id = ${runId} and c.goal is not null
    on conflict do nothing`.execute(tx);
  const { rows } = await sql<OpenGoal>`
    with meant as (
      select g.id, g.definition, g.campaign_id is not null or c.goal is null as is_main
      from runs r join campaigns c on c.id = r.campaign_id
      join goals g on g.campaign_id = c.id and g.definition = c.goal
        or g.message_id = (r.fixed ->> 'messageId')::uuid and g.retired_at is null
      where r.id = ${runId} and r.planned_at is not null and not r.is_dry),
    named as (
      insert into run_goals (run_id, goal_id, is_main, since) select ${runId}, id, is_main, ${at} from meant
      on conflict do nothing returning goal_id)
    select id, definition from meant join named on goal_id = id order by id`.execute(tx);
  return rows;
}

/** Two counts of a goal at a time would count the same people twice. @returns whether it is ours to count until the transaction ends */
export async function isOurTurn(tx: Tx, goalId: number): Promise<boolean> {
  await sql`select set_config('statement_timeout', '300000', true)`.execute(tx);
  const { rows } = await sql<{ ours: boolean }>`
    select pg_try_advisory_xact_lock(hashtextextended(${`goal:${String(goalId)}`}, 0)) as ours`.execute(tx);
  return rows[0]?.ours ?? false;
}

interface Counted {
  goal: OpenGoal;
  catalog: Catalog;
  now: Date;
}

/** The goals of a run that are noted. */
export async function selectGoalsOf(tx: Tx, runId: number): Promise<OpenGoal[]> {
  const { rows } = await sql<OpenGoal>`
    select g.id, g.definition from run_goals r join goals g on g.id = r.goal_id where r.run_id = ${runId} order by g.id`.execute(
    tx,
  );
  return rows;
}

/**
 * Notes whom of a run, or of a cohort of it that waits, a goal's rule holds of already: they have nothing to reach. Of signals, only what comes
 * counts.
 */
export async function noteBeforehand(
  tx: Tx,
  { runId, cohort }: { runId: number; cohort?: number },
  counted: Counted,
): Promise<void> {
  const { goal } = counted;
  if (!isOfRule(goal.definition)) return;
  const which =
    cohort === undefined
      ? sql`(d.state = 'planned' or ${isMeasured})`
      : sql`d.state = 'planned' and d.batch in (select batch from batches where run_id = ${runId} and cohort = ${cohort})`;
  await stage(tx, sql`d.run_id = ${runId} and ${which}`);
  await sql`
    insert into goal_beforehand (run_id, goal_id, n, is_held)
    select g.run_id, ${goal.id}, g.n, g.is_held from ${meeting(goal.definition, counted)}
    on conflict do nothing`.execute(tx);
  await sql`drop table goal_look`.execute(tx);
}

/** Stages who may still reach a goal: their message is out, their window open. */
export async function stageOpen(tx: Tx, counted: Counted): Promise<void> {
  const { goal, now } = counted;
  const { definition } = goal;
  const longest = definition.days + (isOfRule(definition) ? 0 : NOTED_WITHIN_DAYS);
  const oldest = new Date(now.getTime() - longest * 86_400_000);
  await stage(
    tx,
    sql`d.run_id in (select run_id from run_goals where goal_id = ${goal.id} and over_at is null)
      and ${isMeasured} and d.settled_at > ${oldest}
      and not exists (select from goal_beforehand b where b.run_id = d.run_id and b.goal_id = ${goal.id} and b.n = d.n)
      and not exists (select from goal_conversions k where k.run_id = d.run_id and k.goal_id = ${goal.id} and k.n = d.n)`,
  );
}

async function stage(tx: Tx, which: RawBuilder<unknown>): Promise<void> {
  await sql`
    create temporary table goal_look on commit drop as
    select d.run_id, d.n, d.person_id, d.account_id, d.batch, d.settled_at, ${isHeld} as is_held, d.state = 'sent' as is_sent
    from deliveries d where ${which}`.execute(tx);
  await sql`analyze goal_look`.execute(tx);
  const { rows } = await sql<{ count: number }>`select count(*) from goal_look`.execute(tx);
  await sql`
    select set_config('enable_nestloop', ${(rows[0]?.count ?? 0) > LARGE ? 'off' : 'on'}, true), set_config('random_page_cost', '1.1', true),
      set_config('work_mem', '64MB', true), set_config('jit', 'off', true)`.execute(tx);
}

/* Rows of the look, as `g`, of which the rule holds now. */
function meeting({ entity, rule }: RuleGoal, { catalog, now }: Counted): RawBuilder<unknown> {
  const among = sql`select account_id from goal_look`;
  const today = now.toISOString().slice(0, 10);
  const { sources, condition } = compile(rule as Rule, { entity, catalog, today, among });
  const people = entity === 'person' ? sql`join account_people p on p.id = g.person_id` : sql``;
  return sql`goal_look g ${people} join accounts a on a.id = ${entity === 'person' ? sql`p.account_id` : sql`g.account_id`} ${sources}
    where ${existing({ among })} and ${condition}`;
}

/* Rows of the look to whom the signal came within the window, with when. */
const signalled = (kind: string, days: number) => sql`
  select g.run_id, g.n, g.is_held, g.is_sent, min(s.occurred_at) as at
  from goal_look g join signals s on s.account_id = g.account_id and s.kind = ${kind} and s.rule_id is null
    and (s.person is null or s.person = g.person_id)
    and s.occurred_at > g.settled_at and s.occurred_at <= g.settled_at + make_interval(days => ${days})
  group by 1, 2, 3, 4`;

/** Keeps who of the look reached the goal, and marks their rows where it is the run's main goal. @returns by how many each run's counter grows */
export async function convert(tx: Tx, counted: Counted): Promise<{ runId: number; count: number }[]> {
  const { goal, now } = counted;
  const { definition } = goal;
  const reached = isOfRule(definition)
    ? sql`select g.run_id, g.n, g.is_held, g.is_sent, ${now}::timestamptz as at from ${meeting(definition, counted)}`
    : signalled(definition.signal, definition.days);
  await sql`
    create temporary table goal_reached on commit drop as
    with kept as (
      insert into goal_conversions (run_id, goal_id, n, is_held, is_sent, reached_at)
      select run_id, ${goal.id}, n, is_held, is_sent, at from (${reached}) r on conflict do nothing returning run_id, n, is_sent)
    select k.run_id, k.n, g.batch from kept k join goal_look g using (run_id, n)
    join run_goals r on r.run_id = k.run_id and r.goal_id = ${goal.id}
    where k.is_sent and r.is_main`.execute(tx);
  return await mark(tx);
}

/* Whoever else changes rows holds their batch first, in this order. */
async function mark(tx: Tx): Promise<{ runId: number; count: number }[]> {
  await sql`
    select from batches b join (select distinct run_id, batch from goal_reached) r using (run_id, batch)
    order by run_id, batch for no key update of b`.execute(tx);
  const bit = sql.lit(flagOf('converted'));
  const { rows } = await sql<{ runId: number; count: number }>`
    with marked as (
      update deliveries d set flags = d.flags | ${bit} from goal_reached r
      where d.run_id = r.run_id and d.n = r.n and (d.flags & ${bit}) = 0 returning d.run_id)
    select run_id as "runId", count(*) from marked group by 1 order by 1`.execute(tx);
  return rows;
}

/** Ends what nobody can reach any more: the run has ended, and the last of its windows. */
export async function endOver(tx: Tx, { goal, now }: Pick<Counted, 'goal' | 'now'>): Promise<void> {
  const days = goal.definition.days + NOTED_WITHIN_DAYS;
  await sql`
    update run_goals g set over_at = ${now} from runs r
    where g.goal_id = ${goal.id} and g.over_at is null and r.id = g.run_id and r.ended_at is not null
      and greatest(r.ended_at, g.since) + make_interval(days => ${days}) < ${now}`.execute(tx);
}
