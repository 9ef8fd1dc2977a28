import compression from 'compression';
import express, { type Express } from 'express';

import { config } from './platform/config.ts';
import { answerErrors, noSuchPage } from './platform/http/answer-errors.ts';
import { staticFiles } from './platform/http/assets.ts';
import { refuseCrossSite } from './platform/http/csrf.ts';
import { findLocale } from './platform/http/locale.ts';
import { readForms, refuseUnreadable } from './platform/http/read-forms.ts';
import { logRequests, requestId } from './platform/http/request-log.ts';
import { preferHttps, securityHeaders } from './platform/http/security-headers.ts';
import { renderView } from './platform/http/view-engine.ts';
import { viewHelpers } from './platform/http/view-helpers.ts';
import { machineRouter, panelRouter, router } from './routes.ts';
import { answerUntaken } from './web/api/hooks.ts';
import { answerUnread, openToAllOrigins } from './web/api/tracking.ts';
import { showDuties } from './web/console/duties.ts';
import { showUnread } from './web/console/inbox.ts';
import { refusePanel } from './web/panel/account.ts';
import { presentToViewer } from './web/presentation.ts';
import { sessions } from './web/session.ts';
import { loadViewer } from './web/viewer.ts';
import { noteVisits } from './web/visits.ts';

/** The web application: what happens to a request, in order. */
export function createApp(): Express {
  const app = express()
    .set('trust proxy', config.TRUSTED_PROXIES)
    .set('query parser', 'simple')
    .set('views', `${import.meta.dirname}/../views`)
    .set('view engine', 'ejs')
    .set('view cache', config.NODE_ENV !== 'development')
    .disable('x-powered-by')
    .disable('etag')
    .engine('ejs', renderView);

  app.use(requestId, logRequests);
  app.use(...securityHeaders);
  app.use(['/v1', '/pixel.gif', '/sourceConfig', '/js/sensor.js', '/js/sensor'], openToAllOrigins);
  app.use(machineRouter());
  app.use('/v1', answerUnread);
  app.use('/hooks', answerUntaken);
  app.use(preferHttps);
  app.use(compression());
  app.use(staticFiles);
  app.use(findLocale, viewHelpers);
  app.use(refuseUnreadable, readForms);
  app.use(panelRouter());
  app.use('/panel', refusePanel);
  app.use(refuseCrossSite);
  app.use(sessions(), loadViewer, presentToViewer);
  app.use(noteVisits);
  app.use('/console', showDuties, showUnread);
  app.use(router());
  app.use(noSuchPage, answerErrors);
  return app;
}
