import { adapt } from 'cometd-nodejs-client';
import { CometD } from 'cometd';
import { StreamingExtension } from 'jsforce/lib/api/streaming.js';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { createTestDatabase } from '../../support/database.ts';
import { startSandbox } from '../../support/sandbox.ts';
import type { RunningSandbox } from '../../support/sandbox.ts';
import { bayeux, controlOf, leave, select, soon } from './support.ts';
import type { ChangeMessage, Delivered } from './support.ts';

import type { Connection } from 'jsforce';

/* The protocol itself, byte for byte where clients depend on it, and what happens when things go wrong. */

let databaseUrl: string;
let sandbox: RunningSandbox;
let conn: Connection;
let tell: ReturnType<typeof controlOf>;

beforeAll(async () => {
  databaseUrl = await createTestDatabase('empty');
  sandbox = await startSandbox(databaseUrl);
  tell = controlOf(sandbox);
  conn = await sandbox.connect();
  await select(conn, 'Account');
});

afterAll(async () => {
  await sandbox.close();
});

const open = (token = conn.accessToken ?? '') => bayeux(sandbox.url, token);
const CHANNEL = '/data/AccountChangeEvent';
const invalid = (id: unknown) =>
  `400::The replayId {${String(id)}} you provided was invalid.  Please provide a valid ID, -2 to replay all events, or -1 to replay only new events.`;
const account = async (Name: string) => (await conn.sobject('Account').create({ Name })).id ?? '';

test('a client shakes hands, connects, subscribes, hears, unsubscribes and leaves', async () => {
  const peer = open();
  const [hello] = await peer.send({
    channel: '/meta/handshake',
    id: '1',
    version: '1.0',
    supportedConnectionTypes: ['websocket', 'long-polling'],
  });
  expect(hello).toEqual({
    ext: { replay: true, 'payload.format': true },
    minimumVersion: '1.0',
    clientId: expect.any(String) as string,
    supportedConnectionTypes: ['long-polling'],
    channel: '/meta/handshake',
    id: '1',
    version: '1.0',
    successful: true,
  });
  expect(peer.cookies()).toMatch(/^BAYEUX_BROWSER=\w+$/);
  const { clientId } = hello as { clientId: string };
  expect(
    await peer.send(
      { channel: '/meta/connect', clientId, id: '2', connectionType: 'long-polling', advice: { timeout: 0 } },
      { channel: '/meta/subscribe', clientId, id: '3', subscription: CHANNEL },
    ),
  ).toEqual([
    {
      clientId,
      advice: { interval: 0, timeout: 110_000, reconnect: 'retry' },
      channel: '/meta/connect',
      id: '2',
      successful: true,
    },
    { clientId, channel: '/meta/subscribe', id: '3', subscription: CHANNEL, successful: true },
  ]);
  const waiting = peer.send({ channel: '/meta/connect', clientId, id: '4', connectionType: 'long-polling' });
  const id = await account('Heard');
  const [message, reply] = await waiting;
  expect(message).toMatchObject({
    channel: CHANNEL,
    data: { payload: { ChangeEventHeader: { recordIds: [id] } } },
  });
  expect(reply).toMatchObject({ channel: '/meta/connect', id: '4', successful: true });
  expect(await peer.send({ channel: '/meta/unsubscribe', clientId, id: '5', subscription: CHANNEL })).toEqual(
    [{ clientId, channel: '/meta/unsubscribe', id: '5', subscription: CHANNEL, successful: true }],
  );
  await account('Unheard');
  expect(await peer.send({ channel: '/meta/connect', clientId, advice: { timeout: 0 } })).toHaveLength(1);
  expect(await peer.send({ channel: '/meta/disconnect', clientId, id: '6' })).toEqual([
    { clientId, channel: '/meta/disconnect', id: '6', successful: true },
  ]);
  expect(await peer.send({ channel: '/meta/connect', clientId, id: '7' })).toEqual([
    {
      advice: { interval: 0, reconnect: 'handshake' },
      channel: '/meta/connect',
      id: '7',
      error: '403::Unknown client',
      successful: false,
    },
  ]);
});

