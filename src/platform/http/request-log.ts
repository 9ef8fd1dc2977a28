import { randomUUID } from 'node:crypto';

import type { Request, RequestHandler } from 'express';

import { log, logWith } from '../log.ts';
import { requestSeconds } from '../metrics.ts';

/* A proxy's own id is kept, so that its lines and ours can be laid side by side. */
const wellFormed = /^[\w-]{8,64}$/;

/** Gives each request an id, which its log lines, its answer and its error page carry. */
export const requestId: RequestHandler = (req, res, next) => {
  const given = req.get('x-request-id') ?? '';
  const id = wellFormed.test(given) ? given : randomUUID();
  res.locals.requestId = id;
  res.setHeader('X-Request-Id', id);
  logWith({ requestId: id }, next);
};

/** One line for each answered request. It names the route, not the address: an address may hold a secret token. */
export const logRequests: RequestHandler = (req, res, next) => {
  const started = performance.now();
  res.once('close', () => {
    const seconds = (performance.now() - started) / 1000;
    const told = { method: req.method, route: routeOf(req), status: res.statusCode };
    requestSeconds.observe(told, seconds);
    const line = { ...told, ms: Math.round(seconds * 1000) };
    if (res.statusCode >= 500) log.error(line, 'answered');
    else log.info(line, res.writableFinished ? 'answered' : 'aborted');
  });
  next();
};

function routeOf(req: Request): string {
  const matched = req.route as { path?: unknown } | undefined;
  return typeof matched?.path === 'string' ? matched.path : '(none)';
}
