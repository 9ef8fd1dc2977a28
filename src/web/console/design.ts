import { translator } from '../../platform/words.ts';
import { route, type Route, staff } from '../guards.ts';

import { designCharts } from './design-charts.ts';

/** The design system on one page: what everything on every surface is made of. */
export const designRoutes: Route[] = [
  route('get', '/console/design', staff(), (_req, res) => {
    res.render('console/design/show', { charts: designCharts(translator('en', 'console')) });
  }),
];
