import type { Request, Response } from 'express';
import { z } from 'zod';

import { ranks } from '../../health/ranks.ts';
import { headlineOf, type Insight, insightKinds } from '../../insights/insights.ts';
import {
  type InsightFilter,
  insightOverview,
  RECEIPT_DAYS,
  RECEIPTS_A_PAGE,
  standings,
} from '../../insights/receipts.ts';
import { DAY, now } from '../../platform/clock.ts';
import { pageNumber } from '../../platform/http/parse.ts';
import { translator } from '../../platform/words.ts';
import { route, staff, staffViewerOf } from '../guards.ts';

import { recordUrl } from './record-url.ts';

/** What became of the insights that were told in Salesforce. */
export const insightRoutes = [route('get', '/console/insights', staff(), showInsights)];

const spans = ['7', '30', '90'] as const;

const Query = z.object({
  days: z.enum(spans).catch('30'),
  kind: z.enum(insightKinds).optional().catch(undefined),
  rank: z.enum(ranks).optional().catch(undefined),
  standing: z.enum(standings).optional().catch(undefined),
  owner: z.literal('me').optional().catch(undefined),
  page: pageNumber,
});

async function showInsights(req: Request, res: Response): Promise<void> {
  const viewer = staffViewerOf(req);
  const asked = Query.parse(req.query);
  const filter: InsightFilter = {
    since: new Date(now().getTime() - Number(asked.days) * DAY),
    kind: asked.kind,
    rank: asked.rank,
    standing: asked.standing,
    ownerId: asked.owner && (viewer.userId ?? 'nobody'),
  };
  const overview = await insightOverview(viewer, filter, asked.page);
  const t = translator('en', 'console');
  res.render('console/insights/index', {
    ...overview,
    asked,
    spans,
    ranks,
    standings,
    days: RECEIPT_DAYS,
    headline: (insight: Insight) => headlineOf(insight, t),
    recordUrl,
    here: asked.page,
    pages: Math.max(1, Math.ceil(overview.total / RECEIPTS_A_PAGE)),
    isFiltered: [asked.kind, asked.rank, asked.standing, asked.owner].some((one) => one !== undefined),
  });
}
