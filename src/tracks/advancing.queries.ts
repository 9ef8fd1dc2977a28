import type { RawBuilder } from 'kysely';

import { flagOf } from '../campaigns/outcomes/outcomes.ts';
import type { Goal } from '../campaigns/definition/goals.ts';
import { sql, type Db, type Tx } from '../platform/db.ts';
import type { Rule } from '../rules/rules.ts';

import { atGoal, type Look, meeting, signalled } from './conditions.queries.ts';
import { count } from './counts.queries.ts';
import type { Awaited } from './definition.ts';
import type { StopRow } from './flow.ts';

/*
 * A wave moves everybody whose time has come, as many as fit, by one step, in one transaction: `track_wave` holds them, with what came of their step
 * (`outcome`; null: they stay) or why they leave (`leaves`). Nothing here is done person by person.
 */

/** More than this many, and tables are read whole instead of being looked up one by one. */
const LARGE = 5_000;
const LONGEST = 300_000;

/** Tracks in which somebody's time has come. */
export async function selectDue(at: Db, now: Date): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    select t.id from tracks t where t.status = 'active' and exists (
      select from track_people p where p.track_id = t.id and p.state = 'in' and p.due_at <= ${now}) order by t.id`.execute(
    at,
  );
  return rows.map(({ id }) => id);
}

/** Takes those whose time has come, the longest due first; whom another process has, it passes over. @returns how many */
export async function claim(
  tx: Tx,
  { trackId, now, limit }: { trackId: string; now: Date; limit: number },
): Promise<number> {
  await sql`select set_config('statement_timeout', ${String(LONGEST)}, true), set_config('jit', 'off', true),
    set_config('work_mem', '64MB', true), set_config('random_page_cost', '1.1', true)`.execute(tx);
  await sql`
    create temporary table track_claimed (
      person_id bigint, entry smallint, version integer, step text, zone text, entered_at timestamptz, arrived_at timestamptz, until_at timestamptz
    ) on commit drop`.execute(tx);
  const { numAffectedRows = 0n } = await sql`
    insert into track_claimed
    select person_id, entry, version, step, zone, entered_at, arrived_at, until_at from track_people
    where track_id = ${trackId} and state = 'in' and due_at <= ${now} order by due_at limit ${limit} for update skip locked`.execute(
    tx,
  );
  return Number(numAffectedRows);
}

/** The steps that the claimed are at, and the versions that they came by. */
export async function selectPlaces(tx: Tx): Promise<{ version: number; step: string }[]> {
  const { rows } = await sql<{ version: number; step: string }>`
    select distinct version, step from track_claimed order by version, step`.execute(tx);
  return rows;
}

/** A place, and the step that it stands for now. */
export interface Resolved extends Pick<StopRow, 'key' | 'kind' | 'next' | 'arm_then' | 'arm_otherwise'> {
  from_version: number;
  version: number;
}

/** What came of each kind of step by itself; branches and waits for something are asked after. Whoever was looked at before their wait is over stays. */
const byItself = (now: Date) => sql`
  case s.kind when 'send' then 'handed_over' when 'tag' then 'tagged' when 'task' then 'task' when 'exit' then 'exit'
    when 'branch' then 'otherwise' when 'waitFor' then null
    else case when c.until_at is null or c.until_at <= ${now} then 'waited' end end`;

/** `is_again`: by a version in which steps stand in another order they come by one that they have passed; it is not done twice. */
export async function stageWave(
  tx: Tx,
  trackId: string,
  { resolved, claimed, now }: { resolved: readonly Resolved[]; claimed: number; now: Date },
): Promise<void> {
  await sql`select set_config('enable_nestloop', ${claimed > LARGE ? 'off' : 'on'}, true)`.execute(tx);
  await sql`
    create temporary table track_wave on commit drop as
    select c.person_id, c.entry, c.step, c.zone, c.entered_at, c.arrived_at, c.until_at, i.account_id, s.version, s.kind, s.next, s.arm_then,
      s.arm_otherwise, ${byItself(now)} as outcome, case when i.id is null then 'gone' when s.key is null then 'step_gone' end as leaves,
      d.step is not null as is_again, null::bigint as wave
    from track_claimed c
    left join jsonb_to_recordset(${JSON.stringify(resolved)}::jsonb) as s (
      from_version int, version int, key text, kind text, next text, arm_then text, arm_otherwise text)
      on s.from_version = c.version and s.key = c.step
    left join (select p.id, p.account_id from account_people p join accounts a on a.id = p.account_id
      where a.deleted_at is null and not exists (select from removed_accounts r where r.account_id = a.id)) i on i.id = c.person_id
    left join track_path d on d.track_id = ${trackId} and d.person_id = c.person_id and d.entry = c.entry and d.step = c.step`.execute(
    tx,
  );
  await sql`analyze track_wave`.execute(tx);
}

/** The accounts of the wave, to look at these alone. */
export const waveAccounts = sql`select account_id from track_wave`;

const isIn = sql`w.leaves is null`;

/** @param condition over `w` */
export async function haveLeave(
  tx: Tx,
  reason: 'rule' | 'goal',
  condition: RawBuilder<unknown>,
): Promise<void> {
  await sql`update track_wave w set leaves = ${reason} where ${isIn} and ${condition}`.execute(tx);
}

export const leaveUnless = (tx: Tx, rule: Rule, look: Look) =>
  haveLeave(tx, 'rule', sql`w.person_id not in (${meeting(rule, look)})`);

export const leaveAtGoal = (tx: Tx, goal: Goal, look: Look) =>
  haveLeave(
    tx,
    'goal',
    atGoal(goal, look, { person: sql`w.person_id`, account: sql`w.account_id`, since: sql`w.entered_at` }),
  );

interface At {
  version: number;
  key: string;
}

const standsAt = ({ version, key }: At) => sql`${isIn} and w.version = ${version} and w.step = ${key}`;

/** Of those at a branch, whom the rule holds for go on by `then`. */
export async function branch(tx: Tx, at: At, rule: Rule, look: Look): Promise<void> {
  await sql`update track_wave w set outcome = 'then' where ${standsAt(at)} and w.person_id in (${meeting(rule, look)})`.execute(
    tx,
  );
}

/** Of those who wait for something: to whom it came, they go on; for whom the time is over, too. Everybody else stays. */
export async function settleWait(tx: Tx, at: At, held: RawBuilder<unknown>, now: Date): Promise<void> {
  await sql`update track_wave w set outcome = 'held' where ${standsAt(at)} and ${held}`.execute(tx);
  await sql`
    update track_wave w set outcome = 'timed_out' where ${standsAt(at)} and w.outcome is null and w.until_at <= ${now}`.execute(
    tx,
  );
}

/** Whether what somebody waits for has come, over `w`: a row of a wave, or of track_people with its account_id. */
export function hasCome(awaited: Awaited, trackId: string, look: Look): RawBuilder<unknown> {
  const [person, account] = [sql`w.person_id`, sql`w.account_id`];
  switch (awaited.kind) {
    case 'rule':
      return awaited.rule === null ? sql`false` : sql`${person} in (${meeting(awaited.rule, look)})`;
    case 'signal':
      return awaited.signal === null
        ? sql`false`
        : signalled(awaited.signal, { person, account, since: sql`w.arrived_at` });
    case 'task':
      return isDone(trackId, awaited.step ?? '');
    case 'message':
      return hasAnswered(trackId, awaited.step ?? '', awaited.did);
  }
}

/* The last task of the step for them, or for their account, is closed or deleted in Salesforce. (No join: where joins by key are off, it would read all tasks for each.) */
const isDone = (trackId: string, step: string) => sql`
  (select coalesce((select s.is_closed or s.deleted_at is not null from salesforce_tasks s where s.rapport_id = k.id::text limit 1), false)
   from track_tasks k
   where k.track_id = ${trackId} and k.step = ${step} and k.account_id = w.account_id
     and (k.person_id is null or k.person_id = w.person_id and k.entry = w.entry)
   order by k.written_at desc limit 1)`;

/* Bits of what people did; machines have their own. */
const hasAnswered = (trackId: string, step: string, did: 'opened' | 'clicked') => sql`
  exists (
    select from track_path s join runs r on r.campaign_id = ${trackId} and r.trigger_key = 'wave:' || s.wave::text
    join deliveries d on d.run_id = r.id and d.person_id = s.person_id
    where s.track_id = ${trackId} and s.person_id = w.person_id and s.entry = w.entry and s.step = ${step}
      and d.flags & ${flagOf(did) | flagOf('clicked')} <> 0)`;

/** Who is handed over for their message at a step: they get a number, by which their run finds them. @returns it, and how many */
export async function handOver(tx: Tx, at: At): Promise<{ wave: number; people: number } | undefined> {
  const { rows } = await sql<{ wave: number; people: number }>`
    with meant as materialized (select nextval('track_waves') as wave where exists (
      select from track_wave w where ${standsAt(at)} and not w.is_again)),
    handed as (update track_wave w set wave = m.wave from meant m where ${standsAt(at)} and not w.is_again returning 1)
    select (select wave from meant) as wave, (select count(*) from handed) as people from meant`.execute(tx);
  return rows[0];
}

/** Whom a step does something about: those who are there for the first time. A query of `person_id`, `entry` and `account_id`. */
export const doneAt = (at: At): RawBuilder<unknown> =>
  sql`select w.person_id, w.entry, w.account_id from track_wave w where ${standsAt(at)} and not w.is_again`;

/** Writes down what everybody passed. */
export async function writePath(tx: Tx, trackId: string, now: Date): Promise<void> {
  await sql`
    insert into track_path (track_id, person_id, entry, step, version, arrived_at, passed_at, outcome, wave)
    select ${trackId}, w.person_id, w.entry, w.step, w.version, w.arrived_at, ${now}, w.outcome, w.wave
    from track_wave w where ${isIn} and w.outcome is not null and not w.is_again`.execute(tx);
}

/** Moves everybody to where they go, with when they are to be looked at there. */
export async function move(tx: Tx, trackId: string, stops: readonly StopRow[], now: Date): Promise<void> {
  await sql`
    create temporary table track_moves on commit drop as
    with going as materialized (
      select w.person_id, w.entry, w.zone, w.version, w.step, w.leaves, w.outcome, w.is_again, w.until_at,
        case when w.leaves is not null or w.outcome = 'exit' then null when w.outcome is null then w.step
          when w.outcome in ('then', 'held') then w.arm_then when w.outcome in ('otherwise', 'timed_out') then w.arm_otherwise else w.next end as at
      from track_wave w),
    stops as materialized (
      select * from jsonb_to_recordset(${JSON.stringify(stops)}::jsonb) as s (version int, key text, kind text, ms bigint, clock text, weekdays int[])),
    arrivals as materialized (
      select z.zone, s.version, s.key, next_local_time(${now}, z.zone, s.clock::time, s.weekdays) as due_at
      from (select distinct zone, version, at from going) z join stops s on s.version = z.version and s.key = z.at and s.kind = 'waitUntil')
    select g.person_id, g.entry, g.version, g.step, g.at, g.leaves, g.outcome, g.is_again, g.at is not distinct from g.step as stays,
      case when g.at = g.step then coalesce(g.until_at, e.until_at) when s.kind = 'waitFor' then ${now}::timestamptz
        else coalesce(e.until_at, ${now}::timestamptz) end as due_at,
      case when g.at = g.step then coalesce(g.until_at, e.until_at) else e.until_at end as until_at
    from going g left join stops s on s.version = g.version and s.key = g.at
    left join arrivals r on r.zone = g.zone and r.version = g.version and r.key = g.at
    cross join lateral (select coalesce(r.due_at, ${now}::timestamptz + s.ms * interval '1 millisecond') as until_at) e`.execute(
    tx,
  );
  await sql`analyze track_moves`.execute(tx);
  await sql`
    update track_people p set version = coalesce(m.version, p.version), step = m.at, due_at = case when m.at is not null then m.due_at end,
      until_at = m.until_at, arrived_at = case when m.stays then p.arrived_at else ${now}::timestamptz end,
      state = case when m.leaves is not null then 'left' when m.at is null then 'done' else 'in' end,
      ended_at = case when m.at is null then ${now}::timestamptz end, reason = m.leaves
    from track_moves m where p.track_id = ${trackId} and p.person_id = m.person_id and p.entry = m.entry`.execute(
    tx,
  );
}

/** Counts what the wave did. */
export async function countWave(tx: Tx, trackId: string): Promise<void> {
  const { rows } = await sql<{ name: string; count: number }>`
    select name, sum(change)::bigint as count from (
      select 'here:' || step as name, -count(*) as change from track_moves where not stays group by step
      union all select 'here:' || at, count(*) from track_moves where not stays and at is not null group by at
      union all select 'came:' || at, count(*) from track_moves where not stays and at is not null group by at
      union all select 'passed:' || step, count(*) from track_moves where leaves is null and outcome is not null and not is_again group by step
      union all select 'outcome:' || step || ':' || outcome, count(*) from track_moves
        where leaves is null and outcome is not null and not is_again group by step, outcome
      union all select 'left:' || leaves, count(*) from track_moves where leaves is not null group by leaves
      union all select 'done', count(*) from track_moves where leaves is null and at is null) c
    group by name`.execute(tx);
  await count(tx, trackId, Object.fromEntries(rows.map((row) => [row.name, row.count])));
}
