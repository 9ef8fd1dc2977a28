import { randomUUID } from 'node:crypto';

import { forStaff, hasRole, type StaffViewer, type Viewer } from '../access/viewer.ts';
import { type Profile, profiles, type ProfileVersion, profileVersions } from '../health/profiles.ts';
import { now } from '../platform/clock.ts';
import { transaction } from '../platform/db.ts';
import { Forbidden, Invalid, NotFound } from '../platform/errors.ts';
import { enqueue } from '../platform/jobs.ts';

import { asOfDays, type BacktestChoices, type Side } from './backtest-choices.ts';
import type { Estimates } from './backtest-bootstrap.ts';
import type { Band, Measures } from './backtest-measure.ts';
import * as queries from './backtest.queries.ts';

declare module '../platform/jobs.ts' {
  interface Jobs {
    /** Replays health as it would have been on past days, and holds it against what became of renewals. */
    run_backtest: { id: string };
  }
}

/** What a backtest found. */
export interface BacktestResult {
  /** `too-little`: what was lost is too few to say; else whether a low score foretold a loss better than chance. */
  verdict: 'too-little' | 'foretells' | 'no-better' | 'misleads';
  outcomes: number;
  lost: number;
  /** How many lost renewals it takes, and in how many months there will be as many at the present rate. */
  needed: number;
  monthsToGo: number | null;
  sides: SideResult[];
  /** The second side less the first. */
  difference: Estimates | null;
}

export interface SideResult {
  name: string;
  measures: Measures;
  estimates: Estimates;
  lead: { median: number; from: number; to: number } | null;
  bands: Band[];
  /** Outcomes of accounts that could not be judged so early: they were no customers yet, or nothing was kept of them. */
  unjudged: number;
}

/** A backtest, asked for, running or done. */
export interface Backtest {
  id: string;
  sides: Side[];
  choices: BacktestChoices;
  today: string;
  state: 'waiting' | 'running' | 'done' | 'failed';
  daysDone: number;
  daysAll: number;
  result: BacktestResult | null;
  error: string | null;
  askedBy: string | null;
  askedAt: Date;
  finishedAt: Date | null;
}

/** Whether the viewer may start one: it costs the house some minutes of work. */
export const mayBacktest = (viewer: StaffViewer): boolean => hasRole(viewer, 'csm', 'admin');

/** A way to judge that can be tried, by the key that a form sends: all of what is in force, a profile for everybody, or one as it was. */
export interface SideToTry {
  key: string;
  profile?: Profile;
  /** An earlier version of the profile, among the others in force. */
  version?: ProfileVersion;
}

/** What can be tried. Of versions, those that differ from what is there now. */
export async function sidesToTry(): Promise<SideToTry[]> {
  const all = await profiles();
  const versions = await Promise.all(
    all.map(async (profile) =>
      (await profileVersions(profile.id))
        .filter((one) => isOther(one, profile))
        .map((version) => ({ profile, version })),
    ),
  );
  return [
    { key: IN_FORCE },
    ...all.map((profile) => ({ key: String(profile.id), profile })),
    ...versions
      .flat()
      .map((one) => ({ key: `${String(one.profile.id)}@${String(one.version.version)}`, ...one })),
  ];
}

const IN_FORCE = 'in-force';

const isOther = (one: ProfileVersion, profile: Profile): boolean =>
  one.version !== profile.version &&
  (JSON.stringify(one.settings) !== JSON.stringify(profile.settings) ||
    JSON.stringify(one.appliesTo) !== JSON.stringify(profile.appliesTo));

/**
 * Asks for a backtest; a worker runs it. `names` says what the sides are called.
 * @throws Forbidden, Invalid when a side does not exist (any more)
 */
export async function startBacktest(
  viewer: StaffViewer,
  { first, second, choices }: { first: string; second: string; choices: BacktestChoices },
  nameOf: (side: SideToTry) => string,
): Promise<string> {
  if (!mayBacktest(viewer)) throw new Forbidden();
  const toTry = await sidesToTry();
  const wanted = second === '' || second === first ? { first } : { first, second };
  const sides = Object.entries(wanted).map(([field, key]): Side => {
    const side = toTry.find((one) => one.key === key);
    if (side === undefined) throw new Invalid({ [field]: 'backtest.gone' });
    return { name: nameOf(side), profiles: judgesOf(side, toTry) };
  });
  const id = randomUUID();
  const at = now();
  const today = at.toISOString().slice(0, 10);
  const days = asOfDays(today, choices.step).length;
  await transaction(async (tx) => {
    await queries.insertBacktest(tx, { id, sides, choices, today, days, by: viewer.personId, at });
    await enqueue(tx, 'run_backtest', { id }, { key: `backtest:${id}`, queue: 'backtests' });
  });
  return id;
}

/** The profiles that a side judges by, as they are at this moment. */
function judgesOf({ profile, version }: SideToTry, toTry: readonly SideToTry[]): Profile[] {
  if (profile !== undefined && version === undefined)
    return [{ ...profile, appliesTo: null, isEnabled: true }];
  const all = toTry.flatMap((one) =>
    one.profile !== undefined && one.version === undefined ? [one.profile] : [],
  );
  return all
    .map((one) =>
      one.id === profile?.id && version !== undefined
        ? { ...one, ...asItWas(version), isEnabled: true }
        : one,
    )
    .filter(({ isEnabled }) => isEnabled);
}

const asItWas = ({ version, appliesTo, settings }: ProfileVersion) => ({ version, appliesTo, settings });

/** Has a backtest go on that failed, from the day where it was. @throws Forbidden, NotFound */
export async function resumeBacktest(viewer: StaffViewer, id: string): Promise<void> {
  if (!mayBacktest(viewer)) throw new Forbidden();
  await backtestSeenBy(viewer, id);
  await transaction(async (tx) => {
    await queries.markRunning(tx, id);
    await enqueue(tx, 'run_backtest', { id }, { key: `backtest:${id}`, queue: 'backtests' });
  });
}

/** The backtests there are, the newest first; of their results only the verdict. */
export async function backtests(viewer: Viewer): Promise<Backtest[]> {
  return await queries.selectBacktests(forStaff(viewer));
}

/** @throws NotFound */
export async function backtestSeenBy(viewer: Viewer, id: string): Promise<Backtest> {
  const found = await queries.selectBacktest(id, forStaff(viewer));
  if (found === undefined) throw new NotFound();
  return found;
}
