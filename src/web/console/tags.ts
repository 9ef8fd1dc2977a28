import type { Request, Response } from 'express';
import { z } from 'zod';

import { Conflict, NotFound } from '../../platform/errors.ts';
import { flash } from '../../platform/http/flash.ts';
import { submitting } from '../../platform/http/forms.ts';
import { line, parse, searchText } from '../../platform/http/parse.ts';
import { mayEdit } from '../../segments/editors.ts';
import { segmentsSeenBy } from '../../segments/segments.ts';
import {
  addTrigger,
  moments,
  removeTrigger,
  resumeTrigger,
  tagActs,
  tagTriggers,
} from '../../segments/tag-triggers.ts';
import { allTags, deleteTag, LONGEST_TAG, saveTag, tagHistory, tones } from '../../segments/tags.ts';
import { only, type Route, route, staff, staffViewerOf } from '../guards.ts';

const page = '/console/tags';
const editors = only('csm', 'admin');
const aTrigger = { id: 'staff-thing' } as const;

/** Tags (TG1, TG3), what sets them by itself (TG2), and who set which when. */
export const tagRoutes: Route[] = [
  route('get', page, staff(), showTags),
  route('get', `${page}/history`, staff(), showHistory),
  route('post', `${page}/saved`, editors(), submitting(save, showTags)),
  route('post', `${page}/deletions`, editors(), remove),
  route('post', `${page}/triggers`, editors(), submitting(add, showTags)),
  route('post', `${page}/triggers/:id/removals`, editors(aTrigger), end),
  route('post', `${page}/triggers/:id/resumptions`, editors(aTrigger), resume),
];

async function showTags(req: Request, res: Response): Promise<void> {
  const viewer = staffViewerOf(req);
  const [tags, triggers, segments] = await Promise.all([
    allTags(viewer),
    tagTriggers(viewer),
    segmentsSeenBy(viewer),
  ]);
  res.render('console/tags/index', {
    tags,
    triggers,
    tones,
    moments,
    acts: tagActs,
    segments: segments.filter(({ entity, isShared }) => entity === 'account' && isShared),
    mayEdit: mayEdit(viewer),
  });
}

async function showHistory(req: Request, res: Response): Promise<void> {
  const { tag } = z.object({ tag: searchText }).parse(req.query);
  const viewer = staffViewerOf(req);
  const found = (await allTags(viewer)).find(({ name }) => name === tag);
  if (found === undefined && tag !== '') throw new NotFound();
  res.render('console/tags/history', { tag: found, changes: found ? await tagHistory(viewer, { tag }) : [] });
}

const TagForm = z.object({
  name: line(LONGEST_TAG),
  description: z.string().trim().max(200).default(''),
  tone: z.enum(tones).default('neutral'),
});

async function save(req: Request, res: Response): Promise<void> {
  await saveTag(req.viewer, parse(TagForm, req.body));
  flash(res, 'tags.saved');
  res.redirect(303, page);
}

async function remove(req: Request, res: Response): Promise<void> {
  const { name } = z
    .object({ name: line(LONGEST_TAG) })
    .catch({ name: '' })
    .parse(req.body ?? {});
  try {
    await deleteTag(req.viewer, name);
    flash(res, 'tags.deleted');
  } catch (error) {
    if (!(error instanceof Conflict)) throw error;
    flash(res, 'tags.isUsed', { kind: 'warning' });
  }
  res.redirect(303, page);
}

const TriggerForm = z.object({
  segmentId: z.guid('errors.required'),
  moment: z.enum(moments),
  act: z.enum(tagActs),
  tag: line(LONGEST_TAG),
});

async function add(req: Request, res: Response): Promise<void> {
  await addTrigger(req.viewer, parse(TriggerForm, req.body));
  flash(res, 'tags.triggerAdded');
  res.redirect(303, page);
}

async function end(req: Request, res: Response): Promise<void> {
  await removeTrigger(req.viewer, numberOf(req.params.id));
  flash(res, 'tags.triggerRemoved');
  res.redirect(303, page);
}

async function resume(req: Request, res: Response): Promise<void> {
  await resumeTrigger(req.viewer, numberOf(req.params.id));
  flash(res, 'tags.triggerResumed');
  res.redirect(303, page);
}

/** @throws NotFound for what cannot be the number of a row */
export function numberOf(parameter: unknown): number {
  const id = z.coerce.number().int().positive().max(Number.MAX_SAFE_INTEGER).safeParse(parameter);
  if (!id.success) throw new NotFound();
  return id.data;
}
