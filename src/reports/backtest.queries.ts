import type { RawBuilder } from 'kysely';

import './tables.ts';
import { notRemoved } from '../accounts/removals.ts';
import { db, sql, type Db, type Tx } from '../platform/db.ts';

import type { Backtest } from './backtest.ts';
import type { BacktestChoices, Side } from './backtest-choices.ts';
import type { Judged } from './backtest-measure.ts';
import { coverage } from './groups.queries.ts';

interface Started {
  id: string;
  sides: readonly Side[];
  choices: BacktestChoices;
  today: string;
  days: number;
  by: string;
  at: Date;
}

export async function insertBacktest(
  tx: Tx,
  { id, sides, choices, today, days, by, at }: Started,
): Promise<void> {
  await tx
    .insertInto('backtests')
    .values({
      id,
      sides: JSON.stringify(sides),
      choices: JSON.stringify(choices),
      today,
      days_all: days,
      asked_by: by,
      asked_at: at,
    }) // prettier-ignore
    .execute();
}

const columns = sql`
  b.id, b.sides, b.choices, b.today, b.state, b.days_done as "daysDone", b.days_all as "daysAll", b.error, p.name as "askedBy",
  b.asked_at as "askedAt", b.finished_at as "finishedAt"`;

export async function selectBacktests(scope: RawBuilder<boolean>): Promise<Backtest[]> {
  const { rows } = await sql<Backtest>`
    select ${columns}, jsonb_build_object('verdict', b.result -> 'verdict', 'lost', b.result -> 'lost', 'outcomes', b.result -> 'outcomes') as result
    from backtests b left join people p on p.id = b.asked_by where ${scope} order by b.asked_at desc limit 50`.execute(
    db,
  );
  return rows;
}

export async function selectBacktest(id: string, scope: RawBuilder<boolean>): Promise<Backtest | undefined> {
  const { rows } = await sql<Backtest>`
    select ${columns}, b.result from backtests b left join people p on p.id = b.asked_by where b.id = ${id} and ${scope}`.execute(
    db,
  );
  return rows[0];
}

/** The backtest's row, held until the transaction ends: two workers never do the same day. */
export async function holdBacktest(
  tx: Tx,
  id: string,
): Promise<Pick<Backtest, 'sides' | 'choices' | 'today' | 'state' | 'daysDone'> | undefined> {
  const { rows } = await sql<Pick<Backtest, 'sides' | 'choices' | 'today' | 'state' | 'daysDone'>>`
    select sides, choices, today, state, days_done as "daysDone" from backtests where id = ${id} for update`.execute(
    tx,
  );
  return rows[0];
}

/** Renewals of an account that are so near each other are one. */
const SAME_RENEWAL = 60;
/** A renewal that was lost, and the end of the support that it was for, are one outcome. */
const SAME_END = 120;

/**
 * What became of the renewals that were due in that time: renewal opportunities won or lost, and support that ended without one. Their
 * value is what the opportunity was worth, else what the account had paid in the year before.
 */
export async function insertOutcomes(
  tx: Tx,
  id: string,
  span: { after: string; until: string },
): Promise<void> {
  await sql`
    with ${coverage},
    renewal as (
      select o.account_id, o.close_on as due_on, o.is_won as kept, o.amount_minor as value
      from opportunities o
      where o.type = 'Renewal' and o.is_closed and o.deleted_at is null and o.account_id is not null
        and o.close_on > ${span.after}::date and o.close_on <= ${span.until}::date
    ), lapse as (
      select c.account_id, c.until_on as due_on, false as kept, null::bigint as value
      from coverage c
      where c.until_on > ${span.after}::date and c.until_on < ${span.until}::date and not exists (
        select from opportunities o where o.account_id = c.account_id and o.type = 'Renewal' and o.is_closed and not o.is_won
          and o.deleted_at is null and o.close_on between c.until_on - ${SAME_END}::int and c.until_on + ${SAME_END}::int)
    ), outcome as (
      select *, due_on - lag(due_on) over (partition by account_id order by due_on, kept desc) <= ${SAME_RENEWAL}::int as is_same
      from (select * from renewal union all select * from lapse) every
    )
    insert into backtest_outcomes (backtest_id, account_id, due_on, kept, value_minor)
    select ${id}, e.account_id, e.due_on, e.kept, coalesce(nullif(e.value, 0), (
      select sum(o.amount_minor) from opportunities o where o.account_id = e.account_id and o.is_won and o.deleted_at is null
        and o.close_on > e.due_on - 395 and o.close_on < e.due_on), 0)
    from outcome e join accounts a on a.id = e.account_id and a.deleted_at is null
    where e.is_same is not true and ${notRemoved('a.id')}
    on conflict do nothing`.execute(tx);
}

