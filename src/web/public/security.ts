import type { Request, RequestHandler, Response } from 'express';
import QRCode from 'qrcode';
import { z } from 'zod';

import { requirePassword } from '../../identity/password-reset.ts';
import { hasPassword } from '../../identity/profile.ts';
import {
  asInvalidCode,
  beginEnrolment,
  confirmEnrolment,
  removeSecondFactor,
  renewRecoveryCodes,
  secondFactorOf,
} from '../../identity/second-factor.ts';
import { noteSecurity } from '../../identity/security-events.ts';
import { endOtherSessions, endSession, sessionsOf } from '../../identity/sessions.ts';
import { config } from '../../platform/config.ts';
import { Forbidden } from '../../platform/errors.ts';
import { flash } from '../../platform/http/flash.ts';
import { submitting } from '../../platform/http/forms.ts';
import { line, parse } from '../../platform/http/parse.ts';
import { route, signedIn, signedInViewer } from '../guards.ts';
import { originOf, renewSession } from '../session.ts';

const Code = z.object({ code: line(40) });
const Present = z.object({ current: z.string().min(1).max(1000) });

/** Staff need their second factor wherever real customers' data are. */
const mayRemove = (req: Request) => config.isSandbox || req.viewer.kind !== 'staff';

async function showSecurity(req: Request, res: Response): Promise<void> {
  const viewer = signedInViewer(req);
  const [factor, isWithPassword] = [await secondFactorOf(viewer.personId), await hasPassword(viewer)];
  res.render('public/account/security', { factor, hasPassword: isWithPassword, mayRemove: mayRemove(req) });
}

async function showAuthenticator(req: Request, res: Response): Promise<void> {
  const { secret, uri } = await beginEnrolment(signedInViewer(req));
  res.render('public/account/authenticator', {
    secret,
    qr: await QRCode.toDataURL(uri, { margin: 1, width: 220 }),
  });
}

async function addAuthenticator(req: Request, res: Response): Promise<void> {
  const { code } = parse(Code, req.body);
  const codes = await asInvalidCode(confirmEnrolment(signedInViewer(req).personId, code, originOf(req)));
  await renewSession(req, { isStrong: true });
  res.render('public/account/recovery-codes', { codes, next: '/account/security' });
}

async function removeAuthenticator(req: Request, res: Response): Promise<void> {
  if (!mayRemove(req)) throw new Forbidden();
  const viewer = signedInViewer(req);
  await requirePassword(viewer, parse(Present, req.body).current);
  await removeSecondFactor(viewer.personId, originOf(req));
  await renewSession(req, { isStrong: req.session.method === 'salesforce' });
  flash(res, 'security.removed');
  res.redirect(303, '/account/security');
}

async function renewCodes(req: Request, res: Response): Promise<void> {
  const viewer = signedInViewer(req);
  await requirePassword(viewer, parse(Present, req.body).current);
  res.render('public/account/recovery-codes', {
    codes: await renewRecoveryCodes(viewer.personId, originOf(req)),
    next: '/account/security',
  });
}

const showSessions: RequestHandler = async (req, res) => {
  res.render('public/account/sessions', {
    sessions: await sessionsOf(signedInViewer(req).personId, req.sessionID),
  });
};

const endOne: RequestHandler = async (req, res) => {
  const { personId } = signedInViewer(req);
  await endSession(personId, String(req.params.session));
  await noteSecurity('session-ended', originOf(req), personId);
  flash(res, 'sessions.ended');
  res.redirect(303, '/account/sessions');
};

const endOthers: RequestHandler = async (req, res) => {
  const { personId } = signedInViewer(req);
  await endOtherSessions(personId, req.sessionID);
  await noteSecurity('session-ended', originOf(req), personId);
  flash(res, 'sessions.othersEnded');
  res.redirect(303, '/account/sessions');
};

export const securityRoutes = [
  route('get', '/account/security', signedIn(), showSecurity),
  route('get', '/account/authenticator', signedIn(), showAuthenticator),
  route('post', '/account/authenticator', signedIn(), submitting(addAuthenticator, showAuthenticator)),
  route('post', '/account/authenticator/removal', signedIn(), submitting(removeAuthenticator, showSecurity)),
  route('post', '/account/recovery-codes', signedIn(), submitting(renewCodes, showSecurity)),
  route('get', '/account/sessions', signedIn(), showSessions),
  route('post', '/account/sessions/:session/end', signedIn({ session: 'session' }), endOne),
  route('post', '/account/sessions/end-others', signedIn(), endOthers),
];
