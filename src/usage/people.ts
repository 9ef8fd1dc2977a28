import { forStaff, type Viewer } from '../access/viewer.ts';
import { MINUTE, now } from '../platform/clock.ts';
import { NotFound } from '../platform/errors.ts';
import { keeping } from '../platform/kept.ts';

import type { VisitFrequency } from './account-usage.ts';
import * as queries from './people.queries.ts';

export { MOST_COUNTED, PAGE_SIZE } from './people.queries.ts';

/** A human of an account: known as a contact, as a user of the product, or both. */
export interface Person {
  id: number;
  name: string;
  title: string | null;
  email: string | null;
  accountId: string;
  accountName: string;
  contactId: string | null;
  isUser: boolean;
  isBeta: boolean;
  /** Days, YYYY-MM-DD; null for somebody who never used the product. */
  firstActiveOn: string | null;
  lastActiveOn: string | null;
  daysActive: number;
  daysBefore: number;
  actions: number;
  actionsBefore: number;
  seconds: number;
  modules: number;
  /** 0 to 100: the share of the other active people who do less. */
  engagement: number | null;
  frequency: VisitFrequency | null;
}

/** Kinds of people by how they use the product (AN1). */
export const groups = ['power', 'regular', 'fading', 'gone', 'never', 'beta'] as const;
export type Group = (typeof groups)[number];

export interface PeopleFilter {
  /** A part of the name or of the address. */
  search?: string | undefined;
  group?: Group | undefined;
  frequency?: VisitFrequency | undefined;
  status?: string | undefined;
  accountId?: string | undefined;
  /** A user of Salesforce who looks after the accounts. */
  managerId?: string | undefined;
}

export const peopleSortings = [
  'name', 'account', 'engagement', 'daysActive', 'actions', 'change', 'time', 'modules', 'lastActive',
] as const; // prettier-ignore
export type PeopleSorting = (typeof peopleSortings)[number];

export interface PeopleOrder {
  sort: PeopleSorting;
  direction: 'asc' | 'desc';
  page: number;
}

/** A page of the people of all accounts. `total` ends at MOST_COUNTED. */
export async function peopleSeenBy(
  viewer: Viewer,
  filter: PeopleFilter,
  order: PeopleOrder,
): Promise<{ people: Person[]; total: number }> {
  return await queries.selectPeople(forStaff(viewer), filter, order);
}

/** @throws NotFound */
export async function personSeenBy(viewer: Viewer, id: number): Promise<Person & queries.Details> {
  const found = await queries.selectPerson(forStaff(viewer), id);
  if (found === undefined) throw new NotFound();
  return found;
}

/** Those of an account, whoever uses the product most first; at most 500. */
export async function peopleOfAccount(viewer: Viewer, accountId: string): Promise<Person[]> {
  return await queries.selectPeopleOf(forStaff(viewer), accountId);
}

/** The other accounts in which the same human is known: by their address. */
export async function elsewhere(viewer: Viewer, person: Person): Promise<Person[]> {
  return person.email === null
    ? []
    : await queries.selectElsewhere(forStaff(viewer), person.id, person.email);
}

/** The busiest, those who do much less than before, and those who stopped within the last 90 days (AN1). */
export interface Leaderboard {
  power: Person[];
  fading: Person[];
  gone: Person[];
}

/* It takes a look at every person there is, and what they did is summed up anew every minute at most. */
const boards = keeping<Leaderboard>({ milliseconds: MINUTE / 2, times: 200, most: 100 });

export async function leaderboard(viewer: Viewer, managerId?: string): Promise<Leaderboard> {
  const today = now().toISOString().slice(0, 10);
  const of = (board: keyof Leaderboard) => queries.selectBoard(forStaff(viewer), board, { managerId, today });
  return await boards({ key: `${viewer.kind} ${managerId ?? ''}`, version: today }, async () => {
    const [power, fading, gone] = await Promise.all([of('power'), of('fading'), of('gone')]);
    return { power, fading, gone };
  });
}
