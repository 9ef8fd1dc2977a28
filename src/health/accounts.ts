import { forStaff, type Viewer } from '../access/viewer.ts';
import { statuses, type Status } from '../licenses/status.ts';

import * as queries from './accounts.queries.ts';
import { type Rank, ranks, type Reason } from './penalties.ts';

/** An account in a list, with its health. */
export interface ListedAccount {
  id: string;
  name: string;
  type: string | null;
  industry: string | null;
  city: string | null;
  country: string | null;
  website: string | null;
  phone: string | null;
  employees: number | null;
  annualRevenueMinor: number | null;
  ownerId: string | null;
  ownerName: string | null;
  createdAt: Date | null;
  status: Status;
  rank: Rank | null;
  score: number | null;
  reasons: Reason[];
  openCases: number;
  urgentCases: number;
  contacts: number;
  activeOn: string | null;
  renewalOn: string | null;
}

/** What a list can be sorted by. */
export const sortings = [
  'name', 'health', 'status', 'type', 'owner', 'openCases', 'urgentCases', 'contacts', 'renewalOn', 'activeOn', 'industry',
  'city', 'country', 'employees', 'annualRevenue', 'createdAt',
] as const; // prettier-ignore
export type Sorting = (typeof sortings)[number];

/** Which accounts are asked for; an empty condition asks for all. */
export interface AccountFilter {
  /** A part of the name. */
  search?: string | undefined;
  type?: string | undefined;
  industry?: string | undefined;
  country?: string | undefined;
  ownerId?: string | undefined;
  status?: Status | undefined;
  rank?: Rank | undefined;
}

export interface AccountOrder {
  sort: Sorting;
  direction: 'asc' | 'desc';
}

/** What the filters can be set to. */
export interface AccountChoices {
  types: string[];
  industries: string[];
  countries: string[];
  owners: { id: string; name: string }[];
  statuses: readonly Status[];
  ranks: readonly Rank[];
}

export const PAGE_SIZE = 50;

/** One page of the accounts, counted from 1, and how many there are in all: one statement. Beyond the last page, the first. */
export async function accountsSeenBy(
  viewer: Viewer,
  { filter, order, page }: { filter: AccountFilter; order: AccountOrder; page: number },
): Promise<{ accounts: ListedAccount[]; total: number; page: number }> {
  const wanted = { ...order, limit: PAGE_SIZE, offset: (page - 1) * PAGE_SIZE };
  const found = await queries.selectPage(forStaff(viewer), filter, wanted);
  if (found.accounts.length > 0 || page === 1) return { ...found, page };
  return await accountsSeenBy(viewer, { filter, order, page: 1 });
}

/** All the accounts asked for, by name, a thousand at a time, so that any number fits in memory. */
export async function* everyAccountSeenBy(
  viewer: Viewer,
  filter: AccountFilter,
): AsyncGenerator<ListedAccount> {
  let last: ListedAccount | undefined;
  for (;;) {
    const accounts: ListedAccount[] = await queries.selectAfter(forStaff(viewer), filter, last);
    yield* accounts;
    last = accounts.at(-1);
    if (last === undefined) return;
  }
}

/** What exists to filter by. One statement. */
export async function accountChoices(viewer: Viewer): Promise<AccountChoices> {
  const choices = await queries.selectChoices(forStaff(viewer));
  return { ...choices, statuses, ranks };
}

/** Paying accounts that are poor or average, the viewer's own first, the worst first. */
export async function accountsInNeed(viewer: Viewer, limit: number): Promise<ListedAccount[]> {
  const userId = viewer.kind === 'staff' ? viewer.userId : null;
  return await queries.selectInNeed(forStaff(viewer), userId, limit);
}
