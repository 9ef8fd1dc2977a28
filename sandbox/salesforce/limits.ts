/** The org's daily API budget. The control plane may set both numbers. */
export interface ApiLimits {
  dailyMax: number;
  dailyUsed: number;
  /** The day that is counted, `2026-11-22`. */
  day: string;
}

/** Counts one request; a new day starts from nothing. */
export function countRequest(limits: ApiLimits, now: Date): ApiLimits {
  const day = now.toISOString().slice(0, 10);
  if (limits.day !== day) Object.assign(limits, { day, dailyUsed: 0 });
  limits.dailyUsed += 1;
  return limits;
}
