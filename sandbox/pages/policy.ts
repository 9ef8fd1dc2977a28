import type { NextFunction, Request, Response } from 'express';

/** The pages hold no script at all; whatever a record smuggles in does not run. */
export function withPolicy(_req: Request, res: Response, next: NextFunction): void {
  res.set({
    'content-security-policy':
      "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'same-origin',
  });
  next();
}
