import { AsyncLocalStorage } from 'node:async_hooks';

import { DAY, HOUR, MINUTE, now } from '../../clock.ts';
import { log } from '../../log.ts';

import './budget-tables.ts';
import { features, type Feature, probePause, type Threshold, verdicts } from './budget-rules.ts';
import * as store from './budget-store.ts';
import { SalesforceFailure } from '../wire/errors.ts';
import { forecast, hoursOfCalls, peakOf, startOfHour } from './forecast.ts';
import { type Reading, readLimitInfo, shareOf } from './limits.ts';

/* Every process counts its calls by feature and writes them down every two seconds; with the same breath it learns what all of
   them together have spent, what the org says, and what is shed. In between it decides by what it learnt and its own calls since. */

/** `probe`: asking the org how much is left, which nothing stops. */
export type Spender = Feature | 'probe';

const FRESH = 2_000;
const FORECAST_FRESH = MINUTE;

interface Known {
  at: number;
  ledger: store.Ledger;
  thresholds: readonly Threshold[];
  inHour: ReadonlyMap<string, number>;
}

const current = new AsyncLocalStorage<Spender>();

let known: Known | undefined;
let settling: Promise<Known> | undefined;
let unwritten = new Map<string, number>();
let newest: { reading: Reading; at: Date } | undefined;
let foreseen = { at: -Infinity, share: 0 };
let writing: NodeJS.Timeout | undefined;

/** Does some work whose calls to Salesforce count as this feature's, however deep they are made. */
export function spending<T>(feature: Spender, work: () => Promise<T>): Promise<T> {
  return current.run(feature, work);
}

/** The feature whose work this is; what nobody named is set-up. */
export const spender = (): Spender => current.getStore() ?? 'setup';

/** What a row of the outbox counts as. */
export const featureOfWrite = (feature: string): Feature =>
  features.find((one) => one === feature) ??
  (['sign-up', 'account'].includes(feature) ? 'people' : 'accounts');

/**
 * Lets a call of this feature pass.
 * @throws SalesforceFailure of kind quota when the feature is shed, has spent its hour's calls, or the org takes none.
 */
export async function admit(feature: Spender): Promise<void> {
  const refusal = feature === 'probe' ? undefined : refusalOf(await settled(), feature);
  if (refusal) throw new SalesforceFailure(refusal.code, refusal.message, { kind: 'quota' });
}

/** Whether a feature may spend calls now; ask before work that can wait. */
export async function maySpend(feature: Feature): Promise<boolean> {
  return refusalOf(await settled(), feature) === undefined;
}

/** The features that may not spend calls now. */
export async function shedFeatures(): Promise<Feature[]> {
  const state = await settled();
  return features.filter((feature) => refusalOf(state, feature) !== undefined);
}

function refusalOf(
  { ledger, thresholds, inHour }: Known,
  feature: Feature,
): { code: string; message: string } | undefined {
  if (ledger.exhaustedSince !== null)
    return { code: 'BUDGET_EXHAUSTED', message: 'The org takes no more API calls for now.' };
  const threshold = thresholds.find((one) => one.feature === feature);
  if (threshold?.shedReason != null)
    return { code: 'BUDGET_SHED', message: `Too few API calls are left for ${feature}.` };
  const spent = (inHour.get(feature) ?? 0) + (unwritten.get(feature) ?? 0);
  if (threshold?.hourlyCeiling != null && spent >= threshold.hourlyCeiling)
    return { code: 'HOURLY_CEILING', message: `This hour's API calls for ${feature} are spent.` };
  return undefined;
}

/** Counts a call that was sent, and takes over what its answer told. */
export function noteCall(feature: Spender, limitInfo?: string): void {
  unwritten.set(feature, (unwritten.get(feature) ?? 0) + 1);
  const reading = readLimitInfo(limitInfo);
  if (reading) newest = { reading, at: now() };
  writing ??= setTimeout(() => void writeDown().catch(() => undefined), FRESH).unref();
}

