import { DAY } from '../../platform/clock.ts';

import { sparkline, type Sparkline } from './sparkline.ts';

const STEP = 3;

interface Asked {
  /** The score of each day that is known, oldest first. */
  scores: readonly { day: string; score: number }[];
  /** The score of this moment. */
  latest: number | null;
  to: Date;
  days: number;
}

/** How a score moved as a small line, with where it began and ends; undefined where there is nothing yet to compare. */
export function scoreLine({
  scores,
  latest,
  to,
  days,
}: Asked): { chart: Sparkline; from: number; now: number; days: number } | undefined {
  const [first] = scores;
  if (first === undefined || latest === null || scores.length < 2) return undefined;
  const dayOf = (ago: number) => new Date(to.getTime() - ago * DAY).toISOString().slice(0, 10);
  const values = Array.from({ length: days / STEP }, (_, index) => {
    const day = dayOf(days - index * STEP);
    return scores.findLast((known) => known.day <= day)?.score ?? null;
  });
  return {
    chart: sparkline([...values, latest], { domain: [0, 100] }),
    from: first.score,
    now: latest,
    days,
  };
}
