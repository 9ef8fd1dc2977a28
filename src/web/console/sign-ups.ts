import type { Request, RequestHandler, Response } from 'express';

import { grantSignUp, refuseSignUp, signUpQueue } from '../../identity/sign-up-queue.ts';
import { flash } from '../../platform/http/flash.ts';
import { submitting } from '../../platform/http/forms.ts';
import { uuidOf } from '../../platform/http/parse.ts';
import { only, route, staffViewerOf } from '../guards.ts';

async function showQueue(req: Request, res: Response): Promise<void> {
  res.render('console/sign-ups/list', { signUps: await signUpQueue(staffViewerOf(req)) });
}

async function grant(req: Request, res: Response): Promise<void> {
  const { contacts } = req.body as { contacts?: string | string[] };
  await grantSignUp(staffViewerOf(req), uuidOf(req.params.signUp), [contacts ?? []].flat());
  flash(res, 'signUps.granted');
  res.redirect(303, '/console/sign-ups');
}

const refuse: RequestHandler = async (req, res) => {
  await refuseSignUp(staffViewerOf(req), uuidOf(req.params.signUp));
  flash(res, 'signUps.refused');
  res.redirect(303, '/console/sign-ups');
};

const settlers = only('support', 'admin');

export const signUpQueueRoutes = [
  route('get', '/console/sign-ups', settlers(), showQueue),
  route(
    'post',
    '/console/sign-ups/:signUp/grant',
    settlers({ signUp: 'staff-thing' }),
    submitting(grant, showQueue),
  ),
  route('post', '/console/sign-ups/:signUp/refuse', settlers({ signUp: 'staff-thing' }), refuse),
];
