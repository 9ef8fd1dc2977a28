import { setImmediate as breathe } from 'node:timers/promises';

import { type Estimate, type Judged, measure, type Measures, wilson } from './backtest-measure.ts';

/* Bootstrap: the same outcomes drawn again and again, to see how much of a figure is luck. Accounts are drawn, with all their outcomes. */

/** The measures that get an interval. */
export const estimated = ['precision', 'recall', 'falseAlarms', 'lift', 'ranking', 'revenueCaught'] as const;
export type Estimated = (typeof estimated)[number];
export type Estimates = Record<Estimated, Estimate | undefined>;

const [MOST_DRAWS, FEWEST_DRAWS, MOST_WORK] = [1000, 200, 20_000_000];
const SEED = 20_261_122;

/**
 * The measures of each side with their 95 % intervals, and the difference of the second from the first where there are two: both are
 * drawn together, so that what the accounts have in common cancels out. The same outcomes give the same answer.
 */
export async function estimate(
  sides: readonly (readonly Judged[])[],
): Promise<{ sides: Estimates[]; difference: Estimates | undefined }> {
  const [first = []] = sides;
  const groups = groupsOf(first);
  const draws = Math.max(
    FEWEST_DRAWS,
    Math.min(MOST_DRAWS, Math.floor(MOST_WORK / Math.max(1, first.length))),
  );
  const random = randomFrom(SEED);
  const drawn: Measures[][] = sides.map(() => []);
  for (let draw = 0; draw < draws; draw += 1) {
    const weights = weightsOf(groups, first.length, random);
    sides.forEach((judged, side) => drawn[side]?.push(measure(judged, weights)));
    if (draw % 20 === 19) await breathe();
  }
  const measured = sides.map((judged) => measure(judged));
  return {
    sides: measured.map((real, side) => estimatesOf(real, drawn[side] ?? [])),
    difference: differenceOf(measured, drawn),
  };
}

/** The places of each account's outcomes. */
function groupsOf(judged: readonly Judged[]): number[][] {
  const groups = new Map<string, number[]>();
  judged.forEach(({ accountId }, index) => groups.set(accountId, [...(groups.get(accountId) ?? []), index]));
  return [...groups.values()];
}

function weightsOf(groups: readonly number[][], length: number, random: () => number): Uint16Array {
  const weights = new Uint16Array(length);
  const drawn = groups.map(() => groups[Math.floor(random() * groups.length)] ?? []);
  for (const index of drawn.flat()) weights[index] = (weights[index] ?? 0) + 1;
  return weights;
}

const estimatesOf = (real: Measures, drawn: readonly Measures[]): Estimates =>
  of((name) => {
    const drawnOnes = interval(real[name], drawn.map((one) => one[name])); // prettier-ignore
    return drawnOnes && drawnOnes.low === drawnOnes.high ? (withoutLuck(real, name) ?? drawnOnes) : drawnOnes;
  });

/**
 * Where every draw is the same (none of eight caught), drawing again says nothing of how much is luck: then Wilson's interval does. That
 * of money is taken from the count.
 */
function withoutLuck(real: Measures, name: Estimated): Estimate | undefined {
  const { caught, warned, lost, outcomes } = real;
  if (name === 'precision') return wilson(caught, warned);
  if (name === 'recall') return wilson(caught, lost);
  if (name === 'falseAlarms') return wilson(warned - caught, outcomes - lost);
  const value = real[name];
  if (value === undefined || name === 'ranking') return undefined;
  const share = name === 'lift' ? wilson(caught, warned) : wilson(caught, lost);
  const scale = name === 'lift' ? outcomes / lost : 1;
  return (
    share && { value, low: Math.min(value, share.low * scale), high: Math.max(value, share.high * scale) }
  );
}

function differenceOf(
  [first, second]: readonly Measures[],
  drawn: readonly Measures[][],
): Estimates | undefined {
  if (first === undefined || second === undefined) return undefined;
  const less = (one: Measures | undefined, other: Measures | undefined, name: Estimated) => {
    const [a, b] = [one?.[name], other?.[name]];
    return a === undefined || b === undefined ? undefined : b - a;
  };
  const [firsts = [], seconds = []] = drawn;
  return of((name) => interval(less(first, second, name), firsts.map((one, index) => less(one, seconds[index], name)))); // prettier-ignore
}

const of = (make: (name: Estimated) => Estimate | undefined): Estimates =>
  Object.fromEntries(estimated.map((name) => [name, make(name)])) as Estimates;

/** The middle 95 % of what was drawn. Draws in which there is nothing to take a share of say nothing. */
function interval(value: number | undefined, drawn: readonly (number | undefined)[]): Estimate | undefined {
  const known = drawn.filter((one) => one !== undefined).sort((a, b) => a - b);
  if (value === undefined || known.length === 0) return undefined;
  const at = (part: number) => known[Math.min(known.length - 1, Math.floor(part * known.length))] ?? value;
  return { value, low: Math.min(value, at(0.025)), high: Math.max(value, at(0.975)) };
}

/** Mulberry32: the same seed, the same draws. */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
