import { ranks } from '../health/ranks.ts';
import { judgedOnAsSql } from '../health/replay.ts';
import { now } from '../platform/clock.ts';
import { db, transaction } from '../platform/db.ts';

import type { BacktestResult, SideResult } from './backtest.ts';
import * as queries from './backtest.queries.ts';
import { estimate } from './backtest-bootstrap.ts';
import { asOfDays, type BacktestChoices, isWarning, LOOK_BACK, type Side, SPAN } from './backtest-choices.ts';
import { calibration, type Judged, leadOf, measure, NEEDED } from './backtest-measure.ts';
import { daysBefore } from './months.ts';

/**
 * A job: outcomes first, then one as-of day after another, each in a transaction of its own, and the result at the end. It goes on where
 * it was when it broke off, and may run twice, even at once: whoever comes second finds the day done.
 */
export async function runBacktest({ id }: { id: string }): Promise<void> {
  try {
    while (await doNextDay(id));
  } catch (error) {
    await queries.markFailed(id, error instanceof Error ? error.message.slice(0, 500) : String(error), now());
    throw error;
  }
}

/** @returns false when nothing is left to do */
async function doNextDay(id: string): Promise<boolean> {
  const left = await transaction(async (tx) => {
    const held = await queries.holdBacktest(tx, id);
    if (held === undefined || held.state === 'done') return undefined;
    const { sides, choices, today, daysDone } = held;
    await queries.markRunning(tx, id);
    const days = asOfDays(today, choices.step);
    const day = days[daysDone];
    if (day === undefined) return { sides, choices, isOver: true };
    if (daysDone === 0)
      await queries.insertOutcomes(tx, id, { after: daysBefore(today, SPAN), until: today });
    for (const [side, { profiles }] of sides.entries()) {
      const judged = await judgedOnAsSql(day, profiles);
      await queries.insertJudgements(tx, { id, side, day, lookBack: LOOK_BACK }, judged);
    }
    await queries.markDay(tx, id, daysDone + 1);
    return { sides, choices, isOver: false };
  });
  if (left?.isOver === true) await finish(id, left);
  return left !== undefined && !left.isOver;
}

async function finish(
  id: string,
  { sides, choices }: { sides: readonly Side[]; choices: BacktestChoices },
): Promise<void> {
  const lines = await Promise.all(sides.map((_, side) => linesOf(id, side, choices)));
  const result = await resultOf(sides, lines);
  await queries.markDone(db, id, result, now());
}

/** Every outcome of a side with its judgement. */
export async function linesOf(
  id: string,
  side: number,
  { notice, warning }: BacktestChoices,
): Promise<queries.Line[]> {
  const warnings = ranks.filter((rank) => isWarning(rank, warning));
  return await queries.selectLines({ id, side, notice: Number(notice), warnings });
}

/** Only outcomes that every side could judge are counted, so that two sides are held against the same ones. */
async function resultOf(sides: readonly Side[], lines: readonly queries.Line[][]): Promise<BacktestResult> {
  const all = lines[0]?.length ?? 0;
  const comparable = Array.from({ length: all }, (_, at) => at).filter((at) =>
    lines.every((side) => side[at]?.score != null),
  );
  const judged = lines.map((side) => comparable.flatMap((at) => judgedOf(side[at])));
  const { sides: estimates, difference } = await estimate(judged);
  const results = estimates.map((one, side) =>
    sideResult(sides[side]?.name ?? '', judged[side] ?? [], {
      estimates: one,
      unjudged: all - comparable.length,
    }),
  );
  const { lost, outcomes } = measure(judged[0] ?? []);
  return {
    verdict: verdictOf(lost, estimates[0]?.ranking),
    outcomes,
    lost,
    needed: NEEDED,
    monthsToGo: lost === 0 || lost >= NEEDED ? null : Math.ceil(((NEEDED - lost) * 12) / lost),
    sides: results,
    difference: difference ?? null,
  };
}

const sideResult = (
  name: string,
  judged: readonly Judged[],
  known: Pick<SideResult, 'estimates' | 'unjudged'>,
): SideResult => ({
  name,
  measures: measure(judged),
  lead: leadOf(judged) ?? null,
  bands: calibration(judged),
  ...known,
});

const judgedOf = (line: queries.Line | undefined): Judged[] =>
  line?.score == null ? [] : [{ ...line, score: line.score }];

function verdictOf(
  lost: number,
  ranking: { low: number; high: number } | undefined,
): BacktestResult['verdict'] {
  if (lost < NEEDED || ranking === undefined) return 'too-little';
  if (ranking.low > 0.5) return 'foretells';
  return ranking.high < 0.5 ? 'misleads' : 'no-better';
}
