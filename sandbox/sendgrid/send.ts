import express from 'express';

import { refusal } from './errors.ts';
import { webhookUrl } from './events.ts';
import { keepMail, type Accepted } from './mail.ts';
import { settingsOf } from './settings.ts';
import { complaints, isTooLarge } from './validate.ts';
import { fields } from './validate-values.ts';

import type { NextFunction, Request, Response, Router } from 'express';
import type { Org } from '../salesforce/context.ts';
import type { SendGridError } from './errors.ts';

interface Webhook {
  sent: (accepted: Accepted, request: Record<string, unknown>) => void;
}

/** SendGrid's stand-in under `/sendgrid`: mail/send, and the scopes of the key. Any key that starts with `SG.` is good. */
export function sendGridRoutes(org: Org, { sent }: Webhook = { sent: () => undefined }): Router {
  const router = express.Router();
  router.use(authorize);
  router.get('/v3/scopes', (_req, res) => {
    res.json({ scopes: ['mail.send', 'mail.batch.create', 'user.webhooks.event.settings.read'] });
  });
  router.post(
    '/v3/mail/send',
    limitRate(org),
    requireJson,
    express.text({ type: () => true, limit: 30 * 1024 * 1024 }),
    async (req, res) => {
      const body = String(req.body);
      const mail = fields(JSON.parse(body));
      const errors = complaints(mail, org.clock.now());
      if (errors.length > 0) refuse(res, 400, errors);
      else if (isTooLarge(mail)) refuse(res, 413, [tooLarge]);
      else if (isOnlyChecked(mail)) res.status(200).end();
      else {
        const isUntold = (await webhookUrl(org.pool)) !== undefined;
        const accepted = await keepMail(org.pool, { body, request: mail, isUntold });
        res.set('x-message-id', accepted.messageId).status(202).type('text/plain').end();
        sent(accepted, mail);
      }
    },
  );
  router.use((_req, res) => {
    refuse(res, 404, [refusal('Not Found')]);
  });
  router.use(refuseBody);
  return router;
}

/** Where the control plane sets a limit, each answer says what is left of this minute, and when the next one begins. */
function limitRate({ pool, clock }: Org) {
  let minute = 0;
  let used = 0;
  return async (_req: Request, res: Response, next: NextFunction): Promise<void> => {
    const { requestsPerMinute: limit } = await settingsOf(pool);
    if (limit === null) {
      next();
      return;
    }
    const present = Math.floor(clock.now().getTime() / 60_000);
    if (present !== minute) [minute, used] = [present, 0];
    used += 1;
    res.set({
      'X-RateLimit-Limit': String(limit),
      'X-RateLimit-Remaining': String(Math.max(0, limit - used)),
      'X-RateLimit-Reset': String((minute + 1) * 60),
    });
    if (used > limit) refuse(res, 429, [refusal('too many requests')]);
    else next();
  };
}

const tooLarge = refusal('The JSON payload you have included in your request is too large.');

/** SendGrid's own sandbox mode: a valid request is answered 200 and goes nowhere. */
const isOnlyChecked = (mail: Record<string, unknown>) =>
  fields(fields(mail.mail_settings).sandbox_mode).enable === true;

function authorize(req: Request, res: Response, next: NextFunction): void {
  const [, key = ''] = /^Bearer\s+(.*)$/i.exec(req.get('authorization') ?? '') ?? [];
  if (key === '') refuse(res, 401, [refusal('Permission denied, wrong credentials')]);
  else if (!key.startsWith('SG.'))
    refuse(res, 401, [refusal('The provided authorization grant is invalid, expired, or revoked')]);
  else next();
}

function requireJson(req: Request, res: Response, next: NextFunction): void {
  if (req.is('json')) next();
  else refuse(res, 415, [refusal('Content-Type should be application/json.')]);
}

function refuse(res: Response, status: number, errors: SendGridError[]): void {
  res.set('server', 'nginx').status(status).json({ errors });
}

/** What the JSON reader could not take. Express knows an error handler by its four parameters. */
function refuseBody(error: unknown, _req: Request, res: Response, next: NextFunction): void {
  const { status } = fields(error);
  if (status === 413) refuse(res, 413, [tooLarge]);
  else if (error instanceof SyntaxError) refuse(res, 400, [refusal('Bad Request')]);
  else next(error);
}
