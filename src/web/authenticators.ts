import type { NextFunction, Request, Response } from 'express';
import { Passport } from 'passport';
import { Strategy as PasswordStrategy } from 'passport-local';
import { Strategy as OAuth2Strategy } from 'passport-oauth2';

import { salesforceClient, salesforceUrl, staffByAccessToken } from '../identity/salesforce-sign-in.ts';
import { personByPassword, type PersonForSignIn, WrongCredentials } from '../identity/sign-in.ts';
import { config } from '../platform/config.ts';

import { originOf } from './session.ts';

const passport = new Passport();

passport.use(
  'password',
  new PasswordStrategy(
    { usernameField: 'email', passReqToCallback: true, session: false },
    (req, email, password, done) => {
      personByPassword(email, password, originOf(req)).then(
        (person) => {
          done(null, person);
        },
        (error: unknown) => {
          if (error instanceof WrongCredentials) done(null, false);
          else done(error);
        },
      );
    },
  ),
);

/* The web-server flow: PKCE and state are kept in the session, so an answer that this browser did not ask for is refused. */
passport.use(
  'salesforce',
  new OAuth2Strategy(
    {
      authorizationURL: `${salesforceUrl}/services/oauth2/authorize`,
      tokenURL: `${salesforceUrl}/services/oauth2/token`,
      clientID: salesforceClient.id,
      clientSecret: salesforceClient.secret,
      callbackURL: `${config.publicUrl}/sign-in/salesforce/callback`,
      scope: ['openid', 'id'],
      pkce: true,
      state: true,
    },
    (
      accessToken: string,
      _refreshToken: string,
      _profile: unknown,
      done: (error: unknown, user?: { personId: string }) => void,
    ) => {
      staffByAccessToken(accessToken).then((staff) => {
        done(null, staff);
      }, done);
    },
  ),
);

interface Proved {
  password: PersonForSignIn;
  salesforce: { personId: string };
}

/**
 * Whom the named way of signing in vouches for, or undefined when it does not. The first request of the Salesforce flow
 * is answered with the redirect there, and never comes back to the caller.
 */
export function authenticated<Way extends keyof Proved>(
  way: Way,
  req: Request,
  res: Response,
  next: NextFunction,
): Promise<Proved[Way] | undefined> {
  return new Promise((resolve, reject) => {
    const attempt = passport.authenticate(way, { session: false }, (error: unknown, proved?: unknown) => {
      if (error) reject(error instanceof Error ? error : new Error('signing in failed', { cause: error }));
      else resolve(proved === false ? undefined : (proved as Proved[Way] | undefined));
    }) as (req: Request, res: Response, next: NextFunction) => void;
    attempt(req, res, next);
  });
}
