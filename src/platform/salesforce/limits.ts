/** The org's API calls of the last 24 hours, as its last answer told. */
export interface ApiUsage {
  used: number;
  limit: number;
}

let latest: ApiUsage | undefined;

/** Reads `Sforce-Limit-Info: api-usage=18/15000` of an answer. */
export function readLimitInfo(header: string | undefined): void {
  const match = /api-usage=(\d+)\/(\d+)/.exec(header ?? '');
  if (!match) return;
  latest = { used: Number(match[1]), limit: Number(match[2]) };
}

/** Undefined before the first answer. */
export const apiUsage = (): ApiUsage | undefined => latest;

/** Share of the budget that is left, from 0 to 1; 1 while nothing is known. */
export function budgetLeft(): number {
  if (!latest || latest.limit === 0) return 1;
  return Math.max(0, latest.limit - latest.used) / latest.limit;
}

/** Above this share of the budget nobody has to save. */
const PLENTY = 0.5;

const DAY_MILLISECONDS = 86_400_000;
const LONGEST = 15 * 60_000;

/**
 * How long to pause between polls: as short as asked while half of the org's budget is left, then so that half of what is left lasts a
 * day. The other half is for the org's other programs and for people's own acts.
 */
export function pauseWithin(shortest: number, callsAPoll: number): number {
  if (!latest || budgetLeft() > PLENTY) return shortest;
  const ours = Math.max(1, latest.limit - latest.used) / 2;
  return Math.max(shortest, Math.min(LONGEST, (DAY_MILLISECONDS * callsAPoll) / ours));
}
