import { now } from '../clock.ts';

/** The org's API calls of the last 24 hours, as its last answer told. */
export interface ApiUsage {
  used: number;
  limit: number;
}

let latest: ApiUsage | undefined;
let readAt = 0;

/** Reads `Sforce-Limit-Info: api-usage=18/15000` of an answer. */
export function readLimitInfo(header: string | undefined): void {
  const match = /api-usage=(\d+)\/(\d+)/.exec(header ?? '');
  if (!match) return;
  latest = { used: Number(match[1]), limit: Number(match[2]) };
  readAt = now().getTime();
}

/** Undefined before the first answer. */
export const apiUsage = (): ApiUsage | undefined => latest;

/** Share of the budget that is left, from 0 to 1; 1 while nothing is known. */
export function budgetLeft(): number {
  if (!latest || latest.limit === 0) return 1;
  return Math.max(0, latest.limit - latest.used) / latest.limit;
}

/**
 * How long to pause between polls of that many calls so that half of what is left lasts a day; never shorter than asked.
 * Half is left to the org's other programs and to people's own acts.
 */
export function pauseWithin(shortest: number, callsAPoll: number): number {
  if (!latest) return shortest;
  const left = Math.max(1, latest.limit - latest.used) / 2;
  return Math.max(shortest, Math.min(15 * 60_000, (86_400_000 * callsAPoll) / left));
}

/** Milliseconds since the budget was last read; Infinity before. */
export const limitsAge = (): number => (latest ? now().getTime() - readAt : Infinity);
