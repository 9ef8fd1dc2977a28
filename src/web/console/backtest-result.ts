import type { Translate } from '../../platform/words.ts';
import type { BacktestResult, SideResult } from '../../reports/backtest.ts';
import { type Estimated, estimated } from '../../reports/backtest-bootstrap.ts';
import type { Estimate } from '../../reports/backtest-measure.ts';
import { columns } from '../charts/bars.ts';
import { writerOf } from '../charts/figures.ts';
import { line } from '../charts/line.ts';

/** An estimate in words: the figure, and the interval in which it lies. */
export interface ShownEstimate {
  value: string;
  low: string;
  high: string;
}

/** A measure as a row of a table: a figure for each side, and what can be said of their difference. */
export interface ShownMeasure {
  name: Estimated;
  sides: (ShownEstimate | undefined)[];
  /** Undefined with one side alone. `told`: whether the difference is more than luck, and for whom it speaks. */
  difference: (ShownEstimate & { told: 'better' | 'worse' | 'none' }) | undefined;
}

const { full: percent } = writerOf('share');
const times = (value: number): string => `×${writerOf('decimal').full(value)}`;
const points = (value: number): string =>
  `${value > 0 ? '+' : value < 0 ? '−' : ''}${percent(Math.abs(value))}`;

const write = (name: Estimated): ((value: number) => string) => (name === 'lift' ? times : percent);
const signed = (name: Estimated): ((value: number) => string) =>
  name === 'lift' ? (value) => `${value > 0 ? '+' : ''}${writerOf('decimal').full(value)}` : points;

/** The measures of a result, side by side. */
export function measuresOf({ sides, difference }: BacktestResult): ShownMeasure[] {
  return estimated.map((name) => {
    const apart = difference?.[name];
    return {
      name,
      sides: sides.map(({ estimates }) => shown(estimates[name], write(name))),
      difference: apart && { ...spoken(apart, signed(name)), told: toldOf(name, apart) },
    };
  });
}

const spoken = ({ value, low, high }: Estimate, text: (value: number) => string): ShownEstimate => ({
  value: text(value),
  low: text(low),
  high: text(high),
});

const shown = (one: Estimate | undefined, text: (value: number) => string): ShownEstimate | undefined =>
  one && spoken(one, text);

/** More is better of everything but false alarms; an interval that holds 0 tells nothing. */
function toldOf(name: Estimated, { low, high }: Estimate): 'better' | 'worse' | 'none' {
  if (low <= 0 && high >= 0) return 'none';
  return low > 0 === (name !== 'falseAlarms') ? 'better' : 'worse';
}

/** The share of renewals that was lost, by the score beforehand: bars, or a line for each of two sides; undefined without any. */
export function calibrationChart({ sides }: BacktestResult, t: Translate) {
  const [first] = sides;
  if (first === undefined || first.measures.outcomes === 0) return undefined;
  const labels = first.bands.map(({ from, to }) => t('backtest.bandOf', { from, to }));
  const heads = [t('backtest.band'), t('backtest.lostShare')] as const;
  if (sides.length === 1) {
    const items = first.bands.map((band, index) => ({
      label: labels[index] ?? '',
      value: shareOf(band) ?? 0,
    }));
    return { view: 'columns', chart: columns({ items, heads, kind: 'share' }) };
  }
  const series = sides.map((side, index) => ({
    label: t('backtest.lostShareOf', { name: side.name }),
    tone: index === 0 ? ('1' as const) : ('2' as const),
    values: side.bands.map(shareOf),
  }));
  return { view: 'line', chart: line({ labels, head: heads[0], series, kind: 'share' }) };
}

const shareOf = ({ share }: SideResult['bands'][number]): number | null => share?.value ?? null;
