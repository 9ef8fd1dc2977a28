/** The org's API budget. The control plane may set both numbers. */
export interface ApiLimits {
  dailyMax: number;
  /** Requests of the last 24 hours. */
  dailyUsed: number;
  /** The same by hour, counted from 1970. */
  hours: Record<string, number>;
}

const HOUR = 3_600_000;

/** Counts one request among those of the last 24 hours, which is how Salesforce counts. What the control plane set counts as this hour's. */
export function countRequest(limits: ApiLimits, now: Date): ApiLimits {
  const hour = Math.floor(now.getTime() / HOUR);
  const known = Object.values(limits.hours).reduce((sum, count) => sum + count, 0);
  limits.hours[hour] = (limits.hours[hour] ?? 0) + limits.dailyUsed - known + 1;
  limits.hours = Object.fromEntries(
    Object.entries(limits.hours).filter(([past]) => Number(past) > hour - 24),
  );
  limits.dailyUsed = Math.max(
    0,
    Object.values(limits.hours).reduce((sum, count) => sum + count, 0),
  );
  return limits;
}
