import { createHmac, randomBytes } from 'node:crypto';

import { z } from 'zod';

import { hasRole, type StaffViewer } from '../access/viewer.ts';
import { now } from '../platform/clock.ts';
import { config } from '../platform/config.ts';
import { transaction, type Tx } from '../platform/db.ts';
import { Conflict, Forbidden, Invalid, NotFound } from '../platform/errors.ts';
import { enqueue } from '../platform/jobs.ts';
import { type Locale, locales } from '../platform/locale.ts';
import { NotPublic, postPublicly, publicUrl } from '../platform/public-web.ts';
import { seal, unseal } from '../platform/sealed.ts';

import type { Raising } from './raising.queries.ts';
import { messageOf, testMessage } from './webhook-message.ts';
import * as queries from './webhooks.queries.ts';

/** An address outside that alerts are posted to, in Slack's form. */
export interface Webhook {
  id: string;
  name: string;
  url: string;
  locale: Locale;
  isEnabled: boolean;
  createdAt: Date;
  rules: number;
  delivered: number;
  waiting: number;
  dead: number;
  lastDeliveredAt: Date | null;
}

/** One post, and how it went. */
export interface Delivery {
  id: string;
  webhookName: string;
  ruleName: string | null;
  state: 'waiting' | 'delivered' | 'dead';
  attempts: number;
  status: number | null;
  error: string | null;
  createdAt: Date;
  settledAt: Date | null;
}

declare module '../platform/jobs.ts' {
  interface Jobs {
    post_webhook: { deliveryId: string };
  }
}

export const WebhookForm = z.object({
  name: z.string().trim().min(1).max(80),
  url: z.string().trim().min(1).max(1000),
  locale: z.enum(locales).default('en'),
});

/** Attempts before a delivery waits for a person: over about two hours. */
const MOST_ATTEMPTS = 8;

export async function webhooksSeenBy(viewer: StaffViewer): Promise<Webhook[]> {
  requireAdmin(viewer);
  return await queries.selectWebhooks();
}

/** Those that a rule can be tied to. */
export const webhookChoices = async (viewer: StaffViewer): Promise<{ id: string; name: string }[]> =>
  hasRole(viewer, 'admin') ? await queries.selectChoices() : [];

/** @returns the secret that signs what is posted, shown this once. @throws Invalid for an address that must not be called */
export async function createWebhook(
  viewer: StaffViewer,
  { name, url, locale = 'en' }: z.input<typeof WebhookForm>,
): Promise<{ secret: string }> {
  requireAdmin(viewer);
  requirePublic(url);
  const secret = `whsec_${randomBytes(24).toString('base64url')}`;
  const id = await queries.insertWebhook({
    name, url, locale, timeZone: viewer.timeZone, sealed: seal(secret), by: viewer.personId, at: now(),
  }); // prettier-ignore
  if (id === undefined) throw new Invalid({ name: 'webhooks.errors.taken' });
  return { secret };
}

function requirePublic(url: string): void {
  try {
    publicUrl(url);
  } catch (error) {
    if (!(error instanceof NotPublic)) throw error;
    throw new Invalid({ url: 'webhooks.errors.notPublic' });
  }
}

export async function setWebhookEnabled(viewer: StaffViewer, id: string, state: 'on' | 'off'): Promise<void> {
  requireAdmin(viewer);
  if (!(await queries.updateEnabled(id, state === 'on'))) throw new NotFound();
}

export async function removeWebhook(viewer: StaffViewer, id: string): Promise<void> {
  requireAdmin(viewer);
  if (!(await queries.deleteWebhook(id))) throw new NotFound();
}

/** The newest deliveries, the failed ones first; at most a hundred. */
export async function deliveriesSeenBy(viewer: StaffViewer): Promise<Delivery[]> {
  requireAdmin(viewer);
  return await queries.selectDeliveries();
}

/** How many deliveries wait for a person. */
export const countDeadDeliveries = (): Promise<number> => queries.countDead();

/** Has something posted that says it is a test; how it went shows in the list. @throws NotFound */
export async function sendTest(viewer: StaffViewer, id: string): Promise<void> {
  requireAdmin(viewer);
  const channel = await queries.maybeChannel(id);
  if (channel === undefined) throw new NotFound();
  const body = testMessage(viewer.name, channel);
  await transaction(async (tx) => {
    const deliveryId = await queries.insertDelivery(tx, {
      webhookId: id,
      ruleId: null,
      batch: null,
      body,
      at: now(),
    });
    if (deliveryId === undefined) throw new NotFound();
    await enqueue(tx, 'post_webhook', { deliveryId });
  });
}

