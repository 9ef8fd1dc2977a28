import { distribution, publishedPenalties } from '../../health/health.ts';
import { RANKS } from '../../health/penalties.ts';
import { ruleOf } from '../../health/reasons.ts';
import { translator } from '../../platform/words.ts';
import { type Route, route, staff } from '../guards.ts';

import { ringOf } from './health-chart.ts';

/** How health comes about (HE9): the published penalties, the ranks, and how many accounts have each. */
export const healthRoutes: Route[] = [
  route('get', '/console/health', staff(), async (req, res) => {
    const [penalties, health] = await Promise.all([publishedPenalties(), distribution(req.viewer)]);
    const t = translator('en', 'console');
    res.render('console/health/show', {
      penalties: penalties.map((penalty) => ({ ...penalty, rule: ruleOf(penalty, t) })),
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
