import type { Distribution, HealthChange } from '../../health/health.ts';
import { RANKS, type Rank, ranks } from '../../health/ranks.ts';
import { DAY } from '../../platform/clock.ts';

const DAYS = 90;

/** A line of scores over the last 90 days, ready to be drawn in a box of `width` × `height`; y runs from 100 down to 0. */
export interface HealthChart {
  width: number;
  height: number;
  from: Date;
  to: Date;
  /** SVG path data: a step for each change, a gap where there was no score. */
  path: string;
  bands: { rank: Rank; y: number; height: number }[];
  end: { x: number; y: number; rank: Rank } | undefined;
}

/** The chart of an account's history (newest change first); undefined when it has had a score for less than a day. */
export function healthChart(history: readonly HealthChange[], to: Date): HealthChart | undefined {
  const first = history.findLast(({ score }) => score !== null);
  if (first === undefined || to.getTime() - first.occurredAt.getTime() < DAY) return undefined;
  const [width, height] = [600, 120];
  const from = new Date(to.getTime() - DAYS * DAY);
  const x = (at: Date) => round(Math.max(0, (at.getTime() - from.getTime()) / (DAYS * DAY)) * width);
  const y = (score: number) => round(height - (score / 100) * height);
  const [newest] = history;
  const { score, rank } = newest ?? { score: null, rank: null };
  const end = score === null || rank === null ? undefined : { x: width, y: y(score), rank };
  const path = pathOf(history.toReversed(), { x, y, end: width });
  return { width, height, from, to, bands: bandsOf(y), path, end };
}

const round = (value: number): number => Math.round(value * 10) / 10;

function bandsOf(y: (score: number) => number): HealthChart['bands'] {
  const edges = {
    good: [100, RANKS.good],
    average: [RANKS.good, RANKS.average],
    poor: [RANKS.average, 0],
  } as const;
  return ranks.map((rank) => ({ rank, y: y(edges[rank][0]), height: y(edges[rank][1]) - y(edges[rank][0]) }));
}

interface Scale {
  x: (at: Date) => number;
  y: (score: number) => number;
  end: number;
}

function pathOf(changes: readonly HealthChange[], { x, y, end }: Scale): string {
  return changes
    .map(({ score, occurredAt }, index) => {
      if (score === null) return '';
      const next = changes[index + 1];
      const until = next ? x(next.occurredAt) : end;
      const isJoined = index > 0 && changes[index - 1]?.score != null;
      return `${isJoined ? 'L' : 'M'}${String(x(occurredAt))},${String(y(score))}H${String(until)}`;
    })
    .join('');
}

/** How many points the score moved in the last 30 days; undefined when there was no score then, or is none now (AP2). */
export function trendOf(history: readonly HealthChange[], to: Date): number | undefined {
  const then =
    history.find(({ occurredAt }) => occurredAt.getTime() <= to.getTime() - 30 * DAY)?.score ?? undefined;
  const today = history[0]?.score ?? undefined;
  return then === undefined || today === undefined ? undefined : today - then;
}

/** A slice of a ring, as the lengths that SVG's dashes take on a circle whose circumference counts as 100. */
export interface Slice {
  rank: Rank;
  accounts: number;
  /** 0–1 */
  share: number;
  dash: string;
  offset: number;
}

/** The ring of ranks, from the top, clockwise; ranks that no account has are left out of the drawing, not of the table. */
export function ringOf({ ranks: counts, statuses }: Distribution): Slice[] {
  let before = 0;
  return ranks.map((rank) => {
    const share = statuses.paying === 0 ? 0 : counts[rank] / statuses.paying;
    const gap = share < 1 ? 0.8 : 0;
    const length = round(Math.max(0.4, share * 100 - gap));
    const slice = {
      rank,
      accounts: counts[rank],
      share,
      dash: `${String(length)} ${String(100 - length)}`,
      offset: round(25 - before),
    };
    before += share * 100;
    return slice;
  });
}
