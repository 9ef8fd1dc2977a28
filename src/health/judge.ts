import type { Condition, Flag, Indicator, Settings } from './settings.ts';
import { BANDS, bandOf, type Rank, type Reason, STEP } from './ranks.ts';
import { kindOf, type Reading, type Readings } from './readings.ts';
import { DAY } from '../platform/clock.ts';

/*
 * How health comes about, for one account. The statement in judgement.queries.ts does the same for any number of them; a test holds
 * one against the other.
 */

/** An indicator as it was read: its points from 0 to 100, or none where nothing is known. */
export interface Graded extends Indicator {
  value: number | string | null;
  points: number | undefined;
}

export interface Judgement {
  rank: Rank;
  score: number;
  graded: Graded[];
  raised: Flag[];
  missing: Reading[];
  reasons: Reason[];
}

/** What an account with these readings is on that day. */
export function judge(settings: Settings, readings: Readings, today: string): Judgement {
  const graded = settings.indicators.map((indicator) => gradedOf(indicator, readings, today));
  const raised = settings.flags.filter((flag) => isRaised(flag, readings, today));
  const { rank, points } = weighed(graded, raised.length, settings.shift);
  const missing = graded.filter(({ points }) => points === undefined).map(({ reading }) => reading);
  const score = withinBand(rank, points);
  return { rank, score, graded, raised, missing, reasons: reasonsOf(graded, raised, readings) };
}

function gradedOf(indicator: Indicator, readings: Readings, today: string): Graded {
  const value = readings[indicator.reading];
  const number = numberOf(indicator.reading, value, today);
  if (number !== undefined) return { ...indicator, value, points: pointsOf(indicator, number) };
  return { ...indicator, value, points: kindOf(indicator.reading).absent === 'fine' ? 100 : undefined };
}

/** A reading as thresholds meet it: a count as it is, a day as days before or after today. */
export function numberOf(reading: Reading, value: number | string | null, today: string): number | undefined {
  if (value === null) return undefined;
  if (typeof value === 'number') return value;
  const days = Math.round((Date.parse(today) - Date.parse(value)) / DAY);
  return kindOf(reading).unit === 'ahead' ? -days : days;
}

/**
 * Where the points of an indicator turn: 70 from its good threshold on, below 40 from its poor one on, and as far beyond each as
 * they are apart (or as the reading can go) 100 and 0.
 */
export function turnsOf({ reading, good, poor }: Pick<Indicator, 'reading' | 'good' | 'poor'>) {
  const { least = -Infinity, most = Infinity } = kindOf(reading);
  const within = (value: number) => Math.min(most, Math.max(least, value));
  return { worst: within(poor - (good - poor)), poor, good, best: within(good + (good - poor)) };
}

/** 0 to 100, in straight lines between the turns. */
export function pointsOf(indicator: Pick<Indicator, 'reading' | 'good' | 'poor'>, value: number): number {
  const { worst, poor, good, best } = turnsOf(indicator);
  const way = good > poor ? 1 : -1;
  const isPast = (turn: number) => way * value > way * turn;
  if (isPast(best) || value === best) return 100;
  if (isPast(good) || value === good) return 70 + (30 * (value - good)) / (best - good);
  if (isPast(poor)) return 40 + (30 * (value - poor)) / (good - poor);
  return isPast(worst) ? (39 * (value - worst)) / (poor - worst) : 0;
}

/** Whether all of a flag's conditions hold; what is not known raises none. */
export const isRaised = ({ conditions }: Flag, readings: Readings, today: string): boolean =>
  conditions.every((condition) => holds(condition, readings, today));

function holds({ reading, op, value }: Condition, readings: Readings, today: string): boolean {
  const number = numberOf(reading, readings[reading], today);
  if (number === undefined) return false;
  return op === 'at_least' ? number >= value : number <= value;
}

/** What an account is taken for of which nothing at all is known: average, as all the rest (HE4). */
export const UNKNOWN = 55;

/** The most that an account with one red flag can have; each further flag takes ten more. */
export const FLAGGED = { most: 35, each: 10 } as const;

/**
 * The primary indicators' mean sets the rank; the secondary ones' moves the score by up to `shift` points, down below 50, up above.
 * Without any primary reading, the secondary ones speak alone.
 */
function weighed(graded: readonly Graded[], flags: number, shift: number): { rank: Rank; points: number } {
  const primary = meanOf(graded.filter(({ kind }) => kind === 'primary'));
  const secondary = meanOf(graded.filter(({ kind }) => kind === 'secondary'));
  const base = primary ?? secondary ?? UNKNOWN;
  const moved = primary === undefined || secondary === undefined ? 0 : (shift * (secondary - 50)) / 50;
  if (flags === 0) return { rank: bandOf(base), points: base + moved };
  return { rank: 'poor', points: Math.min(base + moved, FLAGGED.most - FLAGGED.each * (flags - 1)) };
}

/** The weighted mean of what is known: the weight of what is missing goes to the others. */
function meanOf(graded: readonly Graded[]): number | undefined {
  let [points, weights] = [0, 0];
  for (const one of graded) {
    if (one.points === undefined) continue;
    points += one.points * one.weight;
    weights += one.weight;
  }
  return weights === 0 ? undefined : points / weights;
}

function withinBand(rank: Rank, points: number): number {
  const { from, to } = BANDS[rank];
  return Math.max(from, Math.min(to, STEP * Math.floor(points / STEP + 0.5)));
}

function reasonsOf(graded: readonly Graded[], raised: readonly Flag[], readings: Readings): Reason[] {
  const flags = raised.map(({ code, conditions }): Reason => {
    const facts = conditions.map(({ reading }) => ({ reading, value: readings[reading] }));
    return { kind: 'flag', code, grade: 'poor', facts };
  });
  const indicators = ['primary', 'secondary'].flatMap((kind) =>
    graded.filter((one) => one.kind === kind).flatMap(reasonOf),
  );
  return [...flags, ...indicators];
}

function reasonOf({ kind, reading, value, points }: Graded): Reason[] {
  if (points === undefined) return [];
  const grade = bandOf(points);
  if (kind === 'secondary' && grade === 'good') return [];
  return [{ kind, code: reading, grade, facts: [{ reading, value }] }];
}
