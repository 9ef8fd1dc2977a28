import { DAY } from '../demo/dates.ts';
import type { Random } from '../demo/random.ts';

import { isAtWork } from './habits.ts';

/*
 * Turns in the life of customers that chance alone hardly brings about on the day when somebody first looks at the demo: trials at each stage, people
 * who are new, or back after months. Days are those of the org's making, so that what is told twice is told alike.
 */

/** How a trial goes. */
type Trial =
  'untouched' | 'begun' | 'setUp' | 'left' | 'alone' | 'starting' | 'untried' | 'engaged' | 'quiet';

/** What a paying customer's second person (of another kind: the third) is in the middle of. */
export type Moment = 'returned' | 'newcomer' | 'otherKind' | 'firstUse';

export type Deed = readonly [module: string, action: string];

/** By how many days ago the trial began. */
const trials: readonly (readonly [most: number, stories: readonly Trial[]])[] = [
  [2, ['untouched']],
  [7, ['untouched', 'begun', 'setUp']],
  [13, ['left', 'alone', 'starting', 'untouched', 'begun']],
  [22, ['untried', 'engaged']],
  [99, ['engaged', 'quiet']],
];

/** The story of the trial that is so many days old, being the `place`th of its age. */
export function trialStory(daysAgo: number, place: number): Trial {
  const [, stories] = trials.find(([most]) => daysAgo <= most) ?? [0, ['engaged'] as const];
  return stories[place % stories.length] ?? 'engaged';
}

/** Trials of one age take turns. */
export const ageOf = (daysAgo: number): number => trials.findIndex(([most]) => daysAgo <= most);

/** How many people of a trial use the product. */
export const usersIn: Readonly<Record<Trial, number>> = {
  untouched: 0, begun: 2, setUp: 2, left: 2, alone: 1, starting: 2, untried: 2, engaged: 2, quiet: 1,
}; // prettier-ignore

const backup: Deed = ['Backup', 'Viewed backup status'];
const monitor: Deed = ['Monitor', 'Opened the dashboard'];
const restore: Deed = ['Restore', 'Browsed a recovery point'];
const report: Deed = ['Reports', 'Exported a report'];

/** What is done on which day of the trial; what is not named here is done by chance from day to day. */
const done: Readonly<Record<Trial, (age: number) => readonly (readonly [day: number, by: number, ...Deed[]])[]>> = {
  untouched: () => [],
  begun: () => [[0, 0, backup], [1, 0, backup], [1, 1, report]],
  setUp: (age) => [[age - 3, 0, backup], [age - 2, 0, monitor], [age - 2, 1, report], [age - 1, 0, restore]],
  left: () => [[0, 0, backup, monitor], [0, 1, report], [1, 0, restore]],
  alone: () => [[0, 0, backup, monitor], [1, 0, restore]],
  starting: (age) => [[0, 0, monitor], [0, 1, report], [age - 2, 0, backup]],
  untried: () => [[0, 0, monitor], [0, 1, report]],
  engaged: () => [[0, 0, backup, monitor], [1, 1, restore]],
  quiet: () => [[0, 0, backup], [1, 0, monitor]],
}; // prettier-ignore

/** Whose trial goes on after that, and with what. */
const goesOn: Readonly<Partial<Record<Trial, readonly Deed[]>>> = {
  alone: [backup, monitor, report],
  starting: [monitor, report],
  untried: [monitor, report, restore],
  engaged: [backup, monitor, restore, report],
};

interface Day {
  /** Days since the trial began. */
  of: number;
  /** How old the trial was on the day of the org's making. */
  age: number;
  by: number;
  /** Its first millisecond. */
  at: number;
}

/** What one of a trial's people does on a day of it. */
export function deedsOfTrial(random: Random, story: Trial, { of, age, by, at }: Day): Deed[] {
  const planned = done[story](age).flatMap(([day, who, ...deeds]) => (day === of && who === by ? deeds : []));
  const usual = goesOn[story] ?? [];
  if (planned.length > 0 || usual.length === 0 || of < 2) return planned;
  const isThere = isAtWork(random, 'healthy', { day: at, today: at, turn: 0 });
  return isThere ? Array.from({ length: random.int(1, 3) }, () => random.pick(usual)) : [];
}

const moments: readonly Moment[] = ['returned', 'newcomer', 'otherKind', 'firstUse'];
const AWAY = 75;

/** One paying customer in six is in the middle of something. */
export const momentOf = (place: number): Moment | undefined =>
  place % 6 === 0 ? moments[(place / 6) % 4] : undefined;

/** Whether somebody is there on a day because of their moment; undefined where it has no say. `daysAgo` before the org's making. */
export function isThereBecauseOf(moment: Moment, daysAgo: number): boolean | undefined {
  if (daysAgo < 1) return undefined;
  if (moment === 'returned') return daysAgo > AWAY ? undefined : daysAgo === AWAY || daysAgo <= 2;
  if (moment === 'firstUse') return daysAgo === 2 ? true : undefined;
  const began = moment === 'newcomer' ? 1 : 4;
  return daysAgo > began ? false : daysAgo === began ? true : undefined;
}

/** What came out last, forty days before the org's making. */
export const newest: readonly (readonly [Deed, number])[] = [
  [['Vault', 'Verified a copy'], 24],
  [['Vault', 'Restored from the vault'], 6],
];
export const NEWEST_SINCE = 40 * DAY;
