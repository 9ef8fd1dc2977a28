import type { RequestHandler } from 'express';

import { strayEvents } from '../../campaigns/outcomes/strays.ts';
import { only, route, staffViewerOf } from '../guards.ts';

const MOST = 200;

/** What providers told and nobody could place. */
const show: RequestHandler = async (req, res) => {
  res.render('console/stray-events/index', {
    strays: await strayEvents(staffViewerOf(req), MOST),
    most: MOST,
  });
};

export const strayEventRoutes = [
  route('get', '/console/stray-events', only('csm', 'support', 'admin')(), show),
];
