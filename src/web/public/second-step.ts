import type { Request, RequestHandler, Response } from 'express';
import QRCode from 'qrcode';
import { z } from 'zod';

import {
  asInvalidCode,
  beginEnrolment,
  confirmEnrolment,
  passSecondFactor,
} from '../../identity/second-factor.ts';
import { noteSecurity } from '../../identity/security-events.ts';
import { MINUTE, now } from '../../platform/clock.ts';
import { submitting } from '../../platform/http/forms.ts';
import { line, parse } from '../../platform/http/parse.ts';
import { anyone, route } from '../guards.ts';
import { originOf, saveSession, startSession } from '../session.ts';

import { completeSignIn } from './sign-in.ts';

const Code = z.object({ code: line(40) });

/** So long after the password, the code must have come. */
const PATIENCE = 10 * MINUTE;

type Step = 'code' | 'enrol';

/** Whoever gave a password a moment ago and has this step before them; undefined for anybody else. */
function pendingAt(step: Step, req: Request) {
  const { pending } = req.session;
  return pending?.step === step && now().getTime() - pending.since < PATIENCE ? pending : undefined;
}

/* Without the step before, one begins at the beginning (ASVS v5.0.0-2.3.1). */
const inOrder =
  (step: Step): RequestHandler =>
  (req, res, next) => {
    if (pendingAt(step, req)) next();
    else res.redirect(303, '/sign-in');
  };

function pendingPerson(step: Step, req: Request): { personId: string; email: string } {
  const pending = pendingAt(step, req);
  if (!pending) throw new Error('a step out of order');
  return pending;
}

function showCode(_req: Request, res: Response): void {
  res.render('public/sign-in/code');
}

async function giveCode(req: Request, res: Response): Promise<void> {
  const { code } = parse(Code, req.body);
  const { personId } = pendingPerson('code', req);
  await asInvalidCode(passSecondFactor(personId, code, originOf(req)));
  await completeSignIn(req, res, { personId, method: 'password', isStrong: true });
}

async function showAuthenticator(req: Request, res: Response): Promise<void> {
  const { secret, uri } = await beginEnrolment(pendingPerson('enrol', req));
  res.setHeader('Cache-Control', 'no-store');
  res.render('public/sign-in/authenticator', {
    secret,
    qr: await QRCode.toDataURL(uri, { margin: 1, width: 220 }),
  });
}

async function confirmAuthenticator(req: Request, res: Response): Promise<void> {
  const { code } = parse(Code, req.body);
  const { personId } = pendingPerson('enrol', req);
  const codes = await asInvalidCode(confirmEnrolment(personId, code, originOf(req)));
  const { next } = req.session;
  await startSession(req, { personId, method: 'password', isStrong: true });
  await noteSecurity('signed-in', originOf(req), personId);
  await saveSession(req);
  res.setHeader('Cache-Control', 'no-store');
  res.render('public/account/recovery-codes', { codes, next: next ?? '/home' });
}

export const secondStepRoutes = [
  route('get', '/sign-in/code', anyone(), inOrder('code'), showCode),
  route('post', '/sign-in/code', anyone(), inOrder('code'), submitting(giveCode, showCode)),
  route('get', '/sign-in/authenticator', anyone(), inOrder('enrol'), showAuthenticator),
  route(
    'post',
    '/sign-in/authenticator',
    anyone(),
    inOrder('enrol'),
    submitting(confirmAuthenticator, showAuthenticator),
  ),
];
