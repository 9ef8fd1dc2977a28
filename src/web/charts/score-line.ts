import type { HealthChange } from '../../health/health.ts';
import { DAY } from '../../platform/clock.ts';

import { sparkline, type Sparkline } from './sparkline.ts';

const DAYS = 90;
const STEP = 3;

/** An account's score of the last 90 days as a small line, with where it began and ends; undefined when it never had one then. */
export function scoreLine(
  history: readonly Pick<HealthChange, 'score' | 'occurredAt'>[],
  to: Date,
): { chart: Sparkline; from: number; now: number; days: number } | undefined {
  const values = Array.from({ length: DAYS / STEP + 1 }, (_, index) =>
    scoreAt(history, to.getTime() - (DAYS - index * STEP) * DAY),
  );
  const known = values.filter((value) => value !== null);
  const [from, latest] = [known[0], known.at(-1)];
  if (from === undefined || latest === undefined) return undefined;
  return { chart: sparkline(values, { domain: [0, 100] }), from, now: latest, days: DAYS };
}

/* The newest change comes first. */
const scoreAt = (history: readonly Pick<HealthChange, 'score' | 'occurredAt'>[], time: number) =>
  history.find(({ occurredAt }) => occurredAt.getTime() <= time)?.score ?? null;
