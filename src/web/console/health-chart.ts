import type { Distribution } from '../../health/health.ts';
import { type Rank, ranks } from '../../health/ranks.ts';

const round = (value: number): number => Math.round(value * 10) / 10;

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