/** Gives a delivery that failed all its attempts again. @throws Conflict when it is not one of those */
export async function retryDelivery(viewer: StaffViewer, id: string): Promise<void> {
  requireAdmin(viewer);
  await transaction(async (tx) => {
    if (!(await queries.reviveDelivery(tx, id))) throw new Conflict();
    await enqueue(tx, 'post_webhook', { deliveryId: id });
  });
}

/** Has a rule's signals of a batch posted to its webhook, once, in the transaction that raises them. */
export async function postBatch(tx: Tx, raising: Raising): Promise<void> {
  const { rule, batch, at } = raising;
  if (rule.webhookId === null) return;
  const found = await queries.selectToPost(tx, raising);
  const channel = await queries.maybeChannel(rule.webhookId, tx);
  if (found.total === 0 || channel === undefined) return;
  const body = messageOf(rule, found, channel);
  const deliveryId = await queries.insertDelivery(tx, {
    webhookId: rule.webhookId,
    ruleId: rule.id,
    batch,
    body,
    at,
  });
  if (deliveryId !== undefined) await enqueue(tx, 'post_webhook', { deliveryId });
}

/** A job: posts one delivery. What fails is tried again later, each wait about twice the one before, none exactly. */
export async function postWebhook({ deliveryId }: { deliveryId: string }): Promise<void> {
  const delivery = await queries.maybeToPost(deliveryId);
  if (delivery === undefined) return;
  const outcome = delivery.isEnabled ? await attempt(delivery) : { status: null, error: 'switched off' };
  const attempts = delivery.attempts + 1;
  const isOver = attempts >= MOST_ATTEMPTS || !delivery.isEnabled || isFinal(outcome.status);
  await transaction(async (tx) => {
    const state = outcome.error === null ? 'delivered' : isOver ? 'dead' : 'waiting';
    await queries.noteAttempt(tx, { id: deliveryId, attempts, state, ...outcome, at: now() });
    if (state === 'waiting')
      await enqueue(tx, 'post_webhook', { deliveryId }, { runAt: nextAttempt(attempts) });
  });
}

/** An address that is gone or refuses what it gets will not change its mind by being asked again. */
const isFinal = (status: number | null): boolean =>
  status !== null && status >= 300 && status < 500 && ![408, 425, 429].includes(status);

function nextAttempt(attempts: number): Date {
  const seconds = 60 * 2 ** (attempts - 1);
  return new Date(now().getTime() + seconds * 1000 * (0.5 + Math.random()));
}

async function attempt(delivery: queries.ToPost): Promise<{ status: number | null; error: string | null }> {
  const body = JSON.stringify(delivery.body);
  const secret = unseal(delivery.sealed);
  if (secret === undefined) return { status: null, error: 'its secret was sealed under another key' };
  try {
    const { status, text } = await postPublicly(delivery.url, {
      headers: headersOf(delivery.id, secret, body),
      body,
    });
    return {
      status,
      error: status >= 200 && status < 300 ? null : `${String(status)} ${text}`.slice(0, 300),
    };
  } catch (error) {
    return { status: null, error: reasonOf(error) };
  }
}

/** Slack's own way of signing: `v0=` and the HMAC-SHA256 of `v0:<seconds>:<body>`. The delivery's id is the same in every attempt. */
export function headersOf(id: string, secret: string, body: string): Record<string, string> {
  const seconds = String(Math.floor(now().getTime() / 1000));
  const signature = createHmac('sha256', secret).update(`v0:${seconds}:${body}`).digest('hex');
  return {
    'content-type': 'application/json; charset=utf-8',
    'user-agent': `Rapport (${config.BRAND_NAME.replaceAll(/[^\x20-\x7e]/g, '')})`,
    'x-rapport-delivery': id,
    'x-rapport-request-timestamp': seconds,
    'x-rapport-signature': `v0=${signature}`,
  };
}

function reasonOf(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  return (cause instanceof Error ? cause.message || cause.name : String(cause)).slice(0, 300);
}

function requireAdmin(viewer: StaffViewer): void {
  if (!hasRole(viewer, 'admin')) throw new Forbidden();
}
