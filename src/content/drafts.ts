import type { StaffViewer, Viewer } from '../access/viewer.ts';
import { now } from '../platform/clock.ts';
import { Forbidden, Invalid } from '../platform/errors.ts';

import * as queries from './drafts.queries.ts';
import { mayWrite, messageSeenBy } from './messages.ts';

/** Somebody else who has a message open. */
export interface OpenBy {
  name: string;
  /** When they last wrote something that is no version yet; null when they only look. */
  savedAt: Date | null;
}

/** What is going on around a message that somebody writes. */
export interface Surroundings {
  /** The newest version, and who made it; null for nobody. */
  version: number;
  name: string | null;
  at: Date;
  others: OpenBy[];
}

const MOST_CHARACTERS = 4_000_000;

/* Editors say every fifteen seconds that they are there. */
const GONE_AFTER = 45_000;

async function writerOf(viewer: Viewer, id: string): Promise<StaffViewer> {
  if (!mayWrite(viewer)) throw new Forbidden();
  await messageSeenBy(viewer, id);
  return viewer;
}

/** What somebody wrote of a message that is no version yet, as they left it: checked by nobody. @throws NotFound, Forbidden */
export async function maybeDraft(
  viewer: Viewer,
  id: string,
): Promise<{ base: number; draft: unknown; savedAt: Date } | undefined> {
  const { personId } = await writerOf(viewer, id);
  const found = await queries.selectDraft({ id, personId });
  return found && { ...found, draft: JSON.parse(found.draft) as unknown };
}

/** Keeps what somebody writes, so that nothing typed is lost; it is theirs alone until they save it. @throws Invalid when it is too long */
export async function keepDraft(
  viewer: Viewer,
  id: string,
  base: number,
  draft: unknown,
): Promise<Surroundings> {
  const { personId } = await writerOf(viewer, id);
  const text = JSON.stringify(draft);
  if (text.length > MOST_CHARACTERS) throw new Invalid({ form: 'messages.errors.tooLong' });
  await queries.upsertDraft({ id, personId }, base, text, now());
  return await surroundings(id, personId);
}

/** Forgets what somebody wrote of a message, and that they have it open. */
export async function dropDraft(viewer: Viewer, id: string): Promise<void> {
  const { personId } = await writerOf(viewer, id);
  await queries.deleteDraft({ id, personId });
}

/** Says that somebody has a message open, and what else is going on around it. */
export async function lookAround(viewer: Viewer, id: string, base: number): Promise<Surroundings> {
  const { personId } = await writerOf(viewer, id);
  await queries.upsertPresence({ id, personId }, base, now());
  return await surroundings(id, personId);
}

async function surroundings(id: string, personId: string): Promise<Surroundings> {
  const [change, others] = await Promise.all([
    queries.selectLastChange(id),
    queries.selectOthers({ id, personId }, new Date(now().getTime() - GONE_AFTER)),
  ]);
  if (change === undefined) throw new Error('a message that was there is gone');
  return { ...change, others };
}
