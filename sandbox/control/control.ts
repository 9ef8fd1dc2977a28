/**
 * The control plane under `/__sandbox__/`: what a test or a person does to the org from outside it.
 *
 * GET    /                what it is set to
 * POST   /reset           the org as it was first made: no records, no custom schema, no sessions, no mail
 * POST   /seed            {accounts}: fills it with the demo's data; answers when done, GET /seed tells how far it is
 * GET, POST, DELETE /faults, DELETE /faults/<id>   see faults.ts
 * POST   /bulk            {speed?, failAt?}: rows a second, and rows until a job fails, for every Bulk job; {} ends it
 * POST   /locators/expire   forgets all query locators
 * POST   /events/…       see events.ts
 * POST   /tokens/expire   {username?, refresh?}: ends sessions; with `refresh` refresh tokens too
 * POST   /limits/set      {dailyMax?, dailyUsed?}
 * POST   /rotate/on|off   whether each refresh gives a new refresh token
 * POST   /clock           {offsetMs}: moves the org's time against the machine's
 * POST   /clients         see auth/clients.ts
 * POST   /password        {username, password}
 * GET, POST /duplicate-rules  see duplicate-rules.ts
 * POST   /sendgrid/webhook  {url?}: where mail events go; answers with the key that they are signed with
 * GET, POST /sendgrid/settings  how its mails fare, see sendgrid/settings.ts
 * POST   /sunshine/webhook  {url}: where chat events go; answers with the secret that comes with them
 * GET, POST /sunshine/settings  how chat messages fare, see sunshine/settings.ts
 * GET    /usage.ndjson  ?from= &to=: what customers did in the vendor's product meanwhile, as messages of the tracking API
 * GET    /log             the API log, newest first; ?method= &path= &username= &failed=1 &before= &limit=
 */
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

import express from 'express';
import { z } from 'zod';

import { registerClient } from '../salesforce/auth/clients.ts';
import { expireSessions } from '../salesforce/auth/sessions.ts';
import { isCrossSite } from '../salesforce/auth/web.ts';
import { isRotating, keepState } from '../salesforce/auth/state.ts';
import { maybeUserNamed, setPassword } from '../salesforce/auth/users.ts';
import { usageOf } from '../product/usage.ts';
import { setWebhook } from '../sendgrid/events.ts';
import { changeSettings, settingsForm, settingsOf } from '../sendgrid/settings.ts';
import { bulkForm, setBulkTrouble } from './bulk-trouble.ts';
import { eventRoutes } from './events.ts';
import { duplicateRuleRoutes } from './duplicate-rules.ts';
import * as sunshine from '../sunshine/settings.ts';
import { keepWebhook } from '../sunshine/webhooks.ts';
import { faultsForm } from './faults.ts';
import { loggedRequests } from './log.ts';

import type { NextFunction, Request, Response, Router } from 'express';
import type { Org } from '../salesforce/context.ts';
import type { Faults } from './faults.ts';
import type { Clients } from '../salesforce/events/cometd/clients.ts';
import type { createApiLog } from './log.ts';
import type { createSeeding } from './seeding.ts';

/** What the control plane works on. */
export interface Controlled {
  org: Org;
  clients: Clients;
  faults: Faults;
  log: ReturnType<typeof createApiLog>;
  seeding: ReturnType<typeof createSeeding>;
  reset: () => Promise<void>;
}

const expireForm = z.object({ username: z.string().optional(), refresh: z.boolean().optional() });
const limitsForm = z.object({ dailyMax: z.int().min(0).optional(), dailyUsed: z.int().min(0).optional() });
const clockForm = z.object({ offsetMs: z.number() });
const seedForm = z.object({ accounts: z.int().min(0).max(10_000_000) });
const usageForm = z.object({ from: z.coerce.date(), to: z.coerce.date() });
const webhookForm = z.object({ url: z.url().optional() });
const passwordForm = z.object({ username: z.string(), password: z.string().min(1) });
const clientForm = z.object({
  id: z.string().min(1),
  secret: z.string().optional(),
  name: z.string().optional(),
  redirectUris: z.array(z.string()).optional(),
  publicKey: z.string().optional(),
  runAs: z.string().optional(),
});

/** The routes of the control plane; mount them at `/__sandbox__`. */
export function controlRoutes(controlled: Controlled): Router {
  const router = express.Router();
  router.use(refuseOtherSites, express.json());
  settingRoutes(router, controlled);
  faultRoutes(router, controlled);
  dataRoutes(router, controlled);
  duplicateRuleRoutes(router, controlled.org);
  signInRoutes(router, controlled);
  messagingRoutes(router, controlled);
  eventRoutes(router, controlled);
  router.use(refuseForm);
  return router;
}

function settingRoutes(router: Router, { org }: Controlled): void {
  router.get('/', async (_req, res) => {
    const offsetMs = org.clock.now().getTime() - Date.now();
    res.json({
      organizationId: org.id,
      limits: org.limits,
      rotate: await isRotating(org.pool),
      clock: { now: org.clock.now(), offsetMs: Math.round(offsetMs) },
    });
  });
  router.post('/limits/set', (req, res) => {
    const { dailyMax, dailyUsed } = limitsForm.parse(req.body);
    if (dailyMax !== undefined) org.limits.dailyMax = dailyMax;
    if (dailyUsed !== undefined) org.limits.dailyUsed = dailyUsed;
    res.json(org.limits);
  });
  router.post('/rotate/:state', async (req, res) => {
    const isOn = z.enum(['on', 'off']).parse(req.params.state) === 'on';
    await keepState(org.pool, 'rotate', isOn);
    res.json({ rotate: isOn });
  });
  router.post('/clock', (req, res) => {
    org.clock.setOffset(clockForm.parse(req.body).offsetMs);
    res.json({ now: org.clock.now() });
  });
}

