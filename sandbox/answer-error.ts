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

function apiErrorFrom(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  const { type, message } = error as { type?: string; message?: string };
  if (type === 'entity.parse.failed')
    return new ApiError(400, 'JSON_PARSER_ERROR', message ?? 'Unexpected character');
  if (type === 'entity.too.large')
    return new ApiError(413, 'REQUEST_LIMIT_EXCEEDED', 'The request body is too large.');
  process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  return new ApiError(
    500,
    'UNKNOWN_EXCEPTION',
    'An unexpected error occurred. Please include this ErrorId if you contact support.',
  );
}
