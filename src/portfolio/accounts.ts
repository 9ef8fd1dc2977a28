import { forStaff, type StaffViewer, type Viewer } from '../access/viewer.ts';
import { type Rank, ranks, type Reason } from '../health/ranks.ts';
import { statuses, type Status } from '../licenses/status.ts';
import { MINUTE } from '../platform/clock.ts';
import { keeping } from '../platform/kept.ts';
import type { VisitFrequency } from '../usage/account-usage.ts';

import * as queries from './accounts.queries.ts';
import { type AccountFilter, frequencies, riskLevels, sizeNames, stages } from './filters.ts';

export type { AccountFilter } from './filters.ts';

/** An account in a list, with its health, its engagement and who looks after it. */
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
  managerId: string | null;
  managerName: string | null;
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
  stage: string | null;
  /** Null where no usage was ever told; so are the others of usage. */
  engagement: number | null;
  frequency: VisitFrequency | null;
  daysActive: number | null;
  people: number | null;
  seconds: number | null;
  lastUsedOn: string | null;
  seats: number | null;
  utilization: number | null;
  contractValueMinor: number | null;
  risk: (typeof riskLevels)[number] | null;
  tags: { name: string; tone: string }[];
}

/** What a list can be sorted by. */
export const sortings = [
  'name', 'health', 'status', 'type', 'owner', 'manager', 'openCases', 'urgentCases', 'contacts', 'renewalOn', 'activeOn', 'industry',
  'city', 'country', 'employees', 'annualRevenue', 'createdAt', 'stage', 'engagement', 'frequency', 'people', 'time', 'lastUsedOn',
  'utilization', 'value', 'risk',
] as const; // prettier-ignore
export type Sorting = (typeof sortings)[number];

export interface AccountOrder {
  sort: Sorting;
  direction: 'asc' | 'desc';
}

/** What the filters can be set to. */
export interface AccountChoices {
  types: string[];
  industries: string[];
  countries: string[];
  /** Who looks after accounts. */
  managers: { id: string; name: string }[];
  tags: string[];
  statuses: readonly Status[];
  ranks: readonly Rank[];
  sizes: readonly string[];
  stages: readonly string[];
  frequencies: readonly string[];
  risks: readonly string[];
}

export const PAGE_SIZE = 50;

/* Large totals are the same for everybody and change little; small ones are counted each time. */
const totals = keeping<number>({ milliseconds: MINUTE / 2, times: 200, most: 500 });

/** One page of the accounts, counted from 1, and how many there are in all. Beyond the last page, the first. */
export async function accountsSeenBy(
  viewer: Viewer,
  { filter, order, page }: { filter: AccountFilter; order: AccountOrder; page: number },
): Promise<{ accounts: ListedAccount[]; total: number; page: number }> {
  const scope = forStaff(viewer);
  const wanted = { ...order, limit: PAGE_SIZE, offset: (page - 1) * PAGE_SIZE };
  const { total, ids } = await pageOf(viewer, filter, wanted);
  if (ids.length === 0 && page > 1) return await accountsSeenBy(viewer, { filter, order, page: 1 });
  return { accounts: await queries.selectListed(scope, ids), total, page };
}

/* Where it is known that many match, whether they are few is not asked first. */
async function pageOf(viewer: Viewer, filter: AccountFilter, wanted: queries.Paged) {
  const scope = forStaff(viewer);
  const asked = { key: `${viewer.kind} ${JSON.stringify(filter)}`, version: '' };
  if (!totals.has(asked)) {
    const { found, ids } = await queries.selectFew(scope, filter, wanted);
    if (found <= queries.COUNTED) return { total: found, ids };
  }
  const total = await totals(asked, () => queries.countAll(scope, filter));
  return { total, ids: await queries.selectPage(scope, filter, wanted, total) };
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
  return { ...choices, statuses, ranks, sizes: sizeNames, stages, frequencies, risks: riskLevels };
}

/** Paying accounts that are poor or average, of one manager or of everybody, the worst first. */
export async function accountsInNeed(
  viewer: StaffViewer,
  { managerId, limit }: { managerId?: string | undefined; limit: number },
): Promise<ListedAccount[]> {
  const scope = forStaff(viewer);
  const order = { sort: 'health', direction: 'asc', limit } as const;
  const ids = await queries.selectFirst(scope, { managerId, isNeedy: true }, order);
  return await queries.selectListed(scope, ids);
}
