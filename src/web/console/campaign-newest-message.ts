import type { Request, Response } from 'express';

import { takeNewestMessage } from '../../campaigns/definition/newer-message.ts';
import { flash } from '../../platform/http/flash.ts';
import { uuidOf } from '../../platform/http/parse.ts';
import { only, type Route, route } from '../guards.ts';

import { unlessConflict } from './campaign-page.ts';

const page = '/console/campaigns';

/** A campaign whose message was changed after its approval goes on with what was approved, until somebody has it take the newest version. */
export const campaignNewestMessageRoutes: Route[] = [
  route(
    'post',
    `${page}/:id/newest-messages`,
    only('csm', 'admin')({ id: 'staff-thing' }),
    unlessConflict(takeNewest),
  ),
];

async function takeNewest(req: Request, res: Response): Promise<void> {
  const id = uuidOf(req.params.id);
  await takeNewestMessage(req.viewer, id);
  flash(res, 'campaigns.newer.taken');
  res.redirect(303, `${page}/${id}/review`);
}
