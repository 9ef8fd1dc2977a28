import jsforce from 'jsforce';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';

import { startSandbox } from '../../support/sandbox.ts';
import type { RunningSandbox } from '../../support/sandbox.ts';
import { soapClient } from '../soap/client.ts';
import { controlOf, leave, select, selectOn, unselect, soon } from './support.ts';
import type { ChangeMessage } from './support.ts';

import type { Connection } from 'jsforce';

/* Change Data Capture as jsforce's own, unmodified streaming client sees it. */

let sandbox: RunningSandbox;
let conn: Connection;
let tell: ReturnType<typeof controlOf>;
const heard: ChangeMessage[] = [];
let client: ReturnType<Connection['streaming']['createClient']>;

beforeAll(async () => {
  sandbox = await startSandbox();
  tell = controlOf(sandbox);
  conn = await sandbox.connect();
  await select(conn, 'Account', 'Contact');
  client = conn.streaming.createClient([]);
  await client.subscribe('/data/ChangeEvents', (message: ChangeMessage) => heard.push(message));
});

afterAll(async () => {
  await leave(client);
  await sandbox.close();
});

beforeEach(() => {
  heard.length = 0;
});

const headers = () => heard.map(({ payload }) => payload.ChangeEventHeader);
const hear = (count: number) => soon(() => { expect(heard.length).toBe(count); }); // prettier-ignore

/** Waits until everything that was done so far has been told. */
async function settled(): Promise<void> {
  const { id = '' } = await conn.sobject('Account').create({ Name: 'The last one' });
  await soon(() => { expect(headers().some(({ recordIds }) => recordIds.includes(id))).toBe(true); }); // prettier-ignore
  heard.pop();
}

async function given(sobject: string, fields: Record<string, unknown>): Promise<string> {
  const { id = '' } = await conn.sobject(sobject).create(fields);
  await settled();
  heard.length = 0;
  return id;
}

test('a created record is told with its values and who made it', async () => {
  const { id } = await conn
    .sobject('Account')
    .create({ Name: 'Northgate', BillingCity: 'Leeds', NumberOfEmployees: 12 });
  await hear(1);
  expect(heard[0]).toMatchObject({
    schema: expect.stringMatching(/^[\w-]{22}$/) as string,
    payload: { Name: 'Northgate', BillingAddress: { City: 'Leeds' }, NumberOfEmployees: 12 },
    event: { replayId: expect.any(Number) as number },
  });
  expect(headers()[0]).toMatchObject({
    entityName: 'Account',
    changeType: 'CREATE',
    changedFields: [],
    recordIds: [id],
    sequenceNumber: 1,
    commitUser: conn.userInfo?.id,
    changeOrigin: 'com/salesforce/api/rest/60.0;client=',
  });
  expect(heard[0]?.payload.LastModifiedDate).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.000Z$/);
  expect(Object.keys(heard[0]?.payload ?? {})).toEqual(
    expect.not.arrayContaining(['SystemModstamp', 'IsDeleted', 'Id', 'Phone']),
  );
});

test('an update tells what changed and nothing else, an emptied field as null', async () => {
  const id = await given('Contact', { LastName: 'Marsh', FirstName: 'Robin', Phone: '1' });
  await conn.sobject('Contact').update({ Id: id, LastName: 'Marsh', FirstName: 'Sam', Phone: null });
  await hear(1);
  const header = headers()[0];
  expect(heard[0]?.payload).toEqual({
    ChangeEventHeader: header,
    LastModifiedDate: expect.any(String) as string,
    Name: { FirstName: 'Sam' },
    Phone: null,
  });
  expect(header?.changeType).toBe('UPDATE');
  expect(header?.changedFields).toEqual(expect.arrayContaining(['Name.FirstName', 'Phone']));
});

