import type { StaffViewer, Viewer } from '../access/viewer.ts';
import { now } from '../platform/clock.ts';

import * as queries from './history.queries.ts';
import { seenBy, segmentSeenBy } from './segments.ts';

/** A list that an account is in. */
export interface Membership {
  id: string;
  name: string;
  description: string;
  enteredAt: Date;
}

/** Somebody entered or left a list, and what for. */
export interface SegmentChange {
  id: number;
  segmentId: string;
  segmentName: string;
  entityId: string;
  accountId: string;
  accountName: string | null;
  personName: string | null;
  change: 'entered' | 'left';
  cause: 'data' | 'rule' | 'time' | 'comparison';
  occurredAt: Date;
}

/** How large a list was at the end of a day (YYYY-MM-DD), and how many came and went on it. */
export interface SegmentDay {
  day: string;
  members: number;
  entered: number;
  departed: number;
}

/** What a full look found against the members as they were kept: who was missing, who should not have been there. It was mended. */
export interface Comparison {
  comparedAt: Date;
  members: number;
  missing: number;
  surplus: number;
  milliseconds: number;
}

const CHANGES_A_PAGE = 50;

/** The lists of accounts that an account is in, of those that the viewer sees. */
export async function membershipsOf(viewer: Viewer, accountId: string): Promise<Membership[]> {
  return await queries.selectMemberships(seenBy(viewer), accountId);
}

/** When an account entered and left lists that the viewer sees, newest first; at most 100. */
export async function segmentHistory(viewer: Viewer, accountId: string): Promise<SegmentChange[]> {
  return await queries.selectChangesOf(seenBy(viewer), accountId);
}

/** Who entered and left a list, newest first, 50 a page; one more, if there are more. */
export async function changesOf(
  viewer: Viewer,
  segmentId: string,
  { change, page }: { change?: SegmentChange['change'] | undefined; page: number },
): Promise<{ changes: SegmentChange[]; hasMore: boolean }> {
  const { id } = await segmentSeenBy(viewer, segmentId);
  const wanted = { limit: CHANGES_A_PAGE + 1, offset: (page - 1) * CHANGES_A_PAGE };
  const changes = await queries.selectChanges(id, change, wanted);
  return { changes: changes.slice(0, CHANGES_A_PAGE), hasMore: changes.length > CHANGES_A_PAGE };
}

/** How large a list was on each of the last days, the oldest first. */
export async function sizesOf(viewer: Viewer, segmentId: string, days: number): Promise<SegmentDay[]> {
  const { id } = await segmentSeenBy(viewer, segmentId);
  return await queries.selectDays(id, days, now().toISOString().slice(0, 10));
}

/** The last thirty comparisons of a list, newest first. */
export async function comparisonsOf(viewer: Viewer, segmentId: string): Promise<Comparison[]> {
  const { id } = await segmentSeenBy(viewer, segmentId);
  return await queries.selectComparisons(id);
}

/** What the last comparison of the lists that staff see found in all. */
export async function lastComparison(
  viewer: StaffViewer,
): Promise<{ comparedAt: Date | null; lists: number; members: number; drift: number }> {
  return await queries.selectLastComparison(seenBy(viewer));
}

/** How large each list that staff see was on the last days, the oldest first, by the list's id. */
export async function recentSizes(viewer: StaffViewer, days: number): Promise<ReadonlyMap<string, number[]>> {
  const found = await queries.selectRecentSizes(seenBy(viewer), days, now().toISOString().slice(0, 10));
  return new Map(found.map(({ id, sizes }) => [id, sizes]));
}