function faultRoutes(router: Router, { faults, org }: Controlled): void {
  router.get('/faults', (_req, res) => {
    res.json(faults.list());
  });
  router.post('/bulk', (req, res) => {
    res.json(setBulkTrouble(faults, bulkForm.parse(req.body ?? {})));
  });
  router.post('/locators/expire', (_req, res) => {
    org.locators.expire();
    res.status(204).end();
  });
  router.delete('/faults/:id', (req, res) => {
    res.status(faults.remove(Number(req.params.id)) ? 204 : 404).end();
  });
  router.post('/faults', (req, res) => {
    res.status(201).json(faults.add(faultsForm.parse(req.body)));
  });
  router.delete('/faults', (_req, res) => {
    faults.clear();
    res.status(204).end();
  });
}

function dataRoutes(router: Router, { org, log, seeding, reset }: Controlled): void {
  router.post('/reset', async (_req, res) => {
    await reset();
    res.status(204).end();
  });
  router.get('/seed', async (_req, res) => {
    res.json(await seeding.progress());
  });
  router.post('/seed', async (req, res) => {
    const { accounts } = seedForm.parse(req.body ?? {});
    res.json(await seeding.seed(accounts));
  });
  router.get('/usage.ndjson', async (req, res) => {
    const { from, to } = usageForm.parse(req.query);
    res.type('application/x-ndjson');
    await pipeline(Readable.from(usageOf(org, { from, to })), res);
  });
  router.get('/log', async (req, res) => {
    await log.flush();
    const { method, path, username, failed, before, limit } = req.query as Record<string, string | undefined>;
    res.json(
      await loggedRequests(org.pool, {
        method,
        path,
        username,
        isFailed: failed === '1',
        before: wholeNumber(before),
        limit: wholeNumber(limit),
      }),
    );
  });
}

/** Who may sign in, and whose sessions end. */
function signInRoutes(router: Router, { org, clients }: Controlled): void {
  router.post('/tokens/expire', async (req, res) => {
    const { username, refresh } = expireForm.parse(req.body ?? {});
    const userId = username === undefined ? undefined : (await maybeUserNamed(org.pool, username))?.id;
    if (username !== undefined && userId === undefined) {
      res.status(404).json({ message: `there is no user ${username}` });
      return;
    }
    if (refresh)
      await org.pool.query('delete from _refresh_token where $1::text is null or user_id = $1', [
        userId ?? null,
      ]);
    const expired = await expireSessions(org.pool, userId);
    clients.wakeAll();
    res.json({ expired });
  });
  router.post('/clients', async (req, res) => {
    await registerClient(org.pool, clientForm.parse(req.body));
    res.status(201).end();
  });
  router.post('/password', async (req, res) => {
    const { username, password } = passwordForm.parse(req.body);
    const user = await maybeUserNamed(org.pool, username);
    if (user) await setPassword(org.pool, user.id, password);
    res.status(user ? 204 : 404).end();
  });
}

/** Where SendGrid's and Sunshine's events go, and how their recipients behave. */
function messagingRoutes(router: Router, { org }: Controlled): void {
  router.post('/sendgrid/webhook', async (req, res) => {
    res.json(await setWebhook(org.pool, webhookForm.parse(req.body ?? {}).url));
  });
  router.get('/sendgrid/settings', async (_req, res) => {
    res.json(await settingsOf(org.pool));
  });
  router.post('/sendgrid/settings', async (req, res) => {
    res.json(await changeSettings(org.pool, settingsForm.parse(req.body ?? {})));
  });
  router.post('/sunshine/webhook', async (req, res) => {
    const { url: target } = z.object({ url: z.url() }).parse(req.body);
    const { secret } = await keepWebhook(org.pool, { integrationId: 'rapport', target, triggers: ['*'] });
    res.json({ url: target, secret });
  });
  router.get('/sunshine/settings', async (_req, res) => {
    res.json(await sunshine.settingsOf(org.pool));
  });
  router.post('/sunshine/settings', async (req, res) => {
    res.json(
      await sunshine.changeSettings(
        org.pool,
        sunshine.settingsForm.parse(req.body ?? {}) as Partial<sunshine.Settings>,
      ),
    );
  });
}

const wholeNumber = (text: string | undefined) => (/^\d{1,15}$/.test(text ?? '') ? Number(text) : undefined);

/** A page of the web must not reach what listens on the machine of its reader. */
function refuseOtherSites(req: Request, res: Response, next: NextFunction): void {
  const isLocal = /^(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/.test(req.get('host') ?? '');
  if (isLocal && !isCrossSite(req)) next();
  else res.status(403).json({ message: 'the control plane answers programs of this machine only' });
}

/** Express knows an error handler by its four parameters. */
function refuseForm(error: unknown, _req: Request, res: Response, next: NextFunction): void {
  if (error instanceof z.ZodError) res.status(400).json({ message: z.prettifyError(error) });
  else next(error);
}
