import type { Request, Response } from 'express';

import { messageGoal, setMessageGoal } from '../../campaigns/definition/message-goals.ts';
import { messageSeenBy } from '../../content/messages.ts';
import { flash } from '../../platform/http/flash.ts';
import { submitting } from '../../platform/http/forms.ts';
import { uuidOf } from '../../platform/http/parse.ts';
import { only, type Route, route, staffViewerOf } from '../guards.ts';

import { goalFieldsOf, goalFrom } from './goal-form.ts';

const page = '/console/messages/:id/goal';
const editors = only('csm', 'admin');
const aMessage = { id: 'staff-thing' } as const;

/** What a message is for, in whatever campaign it is sent. */
export const messageGoalRoutes: Route[] = [
  route('get', page, editors(aMessage), show),
  route('post', page, editors(aMessage), submitting(save, show)),
];

async function show(req: Request, res: Response): Promise<void> {
  const viewer = staffViewerOf(req);
  const message = await messageSeenBy(viewer, uuidOf(req.params.id));
  const goal = await messageGoal(viewer, message.id);
  res.render('console/messages/goal', { message, ...(await goalFieldsOf(req, goal)) });
}

async function save(req: Request, res: Response): Promise<void> {
  const { id } = await messageSeenBy(req.viewer, uuidOf(req.params.id));
  await setMessageGoal(req.viewer, id, await goalFrom(req));
  flash(res, 'campaignResults.messageGoalSaved');
  res.redirect(303, `/console/messages/${id}/goal`);
}
