import type { RequestHandler } from 'express';

import { LinkExpired } from '../../identity/email-tokens.ts';

/** A handler behind a link in a mail: when the link holds no more, the page says so and how to get another. */
export function behindLink(again: string, handler: RequestHandler): RequestHandler {
  return async (req, res, next) => {
    res.setHeader('Referrer-Policy', 'no-referrer');
    res.setHeader('Cache-Control', 'no-store');
    try {
      await handler(req, res, next);
    } catch (error) {
      if (!(error instanceof LinkExpired)) throw error;
      res.status(410).render('public/links/expired', { again });
    }
  };
}
