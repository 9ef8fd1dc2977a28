import type { AccountViewer } from '../../access/viewer.ts';
import { ALL_TOPICS } from '../../consent/conditions.ts';
import { choose, consentsOf, noteWords, refuses, type ConsentSource } from '../../consent/consent.ts';
import { topics, type Topic } from '../../consent/topics.ts';
import { now } from '../../platform/clock.ts';
import { transaction } from '../../platform/db.ts';
import { NotFound } from '../../platform/errors.ts';
import { isLocale, type Locale } from '../../platform/locale.ts';

import { keepHookIn } from './hook-inbox.ts';
import { readPreferences } from '../mailing/links.ts';
import * as queries from './preferences.queries.ts';

/** What somebody who follows a link of a mail may settle: whom it went to, about what, and what they get now. */
interface Preferences {
  /** The address with most of it hidden: a forwarded mail shows it to others. Undefined for a test mail. */
  address: string | undefined;
  /** Of the mail; undefined where it names none of ours. */
  locale: Locale | undefined;
  /** What the mail was about; undefined where it had no topic. */
  topic: Topic | undefined;
  topics: Choice[];
}

/** A topic, and whether it is sent at present. */
export type Choice = Topic & { isGranted: boolean };

/** @throws NotFound for a token that we did not make, or whose delivery is no more */
export async function preferencesBehind(token: string): Promise<Preferences> {
  const { address, locale, topic } = await deliveryBehind(token);
  return {
    address: address === undefined ? undefined : hidden(address),
    locale: isLocale(locale) ? locale : undefined,
    topic: (await topics()).find(({ code }) => code === topic),
    topics: await consentsOf(address ?? ''),
  };
}

/**
 * Ends the topic of the mail for its recipient, or everything that can be ended where it had none (RFC 8058, A11). Twice is as once; mails that are
 * about the service itself cannot be ended.
 */
export async function unsubscribe(token: string, source: 'one_click' | 'page'): Promise<void> {
  const { runId, n, address, topic, isTransactional } = await deliveryBehind(token);
  if (address === undefined || isTransactional) return;
  const ended = topic ?? ALL_TOPICS;
  await transaction(async (tx) => {
    if (await refuses(tx, address, ended)) return;
    await noteWords(tx, [{ address, topic: ended, isGranted: false, source, saidAt: now(), runId, n }]);
    await keepHookIn(tx, 'links', JSON.stringify([unsubscribed(runId, n)]));
  });
}

/** Settles all topics as the page shows them. Nothing of a test mail's is kept. */
export async function chooseBehind(token: string, granted: readonly string[]): Promise<void> {
  const { runId, n, address, topic } = await deliveryBehind(token);
  if (address === undefined) return;
  await transaction(async (tx) => {
    await choose(tx, { address, source: 'page', runId, n }, granted);
    const isEnded = topic === undefined ? granted.length === 0 : !granted.includes(topic);
    if (isEnded) await keepHookIn(tx, 'links', JSON.stringify([unsubscribed(runId, n)]));
  });
}

/** What a signed-in person gets. */
export async function ownPreferences({ email }: AccountViewer): Promise<Choice[]> {
  return await consentsOf(email);
}

export async function chooseOwn({ email }: AccountViewer, granted: readonly string[]): Promise<void> {
  const source: ConsentSource = 'portal';
  await transaction((tx) => choose(tx, { address: email, source }, granted));
}

interface Delivery {
  runId: number;
  n: number;
  address: string | undefined;
  locale: string;
  topic: string | undefined;
  isTransactional: boolean;
}

async function deliveryBehind(token: string): Promise<Delivery> {
  const key = readPreferences(token);
  if (key?.runId === 0)
    return { ...key, address: undefined, locale: '', topic: undefined, isTransactional: false };
  const delivery = key && (await queries.selectDelivery(key));
  if (key === undefined || delivery === undefined) throw new NotFound('no delivery of that token');
  return { ...key, ...delivery };
}

/* The id makes it one event however often it is said. */
const unsubscribed = (runId: number, n: number) => ({
  sg_event_id: `unsubscribed-${String(runId)}-${String(n)}`,
  event: 'unsubscribe',
  timestamp: now().getTime() / 1000,
  run: String(runId),
  n: String(n),
});

const hidden = (address: string) => address.replace(/^(.).*(?=@)/, '$1•••');
