import type { RequestHandler } from 'express';

import { notePage, type VisitedSurface } from '../reports/visits.ts';

/** Counts each page that somebody who is signed in opened, by day (RP5). Parts of pages that fetch themselves anew are none. */
export const noteVisits: RequestHandler = (req, res, next) => {
  const { viewer } = req;
  const surface = surfaceOf(req.path);
  if (
    req.method === 'GET' &&
    viewer.kind !== 'visitor' &&
    surface !== undefined &&
    req.get('hx-request') === undefined
  )
    res.on('finish', () => {
      if (res.statusCode === 200 && isPage(res.get('content-type'))) notePage(viewer.personId, surface);
    });
  next();
};

const isPage = (type: string | undefined): boolean => type?.startsWith('text/html') === true;

const surfaceOf = (path: string): VisitedSurface | undefined =>
  /^\/(portal|partner|console|account)(?=\/|$)/.exec(path)?.[1] as VisitedSurface | undefined;
