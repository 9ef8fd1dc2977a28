import type { Request, Response } from 'express';
import { z } from 'zod';

import { hasRole, staffRoles, type StaffViewer } from '../../access/viewer.ts';
import { kindNames, kinds, type Kind } from '../../alerts/kinds.ts';
import { firingsOf, PREVIEW_DAYS, type Preview, previewRule } from '../../alerts/preview.ts';
import {
  type AlertRule, changeRule, createRule, mayChange, removeRule, RuleForm, rulesSeenBy, ruleSeenBy, scopes, setRuleEnabled,
} from '../../alerts/rules.ts'; // prettier-ignore
import { toneOfSeed } from '../../alerts/seeds.ts';
import { webhookChoices } from '../../alerts/webhooks.ts';
import { nameOf, speechOf } from '../../alerts/words.ts';
import { ranks } from '../../health/ranks.ts';
import { flash } from '../../platform/http/flash.ts';
import { showErrors, submitting } from '../../platform/http/forms.ts';
import { parse, uuidOf } from '../../platform/http/parse.ts';
import { describe } from '../../rules/describe.ts';
import { labelsOf } from '../../rules/labels.ts';
import { everybody, isAll, type Rule } from '../../rules/rules.ts';
import { ruleText } from '../../rules/schema.ts';
import { wholeCatalog } from '../../segments/catalog.ts';
import { segmentsSeenBy } from '../../segments/segments.ts';
import { translator } from '../../platform/words.ts';
import { type Route, route, staff, staffViewerOf } from '../guards.ts';

import { builderOf } from './rule-builder.ts';

const page = '/console/alerts';
const aRule = { id: 'staff-thing' } as const;

/** The rules that make alerts (FA3 to FA9): one's own and those of the house, what each did, and what a new one would have done. */
export const alertRoutes: Route[] = [
  route('get', page, staff(), listRules),
  route('get', `${page}/new`, staff(), showForm),
  route('post', page, staff(), submitting(create, showForm)),
  route('post', '/console/alert-previews', staff(), submitting(preview, showForm)),
  route('get', `${page}/:id`, staff(aRule), showRule),
  route('get', `${page}/:id/edit`, staff(aRule), showEditor),
  route('post', `${page}/:id`, staff(aRule), submitting(change, showEditor)),
  route('post', `${page}/:id/previews`, staff(aRule), submitting(previewChange, showEditor)),
  route('post', `${page}/:id/state`, staff(aRule), turn),
  route('post', `${page}/:id/removals`, staff(aRule), remove),
];

async function listRules(req: Request, res: Response): Promise<void> {
  const viewer = staffViewerOf(req);
  const rules = (await rulesSeenBy(viewer)).map((rule) => ({
    ...rule,
    title: titleOf(rule),
    tone: toneOfSeed(rule.code) ?? kinds[rule.trigger].tone,
    mayChange: mayChange(viewer, rule),
  }));
  res.render('console/alerts/index', {
    own: rules.filter(({ ownerId }) => ownerId !== null),
    shared: rules.filter(({ ownerId }) => ownerId === null),
    kinds,
    isAdmin: hasRole(viewer, 'admin'),
  });
}

const titleOf = (rule: Pick<AlertRule, 'code' | 'name'>) => nameOf(rule, speechOf('en', 'UTC'));

async function showRule(req: Request, res: Response): Promise<void> {
  const viewer = staffViewerOf(req);
  const rule = await ruleSeenBy(viewer, uuidOf(req.params.id));
  const [firings, condition] = await Promise.all([firingsOf(viewer, rule), inWords(rule.condition)]);
  res.render('console/alerts/show', {
    rule: { ...rule, title: titleOf(rule) }, condition, firings, kinds, mayChange: mayChange(viewer, rule),
    segment: await segmentName(viewer, rule),
  }); // prettier-ignore
}

async function inWords(condition: unknown): Promise<string | undefined> {
  if (condition === null || condition === undefined) return undefined;
  const catalog = await wholeCatalog();
  const rule = condition as Rule;
  return describe(rule, { catalog, labels: await labelsOf([rule], catalog), t: translator('en', 'console') });
}

async function segmentName(viewer: StaffViewer, { filter }: AlertRule): Promise<string | undefined> {
  if (filter.segmentId === undefined) return undefined;
  return (await segmentsSeenBy(viewer)).find(({ id }) => id === filter.segmentId)?.name;
}

async function showForm(req: Request, res: Response): Promise<void> {
  await renderForm(req, res, { rule: starting(req), action: page, previews: '/console/alert-previews' });
}

const Start = z.object({
  trigger: z.enum(kindNames as [Kind, ...Kind[]]).catch('health.changed'),
  entity: z.enum(['account', 'person']).catch('account'),
  segment: z.guid().optional().catch(undefined),
});

/** A new rule begins with what the address, or the form that is shown again, asks for: a trigger, a list, people. */
function starting(req: Request): Partial<AlertRule> {
  const { trigger, entity, segment } = Start.parse(req.method === 'POST' ? (req.body ?? {}) : req.query);
  const started =
    segment === undefined
      ? { trigger, filter: { entity } }
      : { trigger: 'segment.entered' as const, filter: { entity, segmentId: segment } };
  return {
    ...started,
    ...(entity === 'person' ? { trigger: 'condition.met' as const } : {}),
    scope: 'mine_or_followed', toInbox: true, condition: null, ownerId: staffViewerOf(req).personId, roles: [],
  }; // prettier-ignore
}

