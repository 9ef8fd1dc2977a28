import type { Request, RequestHandler, Response } from 'express';
import { z } from 'zod';

import { tokenSeen } from '../../identity/email-tokens.ts';
import { maybePerson } from '../../identity/sign-in.ts';
import { confirmSignUp, requestSignUp, signUpState } from '../../identity/sign-up.ts';
import { db } from '../../platform/db.ts';
import { submitting } from '../../platform/http/forms.ts';
import { line, parse } from '../../platform/http/parse.ts';
import type { Locale } from '../../platform/locale.ts';
import { anyone, route } from '../guards.ts';
import { originOf } from '../session.ts';

import { behindLink } from './links.ts';
import { homeOf, proceed } from './sign-in.ts';

const Newcomer = z.object({ name: line(120), company: line(200), email: z.email().trim().max(320) });
const NewPassword = z.object({ password: z.string().min(1).max(1000) });

const showSignUp: RequestHandler = (req, res) => {
  if (req.viewer.kind === 'visitor') showForm(req, res);
  else res.redirect(303, homeOf(req.viewer));
};

function showForm(_req: Request, res: Response): void {
  res.render('public/sign-up/new');
}

async function signUp(req: Request, res: Response): Promise<void> {
  const newcomer = parse(Newcomer, req.body);
  await requestSignUp({ ...newcomer, locale: res.locals.locale as Locale }, originOf(req));
  res.redirect(303, '/sign-up/sent');
}

const showSent: RequestHandler = (_req, res) => {
  res.render('public/sign-up/sent');
};

const tokenOf = (req: Request) => String(req.params.token);

async function showConfirm(req: Request, res: Response): Promise<void> {
  const { email } = await tokenSeen(db, 'sign-up', tokenOf(req));
  res.render('public/sign-up/confirm', { email, token: tokenOf(req) });
}

async function confirm(req: Request, res: Response): Promise<void> {
  const { password } = parse(NewPassword, req.body);
  const { personId } = await confirmSignUp(tokenOf(req), password, originOf(req));
  const person = await maybePerson(personId);
  if (person) await proceed(req, res, person, '/home');
  else res.redirect(303, '/sign-in');
}

/** For whoever is signed in and has no account: what happens next, or what they can do. */
const showNoAccount: RequestHandler = async (req, res) => {
  const { personId } = req.session;
  if (req.viewer.kind !== 'visitor' || personId === undefined) {
    res.redirect(303, personId === undefined ? '/sign-in' : homeOf(req.viewer));
    return;
  }
  const person = await maybePerson(personId);
  res.setHeader('Cache-Control', 'no-store');
  res.render('public/no-account/show', {
    email: person?.email ?? '',
    state: (await signUpState(personId)) ?? 'unmatched',
  });
};

export const signUpRoutes = [
  route('get', '/sign-up', anyone(), showSignUp),
  route('post', '/sign-up', anyone(), submitting(signUp, showForm)),
  route('get', '/sign-up/sent', anyone(), showSent),
  route('get', '/sign-up/confirm/:token', anyone({ token: 'token' }), behindLink('/sign-up', showConfirm)),
  route(
    'post',
    '/sign-up/confirm/:token',
    anyone({ token: 'token' }),
    behindLink('/sign-up', submitting(confirm, showConfirm)),
  ),
  route('get', '/no-account', anyone(), showNoAccount),
];
