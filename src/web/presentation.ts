import type { RequestHandler } from 'express';

import { preferLocale } from '../platform/http/locale.ts';
import { speak } from '../platform/http/view-helpers.ts';

/** Lets the views know who is looking, and speak to them in their language and time zone. Needs the viewer. */
export const presentToViewer: RequestHandler = (req, res, next) => {
  const { viewer } = req;
  res.locals.viewer = viewer;
  if (viewer.kind !== 'visitor') {
    preferLocale(res, viewer.locale);
    speak(res, viewer.timeZone);
    res.setHeader('Cache-Control', 'private, no-store');
  }
  next();
};
