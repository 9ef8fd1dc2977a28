import type { Locale } from '../../platform/locale.ts';

import { type ChartTable, type FigureKind, type Tone, type Writer, writerOf } from './figures.ts';
import { HEIGHT, labelsOf, percent, round, scaleOf, type Tick, type XLabel } from './scale.ts';

/** What each bar is made of, from below or from the left. */
export interface Part {
  label: string;
  tone: Tone;
}

/** One bar: a value for each part, in their order. */
export interface StackedItem {
  label: string;
  values: readonly number[];
  /** Where the bar leads, and where each of its parts does. */
  href?: string | undefined;
  hrefs?: readonly (string | undefined)[];
}

export interface StackedGiven {
  items: readonly StackedItem[];
  parts: readonly Part[];
  /** What the items are called, and what their sum. */
  heads: readonly [string, string];
  kind?: FigureKind;
  locale?: Locale;
}

interface DrawnPart extends Part {
  title: string;
  href: string | undefined;
  text: string;
}

/** Columns whose parts stand on each other. */
export interface StackedColumns {
  height: number;
  ticks: Tick[];
  labels: XLabel[];
  parts: readonly Part[];
  bars: {
    x: string;
    width: string;
    slotX: string;
    slotWidth: string;
    title: string;
    href: string | undefined;
    parts: (DrawnPart & { y: number; height: number })[];
  }[];
  isLinked: boolean;
  table: ChartTable;
}

/** Vertical bars made of parts. */
export function stackedColumns(given: StackedGiven): StackedColumns {
  const { items, parts } = given;
  const write = writerOf(given.kind, given.locale);
  const { y, ticks } = scaleOf(items.map(sumOf), write);
  const step = 1 / Math.max(1, items.length);
  const bars = items.map((item, index) => {
    let below = 0;
    const drawn = partsOf(item, parts, write).flatMap((part, at) => {
      const from = below;
      below += item.values[at] ?? 0;
      const top = y(below);
      return below > from ? [{ ...part, y: top, height: round(Math.max(1, y(from) - top)) }] : [];
    });
    return {
      x: percent((index + 0.15) * step),
      width: percent(step * 0.7),
      slotX: percent(index * step),
      slotWidth: percent(step),
      title: titleOf(item, parts, write),
      href: item.href,
      parts: drawn,
    };
  });
  const labels = labelsOf(items.map(({ label }) => label), (index) => (index + 0.5) * step); // prettier-ignore
  const isLinked = items.some(({ href }) => href !== undefined);
  return { height: HEIGHT, ticks, labels, parts, bars, isLinked, table: tableOf(given, write) };
}

/** Horizontal bars made of parts: a table in which each row has its bar and its figures. */
export interface StackedRows {
  heads: readonly string[];
  parts: readonly Part[];
  rows: {
    label: string;
    href: string | undefined;
    total: string;
    parts: (DrawnPart & { x: string; width: string })[];
    cells: DrawnPart[];
  }[];
}

/** Horizontal bars made of parts; each bar takes all the room (`whole`), or as much as its sum is of the largest (`sum`). */
export function stackedRows(given: StackedGiven & { length?: 'whole' | 'sum' }): StackedRows {
  const { items, parts, heads, length = 'sum' } = given;
  const write = writerOf(given.kind, given.locale);
  const most = Math.max(1, ...items.map(sumOf));
  const drawn = items.map((item) => {
    const all = length === 'whole' ? sumOf(item) || 1 : most;
    const cells = partsOf(item, parts, write);
    let before = 0;
    const bars = cells.flatMap((part, at) => {
      const value = item.values[at] ?? 0;
      const x = before / all;
      before += value;
      return value > 0 ? [{ ...part, x: percent(x), width: percent(value / all) }] : [];
    });
    return { label: item.label, href: item.href, total: write.full(sumOf(item)), parts: bars, cells };
  });
  return { heads: [heads[0], ...parts.map(({ label }) => label), heads[1]], parts, rows: drawn };
}

const sumOf = ({ values }: StackedItem): number => values.reduce((sum, value) => sum + value, 0);

function partsOf({ label, values, hrefs }: StackedItem, parts: readonly Part[], write: Writer): DrawnPart[] {
  return parts.map((part, at) => {
    const text = write.full(values[at] ?? 0);
    return { ...part, text, title: `${label}, ${part.label}: ${text}`, href: hrefs?.[at] };
  });
}

const titleOf = (item: StackedItem, parts: readonly Part[], write: Writer): string =>
  `${item.label}: ${parts.map(({ label }, at) => `${label} ${write.full(item.values[at] ?? 0)}`).join(', ')}`;

function tableOf({ items, parts, heads }: StackedGiven, write: Writer): ChartTable {
  return {
    heads: [heads[0], ...parts.map(({ label }) => label), heads[1]],
    rows: items.map((item) => ({
      label: item.label,
      href: item.href,
      cells: [...parts.map((_, at) => write.full(item.values[at] ?? 0)), write.full(sumOf(item))],
    })),
  };
}
