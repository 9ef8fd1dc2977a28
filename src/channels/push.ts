import webPush from 'web-push';

import { now } from '../platform/clock.ts';
import { config } from '../platform/config.ts';
import { log } from '../platform/log.ts';
import { NotPublic, postPublicly } from '../platform/public-web.ts';

import type { Answer, Channel, OutgoingBatch, Recipient, RowAnswer } from './channel.ts';
import { notHadBecause } from './http-answers.ts';
import { vapidKeys } from './push-keys.ts';
import * as queries from './push.queries.ts';
import { contentFor } from './text-content.ts';

/** Each takes some milliseconds to encrypt. */
const BATCH = 100;
const AT_ONCE = 8;
/** Push services take 4,096 bytes. */
const MOST_TEXT = 1_200;
const WAITS_SECONDS = 3 * 86_400;

/**
 * Web push, to every browser in which a person asked for it. A notification has a tag of its delivery, and one of the same tag takes the place of the other without
 * a sound: so what may have been sent is sent again, and is there once.
 */
export const push: Channel = {
  name: 'push',
  supports: new Set(['subject', 'text', 'tracked-links']),
  batchSize: BATCH,
  needsOwnRequest: () => false,
  post,
  ask: () => Promise.resolve({ kind: 'divided', rows: [] }),
};

type Stop = Extract<Answer, { kind: 'down' | 'limited' }>;

async function post(batch: OutgoingBatch, signal: AbortSignal): Promise<Answer> {
  try {
    const [keys, subscriptions] = await Promise.all([
      vapidKeys(),
      queries.selectSubscriptions(batch.recipients.map(({ address }) => address)),
    ]);
    const browsers = Map.groupBy(subscriptions, ({ address }) => address);
    return await postAll(batch, { keys, browsers, signal });
  } catch (error) {
    return { kind: 'down', reason: String(error).slice(0, 300) };
  }
}

interface Means {
  keys: { publicKey: string; privateKey: string };
  browsers: ReadonlyMap<string, readonly queries.Subscription[]>;
  signal: AbortSignal;
}

async function postAll(batch: OutgoingBatch, { keys, browsers, signal }: Means): Promise<Answer> {
  const rows: RowAnswer[] = [];
  const reached = { gone: [] as string[], used: [] as string[] };
  const state: { rest?: Stop } = {};
  for (let from = 0; from < batch.recipients.length && state.rest === undefined; from += AT_ONCE) {
    if (signal.aborted) state.rest = { kind: 'down', reason: 'no time was left to post it' };
    const some = state.rest === undefined ? batch.recipients.slice(from, from + AT_ONCE) : [];
    await Promise.all(
      some.map(async (recipient) => {
        const own = browsers.get(recipient.address) ?? [];
        const told = await tell(batch, recipient, { keys, own, reached });
        if ('n' in told) rows.push(told);
        else state.rest ??= told;
      }),
    );
  }
  await queries.noteReached(reached, now()).catch((error: unknown) => {
    log.warn({ err: error }, 'which browsers were reached could not be noted');
  });
  const { rest } = state;
  if (rows.length === 0 && rest !== undefined) return rest;
  return { kind: 'divided', rows, ...(rest !== undefined && { rest }) };
}

interface Telling {
  keys: Means['keys'];
  own: readonly queries.Subscription[];
  reached: { gone: string[]; used: string[] };
}

/** Tells somebody in all their browsers: told in one, they are told. */
async function tell(
  { runId, message }: OutgoingBatch,
  { n, address, values }: Recipient,
  { keys, own, reached }: Telling,
) {
  const payload = payloadOf({ runId, message, recipient: { n, address, values } });
  if (payload === undefined) return { n, kind: 'refused', reason: 'too_large' } as const;
  if (own.length === 0) return { n, kind: 'refused', reason: 'no_address' } as const;
  let stop: Stop | undefined;
  let isTold = false;
  for (const browser of own) {
    const said = await sendTo(browser, payload, keys);
    if (said === 'taken') reached.used.push(browser.id);
    else if (said === 'gone') reached.gone.push(browser.id);
    else stop = said;
    isTold ||= said === 'taken';
  }
  if (isTold) return { n, kind: 'accepted' } as const;
  return stop ?? ({ n, kind: 'refused', reason: 'address_refused' } as const);
}

function payloadOf({
  runId,
  message,
  recipient,
}: Pick<OutgoingBatch, 'runId' | 'message'> & { recipient: Recipient }): string | undefined {
  const content = contentFor(message, recipient.values);
  if (content === undefined) return undefined;
  const { title, text, actions } = content;
  const payload = {
    title: (title === '' ? config.BRAND_NAME : title).slice(0, 200),
    body: text.length > MOST_TEXT ? `${text.slice(0, MOST_TEXT).toWellFormed()}…` : text,
    url: actions[0]?.uri ?? /https?:\/\/\S+/.exec(text)?.[0] ?? config.publicUrl,
    tag: `rapport-${String(runId)}-${String(recipient.n)}`,
  };
  const json = JSON.stringify(payload);
  return Buffer.byteLength(json) <= 3_900 ? json : undefined;
}

async function sendTo(
  { endpoint, p256dh, auth }: queries.Subscription,
  payload: string,
  keys: Means['keys'],
): Promise<'taken' | 'gone' | Stop> {
  try {
    const vapidDetails = { subject: `mailto:${config.BRAND_SUPPORT_EMAIL}`, ...keys };
    const { headers, body } = webPush.generateRequestDetails({ endpoint, keys: { p256dh, auth } }, payload, {
      TTL: WAITS_SECONDS,
      vapidDetails,
    });
    const given = Object.entries(headers).filter(([name]) => name !== 'Content-Length');
    const { status, text } = await postPublicly(endpoint, { headers: Object.fromEntries(given), body });
    return meaningOf(status, text);
  } catch (error) {
    /* Keys that are none, and addresses that must not be called, stay so. */
    if (error instanceof NotPublic || !(error instanceof Error && 'code' in error)) return 'gone';
    return { kind: 'down', reason: notHadBecause(error).reason };
  }
}

function meaningOf(status: number, text: string): 'taken' | 'gone' | Stop {
  if (status >= 200 && status < 300) return 'taken';
  if (status === 429) return { kind: 'limited', until: new Date(now().getTime() + 10_000) };
  return status < 500 ? 'gone' : { kind: 'down', reason: `${String(status)} ${text.slice(0, 200)}` };
}
