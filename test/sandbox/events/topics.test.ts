import { afterAll, beforeAll, expect, test } from 'vitest';

import { startSandbox } from '../../support/sandbox.ts';
import type { RunningSandbox } from '../../support/sandbox.ts';
import { bayeux, select, selectOn, soon } from './support.ts';

import type { Connection } from 'jsforce';

/* Platform events, PushTopics and generic channels, and clients of other makers. */

let sandbox: RunningSandbox;
let conn: Connection;

beforeAll(async () => {
  sandbox = await startSandbox();
  conn = await sandbox.connect();
  await conn.metadata.upsert('CustomObject', {
    fullName: 'Restore_Failed__e', label: 'Restore Failed', pluralLabel: 'Restores Failed', deploymentStatus: 'Deployed',
    eventType: 'HighVolume', publishBehavior: 'PublishAfterCommit',
    fields: [
      { fullName: 'Volume__c', label: 'Volume', type: 'Text', length: 40 },
      { fullName: 'Size__c', label: 'Size', type: 'Number', precision: 10, scale: 0 },
    ],
  } as never); // prettier-ignore
});

afterAll(async () => {
  await sandbox.close();
});

const peerOf = async (channel: string, replayId = -1) =>
  await bayeux(sandbox.url, conn.accessToken ?? '').subscribed(channel, replayId);

interface Message {
  channel: string;
  data: {
    payload: Record<string, unknown>;
    event: Record<string, unknown>;
    sobject?: Record<string, unknown>;
  };
}

async function taken(peer: Awaited<ReturnType<typeof peerOf>>, count = 1): Promise<Message[]> {
  const messages: Message[] = [];
  await soon(async () => {
    messages.push(...((await peer.take()) as unknown as Message[]));
    expect(messages.length).toBeGreaterThanOrEqual(count);
  });
  return messages;
}

test('a platform event is published as a record is created, and heard by name', async () => {
  const peer = await peerOf('/event/Restore_Failed__e');
  const answer = await conn.requestPost<{ id: string; success: boolean; errors: { statusCode: string; message: string }[] }>(
    '/sobjects/Restore_Failed__e', { Volume__c: 'D:', Size__c: 7 },
  ); // prettier-ignore
  expect(answer).toMatchObject({
    id: expect.stringMatching(/^e0/) as string,
    success: true,
    errors: [{ statusCode: 'OPERATION_ENQUEUED', fields: [] }],
  });
  const [message] = await taken(peer);
  expect(message).toMatchObject({
    channel: '/event/Restore_Failed__e',
    data: {
      schema: expect.any(String) as string,
      payload: {
        Volume__c: 'D:',
        Size__c: 7,
        CreatedById: conn.userInfo?.id,
        CreatedDate: expect.stringMatching(/Z$/) as string,
      },
      event: { replayId: expect.any(Number) as number, EventUuid: answer.errors[0]?.message },
    },
  });
});

test('collections and composite requests publish too, but not what is rolled back', async () => {
  const peer = await peerOf('/event/Restore_Failed__e');
  const event = (Volume__c: string) => ({ attributes: { type: 'Restore_Failed__e' }, Volume__c });
  await conn.requestPost('/composite/sobjects', {
    allOrNone: true,
    records: [event('E:'), event('x'.repeat(41))],
  });
  await conn.requestPost('/composite/sobjects', { records: [event('F:'), event('G:')] });
  await conn.requestPost('/composite', {
    compositeRequest: [
      {
        method: 'POST',
        url: '/services/data/v60.0/sobjects/Restore_Failed__e',
        referenceId: 'one',
        body: { Volume__c: 'H:' },
      },
    ],
  });
  const messages = await taken(peer, 3);
  expect(messages.map(({ data }) => data.payload.Volume__c)).toEqual(['F:', 'G:', 'H:']);
  await expect(conn.query('SELECT Id FROM Restore_Failed__e')).rejects.toThrow(/does not support query/);
});

