import { vi } from 'vitest';

import type { Connection } from 'jsforce';

import { changeEventOf } from '../../../sandbox/salesforce/events/entities.ts';
import type { RunningSandbox } from '../../support/sandbox.ts';

/** Waits until a check passes; patiently, since machines are busy. */
export const soon = <T>(check: () => T | Promise<T>): Promise<T> =>
  vi.waitFor(check, { timeout: 15_000, interval: 50 });

/** What a subscriber to changes gets. */
export interface ChangeMessage {
  schema: string;
  payload: { ChangeEventHeader: ChangeHeader } & Record<string, unknown>;
  event: { replayId: number };
}

interface ChangeHeader {
  entityName: string;
  changeType: string;
  changedFields: string[];
  changeOrigin: string;
  commitUser: string;
  sequenceNumber: number;
  transactionKey: string;
  recordIds: string[];
}

/** The sandbox's control plane: `tell('/events/gap', {…})`. */
export function controlOf({ url }: RunningSandbox) {
  return async (path: string, body: object = {}): Promise<unknown> => {
    const answer = await fetch(`${url}/__sandbox__${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${path}: ${text}`);
    return text === '' ? undefined : JSON.parse(text);
  };
}

/** Ends a client of jsforce's; one that the org no longer knows has ended already. */
export async function leave(client: object): Promise<void> {
  try {
    await (client as { disconnect: () => PromiseLike<void> }).disconnect();
  } catch {
    return;
  }
}

/** Selects objects for Change Data Capture, as an administrator does. */
export async function select(conn: Connection, ...sobjects: string[]): Promise<void> {
  for (const sobject of sobjects)
    await selectOn(conn, 'ChangeEvents', { selectedEntity: changeEventOf(sobject) });
}

export async function selectOn(
  conn: Connection,
  eventChannel: string,
  member: { selectedEntity: string; enrichedFields?: { name: string }[] },
): Promise<void> {
  const fullName = `${eventChannel.replace('__chn', '')}_${member.selectedEntity}`;
  const type = 'PlatformEventChannelMember';
  const saved = await conn.metadata.upsert(type, { fullName, eventChannel, ...member } as never);
  const [result] = [saved].flat();
  if (!result?.success) throw new Error(JSON.stringify(result));
}

export async function unselect(conn: Connection, ...sobjects: string[]): Promise<void> {
  for (const sobject of sobjects)
    await conn.metadata.delete('PlatformEventChannelMember', `ChangeEvents_${changeEventOf(sobject)}`);
}

/** A message with its channel, as it comes over the wire. */
export interface Delivered {
  channel: string;
  data: ChangeMessage;
}

/** A bare client of the protocol, for what libraries hide. */
export function bayeux(url: string, token: string) {
  let cookie = '';
  let clientId = '';
  const send = async (...messages: object[]): Promise<Record<string, unknown>[]> => {
    const answer = await fetch(`${url}/cometd/60.0/`, {
      method: 'POST',
      headers: {
        authorization: `OAuth ${token}`,
        'content-type': 'application/json',
        ...(cookie && { cookie }),
      },
      body: JSON.stringify(messages),
    });
    cookie = answer.headers.get('set-cookie')?.split(';')[0] ?? cookie;
    return (await answer.json()) as Record<string, unknown>[];
  };
  const peer = {
    send,
    cookies: () => cookie,
    forgetCookies() {
      cookie = '';
    },
    async shakeHands(): Promise<string> {
      const [reply] = await send({
        channel: '/meta/handshake',
        version: '1.0',
        supportedConnectionTypes: ['long-polling'],
      });
      clientId = String(reply?.clientId);
      return clientId;
    },
    async subscribe(subscription: string, replayId: unknown) {
      const [reply] = await send({
        channel: '/meta/subscribe',
        clientId,
        subscription,
        ext: { replay: { [subscription]: replayId } },
      });
      return reply;
    },
    async subscribed(subscription: string, replayId: unknown) {
      await peer.shakeHands();
      await send({ channel: '/meta/connect', clientId, advice: { timeout: 0 } });
      const reply = await peer.subscribe(subscription, replayId);
      if (reply?.successful !== true) throw new Error(JSON.stringify(reply));
      return peer;
    },
    /** What one connect brings. */
    async take(): Promise<Delivered[]> {
      const replies = await send({ channel: '/meta/connect', clientId, advice: { timeout: 10_000 } });
      return replies.slice(0, -1) as unknown as Delivered[];
    },
  };
  return peer;
}