test('one missed message, all that are kept, and only new ones can be asked for', async () => {
  const first = await account('Replay one');
  const second = await account('Replay two');
  const all = await (await open().subscribed(CHANNEL, -2)).take();
  const ids = all.map(({ data }) => data.payload.ChangeEventHeader.recordIds[0]);
  expect(ids.slice(-2)).toEqual([first, second]);
  const replayIds = all.map(({ data }) => data.event.replayId);
  expect(replayIds).toEqual([...replayIds].sort((one, other) => one - other));
  const rest = await (await open().subscribed(CHANNEL, replayIds.at(-2))).take();
  expect(rest.map(({ data }) => data.payload.ChangeEventHeader.recordIds[0])).toEqual([second]);
  const fresh = await open().subscribed(CHANNEL, -1);
  const third = await account('Replay three');
  expect((await fresh.take()).map(({ data }) => data.payload.ChangeEventHeader.recordIds)).toEqual([[third]]);
});

test('a replay id that is no longer kept, or never was, is refused', async () => {
  await account('Forgotten soon');
  const [last] = (await (await open().subscribed(CHANNEL, -2)).take()).slice(-1);
  const replayId = last?.data.event.replayId ?? 0;
  const peer = open();
  await peer.shakeHands();
  expect(await peer.subscribe(CHANNEL, 82)).toMatchObject({
    subscription: CHANNEL,
    successful: false,
    error: invalid(82),
  });
  await tell('/clock', { offsetMs: 73 * 3_600_000 });
  expect(await peer.subscribe(CHANNEL, replayId)).toMatchObject({
    successful: false,
    error: invalid(replayId),
  });
  await tell('/clock', { offsetMs: 0 });
  expect(await peer.subscribe(CHANNEL, replayId)).toMatchObject({ successful: true });
  await tell('/events/expire-retention');
  expect(await peer.subscribe(CHANNEL, replayId)).toMatchObject({
    successful: false,
    error: invalid(replayId),
  });
  expect(await peer.subscribe(CHANNEL, -2)).toMatchObject({ successful: true });
});

test('a channel that there is not is named in the refusal', async () => {
  const peer = open();
  await peer.shakeHands();
  for (const name of [
    '/data/NothingChangeEvent',
    '/data/CaseCommentChangeEvent',
    '/topic/None',
    '/event/None__e',
    '/data/None__chn',
    '/u/none',
    '/other',
  ])
    expect(await peer.subscribe(name, -1)).toMatchObject({
      successful: false,
      error: `400::The channel you requested to subscribe to does not exist {${name}}`,
    });
  expect(await peer.subscribe('/data/ContactChangeEvent', -1)).toMatchObject({ successful: true });
});

test('without a session there is no handshake, and the reason is told', async () => {
  const [reply] = await open('00D000000000001!nothing').send({ channel: '/meta/handshake', id: '1' });
  expect(reply).toEqual({
    ext: { sfdc: { failureReason: '401::Authentication invalid' }, replay: true, 'payload.format': true },
    advice: { reconnect: 'none' },
    channel: '/meta/handshake',
    id: '1',
    error: '403::Handshake denied',
    successful: false,
  });
});

test('a session that ends while a client waits ends its connection too, which AuthFailure of jsforce notices', async () => {
  const other = await sandbox.connect();
  const failures: unknown[] = [];
  const heard: ChangeMessage[] = [];
  const client = other.streaming.createClient([
    new StreamingExtension.AuthFailure((failure: unknown) => failures.push(failure)),
    new StreamingExtension.Replay(CHANNEL, -1),
  ]);
  await client.subscribe(CHANNEL, (message: ChangeMessage) => heard.push(message));
  await account('Before');
  await soon(() => {
    expect(heard).toHaveLength(1);
  });
  await tell('/tokens/expire');
  await soon(() => {
    expect(failures).toHaveLength(1);
  });
  expect(failures[0]).toMatchObject({
    channel: '/meta/connect',
    error: '401::Authentication invalid',
    advice: { reconnect: 'none' },
  });
  await leave(client);
  conn = await sandbox.connect();
});