test('a custom channel of platform events carries its members', async () => {
  await conn.metadata.upsert('PlatformEventChannel', {
    fullName: 'Alarms__chn',
    label: 'Alarms',
    channelType: 'event',
  } as never);
  await selectOn(conn, 'Alarms__chn', { selectedEntity: 'Restore_Failed__e' });
  const peer = await peerOf('/event/Alarms__chn');
  await conn.sobject('Restore_Failed__e').create({ Volume__c: 'I:' });
  expect(await taken(peer)).toMatchObject([
    { channel: '/event/Alarms__chn', data: { payload: { Volume__c: 'I:' } } },
  ]);
});

const topic = {
  ApiVersion: 60,
  NotifyForOperationCreate: true,
  NotifyForOperationUpdate: true,
  NotifyForOperationDelete: true,
  NotifyForOperationUndelete: false,
};

test('a PushTopic tells of records that its query finds, when its fields change', async () => {
  await conn.sobject('PushTopic').create({
    Name: 'HotAccounts',
    Query: "SELECT Id, Name, CreatedDate FROM Account WHERE Rating = 'Hot'",
    ...topic,
  });
  const peer = await peerOf('/topic/HotAccounts');
  const { id = '' } = await conn.sobject('Account').create({ Name: 'Hot', Rating: 'Hot' });
  const messages = await taken(peer);
  await conn.sobject('Account').create({ Name: 'Cold', Rating: 'Cold' });
  await conn.sobject('Account').update({ Id: id, Phone: '1' });
  await conn.sobject('Account').update({ Id: id, Name: 'Hotter' });
  messages.push(...(await taken(peer)));
  await conn.sobject('Account').destroy(id);
  messages.push(...(await taken(peer)));
  expect(messages.map(({ data }) => data)).toMatchObject([
    {
      event: {
        type: 'created',
        replayId: expect.any(Number) as number,
        createdDate: expect.stringMatching(/Z$/) as string,
      },
      sobject: { Id: id, Name: 'Hot' },
    },
    { event: { type: 'updated' }, sobject: { Id: id, Name: 'Hotter' } },
    { event: { type: 'deleted' }, sobject: { Id: id } },
  ]);
  expect(messages[2]?.data.sobject).toEqual({ Id: id });
});

test('a PushTopic that is switched off, or whose query is none, tells nothing', async () => {
  const bad = conn.sobject('PushTopic').create({ Name: 'Bad', Query: 'SELECT Id FROM Nothing', ...topic });
  await expect(bad).rejects.toThrow(/Nothing/);
  const { id = '' } = await conn
    .sobject('PushTopic')
    .create({ Name: 'Off', Query: 'SELECT Id, Name FROM Contact', ...topic });
  await peerOf('/topic/Off');
  await conn.sobject('PushTopic').update({ Id: id, IsActive: false });
  await expect(peerOf('/topic/Off')).rejects.toThrow(/does not exist/);
});

test('a generic channel carries what is pushed to it', async () => {
  await conn.sobject('StreamingChannel').create({ Name: '/u/maintenance' });
  const heard: unknown[] = [];
  const client = conn.streaming.createClient([]);
  await client.subscribe('/u/maintenance', (message: unknown) => heard.push(message));
  const result: unknown = await conn.streaming
    .channel('/u/maintenance')
    .push([{ payload: 'At ten', userIds: [] }] as never);
  expect(result).toMatchObject([{ fanoutCount: 1 }]);
  await soon(() => { expect(heard).toMatchObject([{ payload: 'At ten', event: { replayId: expect.any(Number) as number } }]); }); // prettier-ignore
  await (client as unknown as { disconnect: () => PromiseLike<void> }).disconnect();
});

test('the schema of an event can be asked for by its name and by its id', async () => {
  await select(conn, 'Account');
  const byName = await conn.requestGet<{ name: string; uuid: string; fields: { name: string }[] }>(
    '/sobjects/AccountChangeEvent/eventSchema',
  );
  expect(byName.name).toBe('AccountChangeEvent');
  expect(byName.fields.map(({ name }) => name)).toEqual(
    expect.arrayContaining(['ChangeEventHeader', 'Name', 'BillingAddress']),
  );
  const byId = await conn.requestGet<{ name: string }>(
    `/event/eventSchema/${byName.uuid}?payloadFormat=COMPACT`,
  );
  expect(byId.name).toBe('AccountChangeEvent');
});
