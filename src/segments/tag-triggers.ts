import './events.ts';

import { forStaff, type Viewer } from '../access/viewer.ts';
import { now } from '../platform/clock.ts';
import { transaction, type Tx } from '../platform/db.ts';
import { Invalid, NotFound } from '../platform/errors.ts';
import type { Events } from '../platform/events.ts';
import { log } from '../platform/log.ts';

import { editorOf } from './editors.ts';
import * as queries from './tag-triggers.queries.ts';
import { addTags, ensureTag, removeTags } from './tags.queries.ts';
import { tell, type Tone } from './tags.ts';

export const moments = ['entered', 'left'] as const;
export const tagActs = ['add', 'remove'] as const;

/** What is done to a tag by itself when an account enters or leaves a list (TG2). */
export interface TagTrigger {
  id: number;
  segmentId: string;
  segmentName: string;
  moment: (typeof moments)[number];
  act: (typeof tagActs)[number];
  tag: string;
  tone: Tone;
  /** When it was stopped, since it went in circles with other triggers. */
  pausedAt: Date | null;
  createdBy: string | null;
  createdAt: Date;
  /** How many tags it has changed so far. */
  changes: number;
}

/** All triggers, by their lists. */
export async function tagTriggers(viewer: Viewer): Promise<TagTrigger[]> {
  return await queries.selectTriggers(forStaff(viewer));
}

/**
 * Adds a trigger; one for accounts that enter acts at once on those who are in the list already.
 * @throws Invalid for a list that is not a shared one of accounts, and for a trigger that exists
 */
export async function addTrigger(
  viewer: Viewer,
  wanted: Pick<TagTrigger, 'segmentId' | 'moment' | 'act' | 'tag'>,
): Promise<void> {
  const { personId } = editorOf(viewer);
  await transaction(async (tx) => {
    const tag = await ensureTag(tx, wanted.tag, personId, now());
    const id = await queries.insertTrigger(tx, { ...wanted, tag }, personId, now());
    if (id === undefined) throw new Invalid({ segmentId: 'tags.triggerExists' });
    if (wanted.moment === 'entered') await act(tx, wanted.act, queries.wantedAtOnce(id));
  });
}

/** Ends a trigger; the tags that it set stay. @throws NotFound */
export async function removeTrigger(viewer: Viewer, id: number): Promise<void> {
  editorOf(viewer);
  if (!(await transaction((tx) => queries.deleteTrigger(tx, id)))) throw new NotFound();
}

/** Lets a trigger act again that was paused. @throws NotFound */
export async function resumeTrigger(viewer: Viewer, id: number): Promise<void> {
  editorOf(viewer);
  if (!(await transaction((tx) => queries.resumeTrigger(tx, id)))) throw new NotFound();
}

/**
 * A reaction: carries out what triggers want of accounts that entered or left lists, once a batch however often it runs. A tag that a
 * person took off is not put back, since only who newly enters is acted on.
 */
export async function carryOutTriggers({ batch }: Events['segment.changed']): Promise<void> {
  await transaction(async (tx) => {
    if (!(await queries.beginBatch(tx, batch))) return;
    for (const name of ['remove', 'add'] as const) await act(tx, name, queries.wantedBy(batch, name));
  });
}

async function act(
  tx: Tx,
  name: TagTrigger['act'],
  wanted: ReturnType<typeof queries.wantedBy>,
): Promise<void> {
  const doing = name === 'add' ? addTags : removeTags;
  const changed = await doing(tx, wanted, { by: null, at: now() });
  await tell(tx, changed);
  const paused = await queries.pauseCircling(tx, changed.batch, now());
  if (paused > 0) log.warn({ paused }, 'triggers of tags went in circles and were paused');
}
