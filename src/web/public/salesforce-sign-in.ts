import { setTimeout as sleep } from 'node:timers/promises';

import type { RequestHandler } from 'express';
import { AuthorizationError, InternalOAuthError, TokenError } from 'passport-oauth2';

import { NotStaff } from '../../identity/salesforce-sign-in.ts';
import { Unavailable } from '../../platform/errors.ts';
import { flash } from '../../platform/http/flash.ts';
import { log } from '../../platform/log.ts';
import { authenticated } from '../authenticators.ts';
import { anyone, route } from '../guards.ts';

import { completeSignIn, safePath } from './sign-in.ts';

/** Off to Salesforce; what they wanted to see is kept for when they come back. An answer is the callback's alone. */
const leave: RequestHandler = async (req, res, next) => {
  if (req.query.code !== undefined || req.query.error !== undefined) {
    res.redirect(303, '/sign-in/salesforce');
    return;
  }
  const path = safePath(req.query.next);
  if (path !== undefined) req.session.next = path;
  await authenticated('salesforce', req, res, next);
};

/** Back from Salesforce, with a code or a refusal. */
const arrive: RequestHandler = async (req, res, next) => {
  try {
    const staff = await inTime(authenticated('salesforce', req, res, next));
    if (staff) {
      await completeSignIn(req, res, { personId: staff.personId, method: 'salesforce', isStrong: true });
      return;
    }
    flash(res, 'signIn.salesforceRefused', { kind: 'warning' });
  } catch (error) {
    flash(res, reasonOf(error), { kind: 'warning' });
  }
  res.redirect(303, '/sign-in');
};

const PATIENCE_MILLISECONDS = 20_000;

/* The library under passport asks for the token without a time-out: whoever signs in would look at an empty page for ever. */
function inTime<T>(asked: Promise<T>): Promise<T> {
  const late = sleep(PATIENCE_MILLISECONDS, undefined, { ref: false }).then(() => {
    throw new Unavailable('Salesforce does not answer');
  });
  return Promise.race([asked, late]);
}

function reasonOf(error: unknown): string {
  if (error instanceof NotStaff) return 'signIn.notStaff';
  const isTheirs = [TokenError, AuthorizationError, InternalOAuthError, Unavailable].some(
    (kind) => error instanceof kind,
  );
  if (!isTheirs) throw error;
  log.warn({ err: error }, 'signing in with Salesforce failed');
  return 'signIn.salesforceRefused';
}

export const salesforceSignInRoutes = [
  route('get', '/sign-in/salesforce', anyone(), leave),
  route('get', '/sign-in/salesforce/callback', anyone(), arrive),
];
