import type { Request, Response } from 'express';
import { z } from 'zod';

import { Invalid, NotFound } from '../../platform/errors.ts';
import { flash } from '../../platform/http/flash.ts';
import { submitting } from '../../platform/http/forms.ts';
import { pageNumber, parse } from '../../platform/http/parse.ts';
import {
  answer,
  type Choice,
  decideFields,
  MovedOn,
  undo,
  UNDO_SECONDS,
} from '../../platform/salesforce/outbox/conflicts-decide.ts';
import {
  CONFLICTS_A_PAGE,
  conflictsOf,
  maybeConflict,
  type SeenConflict,
} from '../../platform/salesforce/outbox/conflicts-list.ts';
import type { Value } from '../../platform/salesforce/outbox/outbox.ts';
import { only, type Route, route, staffViewerOf } from '../guards.ts';

import { textOf } from './values.ts';

const home = '/console/conflicts';
const deciders = only('csm', 'support', 'admin');
const one = { id: 'staff-thing' } as const;

/** Where Salesforce's people and ours made different things of one field, or Salesforce asks whether a record is one it has. */
export const conflictRoutes: Route[] = [
  route('get', home, deciders(), listConflicts),
  route('get', `${home}/:id`, deciders(one), showConflict),
  route('post', `${home}/:id/decisions`, deciders(one), submitting(unlessMoved(decide), showConflict)),
  route('post', `${home}/:id/undos`, deciders(one), unlessMoved(takeBack)),
];

const ListQuery = z.object({
  status: z.enum(['open', 'decided', 'past']).catch('open'),
  object: z
    .string()
    .max(80)
    .optional()
    .catch(undefined)
    .transform((text) => (text === '' ? undefined : text)),
  page: pageNumber,
});

async function listConflicts(req: Request, res: Response): Promise<void> {
  const asked = ListQuery.parse(req.query);
  const found = await conflictsOf({ status: asked.status, sobject: asked.object, page: asked.page });
  res.render('console/conflicts/index', {
    ...found, asked, textOf,
    here: asked.page, pages: Math.max(1, Math.ceil(found.total / CONFLICTS_A_PAGE)),
  }); // prettier-ignore
}

async function showConflict(req: Request, res: Response): Promise<void> {
  const conflict = await conflictOf(req);
  res.render('console/conflicts/show', { conflict, textOf, undoSeconds: UNDO_SECONDS });
}

/** @throws NotFound */
async function conflictOf(req: Request): Promise<SeenConflict> {
  const id = z.coerce.number().int().min(1).max(Number.MAX_SAFE_INTEGER).safeParse(req.params.id);
  const conflict = id.success ? await maybeConflict(id.data) : undefined;
  if (!conflict) throw new NotFound();
  return conflict;
}

const Decision = z.object({
  version: z.coerce.number().int(),
  alike: z.string().optional(),
  answer: z.enum(['save', 'retry', 'use', 'discard']).optional(),
  record: z.string().max(18).optional(),
});

async function decide(req: Request, res: Response): Promise<void> {
  const conflict = await conflictOf(req);
  const { version, alike, answer: given, record } = parse(Decision, req.body);
  const deciding = { id: conflict.id, version, by: staffViewerOf(req).name, isForAlike: alike !== undefined };
  if (conflict.kind !== 'fields' && given === undefined)
    throw new Invalid({ answer: 'conflicts.errors.choose' });
  const decided =
    conflict.kind === 'fields'
      ? await decideFields(deciding, choicesFrom(conflict, req.body))
      : await answer(deciding, { answer: given ?? 'retry', recordId: record });
  flash(res, 'conflicts.decided', { values: { count: decided, seconds: UNDO_SECONDS } });
  res.redirect(303, `${home}/${String(conflict.id)}`);
}

/** What was chosen for each field, another value in the type that the field has. @throws Invalid */
function choicesFrom({ fields }: SeenConflict, body: unknown): Record<string, Choice> {
  const typed = z.record(z.string(), z.string().max(131_072).optional().catch(undefined)).parse(body ?? {});
  const choices: Record<string, Choice> = {};
  const wrong: Record<string, string> = {};
  for (const { field, ours, theirs } of fields) {
    const choice = typed[`choice.${field}`];
    if (choice === 'salesforce' || choice === 'ours') choices[field] = { choice };
    if (choice !== 'other') continue;
    const value = otherValue(ours ?? theirs, typed[`value.${field}`] ?? '');
    if (value === undefined) wrong[`value.${field}`] = 'conflicts.errors.value';
    else choices[field] = { choice, value };
  }
  if (Object.keys(wrong).length > 0) throw new Invalid(wrong);
  return choices;
}

function otherValue(like: unknown, text: string): Value | undefined {
  const trimmed = text.trim();
  if (trimmed === '') return undefined;
  if (typeof like === 'boolean') return trimmed === 'true' ? true : trimmed === 'false' ? false : undefined;
  if (typeof like !== 'number') return text.replaceAll('\r\n', '\n');
  return Number.isFinite(Number(trimmed)) ? Number(trimmed) : undefined;
}

async function takeBack(req: Request, res: Response): Promise<void> {
  const { id } = await conflictOf(req);
  await undo(id, staffViewerOf(req).name);
  flash(res, 'conflicts.undone');
  res.redirect(303, `${home}/${String(id)}`);
}

/** Somebody was faster: the page says who decided what, with nothing of theirs lost. */
function unlessMoved(act: (req: Request, res: Response) => Promise<void>): typeof act {
  return async (req, res) => {
    try {
      await act(req, res);
    } catch (error) {
      if (!(error instanceof MovedOn)) throw error;
      res.status(409);
      res.locals.hasMovedOn = true;
      await showConflict(req, res);
    }
  };
}
