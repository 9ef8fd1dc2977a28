import express, { type NextFunction, type Request, type RequestHandler, type Response } from 'express';

import { keepChatEvents } from '../../campaigns/outcomes/chat-events.ts';
import { keepHook } from '../../campaigns/outcomes/hook-inbox.ts';
import { isSignedBySendgrid } from '../../channels/sendgrid-events.ts';
import { eventsOf, isFromSunshine } from '../../channels/sunshine-events.ts';
import { now } from '../../platform/clock.ts';
import { config } from '../../platform/config.ts';
import { isDatabaseTrouble } from '../../platform/db.ts';
import { faultPoint } from '../../platform/faults.ts';
import { log } from '../../platform/log.ts';
import { anyone, route } from '../guards.ts';

/** SendGrid posts some hundred kilobytes at a time; this is well above. */
const LARGEST_BODY = 8_000_000;

/* The signature is of the bytes, so nothing may read them before. Packed bodies are refused: SendGrid sends none. */
const readRaw = express.raw({ type: () => true, limit: LARGEST_BODY, inflate: false });

/** What became of mails. Answered once it is stored; SendGrid posts again what was not. */
const takeSendgrid: RequestHandler = async (req, res) => {
  const publicKey = config.SENDGRID_WEBHOOK_PUBLIC_KEY;
  const body = Buffer.isBuffer(req.body) ? req.body : Buffer.alloc(0);
  const headers = {
    signature: req.get('x-twilio-email-event-webhook-signature'),
    timestamp: req.get('x-twilio-email-event-webhook-timestamp'),
  };
  const rule = { toleranceSeconds: config.SENDGRID_WEBHOOK_TOLERANCE, at: now() };
  if (publicKey === undefined || !isSignedBySendgrid(body, headers, { ...rule, publicKey })) {
    log.warn(
      { isKeyKnown: publicKey !== undefined, bytes: body.length },
      'a webhook without a valid signature',
    );
    res.status(403).json({ error: 'The signature does not hold.' });
    return;
  }
  await keepHook('sendgrid', body);
  faultPoint('kept');
  res.status(204).end();
};

/* Nothing of a body is read before its sender has shown the secret. */
function onlyWithSecret(req: Request, res: Response, next: NextFunction): void {
  const secret = config.SUNSHINE_WEBHOOK_SECRET;
  if (secret !== undefined && isFromSunshine(req.get('x-api-key'), secret)) {
    next();
    return;
  }
  log.warn({ isSecretKnown: secret !== undefined }, 'a chat webhook without the secret');
  res.status(403).json({ error: 'The secret is not right.' });
}

/** What became of chat messages. Answered once it is stored; Sunshine posts again what was not. */
async function takeSunshine(req: Request, res: Response): Promise<void> {
  const events = eventsOf(req.body);
  if (events === undefined) {
    res.status(400).json({ error: 'These are no events.' });
    return;
  }
  await keepChatEvents(events);
  res.status(200).end();
}

/** The provider tries again later where that may help. */
export const answerUntaken: express.ErrorRequestHandler = (error: unknown, _req, res, next) => {
  const status = (error as { status?: unknown }).status;
  if (isDatabaseTrouble(error))
    res.status(503).set('Retry-After', '5').json({ error: 'Try again in a few seconds.' });
  else if (typeof status === 'number' && status >= 400 && status < 500)
    res
      .status(status)
      .json({ error: status === 413 ? 'The body is too large.' : 'The body cannot be read.' });
  else next(error);
};

export const hookRoutes = [
  route('post', '/hooks/sendgrid', anyone(), readRaw, takeSendgrid),
  route('post', '/hooks/sunshine', anyone(), onlyWithSecret, express.json({ type: () => true, limit: LARGEST_BODY, inflate: false }), takeSunshine),
]; // prettier-ignore
