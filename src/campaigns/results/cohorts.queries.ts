import { db, sql, type Db, type Tx } from '../../platform/db.ts';

import type { Rollout } from '../definition/rollout.ts';
import type { CohortFigures, HeldDetail, HeldWhy } from './cohorts.ts';

/** Runs under way of which cohorts wait that nobody holds. */
export async function selectRollingOut(): Promise<number[]> {
  const { rows } = await sql<{ id: number }>`
    select distinct k.run_id as id from run_cohorts k join runs r on r.id = k.run_id
    where k.let_go_at is null and k.people > 0 and r.state = 'sending' and r.paused_at is null and not r.is_dry order by 1`.execute(
    db,
  );
  return rows.map(({ id }) => id);
}

/** The next cohort of a run, and how the one before it went out. */
export interface Turn {
  runId: number;
  campaign: string;
  rollout: Rollout;
  startedAt: Date;
  cohort: number;
  name: string;
  judgedAt: Date | null;
  passedAt: Date | null;
  heldAt: Date | null;
  /** Null before the first. */
  before: number | null;
  /** Whether messages of cohorts before it are still to be sent, or in doubt. */
  isGoingOut: boolean;
  /** When the last message of the cohort before went; null before the first. */
  lastAt: Date | null;
}

/** Cohorts that hold nobody are passed over. @returns undefined where none is left, or the run does not go on */
export async function selectTurn(at: Db, runId: number): Promise<Turn | undefined> {
  const { rows } = await sql<Turn>`
    select r.id as "runId", r.fixed ->> 'name' as campaign, r.fixed -> 'policy' -> 'rollout' as rollout,
      coalesce(r.started_at, r.triggered_at) as "startedAt", k.cohort, k.name, k.judged_at as "judgedAt", k.passed_at as "passedAt",
      k.held_at as "heldAt", p.cohort as before,
      exists (select from batches b where b.run_id = r.id and b.state in ('ready', 'sending', 'doubt')) as "isGoingOut",
      greatest(p.let_go_at, (select max(b.answered_at) from batches b where b.run_id = r.id and b.cohort = p.cohort)) as "lastAt"
    from runs r
    cross join lateral (
      select * from run_cohorts where run_id = r.id and let_go_at is null and people > 0 order by cohort limit 1) k
    left join lateral (
      select * from run_cohorts where run_id = r.id and let_go_at is not null and people > 0 order by cohort desc limit 1) p on true
    where r.id = ${runId} and r.state = 'sending' and r.paused_at is null and not r.is_dry`.execute(at);
  return rows[0];
}

/** Keeps a run as it is until the transaction ends. @returns whether it goes on */
export async function holdRun(tx: Tx, runId: number): Promise<boolean> {
  const { rows } = await sql`
    select from runs where id = ${runId} and state = 'sending' and paused_at is null and not is_dry for update`.execute(
    tx,
  );
  return rows.length > 0;
}

export async function isCohort(at: Db, runId: number, cohort: number): Promise<boolean> {
  const { rows } = await sql`
    select from run_cohorts where run_id = ${runId} and cohort = ${cohort}`.execute(at);
  return rows.length > 0;
}

interface By {
  at: Date;
  /** Null: it happened by itself. */
  by: string | null;
}

/** Its batches go out as soon as their hour allows. */
export async function letGo(tx: Tx, runId: number, cohort: number, { at, by }: By): Promise<void> {
  await sql`
    update batches set state = 'ready', due_at = greatest(due_at, ${at})
    where run_id = ${runId} and state = 'waiting' and cohort = ${cohort}`.execute(tx);
  await sql`
    update run_cohorts set let_go_at = ${at}, let_go_by = ${by}, held_at = null, held_by = null, held_why = null, held_detail = null
    where run_id = ${runId} and cohort = ${cohort}`.execute(tx);
}

/** Leaves out of a cohort who is there no more, or whose account was deleted or removed since the run was planned. @returns how many */
export async function leaveOutGone(tx: Tx, runId: number, cohort: number, at: Date): Promise<number> {
  const { numAffectedRows } = await sql`
    with gone as materialized (
      select d.n from batches b join deliveries d on d.run_id = b.run_id and d.batch = b.batch
      left join account_people p on p.id = d.person_id left join accounts a on a.id = p.account_id
      where b.run_id = ${runId} and b.cohort = ${cohort} and d.state = 'planned'
        and (a.id is null or a.deleted_at is not null or exists (select from removed_accounts r where r.account_id = a.id)))
    update deliveries d set state = 'skipped', reason = 'gone', settled_at = ${at} from gone where d.run_id = ${runId} and d.n = gone.n`.execute(
    tx,
  );
  return Number(numAffectedRows ?? 0);
}