test('a deleted and an undeleted record are told as such', async () => {
  const id = await given('Account', { Name: 'Gone soon' });
  await conn.sobject('Account').destroy(id);
  await conn.sobject('Account').destroy(id).catch(() => undefined); // prettier-ignore
  await hear(1);
  expect(headers()[0]).toMatchObject({ changeType: 'DELETE', recordIds: [id], changedFields: [] });
  expect(Object.keys(heard[0]?.payload ?? {})).toEqual(['ChangeEventHeader']);
  const soap = soapClient(conn);
  await soap('undelete', `<n:ids>${id}</n:ids>`, '<n:CallOptions><n:client>erp</n:client></n:CallOptions>');
  await hear(2);
  expect(headers()[1]).toMatchObject({ changeType: 'UNDELETE', recordIds: [id], changedFields: [] });
  expect(headers()[1]?.changeOrigin).toBe('com/salesforce/api/soap/60.0;client=erp');
  expect(heard[1]?.payload.Name).toBe('Gone soon');
});

test('a merge tells of the loser, of the master and of what moved, in one transaction', async () => {
  const master = await given('Account', { Name: 'Master' });
  const loser = await given('Account', { Name: 'Loser' });
  const child = await given('Contact', { LastName: 'Moves', AccountId: loser });
  const request = `<n:masterRecord><o:type>Account</o:type><o:Id>${master}</o:Id><o:Site>Leeds</o:Site></n:masterRecord>`;
  await soapClient(conn)('merge', `<n:request>${request}<n:recordToMergeIds>${loser}</n:recordToMergeIds></n:request>`); // prettier-ignore
  await soon(() => {
    const told = headers().map(({ changeType, recordIds }) => `${changeType} ${recordIds.join()}`);
    expect(told.sort()).toEqual([`DELETE ${loser}`, `UPDATE ${master}`, `UPDATE ${child}`].sort());
  });
  expect(new Set(headers().map(({ transactionKey }) => transactionKey)).size).toBe(1);
});

test('the client that the caller names stands in the origin', async () => {
  const { instanceUrl, accessToken, version } = conn;
  const ours = new jsforce.Connection({
    instanceUrl,
    accessToken: accessToken ?? '',
    version,
    callOptions: { client: 'rapport' },
  });
  await ours.sobject('Account').create({ Name: 'Ours' });
  await hear(1);
  expect(headers()[0]?.changeOrigin).toBe('com/salesforce/api/rest/60.0;client=rapport');
});

test('the same change of several records in one transaction is one event', async () => {
  const ids = [
    await given('Account', { Name: 'One' }),
    await given('Account', { Name: 'Two' }),
    await given('Account', { Name: 'Three' }),
  ];
  await conn.sobject('Account').update(ids.map((Id, at) => ({ Id, Rating: at < 2 ? 'Hot' : 'Cold' })));
  await hear(2);
  expect(headers().map(({ recordIds }) => recordIds)).toEqual([[ids[0], ids[1]], [ids[2]]]);
  expect(new Set(headers().map(({ transactionKey }) => transactionKey)).size).toBe(1);
  expect(headers().map(({ sequenceNumber }) => sequenceNumber)).toEqual([1, 2]);
});

test('what is rolled back was never told, and nothing is told of an object that nobody selected', async () => {
  await conn.requestPost('/composite/sobjects', {
    allOrNone: true,
    records: [{ attributes: { type: 'Account' }, Name: 'Rolled back' }, { attributes: { type: 'Account' } }],
  });
  await conn.sobject('Case').create({ Subject: 'Nobody listens' });
  await settled();
  expect(heard).toEqual([]);
});

test('changes beyond the limit of a transaction are told once per object, without records', async () => {
  await tell('/events/limit', { overflowAt: 3 });
  await conn.sobject('Account').create(['A', 'B', 'C', 'D', 'E'].map((Name) => ({ Name })));
  await hear(4);
  await tell('/events/limit');
  expect(headers().map(({ changeType }) => changeType)).toEqual([
    'CREATE',
    'CREATE',
    'CREATE',
    'GAP_OVERFLOW',
  ]);
  expect(headers()[3]).toMatchObject({ entityName: 'Account', recordIds: ['000000000000000AAA'] });
});

test('gaps and overflows come when the control plane asks for them', async () => {
  await tell('/events/gap', {
    object: 'Contact',
    changeType: 'GAP_DELETE',
    recordIds: ['003000000000001AAA'],
  });
  await tell('/events/overflow', { object: 'Account' });
  await hear(2);
  expect(headers().map(({ changeType, entityName }) => `${entityName} ${changeType}`)).toEqual([
    'Contact GAP_DELETE',
    'Account GAP_OVERFLOW',
  ]);
});