/** Judges the accounts whose outcome lies ahead of that day, at most so many days; `judged`: what health knew then. */
export async function insertJudgements(
  tx: Tx,
  { id, side, day, lookBack }: { id: string; side: number; day: string; lookBack: number },
  judged: RawBuilder<unknown>,
): Promise<void> {
  await sql`
    with ${judged},
    ahead as (
      select distinct account_id from backtest_outcomes
      where backtest_id = ${id} and due_on > ${day}::date and due_on <= ${day}::date + ${lookBack}::int
    )
    insert into backtest_judgements (backtest_id, side, day, account_id, rank, score)
    select ${id}, ${side}::int, ${day}::date, j.account_id, j.rank, j.score
    from judged j join ahead using (account_id) where j.rank is not null
    on conflict do nothing`.execute(tx);
}

export async function markRunning(tx: Db, id: string): Promise<void> {
  await sql`update backtests set state = 'running', error = null where id = ${id} and state in ('waiting', 'failed', 'running')`.execute(
    tx,
  );
}

export async function markDay(tx: Tx, id: string, daysDone: number): Promise<void> {
  await sql`update backtests set days_done = ${daysDone} where id = ${id}`.execute(tx);
}

export async function markDone(tx: Db, id: string, result: object, at: Date): Promise<void> {
  await sql`
    update backtests set state = 'done', result = ${JSON.stringify(result)}::jsonb, finished_at = ${at}, error = null
    where id = ${id} and state = 'running'`.execute(tx);
}

export async function markFailed(id: string, error: string, at: Date): Promise<void> {
  await sql`update backtests set state = 'failed', error = ${error}, finished_at = ${at} where id = ${id} and state <> 'done'`.execute(
    db,
  );
}

/** An outcome with how a side had judged the account; without a judgement where it was not paying yet, or not judged. */
export interface Line extends Omit<Judged, 'score'> {
  dueOn: string;
  judgedOn: string | null;
  rank: string | null;
  score: number | null;
}

/**
 * Every outcome of a side: the judgement of the last day that left enough notice, and since when the warning had stood then without
 * a break.
 */
export async function selectLines({
  id,
  side,
  notice,
  warnings,
}: {
  id: string;
  side: number;
  notice: number;
  warnings: readonly string[];
}): Promise<Line[]> {
  const { rows } = await sql<Line>`
    with judgement as (
      select o.account_id, o.due_on, j.day, j.rank, j.score, j.rank = any(${warnings}) as warned
      from backtest_outcomes o
      join backtest_judgements j on j.backtest_id = o.backtest_id and j.side = ${side}::int and j.account_id = o.account_id
        and j.day <= o.due_on - ${notice}::int
      where o.backtest_id = ${id}
    ), decisive as (
      select distinct on (account_id, due_on) * from judgement order by account_id, due_on, day desc
    ), calm as (
      select account_id, due_on, max(day) as day from judgement where not warned group by account_id, due_on
    ), since as (
      select j.account_id, j.due_on, min(j.day) as day from judgement j left join calm c using (account_id, due_on)
      where j.warned and (c.day is null or j.day > c.day) group by j.account_id, j.due_on
    )
    select o.account_id as "accountId", o.due_on as "dueOn", o.kept, o.value_minor as "valueMinor", d.day as "judgedOn", d.rank, d.score,
      coalesce(d.warned, false) as warned, case when d.warned then o.due_on - s.day else 0 end as "leadDays"
    from backtest_outcomes o left join decisive d using (account_id, due_on) left join since s using (account_id, due_on)
    where o.backtest_id = ${id} order by o.due_on, o.account_id`.execute(db);
  return rows;
}

/** Names of accounts, for a download. */
export async function selectNames(id: string): Promise<Map<string, string>> {
  const { rows } = await sql<{ id: string; name: string }>`
    select distinct a.id, a.name from backtest_outcomes o join accounts a on a.id = o.account_id where o.backtest_id = ${id}`.execute(
    db,
  );
  return new Map(rows.map((row) => [row.id, row.name]));
}
