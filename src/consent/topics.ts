import { forStaff, hasRole, type Viewer } from '../access/viewer.ts';
import { now } from '../platform/clock.ts';
import { transaction } from '../platform/db.ts';
import { Conflict, Forbidden, NotFound } from '../platform/errors.ts';

import * as queries from './topics.queries.ts';

export type MessageClass = 'marketing' | 'success' | 'transactional';

/** What a campaign may be about. Seeded topics have their words in locales (`topics.<code>.name` of shared.yml), others in `words`. */
export interface Topic {
  code: string;
  messageClass: MessageClass;
  /** Nobody gets it who did not ask for it; else everybody who did not say no. */
  isOptIn: boolean;
  isSeeded: boolean;
  isOffered: boolean;
  words: Record<string, { name: string; description: string }>;
}

/** All topics, in their order. */
export async function topics(): Promise<Topic[]> {
  return await queries.selectTopics();
}

/** All topics with how many addresses said yes and no to each; for staff. */
export async function topicsSeenBy(
  viewer: Viewer,
): Promise<(Topic & { granted: number; refused: number })[]> {
  return await queries.selectTopicsWithCounts(forStaff(viewer));
}

/** @throws NotFound */
export async function topicByCode(code: string): Promise<Topic> {
  const [topic] = await queries.selectTopics(code);
  if (topic === undefined) throw new NotFound(`no topic ${code}`);
  return topic;
}

/**
 * Makes a topic. Its class and whether it is opt-in stay: people's words were about what it was.
 * @throws Conflict when there is one by that code
 */
export async function createTopic(
  viewer: Viewer,
  topic: Omit<Topic, 'isSeeded' | 'isOffered'>,
): Promise<void> {
  const by = editorOf(viewer);
  await transaction(async (tx) => {
    if (!(await queries.insertTopic(tx, topic, { by, at: now() })))
      throw new Conflict('there is a topic by that code');
  });
}

/** Changes a topic's words, or whether it is offered. */
export async function changeTopic(
  viewer: Viewer,
  code: string,
  change: Pick<Topic, 'words' | 'isOffered'>,
): Promise<void> {
  const by = editorOf(viewer);
  await transaction(async (tx) => {
    if (!(await queries.updateTopic(tx, code, { ...change, by, at: now() })))
      throw new NotFound(`no topic ${code}`);
  });
}

function editorOf(viewer: Viewer): string {
  if (viewer.kind !== 'staff' || !hasRole(viewer, 'csm', 'admin')) throw new Forbidden();
  return viewer.personId;
}
