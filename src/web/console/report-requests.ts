import type { Request, Response } from 'express';
import { z } from 'zod';

import { flash } from '../../platform/http/flash.ts';
import { submitting } from '../../platform/http/forms.ts';
import { parse, uuidOf } from '../../platform/http/parse.ts';
import { maybeReport } from '../../reports/catalog.ts';
import {
  maySettle,
  reportRequests,
  requestReport,
  requireRequest,
  settleRequest,
} from '../../reports/requests.ts';
import { only, type Route, route, staff, staffViewerOf } from '../guards.ts';

const page = '/console/reports/requests';

/** Reports that people miss: they ask, an administrator answers. */
export const reportRequestRoutes: Route[] = [
  route('get', page, staff(), showRequests),
  route('post', page, staff(), submitting(ask, showRequests)),
  route(
    'post',
    `${page}/:id/answers`,
    only('admin')({ id: 'staff-thing' }),
    submitting(answer, showRequests),
  ),
];

async function showRequests(req: Request, res: Response): Promise<void> {
  const viewer = staffViewerOf(req);
  const about = maybeReport(nameText.parse(req.query.report))?.name;
  res.render('console/reports/requests', {
    requests: await reportRequests(viewer),
    maySettle: maySettle(viewer),
    about,
  });
}

const nameText = z.string().max(40).catch('');

const typed = z.string().trim().min(1).max(2000);

const Question = z.object({ question: typed, report: z.string().max(40).optional() });

async function ask(req: Request, res: Response): Promise<void> {
  const { question, report } = parse(Question, req.body);
  await requestReport(staffViewerOf(req), { question, report: maybeReport(report ?? '')?.name });
  flash(res, 'reports.requests.kept');
  res.redirect(303, page);
}

async function answer(req: Request, res: Response): Promise<void> {
  const id = uuidOf(req.params.id);
  await requireRequest(staffViewerOf(req), id);
  const { answer: text } = parse(z.object({ answer: typed }), req.body);
  await settleRequest(staffViewerOf(req), id, text);
  flash(res, 'reports.requests.answered');
  res.redirect(303, page);
}
