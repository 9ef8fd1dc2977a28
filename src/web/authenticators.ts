import type { NextFunction, Request, Response } from 'express';
import { Passport } from 'passport';
import { Strategy as PasswordStrategy } from 'passport-local';

import { personByPassword, type PersonForSignIn, WrongCredentials } from '../identity/sign-in.ts';

import { originOf } from './session.ts';

const passport = new Passport();

passport.use(
  'password',
  new PasswordStrategy({ usernameField: 'email', passReqToCallback: true, session: false }, (req, email, password, done) => {
    personByPassword(email, password, originOf(req as Request)).then(
      (person) => { done(null, person); },
      (error: unknown) => { if (error instanceof WrongCredentials) done(null, false); else done(error); },
    );
  }),
);

/** The person that the named way of signing in vouches for, or undefined when it does not. */
export function authenticated(way: 'password', req: Request, res: Response, next: NextFunction): Promise<PersonForSignIn | undefined> {
  return new Promise((resolve, reject) => {
    const attempt = passport.authenticate(way, { session: false }, (error: unknown, person?: unknown) => {
      if (error) reject(error as Error);
      else resolve((person || undefined) as PersonForSignIn | undefined);
    }) as (req: Request, res: Response, next: NextFunction) => void;
    attempt(req, res, next);
  });
}
