import { ApiError, OtherAnswer } from './salesforce/errors.ts';

import type { NextFunction, Request, Response } from 'express';

/** Answers what a route threw in Salesforce's form. The last middleware of the app. */
export function answerError(error: unknown, _req: Request, res: Response, next: NextFunction): void {
  if (res.headersSent) {
    next(error);
    return;
  }
  if (error instanceof OtherAnswer) res.status(error.status).json(error.content);
  else sendApiError(res, apiErrorFrom(error));
}

function sendApiError(res: Response, error: ApiError): void {
  if (error.status === 401) res.set('www-authenticate', 'Token');
  res.status(error.status).json(error.body());
}

/** What the readers of bodies and PostgreSQL throw when the request is at fault. */
interface Fault {
  type?: string;
  status?: number;
  code?: string;
  message?: string;
}

function apiErrorFrom(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  const known = maybeClientError(error as Fault);
  if (known) return known;
  process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  return new ApiError(
    500,
    'UNKNOWN_EXCEPTION',
    'An unexpected error occurred. Please include this ErrorId if you contact support.',
  );
}

function maybeClientError({ type, status = 500, code = '', message = '' }: Fault): ApiError | undefined {
  if (type === 'entity.parse.failed') return new ApiError(400, 'JSON_PARSER_ERROR', message);
  if (type === 'entity.too.large')
    return new ApiError(413, 'REQUEST_LIMIT_EXCEEDED', 'The request body is too large.');
  if (unstorable.has(code))
    return new ApiError(400, 'INVALID_PARAMETER', 'The text holds characters that cannot be stored');
  return status >= 400 && status < 500 ? new ApiError(status, 'INVALID_REQUEST', message) : undefined;
}

/** PostgreSQL's codes for text that it cannot hold: a null character, a broken surrogate pair. */
const unstorable = new Set(['22021', '22P05']);
