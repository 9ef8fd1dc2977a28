import type { Tone } from './figures.ts';
import { round } from './scale.ts';

/** A line without scales, as large as a word, for a row of a table. */
export interface Sparkline {
  width: number;
  height: number;
  path: string;
  /** The newest point. */
  end: { x: number; y: number } | undefined;
  tone: Tone;
}

const [WIDTH, TALL, MARGIN] = [96, 24, 3];

/** The line of these values, oldest first; between the lowest and the highest of them unless a domain is given. */
export function sparkline(
  values: readonly (number | null)[],
  { tone = 'accent', domain }: { tone?: Tone; domain?: readonly [number, number] } = {},
): Sparkline {
  const known = values.filter((value) => value !== null);
  const [low, high] = domain ?? [Math.min(...known), Math.max(...known)];
  const x = (index: number) =>
    round(MARGIN + (index / Math.max(1, values.length - 1)) * (WIDTH - 2 * MARGIN));
  const y = (value: number) => {
    const share = high === low ? 0.5 : (value - low) / (high - low);
    return round(TALL - MARGIN - share * (TALL - 2 * MARGIN));
  };
  const path = values
    .map((value, index) => {
      if (value === null) return '';
      return `${index > 0 && values[index - 1] != null ? 'L' : 'M'}${String(x(index))},${String(y(value))}`;
    })
    .join('');
  const last = values.findLastIndex((value) => value !== null);
  const newest = values[last];
  return {
    width: WIDTH,
    height: TALL,
    path,
    end: newest == null ? undefined : { x: x(last), y: y(newest) },
    tone,
  };
}
