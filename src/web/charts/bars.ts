import type { Locale } from '../../platform/locale.ts';

import { type ChartTable, type FigureKind, type Tone, writerOf } from './figures.ts';
import { HEIGHT, labelsOf, percent, round, scaleOf, type Tick, type XLabel } from './scale.ts';

/** One bar. */
export interface BarItem {
  label: string;
  value: number;
  tone?: Tone;
  /** Where a click on it leads. */
  href?: string | undefined;
}

export interface BarsGiven {
  items: readonly BarItem[];
  /** What the items and their values are called. */
  heads: readonly [string, string];
  kind?: FigureKind;
  locale?: Locale;
}

/** Columns beside each other: `x` and widths are shares of the room in percent, heights pixels. */
export interface Columns {
  height: number;
  ticks: Tick[];
  labels: XLabel[];
  bars: {
    x: string;
    width: string;
    slotX: string;
    slotWidth: string;
    y: number;
    height: number;
    tone: Tone;
    title: string;
    href: string | undefined;
  }[];
  isLinked: boolean;
  table: ChartTable;
}

/** Vertical bars, as for a span of time. */
export function columns({ items, heads, kind, locale }: BarsGiven): Columns {
  const write = writerOf(kind, locale);
  const { y, ticks } = scaleOf(items.map(({ value }) => value), write); // prettier-ignore
  const step = 1 / Math.max(1, items.length);
  const bars = items.map(({ label, value, tone = 'accent', href }, index) => {
    const top = value > 0 ? Math.min(y(value), HEIGHT - 2) : HEIGHT;
    return {
      x: percent((index + 0.15) * step),
      width: percent(step * 0.7),
      slotX: percent(index * step),
      slotWidth: percent(step),
      y: top,
      height: round(HEIGHT - top),
      tone,
      title: `${label}: ${write.full(value)}`,
      href,
    };
  });
  const labels = labelsOf(items.map(({ label }) => label), (index) => (index + 0.5) * step); // prettier-ignore
  const rows = items.map(({ label, href, value }) => ({ label, href, cells: [write.full(value)] }));
  const isLinked = items.some(({ href }) => href !== undefined);
  return { height: HEIGHT, ticks, labels, bars, isLinked, table: { heads, rows } };
}

/** Horizontal bars: a table in which each row has its bar, so that it is its own table. */
export interface Rows {
  heads: readonly [string, string];
  rows: { label: string; href: string | undefined; tone: Tone; width: string; text: string; title: string }[];
}

/** Horizontal bars, as for a few named things; the longest takes all the room. */
export function rows({ items, heads, kind, locale }: BarsGiven): Rows {
  const write = writerOf(kind, locale);
  const most = Math.max(0, ...items.map(({ value }) => value));
  const drawn = items.map(({ label, value, tone = 'accent', href }) => ({
    label,
    href,
    tone,
    width: percent(value > 0 ? Math.max(0.005, value / most) : 0),
    text: write.full(value),
    title: `${label}: ${write.full(value)}`,
  }));
  return { heads, rows: drawn };
}
