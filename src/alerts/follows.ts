import type { StaffViewer } from '../access/viewer.ts';
import { now } from '../platform/clock.ts';
import { NotFound } from '../platform/errors.ts';

import * as queries from './follows.queries.ts';

/** What can be followed: an account (FA1), or a smart list (FA2). */
export const followable = ['account', 'segment'] as const;
export type Followable = (typeof followable)[number];

export interface Follow {
  kind: Followable;
  target: string;
  name: string;
  followedAt: Date;
  /** Of an account: how it is. */
  rank: string | null;
  score: number | null;
  /** Of a list: how many are in it, and how many of their accounts the follower looks after. */
  members: number | null;
  own: number | null;
  /** When the last thing happened that a digest would tell. */
  lastSignalAt: Date | null;
}

/** Begins to follow; doing so twice is no error. @throws NotFound for what the viewer does not see */
export async function follow(viewer: StaffViewer, kind: Followable, target: string): Promise<void> {
  if (!(await queries.insertFollow(viewer.personId, { kind, target }, now()))) throw new NotFound();
}

export async function unfollow(viewer: StaffViewer, kind: Followable, target: string): Promise<void> {
  await queries.deleteFollow(viewer.personId, { kind, target });
}

/** Whether the viewer follows it, for the button on its page. */
export const isFollowed = (viewer: StaffViewer, kind: Followable, target: string): Promise<boolean> =>
  queries.existsFollow(viewer.personId, { kind, target });

/** What the viewer follows: lists first, then accounts, each by name. */
export const followsOf = (viewer: StaffViewer): Promise<Follow[]> =>
  queries.selectFollows(viewer.personId, viewer.userId);
