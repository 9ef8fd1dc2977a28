import type { RawBuilder } from 'kysely';

import { db, sql, type Tx } from '../../platform/db.ts';

import { isHeld, isMeasured } from './goal-counting.queries.ts';
import type { Goal } from '../definition/goals.ts';
import type { Group } from './intervals.ts';
import { flagOf, type Mark, type Outcome } from '../outcomes/outcomes.ts';
import type { ComparedRow, Results, Span } from './results.ts';
import type { MeasuredVariant } from './variants.ts';

/** Campaigns of which anything may have changed: something of them went out since, and there is a goal, a holdout or a choice of variants. */
export async function selectToMeasure(since: Date): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    select distinct r.campaign_id as id from runs r left join run_statistics s on s.run_id = r.id
    where r.planned_at is not null and not r.is_dry and coalesce(r.ended_at, 'infinity') > ${since}
      and (s.counts ? 'skipped:holdout' or exists (select from run_goals g where g.run_id = r.id)
        or exists (
          select from message_versions v where v.message_id = (r.fixed ->> 'messageId')::uuid
            and v.version = (r.fixed ->> 'messageVersion')::integer and jsonb_array_length(v.content -> 'weights') > 1))
    order by 1`.execute(db);
  return rows.map(({ id }) => id);
}

/** The runs that are measured: those that went their way to the end or are on it. */
export async function selectRuns(
  tx: Tx,
  campaignId: string,
): Promise<{ id: number; isHoldingOut: boolean }[]> {
  const { rows } = await sql<{ id: number; isHoldingOut: boolean }>`
    select r.id, coalesce((s.counts ->> 'skipped:holdout')::bigint, 0) > 0 as "isHoldingOut"
    from runs r left join run_statistics s on s.run_id = r.id
    where r.campaign_id = ${campaignId} and r.planned_at is not null and not r.is_dry and r.state <> 'cancelled' order by r.id`.execute(
    tx,
  );
  return rows;
}

export async function settle(tx: Tx): Promise<void> {
  await sql`
    select set_config('statement_timeout', '300000', true), set_config('work_mem', '64MB', true), set_config('jit', 'off', true)`.execute(
    tx,
  );
}

/** Stages the people of runs, each human's row once: that of the first run that was about it. Who is held out is so in all of them. */
export async function stagePeople(tx: Tx, runIds: readonly number[]): Promise<void> {
  await sql`
    create temporary table result_people on commit drop as
    select distinct on (d.person_id) d.run_id, d.n, d.account_id, ${isHeld} as is_held
    from deliveries d where d.run_id = any(${[...runIds]}::bigint[]) and ${isMeasured} order by d.person_id, d.run_id`.execute(
    tx,
  );
  await sql`analyze result_people`.execute(tx);
}

/** The goal of the campaign's latest run that has one. */
export async function selectGoal(
  tx: Tx,
  runIds: readonly number[],
): Promise<{ id: number; definition: Goal } | undefined> {
  const { rows } = await sql<{ id: number; definition: Goal }>`
    select g.id, g.definition from run_goals r join goals g on g.id = r.goal_id
    where r.run_id = any(${[...runIds]}::bigint[]) and r.is_main order by r.run_id desc limit 1`.execute(tx);
  return rows[0];
}

/** Of those to whom it was sent and who did not meet the goal before: how many reached it. */
export async function countReached(
  tx: Tx,
  runIds: readonly number[],
  goalId: number,
): Promise<{ count: number; of: number; before: number }> {
  const { rows } = await sql<{ count: number; of: number; before: number }>`
    with measured as (select run_id from run_goals where goal_id = ${goalId} and run_id = any(${[...runIds]}::bigint[])),
    sent as (
      select count(*) as sent, count(b.n) as before
      from deliveries d left join goal_beforehand b on b.run_id = d.run_id and b.goal_id = ${goalId} and b.n = d.n
      where d.run_id in (select run_id from measured) and d.state = 'sent')
    select (select count(*) from goal_conversions k where k.goal_id = ${goalId} and k.is_sent and k.run_id in (select run_id from measured)) as count,
      sent - before as of, before from sent`.execute(tx);
  return rows[0] ?? { count: 0, of: 0, before: 0 };
}

export interface Groups {
  meant: Group;
  held: Group;
}

/** Whether each reached the goal; those who met it beforehand are no part of it. */
export const reachedOf = (goalId: number) => sql`
  select p.is_held, p.account_id, (k.n is not null)::integer as reading
  from result_people p join run_goals r on r.run_id = p.run_id and r.goal_id = ${goalId}
  left join goal_conversions k on k.run_id = p.run_id and k.goal_id = ${goalId} and k.n = p.n
  where not exists (select from goal_beforehand b where b.run_id = p.run_id and b.goal_id = ${goalId} and b.n = p.n)`;

const moments = sql`
  (select distinct p.run_id, p.account_id, r.planned_at from result_people p join runs r on r.id = p.run_id) m`;

/** How their accounts' scores moved, from when the run was planned until now or so many days after. */
export const healthOf = (now: Date, days: number) => sql`
  select p.is_held, p.account_id, m.reading from result_people p join (
    select m.run_id, m.account_id, (after.score - before.score)::float8 as reading from ${moments},
      lateral (select score from health_history h where h.account_id = m.account_id and h.occurred_at <= m.planned_at order by h.id desc limit 1) before,
      lateral (select score from health_history h where h.account_id = m.account_id
        and h.occurred_at <= least(${now}::timestamptz, m.planned_at + make_interval(days => ${days})) order by h.id desc limit 1) after
  ) m using (run_id, account_id) where m.reading is not null`;

/** Whether their accounts' renewals that were decided within so many days after were won; accounts without one are no part of it. */
export const renewalOf = (days: number) => sql`
  select p.is_held, p.account_id, m.reading from result_people p join (
    select m.run_id, m.account_id, bool_and(o.is_won)::integer as reading from ${moments}
    join opportunities o on o.account_id = m.account_id and o.type = 'Renewal' and o.is_closed and o.deleted_at is null
      and o.close_on between m.planned_at::date and m.planned_at::date + ${days}::integer
    group by 1, 2) m using (run_id, account_id)`;

/** What readings come to in each group, with how far accounts differ. @returns undefined where a group is empty */
export async function compareGroups(tx: Tx, readings: RawBuilder<unknown>): Promise<Groups | undefined> {
  const { rows } = await sql<Group & { isHeld: boolean }>`
    with y as materialized (${readings}),
    m as (select is_held, count(*) as n, sum(reading) as s, avg(reading::float8) as mean from y group by is_held),
    c as (select is_held, account_id, sum(reading - mean) as off from y join m using (is_held) group by 1, 2)
    select m.is_held as "isHeld", n as of, s::float8 as sum, count(*) as accounts,
      coalesce(sum(off * off) / (n::float8 * n) * count(*) / nullif(count(*) - 1, 0), 0)::float8 as variance
    from m join c using (is_held) group by m.is_held, n, s`.execute(tx);
  const group = (wanted: boolean) => rows.find(({ isHeld }) => isHeld === wanted);
  const [meant, held] = [group(false), group(true)];
  if (meant === undefined || held === undefined) return undefined;
  return { meant: withoutArm(meant), held: withoutArm(held) };
}

const withoutArm = ({ of, sum, accounts, variance }: Group): Group => ({ of, sum, accounts, variance });

const having = (name: Outcome | Mark) =>
  sql`count(*) filter (where (d.flags & ${sql.lit(flagOf(name))}) <> 0)`;

const isByLot = sql`not exists (select from batches b where b.run_id = d.run_id and b.batch = d.batch and b.is_rest)`;

/** What became of the variants of the message that went out last; of those who were given one by lot, not of the rest that got the best one later. */
export async function measureVariants(tx: Tx, runIds: readonly number[]): Promise<MeasuredVariant[]> {
  const { rows } = await sql<MeasuredVariant>`
    with latest as (
      select fixed -> 'messageId' as message, fixed -> 'messageVersion' as version from runs
      where id = any(${[...runIds]}::bigint[]) and jsonb_typeof(fixed -> 'messageId') = 'string' order by id desc limit 1),
    same as (
      select r.id from runs r, latest l
      where r.id = any(${[...runIds]}::bigint[]) and r.fixed -> 'messageId' = l.message and r.fixed -> 'messageVersion' = l.version)
    select d.variant, count(*) as sent, ${having('delivered')} as delivered, ${having('opened')} as opened, ${having('clicked')} as clicked,
      ${having('machine_opened')} as "machineOpened", ${having('machine_clicked')} as "machineClicked",
      ${having('unsubscribed')} as unsubscribed, ${having('converted')} as converted
    from deliveries d where d.run_id in (select id from same) and d.state = 'sent' and ${isByLot} group by d.variant order by d.variant`.execute(
    tx,
  );
  return rows;
}

export async function keep(
  tx: Tx,
  campaignId: string,
  { results, at }: { results: Results; at: Date },
): Promise<void> {
  await sql`
    insert into campaign_results (campaign_id, measured_at, results) values (${campaignId}, ${at}, ${JSON.stringify(results)})
    on conflict (campaign_id) do update set measured_at = excluded.measured_at, results = excluded.results`.execute(
    tx,
  );
}

export async function selectResults(
  scope: RawBuilder<boolean>,
  campaignId: string,
): Promise<{ measuredAt: Date; results: Results } | undefined> {
  const { rows } = await sql<{ measuredAt: Date; results: Results }>`
    select measured_at as "measuredAt", results from campaign_results where campaign_id = ${campaignId} and ${scope}`.execute(
    db,
  );
  return rows[0];
}

const summed = (name: string) => sql`coalesce(sum((s.counts ->> ${sql.lit(name)})::bigint), 0)::bigint`;

/** Campaigns of which anything was sent in that time, the latest first, with their counters. */
export async function selectCompared(
  scope: RawBuilder<boolean>,
  { since, limit }: { since: Date; limit: number },
): Promise<ComparedRow[]> {
  const { rows } = await sql<ComparedRow>`
    select c.id, c.name, c.channel, c.message_class as "messageClass", count(*) as runs, max(r.triggered_at) as "lastAt",
      ${summed('sent')} as sent, ${summed('delivered')} as delivered, ${summed('opened')} as opened, ${summed('clicked')} as clicked,
      ${summed('machine_opened')} as "machineOpened", ${summed('machine_clicked')} as "machineClicked",
      ${summed('unsubscribed')} as unsubscribed, ${summed('complained')} as complained, k.results, k.measured_at as "measuredAt"
    from runs r join campaigns c on c.id = r.campaign_id left join run_statistics s on s.run_id = r.id
    left join campaign_results k on k.campaign_id = c.id
    where ${scope} and not r.is_dry and r.planned_at is not null and r.triggered_at >= ${since}
    group by c.id, k.campaign_id having ${summed('sent')} > 0 order by "lastAt" desc, c.id limit ${limit}`.execute(
    db,
  );
  return rows;
}

/** How many reached the goals of campaigns (or of one) on each day, after a message that they got. */
export async function selectReachedByDay(
  scope: RawBuilder<boolean>,
  { since, campaignId }: { since: Date; campaignId?: string | undefined },
): Promise<{ day: string; count: number }[]> {
  const { rows } = await sql<{ day: string; count: number }>`
    select (k.reached_at at time zone 'UTC')::date::text as day, count(*)
    from goal_conversions k join run_goals g on g.run_id = k.run_id and g.goal_id = k.goal_id join runs r on r.id = k.run_id
    where ${scope} and k.is_sent and g.is_main and k.reached_at >= ${since}
      and (${campaignId ?? null}::uuid is null or r.campaign_id = ${campaignId ?? null})
    group by 1 order by 1`.execute(db);
  return rows;
}

/** What a run came to by each of its goals, group by group. */
export async function selectRunGoals(
  scope: RawBuilder<boolean>,
  runId: number,
): Promise<
  {
    definition: Goal;
    isMain: boolean;
    since: Date;
    overAt: Date | null;
    isOfMessage: boolean;
    reached: Record<Span, number>;
    before: Record<Span, number>;
  }[]
> {
  const { rows } = await sql<never>`
    select g.definition, r.is_main as "isMain", r.since, r.over_at as "overAt", g.message_id is not null as "isOfMessage",
      (select json_build_object('sent', count(*) filter (where k.is_sent), 'held', count(*) filter (where k.is_held))
        from goal_conversions k where k.run_id = r.run_id and k.goal_id = r.goal_id) as reached,
      (select json_build_object('sent', count(*) filter (where not b.is_held), 'held', count(*) filter (where b.is_held))
        from goal_beforehand b where b.run_id = r.run_id and b.goal_id = r.goal_id) as before
    from run_goals r join goals g on g.id = r.goal_id where r.run_id = ${runId} and ${scope} order by r.is_main desc, g.id`.execute(
    db,
  );
  return rows;
}
