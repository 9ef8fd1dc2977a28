import type { Request, RequestHandler, Response } from 'express';
import { z } from 'zod';

import { tokenSeen } from '../../identity/email-tokens.ts';
import { requestPasswordReset, resetPassword } from '../../identity/password-reset.ts';
import { db } from '../../platform/db.ts';
import { flash } from '../../platform/http/flash.ts';
import { submitting } from '../../platform/http/forms.ts';
import { parse } from '../../platform/http/parse.ts';
import type { Locale } from '../../platform/locale.ts';
import { anyone, route } from '../guards.ts';
import { endCurrentSession, originOf } from '../session.ts';

import { behindLink } from './links.ts';

const Mailbox = z.object({ email: z.email().trim().max(320) });
const NewPassword = z.object({ password: z.string().min(1).max(1000) });

function showForgot(_req: Request, res: Response): void {
  res.render('public/password/forgot');
}

async function forgot(req: Request, res: Response): Promise<void> {
  const { email } = parse(Mailbox, req.body);
  await requestPasswordReset({ email, locale: res.locals.locale as Locale }, originOf(req));
  res.redirect(303, '/password/sent');
}

const showSent: RequestHandler = (_req, res) => {
  res.render('public/password/sent');
};

const tokenOf = (req: Request) => String(req.params.token);

async function showReset(req: Request, res: Response): Promise<void> {
  const { email } = await tokenSeen(db, 'password-reset', tokenOf(req));
  res.render('public/password/reset', { email, token: tokenOf(req) });
}

async function reset(req: Request, res: Response): Promise<void> {
  const { password } = parse(NewPassword, req.body);
  await resetPassword(tokenOf(req), password, originOf(req));
  await endCurrentSession(req);
  flash(res, 'password.wasReset');
  res.redirect(303, '/sign-in');
}

export const passwordRoutes = [
  route('get', '/password/forgot', anyone(), showForgot),
  route('post', '/password/forgot', anyone(), submitting(forgot, showForgot)),
  route('get', '/password/sent', anyone(), showSent),
  route(
    'get',
    '/password/reset/:token',
    anyone({ token: 'token' }),
    behindLink('/password/forgot', showReset),
  ),
  route(
    'post',
    '/password/reset/:token',
    anyone({ token: 'token' }),
    behindLink('/password/forgot', submitting(reset, showReset)),
  ),
];
