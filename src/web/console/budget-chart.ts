import { features } from '../../platform/salesforce/budget/budget-rules.ts';
import type { BudgetReport, Spell } from '../../platform/salesforce/budget/budget-report.ts';
import type { ForecastPoint } from '../../platform/salesforce/budget/forecast.ts';

/** Who spends calls, as they are stacked from below. */
export const spenders = [...features, 'probe', 'others'] as const;

const WIDTH = 720;
const HEIGHT = 200;

export interface Tick {
  at: number;
  value: number;
}

export interface Bars {
  width: number;
  height: number;
  ticks: Tick[];
  bars: {
    at: Date;
    x: number;
    width: number;
    calls: number;
    parts: { name: string; y: number; height: number }[];
  }[];
}

/** Bars of calls, stacked by who made them; y runs from `height` (none) up to 0. */
export function stackedBars(spells: readonly Spell[]): Bars {
  const totals = spells.map(({ calls }) => Object.values(calls).reduce((sum, one) => sum + one, 0));
  const top = niceTop(Math.max(1, ...totals));
  const step = WIDTH / Math.max(1, spells.length);
  const bars = spells.map(({ at, calls }, i) => {
    let below = 0;
    const parts = spenders.flatMap((name) => {
      const count = calls[name] ?? 0;
      if (count <= 0) return [];
      below += count;
      return [{ name, y: round(HEIGHT - (below / top) * HEIGHT), height: round((count / top) * HEIGHT) }];
    });
    return { at, x: round(i * step + step * 0.1), width: round(step * 0.8), calls: totals[i] ?? 0, parts };
  });
  return { width: WIDTH, height: HEIGHT, ticks: ticksTo(top), bars };
}

export interface Course {
  width: number;
  height: number;
  from: Date;
  to: Date;
  ticks: Tick[];
  /** SVG path data: what was read, and what is foreseen from now on. */
  past: string;
  ahead: string;
  limitY: number;
  nowX: number;
}

/** The org's rolling count of the last day and the coming one, beside its limit; undefined before the first answer. */
export function courseOf(
  { org, readings, points }: Pick<BudgetReport, 'org' | 'readings' | 'points'>,
  at: Date,
): Course | undefined {
  if (org === undefined) return undefined;
  const day = 24 * 3_600_000;
  const [from, to] = [new Date(at.getTime() - day), new Date(at.getTime() + day)];
  const top = niceTop(Math.max(org.limit, ...points.map(({ used }) => used)));
  const x = (moment: Date) =>
    Math.min(WIDTH, Math.max(0, ((moment.getTime() - from.getTime()) / (2 * day)) * WIDTH));
  const y = (used: number) => HEIGHT - (used / top) * HEIGHT;
  const path = (line: readonly ForecastPoint[]) =>
    line
      .map((one, i) => `${i === 0 ? 'M' : 'L'}${String(round(x(one.at)))},${String(round(y(one.used)))}`)
      .join('');
  return {
    width: WIDTH, height: HEIGHT, from, to, ticks: ticksTo(top), limitY: round(y(org.limit)), nowX: round(x(at)),
    past: path([...readings, { at, used: org.used }]),
    ahead: path(points),
  }; // prettier-ignore
}

/** A round number that is at least this. */
function niceTop(value: number): number {
  const unit = 10 ** Math.floor(Math.log10(Math.max(1, value)));
  return ([1, 2, 2.5, 4, 5, 8].find((factor) => factor * unit >= value) ?? 10) * unit;
}

const ticksTo = (top: number): Tick[] =>
  [0, 0.5, 1].map((share) => ({ at: round(HEIGHT - share * HEIGHT), value: top * share }));

const round = (value: number): number => Math.round(value * 10) / 10;
