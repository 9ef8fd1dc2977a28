import { Agent, request } from 'undici';

import { config } from '../platform/config.ts';

import type { Answer, Channel, OutgoingBatch } from './channel.ts';
import { answerTo } from './email-answers.ts';
import { bodyOf, giveBack, needsOwnRequest, write } from './email-request.ts';
import { notHadBecause } from './http-answers.ts';
import { inTime, TooLate } from './in-time.ts';

/** SendGrid's limits: https://www.twilio.com/docs/sendgrid/api-reference/mail-send/limitations */
const MOST_RECIPIENTS = 1_000;
const MOST_BYTES = 30_000_000;

/**
 * E-mail through SendGrid v3: a thousand recipients a request, whose values SendGrid puts in place of the slots. By our own hand over the wire, since
 * the official client copies each recipient several times over (decision 031).
 */
export const email: Channel = {
  name: 'email',
  supports: new Set([
    'subject', 'html', 'text', 'images', 'buttons', 'tables', 'columns', 'brand', 'tracked-opens', 'tracked-links', 'unsubscribe-header',
  ]), // prettier-ignore
  batchSize: MOST_RECIPIENTS,
  needsOwnRequest,
  write,
  post,
};

/* Connections stay open between batches, but not so long that the other side might be closing one as we begin to write. */
const agent = new Agent({
  connect: { timeout: 10_000 },
  keepAliveTimeout: 4_000,
  keepAliveMaxTimeout: 30_000,
  headersTimeout: 0,
  bodyTimeout: 5_000,
});

const address = new URL(
  'v3/mail/send',
  (
    config.SENDGRID_BASE_URL ??
    (config.SENDGRID_API_KEY === undefined ? `${config.SANDBOX_URL}/sendgrid/` : 'https://api.sendgrid.com/')
  ).replace(/\/?$/, '/'),
);
const headers = {
  authorization: `Bearer ${config.SENDGRID_API_KEY ?? 'SG.sandbox'}`,
  'content-type': 'application/json',
};

/** A request is begun within this time of its batch, or not at all: well within a lease. */
const BEGIN_WITHIN = Math.min(18_000, config.CAMPAIGN_LEASE_SECONDS * 300);

async function post(batch: OutgoingBatch, signal: AbortSignal): Promise<Answer> {
  const deadline = performance.now() + BEGIN_WITHIN;
  const body = bodyOf(batch);
  if (body.length > MOST_BYTES)
    return { kind: 'refused', rows: 'some', reason: 'too_large', detail: 'more than 30 MB' };
  if (signal.aborted) return { kind: 'down', reason: 'no time was left to post it' };
  try {
    const answer = await request(address, {
      method: 'POST', headers: { ...headers, 'content-length': String(body.length) }, body: inTime(body, deadline), dispatcher: agent, signal,
    }); // prettier-ignore
    const said = await answerTo(answer, batch);
    /* Whoever accepts it has read all of it. */
    if (said.kind === 'accepted') giveBack(body);
    return said;
  } catch (error) {
    if (error instanceof TooLate) return { kind: 'down', reason: error.message };
    return notHadBecause(error);
  }
}
