import { randomBytes } from 'node:crypto';

import { maybeSession } from '../../auth/sessions.ts';
import type { Person } from '../../auth/users.ts';
import type { Org } from '../../context.ts';
import { maybeSource } from '../channels.ts';
import { isReplayable, newestReplayId } from '../replay.ts';
import { waitFor } from './clients.ts';
import type { Client, Clients } from './clients.ts';
import { take } from './delivery.ts';

/** A message of the Bayeux protocol, as a client sends it. */
export interface Request {
  channel?: unknown;
  id?: unknown;
  clientId?: unknown;
  subscription?: unknown;
  advice?: { timeout?: unknown };
  ext?: { replay?: Record<string, unknown> };
  [further: string]: unknown;
}

export type Reply = Record<string, unknown>;

/** Who sent a batch, and over what. */
export interface Sender {
  sessionId: string | undefined;
  /** Of its BAYEUX_BROWSER cookie. */
  browser: string | undefined;
  /** Aborts when the client hangs up. */
  gone: AbortSignal;
  /** Cuts the connection without an answer. */
  cut: () => void;
  /** Gives the sender a cookie. */
  setBrowser: (browser: string) => void;
}

interface Scene {
  org: Org;
  clients: Clients;
  sender: Sender;
}

/** Answers the messages of a batch in their order; messages that wait for the client come before the reply to its connect. */
export async function answerBatch(scene: Scene, batch: readonly Request[]): Promise<Reply[]> {
  const replies: Reply[] = [];
  for (const message of batch) replies.push(...(await answer(scene, message)));
  return replies;
}

async function answer(scene: Scene, message: Request): Promise<Reply[]> {
  const channel = typeof message.channel === 'string' ? message.channel : '';
  const base = { channel, ...(message.id !== undefined && { id: message.id }) };
  if (channel === '/meta/handshake') return [{ ...(await handshake(scene)), ...base }];
  const client = clientOf(scene, message);
  if (!client) return [{ ...base, ...unknownClient }];
  if (!(await sessionLives(scene, client)))
    return [{ clientId: client.id, ...base, ...sessionEnded(scene.clients, client) }];
  const handler = handlers[channel] ?? publish;
  const replies = await handler(scene, client, message);
  return replies.map((reply) => ('data' in reply ? reply : { clientId: client.id, ...base, ...reply }));
}

const extension = { replay: true, 'payload.format': true };

async function handshake({ org, clients, sender }: Scene): Promise<Reply> {
  const session = await maybeSession(org.pool, sender.sessionId);
  const { concurrentClients, dailyEvents } = org.events.settings;
  if (!session) return denied('401::Authentication invalid');
  if (clients.count() >= concurrentClients) return denied('403::Organization concurrent user limit exceeded');
  if (org.events.deliveredToday() >= dailyEvents)
    return denied('403::Organization total events daily limit exceeded');
  const browser = sender.browser ?? randomBytes(16).toString('hex');
  sender.setBrowser(browser);
  const client = clients.add({ browser, sessionId: session.id, user: session.user });
  return {
    ext: extension,
    minimumVersion: '1.0',
    clientId: client.id,
    supportedConnectionTypes: ['long-polling'],
    version: '1.0',
    successful: true,
  };
}

const denied = (failureReason: string): Reply => ({
  ext: { sfdc: { failureReason }, ...extension },
  advice: { reconnect: 'none' },
  error: '403::Handshake denied',
  successful: false,
});

function clientOf({ org, clients, sender }: Scene, { clientId }: Request): Client | undefined {
  const client = clients.find(clientId);
  const isElsewhere = org.events.settings.needsCookie && client?.browser !== sender.browser;
  return isElsewhere ? undefined : client;
}

const unknownClient: Reply = {
  advice: { interval: 0, reconnect: 'handshake' },
  error: '403::Unknown client',
  successful: false,
};

/** The session that comes with a message counts, whichever the handshake came with. */
async function sessionLives({ org, sender }: Scene, client: Client): Promise<boolean> {
  const session = await maybeSession(org.pool, sender.sessionId);
  if (session?.user.id !== client.user.id) return false;
  Object.assign(client, { sessionId: session.id, user: session.user satisfies Person });
  return true;
}

