import type { Reading } from './readings.ts';

/** How an account stands: the same three marks everywhere. */
export const ranks = ['good', 'average', 'poor'] as const;
export type Rank = (typeof ranks)[number];

/** Good from 70, poor below 40, average between: score and rank never contradict each other. */
export const RANKS = { good: 70, average: 40 } as const;

/** The scores of each rank. They go in steps of 5, so that a little noise in what was read is no news. */
export const BANDS: Record<Rank, { from: number; to: number }> = {
  good: { from: 70, to: 100 },
  average: { from: 40, to: 65 },
  poor: { from: 0, to: 35 },
};

export const STEP = 5;

export const bandOf = (points: number): Rank =>
  points >= RANKS.good ? 'good' : points >= RANKS.average ? 'average' : 'poor';

/** What was read: a count, or a day as YYYY-MM-DD. */
export interface Fact {
  reading: Reading;
  value: number | string | null;
}

/**
 * Why an account has its rank: a red flag that is up, a primary indicator, or a secondary one that is not good. They come in this
 * order. `code` is the flag's, or the indicator's reading.
 */
export interface Reason {
  kind: 'flag' | 'primary' | 'secondary';
  code: string;
  grade: Rank;
  facts: Fact[];
}
