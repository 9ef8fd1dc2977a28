import express from 'express';

import { ApiError } from './errors.ts';

import type { Request, Response, Router } from 'express';

/** Services that this org doesn't have answer as an org where they are switched off. Comes after those that it has. */
export function unusedServices(): Router {
  const router = express.Router();
  router.use('/services/async', refuseBulkOne);
  router.use('/services/apexrest', () => {
    throw new ApiError(404, 'NOT_FOUND', 'Could not find a match for URL');
  });
  router.use('/services', () => {
    throw new ApiError(404, 'NOT_FOUND', 'The requested resource does not exist');
  });
  return router;
}

/** Bulk API 1.0 has errors of a form of its own. */
function refuseBulkOne(req: Request, res: Response): void {
  const [exceptionCode, exceptionMessage] = ['FeatureNotEnabled', 'Async API not enabled'];
  res.status(400);
  if (req.is('json')) res.json({ exceptionCode, exceptionMessage });
  else
    res
      .type('application/xml')
      .send(
        `<?xml version="1.0" encoding="UTF-8"?><error xmlns="http://www.force.com/2009/06/asyncapi/dataload"><exceptionCode>${exceptionCode}</exceptionCode><exceptionMessage>${exceptionMessage}</exceptionMessage></error>`,
      );
}
