import express from 'express';

import { refusal } from './errors.ts';
import { keepMail } from './mail.ts';
import { complaints, fields } from './validate.ts';

import type { NextFunction, Request, Response, Router } from 'express';
import type { Org } from '../salesforce/context.ts';
import type { SendGridError } from './errors.ts';

/** SendGrid's stand-in under `/sendgrid`: mail/send, and the scopes of the key. Any key that starts with `SG.` is good. */
export function sendGridRoutes(
  org: Org,
  { sent }: { sent: (messageId: string) => void } = { sent: () => undefined },
): Router {
  const router = express.Router();
  router.use(authorize);
  router.get('/v3/scopes', (_req, res) => {
    res.json({ scopes: ['mail.send', 'mail.batch.create', 'user.webhooks.event.settings.read'] });
  });
  router.post(
    '/v3/mail/send',
    requireJson,
    express.json({ limit: 30 * 1024 * 1024, strict: false }),
    async (req, res) => {
      const mail = fields(req.body);
      const errors = complaints(mail, org.clock.now());
      if (errors.length > 0) refuse(res, 400, errors);
      else if (isOnlyChecked(mail)) res.status(200).end();
      else {
        const messageId = await keepMail(org.pool, mail);
        res.set('x-message-id', messageId).status(202).type('text/plain').end();
        sent(messageId);
      }
    },
  );
  router.use((_req, res) => {
    refuse(res, 404, [refusal('Not Found')]);
  });
  router.use(refuseBody);
  return router;
}

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
  const { status, type } = fields(error);
  if (status === 413)
    refuse(res, 413, [refusal('The JSON payload you have included in your request is too large.')]);
  else if (type === 'entity.parse.failed') refuse(res, 400, [refusal('Bad Request')]);
  else next(error);
}
