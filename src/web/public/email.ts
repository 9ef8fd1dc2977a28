import type { Request, Response } from 'express';

import { confirmEmailChange } from '../../identity/email-change.ts';
import { tokenSeen } from '../../identity/email-tokens.ts';
import { db } from '../../platform/db.ts';
import { flash } from '../../platform/http/flash.ts';
import { anyone, route } from '../guards.ts';
import { originOf } from '../session.ts';

import { behindLink } from './links.ts';

const tokenOf = (req: Request) => String(req.params.token);

async function showConfirm(req: Request, res: Response): Promise<void> {
  const { email } = await tokenSeen(db, 'email-change', tokenOf(req));
  res.render('public/email/confirm', { email, token: tokenOf(req) });
}

async function confirm(req: Request, res: Response): Promise<void> {
  await confirmEmailChange(tokenOf(req), originOf(req));
  flash(res, 'email.changed');
  res.redirect(303, req.viewer.kind === 'visitor' ? '/sign-in' : '/account');
}

export const emailRoutes = [
  route('get', '/email/confirm/:token', anyone({ token: 'token' }), behindLink('/account', showConfirm)),
  route('post', '/email/confirm/:token', anyone({ token: 'token' }), behindLink('/account', confirm)),
];