async function showEditor(req: Request, res: Response): Promise<void> {
  const rule = await ruleSeenBy(staffViewerOf(req), uuidOf(req.params.id));
  await renderForm(req, res, { rule, action: `${page}/${rule.id}`, previews: `${page}/${rule.id}/previews` });
}

async function renderForm(
  req: Request,
  res: Response,
  { rule, action, previews }: { rule: Partial<AlertRule>; action: string; previews: string },
): Promise<void> {
  const viewer = staffViewerOf(req);
  const [segments, webhooks] = await Promise.all([segmentsSeenBy(viewer), webhookChoices(viewer)]);
  const entity = rule.filter?.entity ?? 'account';
  res.render('console/alerts/form', {
    rule, action, previews, kinds, kindNames, scopes, roles: staffRoles, ranks, webhooks,
    builder: builderOf(await wholeCatalog(), entity), condition: rule.condition ?? everybody, entity,
    title: rule.name === undefined ? undefined : titleOf({ code: rule.code ?? null, name: rule.name }),
    segments: segments.map(({ id, name }) => ({ value: id, label: name })),
    isAdmin: hasRole(viewer, 'admin'), previewDays: PREVIEW_DAYS,
  }); // prettier-ignore
}

async function create(req: Request, res: Response): Promise<void> {
  const id = await createRule(staffViewerOf(req), await formOf(req));
  flash(res, 'alerts.created');
  res.redirect(303, `${page}/${id}`);
}

async function change(req: Request, res: Response): Promise<void> {
  const id = uuidOf(req.params.id);
  await changeRule(staffViewerOf(req), id, await formOf(req));
  flash(res, 'alerts.changed');
  res.redirect(303, `${page}/${id}`);
}

/** The form again as it was typed, with what the rule would have done. */
async function preview(req: Request, res: Response): Promise<void> {
  keepTyped(req, res, await previewRule(staffViewerOf(req), await formOf(req, { name: '–' })));
  await showForm(req, res);
}

async function previewChange(req: Request, res: Response): Promise<void> {
  await ruleSeenBy(staffViewerOf(req), uuidOf(req.params.id));
  keepTyped(req, res, await previewRule(staffViewerOf(req), await formOf(req, { name: '–' })));
  await showEditor(req, res);
}

function keepTyped(req: Request, res: Response, found: Preview): void {
  showErrors(res, req.body, {});
  res.status(200);
  res.locals.preview = found;
}

async function turn(req: Request, res: Response): Promise<void> {
  const id = uuidOf(req.params.id);
  const { state } = z.object({ state: z.enum(['on', 'off']).catch('off') }).parse(req.body ?? {});
  await setRuleEnabled(staffViewerOf(req), id, state);
  flash(res, `alerts.turned.${state}`);
  res.redirect(303, `${page}/${id}`);
}

async function remove(req: Request, res: Response): Promise<void> {
  await removeRule(staffViewerOf(req), uuidOf(req.params.id));
  flash(res, 'alerts.removed');
  res.redirect(303, page);
}

const ticked = z
  .literal('on')
  .optional()
  .transform((on) => on === 'on');
const blank = z.literal('').transform(() => undefined);
const several = <T extends z.ZodType>(item: T) =>
  z.preprocess(
    (given) => (given === undefined || given === '' ? undefined : [given].flat()),
    z.array(item).optional(),
  );
const whole = (least: number, most: number) =>
  blank.or(z.coerce.number().int().min(least).max(most)).optional();

const Sent = z.object({
  name: z.string().trim().min(1).max(120),
  trigger: RuleForm.shape.trigger,
  scope: RuleForm.shape.scope,
  direction: blank.or(z.enum(['down', 'up'])).optional(),
  ranks: several(z.enum(ranks)),
  points: whole(1, 100),
  segmentId: blank.or(z.guid()).optional(),
  levels: several(z.enum(['red', 'yellow', 'green'])),
  days: whole(1, 90),
  executivesOnly: ticked,
  entity: z.enum(['account', 'person']).catch('account'),
  includesPresent: ticked,
  condition: z.string().max(50_000).default(''),
  audience: z.enum(['me', 'team']).catch('me'),
  roles: several(z.enum(staffRoles)),
  toInbox: ticked,
  toMail: ticked,
  webhookId: blank.or(z.guid()).optional(),
  restHours: whole(0, 8760),
});

/** What was sent, as a rule is made of it. A condition is JSON in one field, as the rule builder posts it. */
async function formOf(req: Request, standIn: { name?: string } = {}): Promise<RuleForm> {
  const body = (req.body ?? {}) as Record<string, unknown>;
  const given = { ...body, name: body.name === '' ? standIn.name : body.name };
  const { condition, audience, roles, webhookId, restHours, ...sent } = parse(Sent, given);
  const { name, trigger, scope, toInbox, toMail, ...filter } = sent;
  return {
    name, trigger, scope, toInbox, toMail, restHours: restHours ?? 0, webhookId: webhookId ?? null,
    isForTeam: audience === 'team', roles: roles ?? [], condition: await conditionOf(condition, sent.entity),
    filter: Object.fromEntries(Object.entries(filter).filter(([, value]) => value !== undefined && value !== false)),
  }; // prettier-ignore
}

/** @throws Invalid that says where in the rule something is wrong; null for a rule that everybody meets */
async function conditionOf(text: string, entity: 'account' | 'person'): Promise<Rule | null> {
  if (text.trim() === '') return null;
  const { condition } = parse(z.object({ condition: ruleText(await wholeCatalog(), entity) }), {
    condition: text,
  });
  return isAll(condition) && condition.all.length === 0 ? null : condition;
}
