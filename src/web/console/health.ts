import type { Request, Response } from 'express';
import { z } from 'zod';

import { type Attribute, tellingAttributes } from '../../accounts/attributes.ts';
import { distribution } from '../../health/health.ts';
import { publishedProfiles } from '../../health/published.ts';
import { RANKS } from '../../health/ranks.ts';
import {
  type GroupedBy,
  groupsBy,
  isGrouping,
  populationOf,
  populationTrend,
  populationVersion,
} from '../../portfolio/population.ts';
import { type Route, route, staff } from '../guards.ts';

import { listed } from './account-list.ts';
import { ringOf } from './health-chart.ts';
import { breakdownChart, groupsChart, trendChart } from './health-dashboard.ts';

/** The health of all paying accounts at a glance (HE6 to HE11), and how it comes about (HE9). */
export const healthRoutes: Route[] = [
  route('get', '/console/health', staff(), showDashboard),
  route('get', '/console/health/rules', staff(), showRules),
];

const path = '/console/health';

const spans = ['90', '365'] as const;

const Query = z.object({
  span: z.enum(spans).catch('90'),
  by: z.string().max(120).catch('manager'),
});

async function showDashboard(req: Request, res: Response): Promise<void> {
  const { viewer } = req;
  const { span, by } = Query.parse(req.query);
  const order = { sort: 'health', direction: 'asc' } as const;
  const [version, attributes, list] = await Promise.all([
    populationVersion(),
    tellingAttributes(),
    listed(req, { list: 'health', path, order, only: { status: 'paying' } }),
  ]);
  const grouping = groupingOf(by, attributes);
  const [population, groups, trend] = await Promise.all([
    populationOf(viewer, version),
    groupsBy(viewer, version, grouping),
    populationTrend(viewer, version, Number(span)),
  ]);
  res.render('console/health/show', {
    ...list, population, by: nameOf(grouping), attributes, span, spans, kept: { by: req.query.by, span: req.query.span },
    breakdown: breakdownChart(population),
    trend: trendChart(trend, { days: Number(span), today: population }),
    groups: groupsChart(groups, { by: grouping, chosen: nameOf(grouping) }),
  }); // prettier-ignore
}

function groupingOf(by: string, attributes: readonly Attribute[]): GroupedBy {
  if (isGrouping(by)) return by;
  return attributes.some(({ name }) => name === by) ? { attribute: by } : 'manager';
}

const nameOf = (by: GroupedBy): string => (typeof by === 'string' ? by : by.attribute);

async function showRules(req: Request, res: Response): Promise<void> {
  const [profiles, health] = await Promise.all([publishedProfiles(), distribution(req.viewer)]);
  res.render('console/health/rules', { profiles, rankRanges, health, ring: ringOf(health) });
}

const rankRanges = [
  { rank: 'good', from: RANKS.good },
  { rank: 'average', from: RANKS.average, to: RANKS.good - 1 },
  { rank: 'poor', to: RANKS.average },
];
