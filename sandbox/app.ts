import { join } from 'node:path';

import compression from 'compression';
import express from 'express';

import { controlRoutes } from './control/control.ts';
import { createFaults } from './control/faults.ts';
import { createApiLog } from './control/log.ts';
import { resetOrg } from './control/reset.ts';
import { createSeeding } from './control/seeding.ts';
import { prepareEdges } from './control/tables.ts';
import { seedOrg } from './demo/seed.ts';
import { openOrg } from './org.ts';
import { oauthRoutes } from './salesforce/auth/oauth.ts';
import { soapRoutes } from './salesforce/soap/routes.ts';
import { bulkIngestRoutes } from './salesforce/bulk/ingest-routes.ts';
import { bulkQueryRoutes } from './salesforce/bulk/query-routes.ts';
import { createBulkQueue } from './salesforce/bulk/queue.ts';
import { createClients } from './salesforce/events/cometd/clients.ts';
import { cometdRoutes } from './salesforce/events/cometd/routes.ts';
import { downloadRoutes, fileRoutes } from './salesforce/files/routes.ts';
import { unusedServices } from './salesforce/unused-services.ts';
import { metadataRestRoutes } from './salesforce/metadata/rest.ts';
import { metadataSoapRoutes } from './salesforce/metadata/soap.ts';
import { withContext } from './salesforce/auth/middleware.ts';
import { restRoutes } from './salesforce/rest/express.ts';
import { faultPages } from './pages/faults.ts';
import { pageRoutes } from './pages/pages.ts';
import { restGate, spendRequest } from './salesforce/rest/gate.ts';
import { answerError } from './answer-error.ts';
import { createWebhook } from './sendgrid/events.ts';
import { mailboxRoutes } from './sendgrid/mailbox.ts';
import { sendGridRoutes } from './sendgrid/send.ts';
import { slackRoutes } from './slack/channel.ts';
import { sunshineRoutes } from './sunshine/api.ts';
import { chatRoutes } from './sunshine/chat.ts';
import { createMessaging } from './sunshine/messages.ts';
import { createTelling } from './sunshine/webhooks.ts';

import type { Express, NextFunction, Request, Response, Router } from 'express';
import type { Org } from './salesforce/context.ts';

/** The running sandbox: its app for a server, its org, and how to end it. */
export interface Sandbox {
  app: Express;
  org: Org;
  close: () => Promise<void>;
}

/** Opens the org of a database and puts every service in front of it: Salesforce at the root, SendGrid, mailbox, Sunshine, chat, control plane. */
export async function createSandbox({ databaseUrl }: { databaseUrl: string }): Promise<Sandbox> {
  const org = await openOrg({ databaseUrl });
  await prepareEdges(org.pool);
  const log = createApiLog(org.pool);
  const faults = createFaults(org);
  org.trouble = faults.trouble;
  const seeding = createSeeding(org, seedOrg);
  const queue = createBulkQueue();
  await queue.resume(org);
  await org.events.reload();
  const clients = createClients(org);
  const webhook = createWebhook(org);
  await webhook.resume();
  const messaging = createMessaging(org, createTelling(org));

  const app = bareApp();
  app.use(tellTime(org));
  app.use(/^\/+services\/data/, compression({ level: 1 }));
  app.use(log.middleware, faults.middleware, foldSlashes);
  app.use('/__sandbox__', controlRoutes({ org, clients, log, faults, seeding, reset: () => resetOrg(org) }));
  app.use(faultPages({ org, clients, faults }));
  app.use('/sendgrid', sendGridRoutes(org, webhook));
  app.use(mailboxRoutes(org));
  app.use('/sunshine', sunshineRoutes(org, messaging));
  app.use(chatRoutes(org, messaging));
  app.use(slackRoutes());
  app.use(cometdRoutes(org, clients));
  app.use(salesforceRoutes(org, queue));
  app.use(answerError);

  return {
    app,
    org,
    async close() {
      clients.close();
      webhook.close();
      messaging.close();
      await queue.stop();
      await log.flush();
      await org.close();
    },
  };
}

/** Everything at the origin's root but its events. */
function salesforceRoutes(org: Org, queue: ReturnType<typeof createBulkQueue>): Router {
  const router = express.Router();
  router.use(oauthRoutes(org));
  router.use(soapRoutes(org));
  router.use(metadataSoapRoutes(org));
  router.use(restGate());
  router.use(
    '/services/data/:version',
    withContext(org),
    spendRequest(org),
    metadataRestRoutes(),
    fileRoutes(),
    bulkQueryRoutes(queue),
    bulkIngestRoutes(queue),
  );
  router.use(restRoutes());
  router.use(downloadRoutes(org));
  router.use(unusedServices());
  router.use(pageRoutes(org));
  return router;
}

function bareApp(): Express {
  const app = express();
  app.disable('x-powered-by').disable('etag').set('trust proxy', 'loopback');
  app.set('views', join(import.meta.dirname, 'views')).set('view engine', 'ejs');
  app.use('/assets', express.static(join(import.meta.dirname, 'public')));
  return app;
}

/** The `Date` of an answer is the org's own time, so that its clock can be moved against its clients'. */
function tellTime({ clock }: Org) {
  return (_req: Request, res: Response, next: NextFunction): void => {
    res.setHeader('Date', clock.now().toUTCString());
    next();
  };
}

/** `//services` is `/services`: clients join instance URL and path carelessly. */
function foldSlashes(req: Request, _res: Response, next: NextFunction): void {
  req.url = req.url.replace(/^\/{2,}/, '/');
  next();
}
