import type { Request, Response } from 'express';
import { z } from 'zod';

import { Invalid } from '../../platform/errors.ts';
import { flash } from '../../platform/http/flash.ts';
import { submitting } from '../../platform/http/forms.ts';
import { line, parse, uuidOf } from '../../platform/http/parse.ts';
import { everybody, type Rule } from '../../rules/rules.ts';
import { ruleText } from '../../rules/schema.ts';
import { wholeCatalog } from '../../segments/catalog.ts';
import {
  changeSegment, createSegment, duplicateSegment, type Segment, segmentSeenBy, segmentsSeenBy, usesOf,
} from '../../segments/segments.ts'; // prettier-ignore
import { only, type Route, route, staffViewerOf } from '../guards.ts';

import { builderOf } from './rule-builder.ts';

const page = '/console/segments';
const editors = only('csm', 'admin');
const aList = { id: 'staff-thing' } as const;

/** Where lists are made and changed: their rule is built with a live count beside it. */
export const segmentFormRoutes: Route[] = [
  route('get', `${page}/new`, editors(), showNew),
  route('post', `${page}/new`, editors(), submitting(create, showNew)),
  route('get', `${page}/:id/edit`, editors(aList), showEdit),
  route('post', `${page}/:id/edit`, editors(aList), submitting(change, showEdit)),
  route('post', `${page}/:id/copies`, editors(aList), copy),
];

const Kind = z.object({ entity: z.enum(['account', 'person']).catch('account') });

const About = z.object({
  name: line(80),
  description: z.string().trim().max(500).default(''),
  folder: z.string().trim().max(60).default(''),
  shared: z.enum(['yes', 'no']).default('yes'),
});

async function draftOf(req: Request, entity: Segment['entity']) {
  const { name, description, folder, shared } = parse(About, req.body);
  const { rule } = parse(z.object({ rule: ruleText(await wholeCatalog(), entity) }), req.body);
  return { name, description, folder: folder === '' ? null : folder, isShared: shared === 'yes', rule };
}

const typed = z.string().transform((text, context): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    context.addIssue({ code: 'custom', message: 'rules.errors.notJson' });
    return z.NEVER;
  }
});

/** What was typed of the rule, or the rule as it is: a form that is shown again loses nothing. */
function ruleToShow(req: Request, rule: Rule): unknown {
  const body = z.object({ rule: typed }).safeParse(req.body);
  return body.success ? body.data.rule : rule;
}

async function foldersSeenBy(req: Request): Promise<string[]> {
  const segments = await segmentsSeenBy(staffViewerOf(req));
  return [...new Set(segments.map(({ folder }) => folder).filter((folder) => folder !== null))].sort();
}

async function showNew(req: Request, res: Response): Promise<void> {
  const { entity } = Kind.parse(req.method === 'POST' ? (req.body ?? {}) : req.query);
  res.render('console/segments/form', {
    segment: undefined,
    entity,
    rule: ruleToShow(req, everybody),
    folders: await foldersSeenBy(req),
    builder: builderOf(await wholeCatalog(), entity),
  });
}

async function create(req: Request, res: Response): Promise<void> {
  const { entity } = Kind.parse(req.body ?? {});
  const id = await createSegment(req.viewer, { ...(await draftOf(req, entity)), entity });
  flash(res, 'segments.created');
  res.redirect(303, `${page}/${id}`);
}

async function showEdit(req: Request, res: Response): Promise<void> {
  const segment = await segmentSeenBy(req.viewer, uuidOf(req.params.id));
  res.render('console/segments/form', {
    segment,
    entity: segment.entity,
    rule: ruleToShow(req, segment.rule),
    folders: await foldersSeenBy(req),
    builder: builderOf(await wholeCatalog(), segment.entity),
    uses: await usesOf(req.viewer, segment.id),
  });
}

async function change(req: Request, res: Response): Promise<void> {
  const { id, entity } = await segmentSeenBy(req.viewer, uuidOf(req.params.id));
  await changeSegment(req.viewer, id, await draftOf(req, entity));
  flash(res, 'segments.listChanged');
  res.redirect(303, `${page}/${id}`);
}

/** A copy of one's own, to be changed at once. */
async function copy(req: Request, res: Response): Promise<void> {
  const { id, name } = await segmentSeenBy(req.viewer, uuidOf(req.params.id));
  const copied = await duplicateSegment(req.viewer, id, name.slice(0, 70) + ' (copy)').catch(
    (error: unknown) => {
      if (error instanceof Invalid) return undefined;
      throw error;
    },
  );
  if (copied === undefined) flash(res, 'segments.notCopied', { kind: 'warning' });
  else flash(res, 'segments.copied');
  res.redirect(303, copied === undefined ? `${page}/${id}` : `${page}/${copied}/edit`);
}
