import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto';

import { now } from '../../platform/clock.ts';
import { config } from '../../platform/config.ts';
import { transaction } from '../../platform/db.ts';

import { keepHookIn } from './hook-inbox.ts';
import * as queries from './in-app.queries.ts';

/*
 * Messages in the product. A write key is public and a person's id is no secret, so neither is enough to read what was written to somebody: the product's own
 * server proves who is there, by an HMAC of their id under a secret of the source (decision 036).
 */

const keyOf = (purpose: string): Buffer =>
  Buffer.from(hkdfSync('sha256', config.ENCRYPTION_KEY, '', purpose, 32));

/** What the servers of a source prove their people by: hexadecimal, for as long as ENCRYPTION_KEY is the same. */
export const proofSecret = (sourceId: number): string =>
  keyOf(`rapport proofs of source ${String(sourceId)}`).toString('hex');

const isProof = (sourceId: number, userId: string, proof: string): boolean =>
  isSame(createHmac('sha256', proofSecret(sourceId)).update(userId).digest('hex'), proof.toLowerCase());

function isSame(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one), Buffer.from(other)];
  return a.length === b.length && timingSafeEqual(a, b);
}

/** A message as the sensor shows it. `id` is what it tells of it by; nobody can make one up. */
export interface ShownMessage {
  id: string;
  layout: string;
  title: string;
  text: string;
  actions: { text: string; uri: string }[];
}

/** What waits for somebody in a product; undefined where the proof is not right. */
export async function messagesFor(
  sourceId: number,
  { userId, proof }: { userId: string; proof: string },
): Promise<ShownMessage[] | undefined> {
  if (!isProof(sourceId, userId, proof)) return undefined;
  const waiting = await queries.selectWaiting(userId, now());
  return waiting.map(({ runId, n, shown }) => ({ id: tokenOf(runId, n), ...shown }));
}

export const acts = ['seen', 'clicked', 'dismissed'] as const;
export type Act = (typeof acts)[number];

/** What somebody did with a message, once. It was delivered when it began to wait. @returns whether it is a message of ours */
export async function noteAct(id: string, act: Act): Promise<boolean> {
  const delivery = deliveryOf(id);
  if (delivery === undefined) return false;
  await transaction(async (tx) => {
    const at = now();
    const since = await queries.noteSeen(tx, delivery, at);
    const isEndedNow = act !== 'seen' && (await queries.end(tx, delivery, at));
    const seen = since === undefined ? [] : [told(delivery, 'delivered', since), told(delivery, 'open', at)];
    const ended = isEndedNow ? [told(delivery, act === 'clicked' ? 'click' : 'dismiss', at)] : [];
    const events = [...seen, ...ended];
    if (events.length > 0) await keepHookIn(tx, 'in_app', JSON.stringify(events));
  });
  return true;
}

const told = ({ runId, n }: { runId: number; n: number }, event: string, at: Date) => ({
  sg_event_id: `in-app-${String(runId)}-${String(n)}-${event}`,
  event,
  timestamp: at.getTime() / 1000,
  run: String(runId),
  n: String(n),
});

const tokenKey = keyOf('rapport messages in products');
const signatureOf = (text: string): string =>
  createHmac('sha256', tokenKey).update(text).digest().subarray(0, 15).toString('base64url');

function tokenOf(runId: number, n: number): string {
  const text = `${String(runId)}.${String(n)}`;
  return `${text}.${signatureOf(text)}`;
}

function deliveryOf(token: string): { runId: number; n: number } | undefined {
  const [, text = '', runId, n, signature = ''] = /^((\d{1,15})\.(\d{1,9}))\.([\w-]{20})$/.exec(token) ?? [];
  return isSame(signatureOf(text), signature) ? { runId: Number(runId), n: Number(n) } : undefined;
}
