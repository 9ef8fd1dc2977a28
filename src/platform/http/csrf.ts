import type { Request, RequestHandler } from 'express';

import { Forbidden } from '../errors.ts';

const safeMethods = ['GET', 'HEAD', 'OPTIONS'];

/* Other systems post there; they prove themselves by key, signature or token, and a cookie means nothing. */
const fromElsewhere = /^\/(hooks|v1|unsubscribe)\//;

/**
 * Refuses what another site's page makes a browser send: by Sec-Fetch-Site, or in a browser that is too old for it by
 * Origin. A request with neither comes from no browser, and so carries nobody's cookies against their will.
 */
export const refuseCrossSite: RequestHandler = (req, _res, next) => {
  if (!safeMethods.includes(req.method) && !fromElsewhere.test(req.path) && !isSameOrigin(req))
    throw new Forbidden();
  next();
};

function isSameOrigin(req: Request): boolean {
  const site = req.get('sec-fetch-site');
  if (site !== undefined) return site === 'same-origin' || site === 'none';
  const origin = req.get('origin');
  if (origin === undefined) return true;
  return URL.canParse(origin) && new URL(origin).host === req.host;
}
