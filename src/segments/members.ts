import type { StaffViewer, Viewer } from '../access/viewer.ts';
import { MINUTE } from '../platform/clock.ts';
import { keeping } from '../platform/kept.ts';

import * as queries from './members.queries.ts';
import type { MemberFilter } from './members.queries.ts';
import type { RiskLevel } from './risk.ts';
import { type Segment, segmentSeenBy } from './segments.ts';
import type { Tone } from './tags.ts';

export type { MemberFilter } from './members.queries.ts';

/** What a row of a list says: of an account, and in a list of people of the person, too. */
export interface Member {
  entityId: string;
  enteredAt: Date;
  accountId: string;
  accountName: string;
  industry: string | null;
  country: string | null;
  employees: number | null;
  managerName: string | null;
  status: string;
  rank: string | null;
  score: number | null;
  renewalOn: string | null;
  openCases: number | null;
  risk: RiskLevel | null;
  riskReason: string | null;
  /** The account's in a list of accounts, the person's in one of people; so are those that follow. */
  engagement: number | null;
  frequency: string | null;
  lastActiveOn: string | null;
  stage?: string | null;
  peopleActive?: number | null;
  utilization?: number | null;
  contractValueMinor?: number | null;
  tags?: { name: string; tone: Tone }[];
  personName?: string;
  email?: string | null;
  title?: string | null;
  daysActive?: number;
  actions?: number;
}

/** What members can be sorted by. */
export const memberSortings = [
  'name', 'enteredAt', 'health', 'status', 'manager', 'risk', 'renewalOn', 'openCases', 'industry', 'country', 'employees',
  'engagement', 'lastActiveOn', 'peopleActive', 'utilization', 'contractValue', 'stage', 'person', 'title', 'email', 'daysActive', 'actions',
] as const; // prettier-ignore
export type MemberSorting = (typeof memberSortings)[number];

export interface MemberOrder {
  sort: MemberSorting;
  direction: 'asc' | 'desc';
}

export const MEMBERS_A_PAGE = 50;

/* Large totals change little; small ones are counted each time. */
const totals = keeping<number>({ milliseconds: MINUTE / 2, times: 200, most: 500 });

/** One page of a list that staff see, counted from 1, and how many there are in all. Beyond the last page, the first. */
export async function membersSeenBy(
  viewer: Viewer,
  segment: Segment,
  { filter, order, page }: { filter: MemberFilter; order: MemberOrder; page: number },
): Promise<{ members: Member[]; total: number; page: number }> {
  await segmentSeenBy(viewer, segment.id);
  const wanted = { ...order, limit: MEMBERS_A_PAGE, offset: (page - 1) * MEMBERS_A_PAGE };
  const total = await totalOf(segment, filter);
  const ids = await queries.selectPage(segment, filter, wanted, total);
  if (ids.length === 0 && page > 1) return await membersSeenBy(viewer, segment, { filter, order, page: 1 });
  return { members: await queries.selectMembers(segment, ids), total, page };
}

async function totalOf(segment: Segment, filter: MemberFilter): Promise<number> {
  const asked = { key: `${segment.id} ${JSON.stringify(filter)}`, version: '' };
  const counted = totals.has(asked) ? Infinity : await queries.countSome(segment, filter);
  return counted <= queries.COUNTED ? counted : await totals(asked, () => queries.countAll(segment, filter));
}

/** All members asked for, a thousand at a time, so that any number fits in memory. */
export async function* everyMemberSeenBy(
  viewer: StaffViewer,
  segment: Segment,
  filter: MemberFilter,
): AsyncGenerator<Member> {
  await segmentSeenBy(viewer, segment.id);
  let last = '';
  for (;;) {
    const members = await queries.selectAfter(segment, filter, last);
    yield* members;
    last = members.at(-1)?.entityId ?? '';
    if (last === '') return;
  }
}

/** The accounts of all members of a list, for acts on all of them. */
export async function accountsIn(viewer: Viewer, segmentId: string): Promise<string[]> {
  const { id } = await segmentSeenBy(viewer, segmentId);
  return await queries.selectAccounts(id);
}
