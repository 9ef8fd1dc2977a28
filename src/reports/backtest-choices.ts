import { z } from 'zod';

import type { Profile } from '../health/profiles.ts';
import type { Rank } from '../health/ranks.ts';

/* What a backtest is asked: on which days it is judged, how long before the outcome, and what counts as a warning. */

export const steps = ['week', 'month'] as const;
export const notices = ['14', '30', '60', '90'] as const;
export const warnings = ['poor', 'not-good'] as const;

export const BacktestChoices = z.object({
  step: z.enum(steps),
  /** A warning counts only if it was there so many days before the outcome: time to do something. */
  notice: z.enum(notices),
  warning: z.enum(warnings),
});
export type BacktestChoices = z.infer<typeof BacktestChoices>;

/** How far back it is looked, in days: usage of a year is kept. */
export const SPAN = 364;

/** So long before an outcome a warning may have begun, in days. */
export const LOOK_BACK = 180;

/** A way to judge that is tried: the profiles of that moment, as they were then. */
export interface Side {
  name: string;
  profiles: Profile[];
}

/**
 * The days as of which it is judged, the first one first: weeks or four weeks apart, the last one six days before today. Those are
 * days whose readings are kept anyway.
 */
export function asOfDays(today: string, step: BacktestChoices['step']): string[] {
  const apart = step === 'week' ? 7 : 28;
  const days: string[] = [];
  for (let ago = 6; ago <= SPAN; ago += apart)
    days.unshift(new Date(Date.parse(today) - ago * 86_400_000).toISOString().slice(0, 10));
  return days;
}

/** Whether a rank is a warning. */
export const isWarning = (rank: Rank, warning: BacktestChoices['warning']): boolean =>
  rank === 'poor' || (warning === 'not-good' && rank === 'average');
