import type { Locale } from '../../platform/locale.ts';

import { type ChartTable, type FigureKind, type Tone, writerOf } from './figures.ts';
import { round } from './scale.ts';

/** One part of a whole. */
export interface Slice {
  label: string;
  value: number;
  tone: Tone;
  /** Where a click on it leads. */
  href?: string | undefined;
}

/** A slice as the lengths that SVG's dashes take on a circle whose circumference counts as 100. */
export interface DrawnSlice extends Slice {
  dash: string;
  offset: number;
  text: string;
  share: string;
  title: string;
}

export interface Ring {
  slices: DrawnSlice[];
  /** What stands in the middle. */
  center: string;
  heads: readonly [string, string, string];
  table: ChartTable;
}

export interface RingGiven {
  slices: readonly Slice[];
  /** What a slice, its value and its share are called in the table. */
  heads: readonly [string, string, string];
  center?: string | undefined;
  kind?: FigureKind;
  locale?: Locale;
}

/** A ring of shares, from the top, clockwise; what is nothing is left out of the drawing, not of its legend. */
export function ring({ slices, heads, center = '', kind, locale }: RingGiven): Ring {
  const write = writerOf(kind, locale);
  const shares = writerOf('share', locale);
  const total = slices.reduce((sum, { value }) => sum + value, 0);
  let before = 0;
  const drawn = slices.map((slice) => {
    const share = total === 0 ? 0 : slice.value / total;
    const gap = share < 1 ? 0.8 : 0;
    const length = round(Math.max(0.4, share * 100 - gap));
    const [text, shareText] = [write.full(slice.value), shares.short(share)];
    const one = {
      ...slice,
      dash: `${String(length)} ${String(round(100 - length))}`,
      offset: round(25 - before),
      text,
      share: shareText,
      title: `${slice.label}: ${text} (${shareText})`,
    };
    before += share * 100;
    return one;
  });
  const rows = drawn.map(({ label, href, text, share }) => ({ label, href, cells: [text, share] }));
  return { slices: drawn, center, heads, table: { heads, rows } };
}
