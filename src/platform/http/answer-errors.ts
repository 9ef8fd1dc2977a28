import type { ErrorRequestHandler, Request, RequestHandler, Response } from 'express';

import { isDatabaseTrouble } from '../db.ts';
import { Conflict, Expected, Forbidden, Invalid, NotFound, TooMany, Unavailable } from '../errors.ts';
import { log } from '../log.ts';

/** For a request that no route takes. */
export const noSuchPage: RequestHandler = () => {
  throw new NotFound();
};

/** Answers what a handler threw: an expected failure by its kind, anything else as our fault, in the log and without details. */
export const answerErrors: ErrorRequestHandler = (error: unknown, req, res, next) => {
  const status = statusOf(error);
  if (status >= 500 && !(error instanceof Expected)) log.error({ err: error }, 'a request failed');
  if (res.headersSent) {
    next(error);
    return;
  }
  if (error instanceof TooMany) res.setHeader('Retry-After', String(Math.ceil(error.retryAfterSeconds)));
  else if (status === 503) res.setHeader('Retry-After', RETRY_SECONDS);
  res.status(status).setHeader('Cache-Control', 'no-store');
  if (req.accepts(['html', 'json']) === 'json') res.json(plainly(status, res));
  else showPage(req, res, status);
};

/** When what is away is likely to be back. */
const RETRY_SECONDS = '5';

const kinds: [new (...given: never[]) => Expected, number][] = [
  [NotFound, 404],
  [Forbidden, 403],
  [Conflict, 409],
  [Invalid, 422],
  [TooMany, 429],
  [Unavailable, 503],
];

/** The status that tells what went wrong. Express and its body parsers mark what the request itself got wrong with one below 500. */
export function statusOf(error: unknown): number {
  const kind = kinds.find(([kind]) => error instanceof kind);
  if (kind !== undefined) return kind[1];
  if (isDatabaseTrouble(error)) return 503;
  const marked =
    typeof error === 'object' && error !== null && 'status' in error ? Number(error.status) : 500;
  return marked >= 400 && marked < 500 ? marked : 500;
}

const plainly = (status: number, res: Response) => ({ status, requestId: res.locals.requestId as string });

/* Statuses with words of their own; any other is told as the general one of its hundred. */
const told = [400, 403, 404, 409, 413, 422, 429, 500, 503];

function showPage(req: Request, res: Response, status: number): void {
  const words = told.includes(status) ? status : status < 500 ? 400 : 500;
  res.render('shared/errors/show', { status, words }, (failure: Error | null, html?: string) => {
    if (failure === null && html !== undefined) {
      res.send(html);
      return;
    }
    log.error({ err: failure, method: req.method }, 'the error page failed');
    res.type('text').send(`${String(status)} (request ${String(res.locals.requestId)})`);
  });
}
