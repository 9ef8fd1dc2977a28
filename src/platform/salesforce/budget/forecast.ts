import { DAY, HOUR } from '../../clock.ts';

/** The calls of one hour: ours, and the whole org's. */
export interface HourOfCalls {
  /** Its first moment. */
  hour: Date;
  ours: number;
  org: number;
}

/** A reading of the org's rolling count at the end of an hour. */
export interface HourlyReading {
  hour: Date;
  used: number;
}

/** The org's rolling count at some moment, as far as it can be foreseen. */
export interface ForecastPoint {
  at: Date;
  used: number;
}

/** How long the present pace counts against yesterday's: after eight hours both weigh the same. */
const HALF_LIFE_HOURS = 8;

const DAY_HOURS = 24;

/**
 * What the org's users and programs spent in each hour of the last two days. Salesforce tells the calls of the last 24 hours only: an
 * hour's are the difference of two readings and what fell out of the window meanwhile; before the first reading, an even share of it.
 */
export function hoursOfCalls(
  readings: readonly HourlyReading[],
  ours: ReadonlyMap<number, number>,
  at: Date,
): HourOfCalls[] {
  const current = startOfHour(at);
  const orgs = orgHours(readings, at);
  return Array.from({ length: 2 * DAY_HOURS }, (_, i) => {
    const hour = current - (2 * DAY_HOURS - 1 - i) * HOUR;
    const mine = ours.get(hour) ?? 0;
    return { hour: new Date(hour), ours: mine, org: Math.max(mine, Math.round(orgs.get(hour) ?? 0)) };
  });
}

function orgHours(readings: readonly HourlyReading[], at: Date): Map<number, number> {
  const [first] = readings;
  if (first === undefined) return new Map();
  const used = new Map(readings.map((one) => [one.hour.getTime(), one.used]));
  const evenShare = first.used / DAY_HOURS;
  const current = startOfHour(at);
  const spent = new Map<number, number>();
  let before = first.used;
  for (let hour = first.hour.getTime() + HOUR; hour <= current; hour += HOUR) {
    const passed = hour === current ? (at.getTime() - current) / HOUR : 1;
    const fallen = (spent.get(hour - DAY) ?? evenShare) * passed;
    const now = used.get(hour) ?? before;
    spent.set(hour, Math.max(0, now - before + fallen));
    before = now;
  }
  for (let back = 0; back < 2 * DAY_HOURS; back += 1)
    if (!spent.has(current - back * HOUR)) spent.set(current - back * HOUR, evenShare);
  return spent;
}

export const startOfHour = (at: Date): number => Math.floor(at.getTime() / HOUR) * HOUR;

/** The rolling count at the end of each of the next 24 hours: what falls out of the window goes, what is likely to be spent comes. */
export function forecast(hours: readonly HourOfCalls[], usedNow: number, at: Date): ForecastPoint[] {
  const spent = new Map(hours.map(({ hour, org }) => [hour.getTime(), org]));
  const current = startOfHour(at);
  const elapsed = (at.getTime() - current) / HOUR;
  const lately = ((spent.get(current - HOUR) ?? 0) + (spent.get(current) ?? 0)) / (1 + elapsed);
  const points: ForecastPoint[] = [{ at, used: usedNow }];
  let used = usedNow;
  for (let ahead = 0; ahead < DAY_HOURS; ahead += 1) {
    const yesterday = spent.get(current + (ahead - DAY_HOURS) * HOUR) ?? lately;
    const weight = 0.5 ** ((ahead + 1) / HALF_LIFE_HOURS);
    const comes = lately * weight + yesterday * (1 - weight);
    used += (comes - yesterday) * (ahead === 0 ? 1 - elapsed : 1);
    points.push({ at: new Date(current + (ahead + 1) * HOUR), used: Math.max(0, Math.round(used)) });
  }
  return points;
}

/** The highest point; the count now where nothing is foreseen. */
export const peakOf = (points: readonly ForecastPoint[]): ForecastPoint | undefined =>
  points.reduce<ForecastPoint | undefined>(
    (peak, one) => (peak && peak.used >= one.used ? peak : one),
    undefined,
  );