function sessionEnded(clients: Clients, { id }: Client): Reply {
  clients.remove(id);
  return {
    advice: { reconnect: 'none', interval: 0 },
    error: '401::Authentication invalid',
    successful: false,
  };
}

type Handler = (scene: Scene, client: Client, message: Request) => Promise<Reply[]> | Reply[];

const handlers: Partial<Record<string, Handler>> = {
  '/meta/connect': connect,
  '/meta/subscribe': subscribe,
  '/meta/unsubscribe': unsubscribe,
  '/meta/disconnect': disconnect,
};

async function connect(scene: Scene, client: Client, { advice }: Request): Promise<Reply[]> {
  const { events } = scene.org;
  const { timeoutMs, dailyEvents } = events.settings;
  if (events.deliveredToday() >= dailyEvents) return [dailyLimit];
  const patience = typeof advice?.timeout === 'number' ? Math.min(advice.timeout, timeoutMs) : timeoutMs;
  const messages = await hear(scene, client, client.isConnected ? patience : 0);
  client.isConnected = true;
  client.heardAt = performance.now();
  if (!Array.isArray(messages)) return [messages];
  events.countDelivered(messages.length);
  const hint = { interval: 0, timeout: timeoutMs, reconnect: 'retry' };
  return [...messages, { advice: hint, successful: true }];
}

const dailyLimit: Reply = {
  advice: { reconnect: 'none' },
  error: '403::Organization total events daily limit exceeded',
  successful: false,
};

/** What the client has not heard; waits for it. A reply that refuses it when its session or the client itself ends meanwhile. */
async function hear(scene: Scene, client: Client, patience: number): Promise<Reply[] | Reply> {
  const { org, clients, sender } = scene;
  const end = performance.now() + patience;
  let messages = await take(org, client);
  while (messages.length === 0 && performance.now() < end) {
    client.cut = sender.cut;
    await waitFor(client, end - performance.now(), sender.gone);
    if (clients.find(client.id) !== client) return unknownClient;
    if (sender.gone.aborted) return [];
    if (!(await sessionLives(scene, client))) return sessionEnded(clients, client);
    const wasDue = client.isDue;
    messages = await take(org, client);
    if (!wasDue) break;
  }
  return messages as Reply[];
}

async function subscribe(scene: Scene, client: Client, { subscription, ext }: Request): Promise<Reply[]> {
  const names = (Array.isArray(subscription) ? subscription : [subscription]).map(String);
  for (const name of names) {
    const error = await subscribeTo(scene, client, { name, replay: ext?.replay?.[name] });
    if (error !== undefined) return [{ subscription, error, successful: false }];
  }
  return [{ subscription, successful: true }];
}

/** Subscribes to one channel; what stands against it, else undefined. */
async function subscribeTo(
  { org }: Scene,
  client: Client,
  { name, replay = -1 }: { name: string; replay: unknown },
): Promise<string | undefined> {
  const source = maybeSource(org, name);
  if (!source) return `400::The channel you requested to subscribe to does not exist {${name}}`;
  const from = Number(replay);
  let error: string | undefined;
  await org.events.publish(async () => {
    const isGood = from === -1 || from === -2 || (await isReplayable(org, from, source.hours));
    if (!isGood)
      error = `400::The replayId {${String(replay)}} you provided was invalid.  Please provide a valid ID, -2 to replay all events, or -1 to replay only new events.`; // prettier-ignore
    else {
      const cursor = from === -1 ? await newestReplayId(org.pool) : Math.max(0, from);
      client.subscriptions.set(name, { name, source, cursor });
      client.isDue = true;
      client.wake?.();
    }
  });
  return error;
}

function unsubscribe(_scene: Scene, client: Client, { subscription }: Request): Reply[] {
  for (const name of [subscription].flat()) client.subscriptions.delete(String(name));
  return [{ subscription, successful: true }];
}

function disconnect({ clients }: Scene, client: Client): Reply[] {
  clients.remove(client.id);
  return [{ successful: true }];
}

/** Clients listen; what they have to say goes through the other APIs. */
const publish = (): Reply[] => [{ error: '403::Publish denied', successful: false }];
