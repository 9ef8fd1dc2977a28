import express from 'express';
import type { NextFunction, Request, Response, Router } from 'express';
import type { Org } from '../context.ts';
import { ApiError } from '../errors.ts';
import { countRequest } from '../limits.ts';
import { isVersion, versions } from './versions.ts';

/** What stands before every REST resource: the list of versions, and the refusal of what no org speaks. No session yet. */
export function restGate(): Router {
  const router = express.Router();
  router.get('/services/data', (_req, res) => void res.json(versions()));
  router.use('/services/data/:version', (req, res, next) => {
    if (req.originalUrl.length > 16_384) tooLong(res);
    else {
      checkVersion(req.params.version);
      next();
    }
  });
  return router;
}

function tooLong(res: Response): void {
  res.status(414).type('html').send('<h1>Bad Message 414</h1><pre>reason: URI Too Long</pre>');
}

function checkVersion(version: string): void {
  const [, number] = /^v(\d+)\.0$/.exec(version) ?? [];
  if (number === undefined) throw new ApiError(404, 'NOT_FOUND', 'The requested resource does not exist');
  if (!isVersion(Number(number)))
    throw new ApiError(410, 'UNSUPPORTED_API_VERSION', 'The API version is not supported');
}

/** Counts a request against the day's budget and tells the client where it stands. Comes after the session. */
export function spendRequest(org: Org) {
  return (_req: Request, res: Response, next: NextFunction): void => {
    const { dailyUsed, dailyMax } = countRequest(org.limits, org.clock.now());
    res.set('Sforce-Limit-Info', `api-usage=${String(Math.min(dailyUsed, dailyMax))}/${String(dailyMax)}`);
    if (dailyUsed > dailyMax)
      throw new ApiError(403, 'REQUEST_LIMIT_EXCEEDED', 'TotalRequests Limit exceeded.');
    next();
  };
}
