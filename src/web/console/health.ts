import { distribution } from '../../health/health.ts';
import { publishedProfiles } from '../../health/published.ts';
import { RANKS } from '../../health/ranks.ts';
import { type Route, route, staff } from '../guards.ts';

import { ringOf } from './health-chart.ts';

/** How health comes about (HE9): the published profiles, the ranks, and how many accounts have each. */
export const healthRoutes: Route[] = [
  route('get', '/console/health', staff(), async (req, res) => {
    const [profiles, health] = await Promise.all([publishedProfiles(), distribution(req.viewer)]);
    res.render('console/health/show', {
      profiles,
      rankRanges,
      health,
      ring: ringOf(health),
    });
  }),
];

const rankRanges = [
  { rank: 'good', from: RANKS.good },
  { rank: 'average', from: RANKS.average, to: RANKS.good - 1 },
  { rank: 'poor', to: RANKS.average },
];
