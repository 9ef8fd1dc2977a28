import type { Request, Response } from 'express';
import { z } from 'zod';

import {
  type Definition,
  definitions,
  definitionSeenBy,
  deleteDefinition,
  type Drafted,
  mayDefine,
  pauseDefinition,
  resumeDefinition,
  saveDefinition,
} from '../../insights/definitions.ts';
import { flash } from '../../platform/http/flash.ts';
import { submitting } from '../../platform/http/forms.ts';
import { line, parse, uuidOf } from '../../platform/http/parse.ts';
import { describe } from '../../rules/describe.ts';
import { labelsOf } from '../../rules/labels.ts';
import { everybody, type Rule } from '../../rules/rules.ts';
import { ruleText } from '../../rules/schema.ts';
import { wholeCatalog } from '../../segments/catalog.ts';
import { only, route, type Route, staff, staffViewerOf } from '../guards.ts';

import { builderOf } from './rule-builder.ts';

const page = '/console/insights/milestones';
const definers = only('csm', 'admin');
const one = { id: 'staff-thing' } as const;

/** What counts as a milestone of an account, which Salesforce hears of once it is reached (TG5). */
export const milestoneRoutes: Route[] = [
  route('get', page, staff(), list),
  route('get', `${page}/new`, definers(), showNew),
  route('post', `${page}/new`, definers(), submitting(create, showNew)),
  route('get', `${page}/:id`, definers(one), showOne),
  route('post', `${page}/:id`, definers(one), submitting(save, showOne)),
  route('post', `${page}/:id/pauses`, definers(one), pause),
  route('post', `${page}/:id/resumptions`, definers(one), resume),
  route('post', `${page}/:id/deletions`, definers(one), remove),
];

async function list(req: Request, res: Response): Promise<void> {
  const viewer = staffViewerOf(req);
  const all = await definitions(viewer);
  const catalog = await wholeCatalog();
  const labels = await labelsOf(all.map(({ rule }) => rule), catalog); // prettier-ignore
  res.render('console/insights/milestones', {
    definitions: all.map((each) => ({ ...each, told30: each.told, asked: describe(each.rule, { catalog, labels }) })),
    mayDefine: mayDefine(viewer),
  });
} // prettier-ignore

async function showNew(req: Request, res: Response): Promise<void> {
  await showForm(req, res);
}

async function create(req: Request, res: Response): Promise<void> {
  await saveDefinition(staffViewerOf(req), await draftOf(req));
  flash(res, 'insights.defined');
  res.redirect(303, page);
}

async function showOne(req: Request, res: Response): Promise<void> {
  await showForm(req, res, await definitionSeenBy(staffViewerOf(req), uuidOf(req.params.id)));
}

async function save(req: Request, res: Response): Promise<void> {
  const { id } = await definitionSeenBy(staffViewerOf(req), uuidOf(req.params.id));
  await saveDefinition(staffViewerOf(req), await draftOf(req), id);
  flash(res, 'insights.redefined');
  res.redirect(303, page);
}

async function pause(req: Request, res: Response): Promise<void> {
  await pauseDefinition(staffViewerOf(req), uuidOf(req.params.id));
  res.redirect(303, page);
}

async function resume(req: Request, res: Response): Promise<void> {
  await resumeDefinition(staffViewerOf(req), uuidOf(req.params.id));
  res.redirect(303, page);
}

async function remove(req: Request, res: Response): Promise<void> {
  await deleteDefinition(staffViewerOf(req), uuidOf(req.params.id));
  flash(res, 'insights.removed');
  res.redirect(303, page);
}

async function showForm(req: Request, res: Response, definition?: Definition): Promise<void> {
  res.render('console/insights/milestone', {
    definition,
    rule: typedRule(req) ?? definition?.rule ?? everybody,
    builder: builderOf(await wholeCatalog(), 'account'),
  });
}

const About = z.object({
  name: line(80),
  headline: line(200),
  repeats: z.enum(['once', 'again']).default('once'),
  past: z.enum(['quiet', 'told']).default('quiet'),
});

async function draftOf(req: Request): Promise<Drafted> {
  const schema = About.extend({ rule: ruleText(await wholeCatalog(), 'account') });
  const { name, headline, repeats, past, rule } = parse(schema, req.body);
  return { name, headline, rule, repeats: repeats === 'again', tellsPast: past === 'told' };
}

/** What was typed of the rule: a form that is shown again loses nothing. */
function typedRule(req: Request): Rule | undefined {
  const { rule } = (req.body ?? {}) as { rule?: unknown };
  try {
    return typeof rule === 'string' ? (JSON.parse(rule) as Rule) : undefined;
  } catch {
    return undefined;
  }
}
