import { MINUTE } from '../../clock.ts';

/**
 * What the org's API calls are spent on. `people`: what somebody waits for beside cases, a sign-up or a change of their details.
 * `setup`: describing, deploying, checking. `comparison`: the drift proof.
 */
export const features = [
  'cases', 'people', 'files', 'setup', 'accounts', 'streaming', 'insights', 'comparison',
] as const; // prettier-ignore
export type Feature = (typeof features)[number];

/** How a feature is shed, as it is published. Shares are those of the org's daily calls that are used. */
export interface Threshold {
  feature: Feature;
  shedsAt: number;
  resumesAt: number;
  /** Is shed, too, when the forecast of the day exceeds the limit. */
  shedsByForecast: boolean;
  /** The most calls in an hour; null: none. */
  hourlyCeiling: number | null;
  shedSince: Date | null;
  shedReason: 'used' | 'forecast' | null;
}

/** Where the budget stands: the share that is used now, and the largest that is forecast within the coming day. */
export interface Pressure {
  used: number;
  forecast: number;
}

/** However the numbers move, what was shed stays so this long: it must not come and go with each answer. */
const LEAST_SHED = 5 * MINUTE;

/** What is shed by forecast comes back when the forecast is this far below the limit. */
const FORECAST_RESUMES_AT = 0.9;

export interface Verdict {
  feature: Feature;
  shedReason: 'used' | 'forecast' | null;
}

/** What has to change: features to be shed now, and those that may go on. */
export function verdicts(thresholds: readonly Threshold[], pressure: Pressure, at: Date): Verdict[] {
  return thresholds.flatMap((one): Verdict[] => {
    const isShed = one.shedReason !== null;
    const reason = reasonToShed(one, pressure);
    if (!isShed) return reason === null ? [] : [{ feature: one.feature, shedReason: reason }];
    const hasRested = at.getTime() - (one.shedSince?.getTime() ?? 0) >= LEAST_SHED;
    return hasRested && mayResume(one, pressure) ? [{ feature: one.feature, shedReason: null }] : [];
  });
}

function reasonToShed(
  { shedsAt, shedsByForecast }: Threshold,
  pressure: Pressure,
): 'used' | 'forecast' | null {
  if (pressure.used >= shedsAt) return 'used';
  return shedsByForecast && pressure.forecast >= 1 ? 'forecast' : null;
}

function mayResume({ resumesAt, shedsByForecast }: Threshold, pressure: Pressure): boolean {
  return pressure.used < resumesAt && (!shedsByForecast || pressure.forecast < FORECAST_RESUMES_AT);
}

/** How long to wait before the org is asked again whether it takes calls: half a minute, doubled each time, 15 minutes at most. */
export const probePause = (probes: number): number =>
  Math.min(15 * MINUTE, (MINUTE / 2) * 2 ** Math.min(probes, 10));
