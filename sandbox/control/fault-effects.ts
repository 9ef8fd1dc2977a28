import { bearerOf, closeSession, expireSessions } from '../salesforce/auth/sessions.ts';
import { sendFault } from '../salesforce/soap/envelope.ts';
import { truncateAnswer } from './fault-truncation.ts';

import type { Request, Response } from 'express';
import type { Org } from '../salesforce/context.ts';
import type { Fault } from './faults.ts';

type Effect = Fault['effect'];

interface Exchange {
  req: Request;
  res: Response;
}

/** Does to a request what the faults say, one after the other; tells whether it is still to be answered. */
export async function misbehave(org: Org, faults: Fault[], exchange: Exchange): Promise<boolean> {
  for (const { effect } of faults) {
    if (effect.latencyMs !== undefined) await new Promise((wake) => setTimeout(wake, effect.latencyMs));
    if (endsAtOnce(effect, exchange)) return false;
    if (effect.session === 'expire') await endSession(org, exchange.req);
    if (effect.locator === 'expire' && endsLocator(org, exchange)) return false;
    if (effect.truncate) truncateAnswer(exchange, effect.truncate);
    if (effect.dropAfterCommit) cutInsteadOfAnswer(exchange);
  }
  return true;
}

function endsAtOnce(effect: Effect, { req, res }: Exchange): boolean {
  if (effect.drop) req.socket.destroy();
  else if (effect.status !== undefined || effect.errorCode !== undefined) refuse(effect, req, res);
  else return false;
  return true;
}

async function endSession(org: Org, req: Request): Promise<void> {
  const session = bearerOf(req);
  if (session === undefined) await expireSessions(org.pool);
  else await closeSession(org.pool, session);
}

/** A query's locator is forgotten, and its request then fails by itself; a place in Bulk results is refused here. */
function endsLocator(org: Org, { req, res }: Exchange): boolean {
  const [, name] = /\/query(?:All)?\/(01g\w{12,15})/i.exec(req.originalUrl) ?? [];
  if (name !== undefined) org.locators.expire(name);
  const isPlace = /\/jobs\/query\/.*[?&]locator=/.test(req.originalUrl);
  if (isPlace) refuse({ errorCode: 'INVALID_QUERY_LOCATOR' }, req, res);
  return isPlace;
}

function cutInsteadOfAnswer({ req, res }: Exchange): void {
  const cut = () => {
    req.socket.destroy();
    return res;
  };
  Object.assign(res, { writeHead: cut, write: () => (cut(), false), end: cut, flushHeaders: cut });
}

const known: Record<string, { status: number; message: string }> = {
  INVALID_SESSION_ID: { status: 401, message: 'Session expired or invalid' },
  REQUEST_LIMIT_EXCEEDED: { status: 403, message: 'TotalRequests Limit exceeded.' },
  UNABLE_TO_LOCK_ROW: { status: 400, message: 'unable to obtain exclusive access to this record' },
  QUERY_TIMEOUT: { status: 400, message: 'Your query request was running for too long.' },
  INVALID_QUERY_LOCATOR: { status: 400, message: 'invalid query locator' },
  SERVER_UNAVAILABLE: {
    status: 503,
    message: 'We are experiencing technical difficulties. Please try again later.',
  },
  UNKNOWN_EXCEPTION: {
    status: 500,
    message:
      'An unexpected error occurred. Please include this ErrorId if you contact support: 1234567890-12345 (-1234567890)',
  },
};

const codeOfStatus: Record<number, string> = {
  401: 'INVALID_SESSION_ID',
  403: 'REQUEST_LIMIT_EXCEEDED',
  503: 'SERVER_UNAVAILABLE',
};

function refuse(effect: Effect, req: Request, res: Response): void {
  const { errorCode, status, message } = refusalOf(effect);
  if (effect.errorCode === undefined && (status === 502 || status === 504)) sendHtml(res, status);
  else if (req.path.startsWith('/services/Soap'))
    sendFault(res, `sf:${errorCode}`, `${errorCode}: ${message}`);
  else res.status(status).json(bodyFor(req.path, errorCode, message));
}

/** What a fault leaves open follows from what it gives. */
function refusalOf(effect: Effect): { errorCode: string; status: number; message: string } {
  const errorCode = effect.errorCode ?? codeOfStatus[effect.status ?? 500] ?? 'UNKNOWN_EXCEPTION';
  const usual = known[errorCode] ?? { status: 400, message: errorCode };
  return { errorCode, status: effect.status ?? usual.status, message: effect.message ?? usual.message };
}

function bodyFor(path: string, errorCode: string, message: string): unknown {
  if (path.startsWith('/sunshine')) return { errors: [{ code: errorCode, title: message }] };
  if (path.startsWith('/sendgrid')) return { errors: [{ message, field: null, help: null }] };
  if (path.startsWith('/services/oauth2')) return { error: errorCode, error_description: message };
  return [{ message, errorCode }];
}

/** What stands between a client and the org answers in its own words. */
function sendHtml(res: Response, status: number): void {
  const title = status === 502 ? '502 Bad Gateway' : '504 Gateway Time-out';
  res
    .status(status)
    .type('html')
    .send(`<html><head><title>${title}</title></head><body><h1>${title}</h1></body></html>`);
}
