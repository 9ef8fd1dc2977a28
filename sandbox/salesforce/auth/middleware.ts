import { setContext } from '../context.ts';
import { ApiError } from '../errors.ts';
import { bearerOf, maybeSession, originOf } from './sessions.ts';

import type { NextFunction, Request, Response } from 'express';
import type { Api, Context, Org } from '../context.ts';
import type { Session } from './sessions.ts';

/**
 * Finds out who asks, from the Authorization header, and gives routes their context (`contextOf`).
 * Mount it where the API begins; the version is read from the whole path.
 * @throws ApiError 401 INVALID_SESSION_ID, which makes clients sign in anew.
 */
export function withContext(org: Org) {
  return async (req: Request, res: Response, next: NextFunction): Promise<void> => {
    const session = await maybeSession(org.pool, bearerOf(req) ?? headerSession(req));
    if (!session) throw sessionExpired();
    res.locals.username = session.user.username;
    setContext(req, contextFor(org, req, session));
    next();
  };
}

/** The answer to a session that has ended or never was. */
export const sessionExpired = () => new ApiError(401, 'INVALID_SESSION_ID', 'Session expired or invalid');

/** The context of a session for a request, whichever protocol brought its session id. */
export function contextFor(org: Org, req: Request, { user }: Session): Context {
  const [, version] = /\/v?(\d{2,3})\.\d(?=\/|$)/.exec(req.originalUrl) ?? [];
  const [, client] = /(?:^|,)\s*client\s*=\s*([^,]+)/i.exec(req.get('sforce-call-options') ?? '') ?? [];
  return {
    org,
    api: apiOf(req.originalUrl),
    db: org.pool,
    user,
    apiVersion: Number(version ?? 60),
    client: client?.trim() ?? '',
    origin: originOf(req),
    headers: req.headers,
  };
}

function apiOf(url: string): Api {
  if (/\/services\/soap\//i.test(url)) return 'soap';
  return /\/jobs\/ingest/i.test(url) ? 'bulkapi' : 'rest';
}

/** Bulk clients of the first API send the session in a header of its own. */
function headerSession(req: Request): string | undefined {
  return req.get('x-sfdc-session');
}
