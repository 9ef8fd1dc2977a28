import type { Request, Response } from 'express';
import { z } from 'zod';

import { flash } from '../../platform/http/flash.ts';
import { submitting } from '../../platform/http/forms.ts';
import { line, parse } from '../../platform/http/parse.ts';
import { mayEdit } from '../../segments/editors.ts';
import { addRiskRule, removeRiskRule, riskRules } from '../../segments/risk-rules.ts';
import { accountsAtRisk, LONGEST_REASON, riskCounts, riskLevels } from '../../segments/risk.ts';
import { segmentsSeenBy } from '../../segments/segments.ts';
import { only, type Route, route, staff, staffViewerOf } from '../guards.ts';

import { numberOf } from './tags.ts';

const page = '/console/risk';
const editors = only('csm', 'admin');

/** Risk levels (TG4): how many accounts have each, which are marked by hand, and the rules that set them. */
export const riskRoutes: Route[] = [
  route('get', page, staff(), showRisk),
  route('post', `${page}/rules`, editors(), submitting(add, showRisk)),
  route('post', `${page}/rules/:id/removals`, editors({ id: 'staff-thing' }), remove),
];

const Query = z.object({ level: z.enum(riskLevels).optional().catch(undefined) });

async function showRisk(req: Request, res: Response): Promise<void> {
  const viewer = staffViewerOf(req);
  const asked = Query.parse(req.query);
  const [counts, rules, segments, accounts] = await Promise.all([
    riskCounts(viewer),
    riskRules(viewer),
    segmentsSeenBy(viewer),
    accountsAtRisk(viewer, asked.level),
  ]);
  res.render('console/risk/index', {
    asked,
    counts,
    rules,
    accounts,
    levels: riskLevels,
    segments: segments.filter(({ entity, isShared }) => entity === 'account' && isShared),
    mayEdit: mayEdit(viewer),
  });
}

const RuleForm = z.object({
  segmentId: z.guid('errors.required'),
  level: z.enum(riskLevels),
  reason: line(LONGEST_REASON),
});

async function add(req: Request, res: Response): Promise<void> {
  await addRiskRule(req.viewer, parse(RuleForm, req.body));
  flash(res, 'risk.ruleAdded');
  res.redirect(303, page);
}

async function remove(req: Request, res: Response): Promise<void> {
  await removeRiskRule(req.viewer, numberOf(req.params.id));
  flash(res, 'risk.ruleRemoved');
  res.redirect(303, page);
}