test('a client whose node went away shakes hands anew and misses nothing', async () => {
  const heard: ChangeMessage[] = [];
  const client = conn.streaming.createClient([new StreamingExtension.Replay(CHANNEL, -1)]);
  await client.subscribe(CHANNEL, (message: ChangeMessage) => heard.push(message));
  await account('First');
  await soon(() => {
    expect(heard).toHaveLength(1);
  });
  expect(await tell('/events/disconnect')).toEqual({ disconnected: expect.any(Number) as number });
  const id = await account('While away');
  await soon(() => {
    expect(heard.map(({ payload }) => payload.ChangeEventHeader.recordIds[0])).toContain(id);
  });
  await leave(client);
});

test("CometD's own client of JavaScript hears what it missed and what comes", async () => {
  adapt();
  const client = new CometD();
  client.configure({
    url: `${sandbox.url}/cometd/60.0`,
    appendMessageTypeToURL: false,
    requestHeaders: { Authorization: `Bearer ${conn.accessToken ?? ''}` },
  });
  client.registerExtension('replay', {
    outgoing: (message: { channel: string; ext?: object }) =>
      message.channel === '/meta/subscribe' ? { ...message, ext: { replay: { [CHANNEL]: -2 } } } : message,
  });
  const missed = await account('Missed');
  const heard: string[] = [];
  await new Promise((resolve) => {
    client.handshake(() => {
      const hear = ({ data }: Delivered) => heard.push(...data.payload.ChangeEventHeader.recordIds);
      client.subscribe(CHANNEL, hear as never, resolve);
    });
  });
  const fresh = await account('Fresh');
  await soon(() => {
    expect(heard).toEqual(expect.arrayContaining([missed, fresh]));
  });
  await new Promise((resolve) => {
    client.disconnect(resolve);
  });
});

test('limits of clients and of messages a day are told at the handshake', async () => {
  await tell('/events/limit', { concurrentClients: 0 });
  const [crowded] = await open().send({ channel: '/meta/handshake' });
  expect(crowded).toMatchObject({
    ext: { sfdc: { failureReason: '403::Organization concurrent user limit exceeded' } },
    error: '403::Handshake denied',
  });
  await tell('/events/limit', { concurrentClients: 10, dailyEvents: 0 });
  const [spent] = await open().send({ channel: '/meta/handshake' });
  expect(spent).toMatchObject({
    ext: { sfdc: { failureReason: '403::Organization total events daily limit exceeded' } },
  });
  await tell('/events/limit');
});

test('behind a load balancer a client that drops its cookie is a stranger', async () => {
  await tell('/events/limit', { needsCookie: true });
  const peer = open();
  const clientId = await peer.shakeHands();
  expect(await peer.send({ channel: '/meta/connect', clientId, advice: { timeout: 0 } })).toMatchObject([
    { successful: true },
  ]);
  peer.forgetCookies();
  expect(await peer.send({ channel: '/meta/connect', clientId, advice: { timeout: 0 } })).toMatchObject([
    { error: '403::Unknown client' },
  ]);
  await tell('/events/limit');
});

test('what is no batch of messages is refused', async () => {
  const answer = await fetch(`${sandbox.url}/cometd/60.0`, { method: 'POST', body: 'x' });
  expect([answer.status, await answer.text()]).toEqual([400, 'Unknown Bayeux Transport']);
});

test('messages survive a restart, and replay ids go on rising', async () => {
  const before = await account('Before the restart');
  const [last] = (await (await open().subscribed(CHANNEL, -2)).take()).slice(-1);
  await sandbox.close();
  sandbox = await startSandbox(databaseUrl);
  tell = controlOf(sandbox);
  conn = await sandbox.connect();
  const after = await account('After the restart');
  const all = await (await open().subscribed(CHANNEL, -2)).take();
  expect(all.map(({ data }) => data.payload.ChangeEventHeader.recordIds[0]).slice(-2)).toEqual([
    before,
    after,
  ]);
  expect(all.at(-1)?.data.event.replayId).toBeGreaterThan(last?.data.event.replayId ?? Infinity);
});
