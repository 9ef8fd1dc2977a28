import { DAY, HOUR, now } from '../../clock.ts';
import { db, transaction } from '../../db.ts';

import { foresee, type Spender } from './budget.ts';
import type { Feature, Threshold } from './budget-rules.ts';
import { callsSince, type Ledger, readLedger, readThresholds } from './budget-store.ts';
import { type ForecastPoint, type HourOfCalls, peakOf, startOfHour } from './forecast.ts';
import { shareOf, type Usage } from './limits.ts';

/** Where the budget stands, in a few numbers. */
export interface BudgetSummary {
  /** Calls of the last 24 hours, everybody's; undefined before the org first answered. */
  org: Usage | undefined;
  app: Usage | undefined;
  /** 0–1, of the tighter of both. */
  share: number;
  readAt: Date | null;
  ours: number;
  others: number;
  /** The highest count of the coming day, and when the limit is passed, if it is. */
  peak: ForecastPoint | undefined;
  passesAt: Date | undefined;
  exhaustedSince: Date | null;
  probeAt: Date | null;
  /** What is shed now, and why. */
  shed: Threshold[];
}

/** What a feature cost: calls of this hour, of the last 24 hours and of the last 14 days. */
export interface FeatureCost {
  feature: Spender;
  hour: number;
  day: number;
  fortnight: number;
}

/** The calls of an hour or a day, by who made them; `others` are the org's other users and programs, where they are known. */
export interface Spell {
  at: Date;
  calls: Partial<Record<Spender | 'others', number>>;
}

export interface BudgetReport extends BudgetSummary {
  thresholds: Threshold[];
  costs: FeatureCost[];
  /** The rolling count: readings of the last day, and the forecast of the coming one. */
  readings: ForecastPoint[];
  points: ForecastPoint[];
  hours: Spell[];
  days: Spell[];
  limits: { name: string; max: number; remaining: number; readAt: Date }[];
  changes: CeilingChange[];
}

interface CeilingChange {
  feature: Feature;
  before: number | null;
  after: number | null;
  changedBy: string;
  changedAt: Date;
}

type Calls = Awaited<ReturnType<typeof callsSince>>;

const FORTNIGHT = 14 * DAY;

/** The same in every process. */
export async function budgetSummary(): Promise<BudgetSummary> {
  const at = now();
  const [ledger, thresholds, calls] = await Promise.all([
    readLedger(),
    readThresholds(),
    callsSince(dayBefore(at)),
  ]);
  const { points } = await foreseen(ledger, at);
  return summed(ledger, { thresholds, calls, points });
}

const dayBefore = (at: Date) => new Date(startOfHour(at) - 23 * HOUR);

async function foreseen(
  { reading }: Ledger,
  at: Date,
): Promise<{ hours: HourOfCalls[]; points: ForecastPoint[] }> {
  return reading === undefined ? { hours: [], points: [] } : await foresee(reading, at);
}

interface Known {
  thresholds: Threshold[];
  calls: Calls;
  points: ForecastPoint[];
}

function summed(ledger: Ledger, { thresholds, calls, points }: Known): BudgetSummary {
  const { reading, readAt, exhaustedSince, probeAt } = ledger;
  const ours = calls.reduce((sum, one) => sum + one.calls, 0);
  const limit = reading?.org.limit ?? 0;
  return {
    org: reading?.org,
    app: reading?.app,
    share: reading === undefined ? 0 : shareOf(reading),
    readAt,
    ours,
    others: Math.max(0, (reading?.org.used ?? 0) - ours),
    peak: peakOf(points),
    passesAt: points.find(({ used }) => used >= limit)?.at,
    exhaustedSince,
    probeAt,
    shed: thresholds.filter(({ shedReason }) => shedReason !== null),
  };
}

