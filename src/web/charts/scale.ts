import type { Writer } from './figures.ts';

/** Charts are drawn this high, in pixels; as wide as there is room. */
export const HEIGHT = 200;

export interface Tick {
  y: number;
  label: string;
}

/** Where values are on the vertical scale: y runs from `HEIGHT` (the lowest) up to 0. */
export interface Scale {
  y: (value: number) => number;
  ticks: Tick[];
}

/** A scale whose top is a round number that holds all the values; its bottom is 0 unless a domain is given. Ticks are quarters, or those given. */
export function scaleOf(
  values: readonly number[],
  write: Writer,
  { domain, edges = [] }: { domain?: readonly [number, number] | undefined; edges?: readonly number[] } = {},
): Scale {
  const top = domain?.[1] ?? niceTop(Math.max(0, ...values));
  const bottom = domain?.[0] ?? 0;
  const y = (value: number) =>
    round(HEIGHT - ((Math.min(Math.max(value, bottom), top) - bottom) / (top - bottom || 1)) * HEIGHT);
  const quarters = [0, 0.25, 0.5, 0.75, 1].map((share) => bottom + share * (top - bottom));
  const wanted = edges.length > 0 ? [...new Set(edges)] : quarters;
  const ticks = wanted.map((value) => ({ y: y(value), label: write.short(value) }));
  return {
    y,
    ticks: ticks.filter(({ label }, index) => ticks.findIndex((one) => one.label === label) === index),
  };
}

/** A round number that is at least this. */
function niceTop(value: number): number {
  if (value <= 0) return 1;
  const unit = 10 ** Math.floor(Math.log10(value));
  return ([1, 1.2, 1.6, 2, 2.4, 3, 4, 5, 6, 8].find((factor) => factor * unit >= value) ?? 10) * unit;
}

export const round = (value: number): number => Math.round(value * 100) / 100;

export const percent = (share: number): string => `${String(round(share * 100))}%`;

/** A word below the chart: where it stands, and whether it may go when there is little room. */
export interface XLabel {
  x: string;
  text: string;
  anchor: 'start' | 'middle' | 'end';
  isMinor: boolean;
}

const MOST_LABELS = 9;

/** At most nine of the words, evenly; every second of them is minor. `at` says where a word stands, 0–1. */
export function labelsOf(texts: readonly string[], at: (index: number) => number): XLabel[] {
  const step = Math.max(1, Math.ceil(texts.length / MOST_LABELS));
  return texts.flatMap((text, index) => {
    if (index % step !== 0) return [];
    const x = at(index);
    const anchor = x <= 0.02 ? 'start' : x >= 0.98 ? 'end' : 'middle';
    return [{ x: percent(x), text, anchor, isMinor: (index / step) % 2 === 1 }];
  });
}