/** Writes down what this process has spent; a process that ends does so last. */
export async function writeDown(): Promise<void> {
  clearTimeout(writing);
  writing = undefined;
  const spent = unwritten;
  const read = newest;
  if (spent.size === 0 && read === undefined) return;
  unwritten = new Map();
  newest = undefined;
  try {
    await store.addCalls(spent, read, now());
  } catch (error) {
    for (const [feature, calls] of spent) unwritten.set(feature, (unwritten.get(feature) ?? 0) + calls);
    throw error;
  }
}

/** What was learnt two seconds ago at most; older where the database does not answer. */
async function settled(): Promise<Known> {
  if (known && performance.now() - known.at < FRESH) return known;
  settling ??= settle().finally(() => (settling = undefined));
  try {
    return await settling;
  } catch (error) {
    if (!known) throw error;
    return known;
  }
}

async function settle(): Promise<Known> {
  await writeDown();
  const at = now();
  const [ledger, thresholds, inHour] = await Promise.all([
    store.readLedger(),
    store.readThresholds(),
    store.callsInHour(at),
  ]);
  const due = verdicts(thresholds, await pressureOf(ledger.reading, at), at);
  const news = due.length > 0 ? await store.carryOut(due, at) : [];
  for (const { feature, shedReason } of due)
    if (news.includes(feature))
      log.warn(
        { feature, reason: shedReason },
        shedReason === null ? 'API calls flow again' : 'API calls are shed',
      );
  known = {
    at: performance.now(),
    ledger,
    thresholds: due.length > 0 ? await store.readThresholds() : thresholds,
    inHour,
  };
  return known;
}

/** Forgets what this process knows, for tests that change the org behind its back. */
export function forgetBudget(): void {
  known = undefined;
  foreseen = { at: -Infinity, share: 0 };
}

async function pressureOf(reading: Reading | undefined, at: Date) {
  if (!reading) return { used: 0, forecast: 0 };
  if (performance.now() - foreseen.at > FORECAST_FRESH) {
    const { points } = await foresee(reading, at);
    foreseen = { at: performance.now(), share: (peakOf(points)?.used ?? 0) / Math.max(1, reading.org.limit) };
  }
  return { used: shareOf(reading), forecast: foreseen.share };
}

/** The last two days by the hour, and the coming day. */
export async function foresee(reading: Reading, at: Date) {
  const since = new Date(startOfHour(at) - 48 * HOUR);
  const [calls, readings] = await Promise.all([store.callsSince(since), store.readingsSince(since)]);
  const ours = new Map<number, number>();
  for (const { hour, calls: count } of calls)
    ours.set(hour.getTime(), (ours.get(hour.getTime()) ?? 0) + count);
  const hours = hoursOfCalls(readings, ours, at);
  return { hours, points: forecast(hours, reading.org.used, at) };
}

/** The org refused a call because its calls are spent: everything stops but asking whether it takes calls again. */
export async function stopSpending(): Promise<void> {
  const at = now();
  if (await store.noteExhausted(at, new Date(at.getTime() + probePause(0))))
    log.warn('the org takes no more API calls; it is asked again now and then');
  known = undefined;
}

export type { Feature } from './budget-rules.ts';

/** Above this share of the budget nobody has to save. */
const PLENTY = 0.5;
const LONGEST = 15 * MINUTE;

/**
 * How long to pause between polls: as short as asked while half of the org's budget is left, then so that half of what is left lasts a
 * day. The other half is for the org's other programs and for people's own acts.
 */
export function pauseWithin(shortest: number, callsAPoll: number, reading = known?.ledger.reading): number {
  if (!reading || 1 - shareOf(reading) > PLENTY) return shortest;
  const ours = Math.max(1, reading.org.limit - reading.org.used) / 2;
  return Math.max(shortest, Math.min(LONGEST, (DAY * callsAPoll) / ours));
}

/** What is known now; for those who keep the budget. */
export const budgetNow = (): Promise<Known> => settled();
