import type { NextFunction, Request, Response } from 'express';

/** Something that Sunshine does not do, with its status and code. */
export class Refusal extends Error {
  readonly status: number;
  readonly code: string;
  constructor(status: number, code: string, title: string) {
    super(title);
    this.status = status;
    this.code = code;
  }
}

export const badRequest = (title: string): Refusal => new Refusal(400, 'bad_request', title);
export const notFound = (what: string): Refusal => new Refusal(404, 'not_found', `${what} not found`);

export function refuse(res: Response, { status, code, message }: Refusal): void {
  res.status(status).json({ errors: [{ code, title: message }] });
}

/** What a handler refused, and what the JSON reader could not take. Express knows an error handler by its four parameters. */
export function answerRefusal(error: unknown, _req: Request, res: Response, next: NextFunction): void {
  const status = (error as { status?: unknown }).status;
  if (error instanceof Refusal) refuse(res, error);
  else if (status === 413) refuse(res, new Refusal(413, 'payload_too_large', 'request entity too large'));
  else if (error instanceof SyntaxError) refuse(res, badRequest('Malformed JSON'));
  else next(error);
}
