import { randomUUID } from 'node:crypto';

import { forStaff, hasRole, type StaffViewer, type Viewer } from '../access/viewer.ts';
import type { Profile } from '../health/profiles.ts';
import { profiles } from '../health/profiles.ts';
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

/** What can be tried: the profiles in force together, or one of them for everybody. */
export async function sidesToTry(): Promise<{ key: string; profile: Profile | undefined }[]> {
  const all = await profiles();
  return [
    { key: 'in-force', profile: undefined },
    ...all.map((profile) => ({ key: String(profile.id), profile })),
  ];
}

/** Asks for a backtest; a worker runs it. @throws Forbidden, Invalid when a side does not exist (any more) */
export async function startBacktest(
  viewer: StaffViewer,
  {
    first,
    second,
    choices,
    nameInForce,
  }: { first: string; second: string; choices: BacktestChoices; nameInForce: string },
): Promise<string> {
  if (!mayBacktest(viewer)) throw new Forbidden();
  const all = await profiles();
  const sides = [sideOf('first', first, all, nameInForce)];
  if (second !== '' && second !== first) sides.push(sideOf('second', second, all, nameInForce));
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

function sideOf(field: string, key: string, all: readonly Profile[], nameInForce: string): Side {
  if (key === 'in-force') return { name: nameInForce, profiles: all.filter(({ isEnabled }) => isEnabled) };
  const profile = all.find(({ id }) => String(id) === key);
  if (profile === undefined) throw new Invalid({ [field]: 'backtest.gone' });
  return { name: profile.name, profiles: [{ ...profile, appliesTo: null, isEnabled: true }] };
}

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
