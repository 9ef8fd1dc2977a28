import type { RequestHandler } from 'express';

import { casesSeenBy } from '../../cases/cases.ts';
import { latestAnswers } from '../../cases/latest-answers.ts';
import { ownLicenses } from '../../licenses/licenses.ts';
import { accountPeople, accountViewerOf, route, type Route } from '../guards.ts';

const SHOWN = 5;

const openCases = {
  text: '', status: 'open', priority: 'any', mine: false, sort: 'updated', descending: true, page: 1, size: SHOWN,
} as const; // prettier-ignore

/* Three statements, side by side (SP2, SP4). */
const showOverview: RequestHandler = async (req, res) => {
  const viewer = accountViewerOf(req);
  const [{ cases, total }, answers, licenses] = await Promise.all([
    casesSeenBy(viewer, openCases),
    latestAnswers(viewer, SHOWN),
    ownLicenses(viewer),
  ]);
  res.render('portal/overview/show', { cases, total, answers, licenses });
};

export const overviewRoutes: Route[] = [route('get', '/portal', accountPeople(), showOverview)];
