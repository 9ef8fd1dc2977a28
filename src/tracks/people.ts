import { forStaff, type Viewer } from '../access/viewer.ts';
import { editorOf } from '../campaigns/definition/editors.ts';
import { now } from '../platform/clock.ts';
import { transaction } from '../platform/db.ts';
import { Conflict } from '../platform/errors.ts';

import { leave } from './control.queries.ts';
import * as queries from './people.queries.ts';
import { trackSeenBy, trackToChange } from './tracks.ts';

/** In it; came to the end; left before that. */
export const personStates = ['in', 'done', 'left'] as const;
export type PersonState = (typeof personStates)[number];

/** Somebody in a track, or who was: once for each time that they entered. */
export interface PersonInTrack {
  personId: number;
  /** Null when the person is there no more. */
  name: string | null;
  email: string | null;
  accountId: string | null;
  accountName: string | null;
  /** The first time is 1. */
  entry: number;
  state: PersonState;
  step: string | null;
  enteredAt: Date;
  arrivedAt: Date;
  /** When their step is looked at next, and of waits when they are over at the latest. */
  dueAt: Date | null;
  untilAt: Date | null;
  endedAt: Date | null;
  reason: string | null;
}

export interface PersonFilter {
  search?: string | undefined;
  step?: string | undefined;
  state?: PersonState | undefined;
}

export const PEOPLE_A_PAGE = 50;

/** A page of who is in a track and who was, those of the newest records first. @throws NotFound */
export async function peopleInTrack(
  viewer: Viewer,
  trackId: string,
  filter: PersonFilter,
  page: number,
): Promise<{ people: PersonInTrack[]; total: number }> {
  await trackSeenBy(viewer, trackId);
  return await queries.selectPage(forStaff(viewer), trackId, filter, { limit: PEOPLE_A_PAGE, page });
}

/** All of them, a thousand at a time, so that any number fits in memory. @throws NotFound */
export async function* everyPersonInTrack(
  viewer: Viewer,
  trackId: string,
  filter: PersonFilter,
): AsyncGenerator<PersonInTrack> {
  await trackSeenBy(viewer, trackId);
  let last: PersonInTrack | undefined;
  for (;;) {
    const rows = await queries.selectAfter(forStaff(viewer), trackId, filter, last);
    yield* rows;
    last = rows.at(-1);
    if (rows.length < queries.CHUNK) return;
  }
}

/** Has somebody leave a track. What was handed over for sending is sent. @throws NotFound; Conflict when they are not in it */
export async function removePerson(viewer: Viewer, trackId: string, personId: number): Promise<void> {
  editorOf(viewer);
  await transaction(async (tx) => {
    await trackToChange(tx, trackId);
    if ((await leave(tx, trackId, { reason: 'removed', now: now(), personId })) === 0)
      throw new Conflict('the person is not in the track');
  });
}
