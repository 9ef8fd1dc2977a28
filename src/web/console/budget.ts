import type { Request, Response } from 'express';
import { z } from 'zod';

import { hasRole } from '../../access/viewer.ts';
import { now } from '../../platform/clock.ts';
import { flash } from '../../platform/http/flash.ts';
import { submitting } from '../../platform/http/forms.ts';
import { parse } from '../../platform/http/parse.ts';
import { budgetReport, setCeilings } from '../../platform/salesforce/budget/budget-report.ts';
import { features } from '../../platform/salesforce/budget/budget-rules.ts';
import { only, route, staffViewerOf } from '../guards.ts';

import { courseOf, spenders, stackedBars } from './budget-chart.ts';

const page = '/console/budget';

/** What the org's API calls are spent on, how far they will last, and what waits because of it. */
export const budgetRoutes = [
  route('get', page, only('support', 'admin')(), showBudget),
  route('post', `${page}/ceilings`, only('admin')(), submitting(change, showBudget)),
];

const span = z.enum(['day', 'fortnight']).catch('day');

async function showBudget(req: Request, res: Response): Promise<void> {
  const report = await budgetReport();
  const shown = span.parse(req.query.span);
  const spells = shown === 'day' ? report.hours : report.days;
  res.render('console/budget/show', {
    budget: report,
    span: shown,
    spells,
    spenders: spenders.filter((name) => spells.some(({ calls }) => (calls[name] ?? 0) > 0)),
    bars: stackedBars(spells),
    course: courseOf(report, now()),
    mayAct: hasRole(req.viewer, 'admin'),
  });
}

const ceiling = z
  .string()
  .trim()
  .transform((text) => (text === '' ? null : Number(text.replaceAll(/[,\s]/g, ''))))
  .refine(
    (value) => value === null || (Number.isInteger(value) && value >= 1 && value <= 10_000_000),
    'budget.ceilingWrong',
  );

const Ceilings = z.object(Object.fromEntries(features.map((feature) => [feature, ceiling.optional()])));

async function change(req: Request, res: Response): Promise<void> {
  const { name, email } = staffViewerOf(req);
  await setCeilings(`${name} (${email})`, parse(Ceilings, req.body));
  flash(res, 'budget.saved');
  res.redirect(303, page);
}