test('a Bulk job tells of its rows, and says that it was one', async () => {
  await conn.bulk2.loadAndWaitForResults({
    object: 'Account',
    operation: 'insert',
    input: [{ Name: 'Bulk one' }, { Name: 'Bulk two' }],
    pollInterval: 100,
  });
  await hear(2);
  expect(headers()[0]?.changeOrigin).toBe('com/salesforce/api/bulkapi/60.0;client=');
});

test('a custom channel carries what its members select, enriched with fields that did not change', async () => {
  await conn.metadata.upsert('PlatformEventChannel', {
    fullName: 'Sales__chn', label: 'Sales', channelType: 'data',
  } as never); // prettier-ignore
  await selectOn(conn, 'Sales__chn', {
    selectedEntity: 'AccountChangeEvent',
    enrichedFields: [{ name: 'Site' }],
  });
  const id = await given('Account', { Name: 'Enriched', Site: 'Leeds' });
  const sales: ChangeMessage[] = [];
  const both = conn.streaming.createClient([]);
  await both.subscribe('/data/Sales__chn', (message: ChangeMessage) => sales.push(message));
  await conn.sobject('Account').update({ Id: id, Rating: 'Warm' });
  await hear(1);
  await soon(() => { expect(sales.length).toBe(1); }); // prettier-ignore
  expect(heard[0]?.payload).not.toHaveProperty('Site');
  expect(sales[0]?.payload).toMatchObject({ Site: 'Leeds', Rating: 'Warm' });
  expect(sales[0]?.payload.ChangeEventHeader.changedFields).not.toContain('Site');
  await leave(both);
  await conn.metadata.delete('PlatformEventChannelMember', 'Sales_AccountChangeEvent');
});

test('fields hidden from the subscriber are left out', async () => {
  await conn.metadata.create('CustomField', {
    fullName: 'Account.Secret__c', label: 'Secret', type: 'Text', length: 20,
  } as never); // prettier-ignore
  await givenUser();
  const rep = await sandbox.connect('rep@rapport.sandbox');
  const seen: ChangeMessage[] = [];
  const eyes = rep.streaming.createClient([]);
  await eyes.subscribe('/data/AccountChangeEvent', (message: ChangeMessage) => seen.push(message));
  const { id } = await conn.sobject('Account').create({ Name: 'Known', Secret__c: 'psst' });
  await hear(1);
  await conn.sobject('Account').update({ Id: id ?? '', Secret__c: 'psst!' });
  await soon(() => { expect(seen.length).toBe(2); }); // prettier-ignore
  await leave(eyes);
  expect(heard[0]?.payload).toMatchObject({ Name: 'Known', Secret__c: 'psst' });
  expect(seen[0]?.payload).toMatchObject({ Name: 'Known' });
  expect(seen[0]?.payload).not.toHaveProperty('Secret__c');
  expect(seen[1]?.payload.ChangeEventHeader.changedFields).toEqual(['LastModifiedDate']);
});

/** Somebody who is no administrator. */
async function givenUser(): Promise<void> {
  const profile = await conn.sobject('Profile').findOne({ Name: 'Standard User' }, ['Id']);
  const username = 'rep@rapport.sandbox';
  await conn.sobject('User').create({
    Username: username, LastName: 'Rep', Email: username, Alias: 'rep', ProfileId: profile?.Id, IsActive: true,
    TimeZoneSidKey: 'GMT', LocaleSidKey: 'en_US', EmailEncodingKey: 'UTF-8', LanguageLocaleKey: 'en_US',
  }); // prettier-ignore
}

test('an object that is no longer selected falls silent, and saves leave nothing behind', async () => {
  await unselect(conn, 'Contact');
  await conn.sobject('Contact').create({ LastName: 'Unheard' });
  await settled();
  expect(heard).toEqual([]);
  const { rows } = await sandbox.org.pool.query<{ count: number }>('select count(*) from _event_staged');
  expect(rows[0]?.count).toBe(0);
});
