import express from 'express';

import { icon } from '../../pages/icons.ts';
import { closeSession, maybeSession, openSession } from './sessions.ts';
import { isPasswordOf, maybeUserNamed } from './users.ts';

import type { NextFunction, Request, Response, Router } from 'express';
import type { Org } from '../context.ts';
import type { Session } from './sessions.ts';

/** Holds the session id of a person's browser. Cookies are shared by all ports of a machine, hence no plain `sid`. */
const COOKIE = 'sandbox_sid';

/** Sign-in and sign-out of the web pages: `/login`, `/secur/logout.jsp`, `/secur/frontdoor.jsp`. */
export function webRoutes(org: Org): Router {
  const router = express.Router();
  const form = express.urlencoded({ extended: false });
  router.get('/login', (req, res) => {
    res.render('auth/login', {
      username: text(req.query.un),
      startUrl: text(req.query.startURL),
      error: undefined,
      icon,
    });
  });
  router.post('/login', form, async (req, res) => {
    const fields = req.body as Record<string, string | undefined>;
    const session = isCrossSite(req) ? undefined : await signIn(org, fields);
    if (session === undefined) {
      const error =
        "Please check your username and password. If you still can't log in, contact your Salesforce administrator.";
      res.status(401).render('auth/login', {
        username: fields.un ?? fields.username ?? '',
        startUrl: fields.startURL ?? '',
        error,
        icon,
      });
      return;
    }
    setCookie(res, session);
    res.redirect(303, localPath(fields.startURL));
  });
  router.all('/secur/logout.jsp', async (req, res) => {
    const session = await maybeWebSession(org, req);
    if (session) await closeSession(org.pool, session.id);
    res.clearCookie(COOKIE, { path: '/' }).redirect(303, '/login');
  });
  router.get('/secur/frontdoor.jsp', async (req, res) => {
    const session = await maybeSession(org.pool, text(req.query.sid));
    if (session) setCookie(res, session.id);
    res.redirect(302, session ? localPath(text(req.query.retURL)) : '/login');
  });
  return router;
}

/** The session of the browser's cookie; undefined when nobody is signed in. */
export async function maybeWebSession(org: Org, req: Request): Promise<Session | undefined> {
  const [, value] = /(?:^|;\s*)sandbox_sid=([^;]+)/.exec(req.headers.cookie ?? '') ?? [];
  return maybeSession(org.pool, value?.replaceAll('%21', '!'));
}

/** Lets only people through who are signed in, with their session in `res.locals.session`; others go to the sign-in page. */
export function requireWebSession(org: Org) {
  return async (req: Request, res: Response, next: NextFunction): Promise<void> => {
    const session = await maybeWebSession(org, req);
    if (!session) {
      res.redirect(303, `/login?startURL=${encodeURIComponent(req.originalUrl)}`);
      return;
    }
    res.locals.session = session;
    next();
  };
}

/** Whether a form was sent from another site's page. */
export function isCrossSite(req: Request): boolean {
  const site = req.get('sec-fetch-site');
  if (site !== undefined) return !['same-origin', 'none'].includes(site);
  const origin = req.get('origin');
  return origin !== undefined && (!URL.canParse(origin) || new URL(origin).host !== req.get('host'));
}

async function signIn(org: Org, fields: Record<string, string | undefined>): Promise<string | undefined> {
  const user = await maybeUserNamed(org.pool, fields.un ?? fields.username ?? '');
  if (!user?.isActive || !(await isPasswordOf(org.pool, user.id, fields.pw ?? fields.password ?? '')))
    return undefined;
  return openSession(org, { userId: user.id, clientId: null, kind: 'web', scope: 'full' });
}

/** Keeps a session in the person's browser. */
export function setCookie(res: Response, sessionId: string): void {
  res.cookie(COOKIE, sessionId, { httpOnly: true, sameSite: 'lax', path: '/' });
}

/** An address on this origin, or the home page: a sign-in must not lead to another site. */
export function localPath(given: unknown): string {
  const base = 'http://sandbox';
  const url =
    typeof given === 'string' && given !== '' && URL.canParse(given, base) ? new URL(given, base) : undefined;
  return url?.origin === base ? url.pathname.replace(/^\/+/, '/') + url.search : '/';
}

const text = (value: unknown): string => (typeof value === 'string' ? value : '');
