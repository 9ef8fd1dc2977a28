import { forStaff, type StaffViewer } from '../access/viewer.ts';
import type { Signal } from '../alerts/signals.ts';
import { now } from '../platform/clock.ts';

import { selectEntries } from './timeline.queries.ts';

/** What a timeline tells about; each can be asked for by itself. */
export const topics = [
  'usage',
  'health',
  'cases',
  'deals',
  'activities',
  'insights',
  'tags',
  'signals',
  'sign-ins',
] as const;
export type Topic = (typeof topics)[number];

/** Everything that can have happened to an account. */
export type EntryKind =
  | 'usage.first'
  | 'usage.module'
  | 'usage.person'
  | 'usage.returned'
  | 'health.rank'
  | 'health.score'
  | 'case.opened'
  | 'case.closed'
  | 'case.comment'
  | 'case.mail'
  | 'deal.opened'
  | 'deal.won'
  | 'deal.lost'
  | 'task.done'
  | 'task.mail'
  | 'meeting'
  | 'insight'
  | 'tag.added'
  | 'tag.removed'
  | 'risk'
  | 'signal'
  | 'sign-in';

/** Something that happened. `key` is unique among what happened at the same moment. */
export interface Entry {
  topic: Topic;
  kind: EntryKind;
  at: Date;
  key: string;
  /** What it was about, by names that the kind decides: `title`, `who`, `text`, `rank`, `from`, `amount`, `currency`, `record`. */
  about: Readonly<Record<string, string | number | null>>;
  /** Of a signal, what it says. */
  signal?: Pick<Signal, 'kind' | 'data' | 'personName'> | null;
}

/** The place in a timeline after which its next page begins. */
export interface Place {
  at: Date;
  key: string;
}

export const ENTRIES_A_PAGE = 40;

/**
 * What happened to an account, the latest first, from every part of the product. One statement.
 * @returns a page, and the place where the next one begins; undefined when there is none
 */
export async function timelineOf(
  viewer: StaffViewer,
  accountId: string,
  {
    topics: wanted,
    after,
    limit = ENTRIES_A_PAGE,
  }: { topics: readonly Topic[]; after?: Place | undefined; limit?: number },
): Promise<{ entries: Entry[]; next: Place | undefined }> {
  const from = after ?? { at: now(), key: '~' };
  const found = await selectEntries(forStaff(viewer), accountId, { wanted, from, limit: limit + 1 });
  const entries = found.slice(0, limit);
  const last = entries.at(-1);
  return { entries, next: found.length > limit && last ? { at: last.at, key: last.key } : undefined };
}
