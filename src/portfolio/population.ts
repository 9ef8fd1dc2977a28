import { forStaff, type Viewer } from '../access/viewer.ts';
import { DAY, MINUTE, now } from '../platform/clock.ts';
import { keeping } from '../platform/kept.ts';

import { type AccountFilter, type Grouping, groupings } from './filters.ts';
import * as queries from './population.queries.ts';

/** How many accounts have each rank, and what they pay a year. */
export interface Counts {
  good: number;
  average: number;
  poor: number;
}

/** The health of all paying accounts, or of those asked for. */
export interface Population extends Counts {
  /** Paying accounts that are not judged yet are in none of the ranks. */
  paying: number;
  /** 0–100: the share of good accounts, and half that of average ones (HE5); undefined without one. */
  score: number | undefined;
  /** What poor accounts pay a year: revenue at risk. */
  poorValueMinor: number;
  valueMinor: number;
  /** Poor for 30 days and more (HE22). */
  persistent: number;
  /** Support ends within 90 days. */
  renewals: number;
  renewalValueMinor: number;
  openCases: number;
  urgentCases: number;
}

/** A day of the base's past. */
export interface PopulationDay extends Counts {
  /** YYYY-MM-DD */
  day: string;
  score: number | null;
}

/** What one value of an attribute comes to. `key` is null for accounts without one. */
export interface Group extends Counts {
  key: string | null;
  label: string | null;
  valueMinor: number;
}

/** Health's own grouping, or an attribute under Salesforce's name. */
export type GroupedBy = Grouping | { attribute: string };

/** Groups shown beside each other; what is left over is one more. */
export const GROUPS = 12;

const RENEWAL_DAYS = 90;

/** The share of good accounts and half that of average ones, of 100 (HE5). */
export function scoreOf({ good, average, poor }: Counts): number | undefined {
  const all = good + average + poor;
  return all === 0 ? undefined : Math.round((100 * (good + average / 2)) / all);
}

/*
 * These read every paying account, and everybody asks for the same: the answers are kept until a rank, a status or a score changes
 * (or an account is removed or put back), for a minute, and where they take long for four hundred times as long as they took.
 */
const populations = keeping<Population>({ milliseconds: MINUTE / 2, times: 200, most: 200 });
const trends = keeping<PopulationDay[]>({ milliseconds: MINUTE / 2, times: 200, most: 20 });
const groups = keeping<{ shown: Group[]; others: Group | undefined }>({
  milliseconds: MINUTE / 2,
  times: 200,
  most: 200,
});

/** How the accounts are; all paying ones, or those of a filter. */
export async function populationOf(
  viewer: Viewer,
  version: string,
  filter: AccountFilter = {},
): Promise<Population> {
  const scope = forStaff(viewer);
  const key = `${viewer.kind} ${JSON.stringify(filter)}`;
  return await populations({ key, version }, async () => {
    const counts = await queries.countPopulation(scope, filter, RENEWAL_DAYS);
    return { ...counts, score: scoreOf(counts) };
  });
}

/** Which state the answers are of: it changes when health or the list of removed accounts does. One statement. */
export async function populationVersion(): Promise<string> {
  return await queries.selectVersion();
}

/** The base day by day, oldest first, as far back as it is known and asked for. */
export async function populationTrend(
  viewer: Viewer,
  version: string,
  days: number,
): Promise<PopulationDay[]> {
  const from = new Date(now().getTime() - days * DAY).toISOString().slice(0, 10);
  return await trends({ key: `${viewer.kind} ${from}`, version }, async () => {
    const known = await queries.selectDays(forStaff(viewer), from);
    return known.map((day) => ({ ...day, score: scoreOf(day) ?? null }));
  });
}

/** Paying accounts broken down by something: the largest groups, and all the others together. */
export async function groupsBy(
  viewer: Viewer,
  version: string,
  by: GroupedBy,
): Promise<{ shown: Group[]; others: Group | undefined }> {
  const key = `${viewer.kind} ${JSON.stringify(by)}`;
  return await groups({ key, version }, async () => {
    const all = await queries.selectGroups(forStaff(viewer), by);
    const [shown, rest] = [all.slice(0, GROUPS), all.slice(GROUPS)];
    return { shown, others: rest.length === 0 ? undefined : together(rest) };
  });
}

const together = (some: readonly Group[]): Group => ({
  key: null,
  label: null,
  good: sum(some, 'good'),
  average: sum(some, 'average'),
  poor: sum(some, 'poor'),
  valueMinor: sum(some, 'valueMinor'),
});

const sum = (some: readonly Group[], name: 'good' | 'average' | 'poor' | 'valueMinor'): number =>
  some.reduce((total, one) => total + one[name], 0);

export const isGrouping = (name: string): name is Grouping => groupings.some((one) => one === name);