export async function noteJudged(tx: Tx, runId: number, cohort: number, at: Date): Promise<void> {
  await sql`update run_cohorts set judged_at = ${at} where run_id = ${runId} and cohort = ${cohort}`.execute(
    tx,
  );
}

/** @returns whether it waited and nobody held it yet */
export async function hold(
  tx: Tx,
  runId: number,
  cohort: number,
  { at, by, why, detail }: By & { why: HeldWhy; detail: HeldDetail | null },
): Promise<boolean> {
  const { rows } = await sql`
    update run_cohorts set held_at = ${at}, held_by = ${by}, held_why = ${why}, held_detail = ${detail && JSON.stringify(detail)}::jsonb
    where run_id = ${runId} and cohort = ${cohort} and let_go_at is null and held_at is null and people > 0 returning cohort`.execute(
    tx,
  );
  return rows.length > 0;
}

/** Nobody holds it any more; what held it by itself does not again. @returns whether it was held */
export async function goOn(tx: Tx, runId: number, cohort: number, { at, by }: By): Promise<boolean> {
  const { rows } = await sql`
    update run_cohorts set held_at = null, held_by = null, held_why = null, held_detail = null,
      passed_at = case when held_why = 'person' then passed_at else ${at}::timestamptz end,
      passed_by = case when held_why = 'person' then passed_by else ${by}::uuid end
    where run_id = ${runId} and cohort = ${cohort} and let_go_at is null and held_at is not null returning cohort`.execute(
    tx,
  );
  return rows.length > 0;
}

/** What became of those to whom it went, by cohort: who has it, who could not be written to, and what they or their mailboxes said. */
export async function measureCohorts(
  at: Db,
  runId: number,
  { cohorts, flags }: { cohorts: readonly number[]; flags: Record<string, number> },
): Promise<Map<number, CohortFigures>> {
  const has = (...names: string[]) =>
    sql`d.flags & ${names.reduce((bits, name) => bits | (flags[name] ?? 0), 0)}::int <> 0`;
  const { rows } = await sql<CohortFigures & { cohort: number }>`
    select b.cohort, count(*) filter (where d.state in ('sent', 'failed')) as tried, count(*) filter (where d.state = 'sent') as sent,
      count(*) filter (where d.state = 'failed' or ${has('dropped')}) as failed, count(*) filter (where ${has('bounced', 'blocked')}) as bounced,
      count(*) filter (where ${has('complained')}) as complained, count(*) filter (where ${has('unsubscribed')}) as unsubscribed
    from batches b join deliveries d on d.run_id = b.run_id and d.batch = b.batch
    where b.run_id = ${runId} and b.cohort = any(${[...cohorts]}::smallint[]) group by b.cohort`.execute(at);
  return new Map(rows.map(({ cohort, ...figures }) => [cohort, figures]));
}

/** A cohort as it is written down, with who did what. */
export interface CohortRow {
  cohort: number;
  name: string;
  people: number;
  heldAt: Date | null;
  heldBy: string | null;
  heldWhy: HeldWhy | null;
  heldDetail: HeldDetail | null;
  passedAt: Date | null;
  letGoAt: Date | null;
  letGoBy: string | null;
  isGoingOut: boolean;
}

export async function selectCohorts(runId: number): Promise<CohortRow[]> {
  const { rows } = await sql<CohortRow>`
    select k.cohort, k.name, k.people, k.held_at as "heldAt", h.name as "heldBy", k.held_why as "heldWhy", k.held_detail as "heldDetail",
      k.passed_at as "passedAt", k.let_go_at as "letGoAt", l.name as "letGoBy",
      exists (select from batches b where b.run_id = k.run_id and b.cohort = k.cohort and b.state in ('ready', 'sending', 'doubt')) as "isGoingOut"
    from run_cohorts k left join people h on h.id = k.held_by left join people l on l.id = k.let_go_by
    where k.run_id = ${runId} order by k.cohort`.execute(db);
  return rows;
}

/** In which cohort of a run somebody is; undefined where they get nothing, or the run has none. */
export async function selectCohortOf(runId: number, personId: number): Promise<number | undefined> {
  const { rows } = await sql<{ cohort: number | null }>`
    select b.cohort from deliveries d join batches b on b.run_id = d.run_id and b.batch = d.batch
    where d.run_id = ${runId} and d.person_id = ${personId} order by d.n limit 1`.execute(db);
  return rows[0]?.cohort ?? undefined;
}