/** Everything that the page of the budget shows. */
export async function budgetReport(): Promise<BudgetReport> {
  const at = now();
  const [ledger, thresholds, all] = await Promise.all([
    readLedger(),
    readThresholds(),
    callsSince(new Date(at.getTime() - FORTNIGHT)),
  ]);
  const { hours, points } = await foreseen(ledger, at);
  const calls = all.filter(({ hour }) => hour >= dayBefore(at));
  return {
    ...summed(ledger, { thresholds, calls, points }),
    thresholds,
    points,
    costs: costsOf(thresholds, all, at),
    readings: await readings(at),
    hours: hourly(calls, hours.slice(-24), at),
    days: daily(all, at),
    limits: await db
      .selectFrom('org_limits')
      .select(['name', 'max', 'remaining', 'read_at as readAt'])
      .orderBy('name')
      .execute(),
    changes: await ceilingChanges(),
  };
}

async function readings(at: Date): Promise<ForecastPoint[]> {
  return await db
    .selectFrom('api_readings')
    .select(['read_at as at', 'used'])
    .where('hour', '>=', dayBefore(at))
    .orderBy('hour')
    .execute();
}

function costsOf(thresholds: readonly Threshold[], calls: Calls, at: Date): FeatureCost[] {
  const spenders: Spender[] = [...thresholds.map(({ feature }) => feature), 'probe'];
  const sum = (feature: string, since: number) =>
    calls.reduce(
      (total, one) => total + (one.feature === feature && one.hour.getTime() >= since ? one.calls : 0),
      0,
    );
  return spenders.map((feature) => ({
    feature,
    hour: sum(feature, startOfHour(at)),
    day: sum(feature, dayBefore(at).getTime()),
    fortnight: sum(feature, 0),
  }));
}

function hourly(calls: Calls, hours: readonly HourOfCalls[], at: Date): Spell[] {
  const others = new Map(hours.map(({ hour, ours, org }) => [hour.getTime(), org - ours]));
  return Array.from({ length: 24 }, (_, i) => {
    const hour = startOfHour(at) - (23 - i) * HOUR;
    const mine = calls.filter((one) => one.hour.getTime() === hour);
    return { at: new Date(hour), calls: { ...byFeature(mine), others: others.get(hour) ?? 0 } };
  });
}

function daily(calls: Calls, at: Date): Spell[] {
  const today = Math.floor(at.getTime() / DAY) * DAY;
  return Array.from({ length: 14 }, (_, i) => {
    const day = today - (13 - i) * DAY;
    return {
      at: new Date(day),
      calls: byFeature(calls.filter(({ hour }) => hour.getTime() >= day && hour.getTime() < day + DAY)),
    };
  });
}

function byFeature(calls: Calls): Spell['calls'] {
  const sums: Record<string, number> = {};
  for (const { feature, calls: count } of calls) sums[feature] = (sums[feature] ?? 0) + count;
  return sums;
}

async function ceilingChanges(): Promise<CeilingChange[]> {
  const rows = await db
    .selectFrom('budget_changes')
    .select(['feature', 'ceiling_before as before', 'ceiling_after as after'])
    .select(['changed_by as changedBy', 'changed_at as changedAt'])
    .orderBy('id', 'desc')
    .limit(50)
    .execute();
  return rows as CeilingChange[];
}

/** Sets the most calls an hour of some features, null for none; what changes is kept with who changed it. */
export async function setCeilings(
  changedBy: string,
  ceilings: Partial<Record<Feature, number | null>>,
): Promise<void> {
  await transaction(async (tx) => {
    const before = await tx
      .selectFrom('budget_features')
      .select(['feature', 'hourly_ceiling as ceiling'])
      .orderBy('feature')
      .forUpdate()
      .execute();
    for (const { feature, ceiling } of before) {
      const after = ceilings[feature as Feature];
      if (after === undefined || after === ceiling) continue;
      await tx
        .updateTable('budget_features')
        .set({ hourly_ceiling: after })
        .where('feature', '=', feature)
        .execute();
      await tx
        .insertInto('budget_changes')
        .values({
          feature,
          ceiling_before: ceiling,
          ceiling_after: after,
          changed_by: changedBy,
          changed_at: now(),
        })
        .execute();
    }
  });
}
