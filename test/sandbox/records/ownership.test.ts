import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { restClient } from '../rest/client.ts';
import { startSandbox } from '../../support/sandbox.ts';
import { without } from '../../../sandbox/without.ts';
import { defineField } from '../../../sandbox/salesforce/schema/define.ts';

import type { Connection } from 'jsforce';
import type { RunningSandbox } from '../../support/sandbox.ts';

let sandbox: RunningSandbox;
let salesforce: Connection;

beforeAll(async () => {
  sandbox = await startSandbox();
  salesforce = await sandbox.connect();
});
afterAll(() => sandbox.close());

const create = async (object: string, record: Record<string, unknown>) =>
  String((await salesforce.sobject(object).create(record)).id);
const records = async (soql: string) =>
  (await salesforce.query<Record<string, unknown>>(soql)).records.map((record) =>
    without(record, 'attributes'),
  );
const metadata = async (type: string, component: unknown) => {
  const [result] = [await salesforce.metadata.upsert(type as 'Queue', component as never)].flat();
  if (!result?.success) throw new Error(JSON.stringify(result));
};

// prettier-ignore
describe('owners', () => {
  test('may be queues that take records of the object, and no others', async () => {
    await metadata('Queue', { fullName: 'Tier_Two', name: 'Tier Two', queueSobject: [{ sobjectType: 'Case' }] });
    const [queue] = await records(`SELECT Id, (SELECT SobjectType FROM QueueSobjects) FROM Group WHERE DeveloperName = 'Tier_Two' AND Type = 'Queue'`);
    expect(queue).toMatchObject({ QueueSobjects: { records: [{ SobjectType: 'Case' }] } });
    const OwnerId = String(queue?.Id);
    const id = await create('Case', { Subject: 'Queued', OwnerId });
    expect(await records(`SELECT Owner.Name, Owner.Type FROM Case WHERE Id = '${id}'`)).toMatchObject([{ Owner: { Name: 'Tier Two', Type: 'Group' } }]);
    await expect(create('Lead', { LastName: 'L', Company: 'C', OwnerId })).rejects.toMatchObject({ errorCode: 'INVALID_OPERATION', message: 'Queue not associated with this SObject type' });
    await expect(create('Account', { Name: 'A', OwnerId })).rejects.toMatchObject({ errorCode: 'MALFORMED_ID', message: `Owner ID: id value of incorrect type: ${OwnerId}` });
    const group = await create('Group', { Name: 'Public', Type: 'Regular' });
    await expect(create('Case', { OwnerId: group })).rejects.toMatchObject({ errorCode: 'INVALID_CROSS_REFERENCE_KEY' });
  });

  test('must be active, though records of those who left stay theirs', async () => {
    const [profile] = await records(`SELECT Id FROM Profile WHERE Name = 'Standard User'`);
    const user = await create('User', { Username: 'gone@x.example', LastName: 'Gone', Email: 'g@x.example', Alias: 'gone', ProfileId: profile?.Id, TimeZoneSidKey: 'GMT', LocaleSidKey: 'en_US', EmailEncodingKey: 'UTF-8', LanguageLocaleKey: 'en_US', IsActive: true });
    const id = await create('Account', { Name: 'Theirs', OwnerId: user });
    await salesforce.sobject('User').update({ Id: user, IsActive: false });
    await expect(salesforce.sobject('Account').update({ Id: id, Phone: '1', OwnerId: user })).resolves.toMatchObject({ success: true });
    await expect(create('Account', { Name: 'B', OwnerId: user })).rejects.toMatchObject({ errorCode: 'INACTIVE_OWNER_OR_USER', message: `operation performed with inactive user [${user.slice(0, 15)}] as owner of account` });
  });
});

// prettier-ignore
test('record types are described, chosen, changed and enforced with the values that each of them has', async () => {
  const value = (fullName: string) => ({ fullName, default: false });
  await defineField(sandbox.org, 'Account', { name: 'Level__c', label: 'Level', type: 'picklist', restrictedPicklist: true, picklistValues: ['Gold', 'Silver', 'Tin & Co'].map((each) => ({ value: each, label: each, active: true, defaultValue: false })) });
  expect((await salesforce.sobject('Account').describe()).fields.map(({ name }) => name)).not.toContain('RecordTypeId');
  await metadata('RecordType', { fullName: 'Account.Customer', label: 'Customer', active: true, picklistValues: [{ picklist: 'Level__c', values: [value('Gold'), value('Tin %26 Co')] }] });
  await metadata('RecordType', { fullName: 'Account.Partner', label: 'Partner', active: true, picklistValues: [{ picklist: 'Level__c', values: [value('Silver')] }] });
  await metadata('RecordType', { fullName: 'Account.Old', label: 'Old', active: false });
  await metadata('RecordType', { fullName: 'Case.Bug', label: 'Bug', active: true });
  const types = Object.fromEntries((await records('SELECT Id, DeveloperName FROM RecordType')).map(({ Id, DeveloperName }) => [String(DeveloperName), String(Id)]));
  const { recordTypeInfos, fields } = await salesforce.sobject('Account').describe();
  expect(recordTypeInfos.map(({ name, available, master, recordTypeId }) => [name, available, master, recordTypeId])).toEqual([
    ['Customer', true, false, types.Customer], ['Old', false, false, types.Old], ['Partner', true, false, types.Partner], ['Master', true, true, '012000000000000AAA'],
  ]);
  expect(fields.find(({ name }) => name === 'RecordTypeId')).toMatchObject({ type: 'reference', referenceTo: ['RecordType'], relationshipName: 'RecordType', custom: false });
  const id = await create('Account', { Name: 'A', RecordTypeId: types.Customer, Level__c: 'Gold' });
  expect(await records(`SELECT RecordType.DeveloperName FROM Account WHERE RecordType.Name = 'Customer'`)).toMatchObject([{ RecordType: { DeveloperName: 'Customer' } }]);
  await create('Account', { Name: 'B', RecordType: { Name: 'Partner' }, Level__c: 'Silver' });
  await create('Account', { Name: 'C', RecordTypeId: types.Customer, Level__c: 'Tin & Co' });
  const bad = { errorCode: 'INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST', message: 'Level: bad value for restricted picklist field: Silver' };
  await expect(create('Account', { Name: 'D', RecordTypeId: types.Customer, Level__c: 'Silver' })).rejects.toMatchObject(bad);
  await expect(salesforce.sobject('Account').update({ Id: id, Level__c: 'Silver' })).rejects.toMatchObject(bad);
  await expect(salesforce.sobject('Account').update({ Id: id, RecordTypeId: types.Partner, Level__c: 'Silver' })).resolves.toMatchObject({ success: true });
  for (const wrong of [types.Old, types.Bug])
    await expect(create('Account', { Name: 'E', RecordTypeId: wrong })).rejects.toMatchObject({ errorCode: 'INVALID_CROSS_REFERENCE_KEY', message: `Record Type ID: this ID value isn't valid for the user: ${String(wrong)}`, data: { fields: ['RecordTypeId'] } });
});

// prettier-ignore
test('a case writes down each change of what is tracked, lookups by name and by id', async () => {
  await defineField(sandbox.org, 'Case', { name: 'Severity__c', label: 'Severity', type: 'double', precision: 3, scale: 0, trackHistory: true });
  await defineField(sandbox.org, 'Case', { name: 'Untracked__c', label: 'Untracked', type: 'string' });
  const [AccountId, parent] = [await create('Account', { Name: 'Acme' }), await create('Case', { Subject: 'Parent' })];
  const ContactId = await create('Contact', { LastName: 'Kay', AccountId });
  const id = await create('Case', { Subject: 'Before', Origin: 'Web' });
  const [{ CaseNumber } = {}] = await records(`SELECT CaseNumber FROM Case WHERE Id = '${parent}'`);
  await salesforce.sobject('Case').update({
    Id: id, Status: 'Working', Priority: 'High', IsEscalated: true, ContactId, AccountId, ParentId: parent, Type: 'Problem', Reason: 'Other',
    Origin: 'Phone', Subject: 'After', Description: 'Long', Severity__c: 3, Untracked__c: 'x', Comments: 'y',
  });
  const lines = await records(`SELECT Field, DataType, OldValue, NewValue FROM CaseHistory WHERE CaseId = '${id}' ORDER BY Id`);
  expect(lines.map((line) => Object.values(line))).toEqual([
    ['created', 'Text', null, null],
    ['Status', 'DynamicEnum', 'New', 'Working'],
    ['Priority', 'DynamicEnum', 'Medium', 'High'],
    ['IsEscalated', 'Boolean', 'false', 'true'],
    ['Contact', 'Text', null, 'Kay'],
    ['Contact', 'EntityId', null, ContactId],
    ['Account', 'Text', null, 'Acme'],
    ['Account', 'EntityId', null, AccountId],
    ['Parent', 'Text', null, CaseNumber],
    ['Parent', 'EntityId', null, parent],
    ['Type', 'DynamicEnum', null, 'Problem'],
    ['Reason', 'DynamicEnum', null, 'Other'],
    ['Origin', 'DynamicEnum', 'Web', 'Phone'],
    ['Subject', 'Text', 'Before', 'After'],
    ['Description', 'StringPlusClob', null, null],
    ['Severity__c', 'Double', null, '3'],
  ]);
});

// prettier-ignore
test('of a collection, only the record fails that another transaction holds', async () => {
  const [free, held] = [await create('Account', { Name: 'Free' }), await create('Account', { Name: 'Held' })];
  const client = await sandbox.org.pool.connect();
  await client.query('begin');
  await client.query(`select from "Account" where "Id" = $1 for update`, [held]);
  const records = [held, free].map((id) => ({ attributes: { type: 'Account' }, Id: id, Phone: '1' }));
  const { body } = await restClient(salesforce)('PATCH', '/composite/sobjects', { body: { records } });
  await client.query('rollback');
  client.release();
  expect(body).toEqual([
    { success: false, errors: [{ statusCode: 'UNABLE_TO_LOCK_ROW', message: `unable to obtain exclusive access to this record or 1 records: ${held}`, fields: [] }] },
    { id: free, success: true, errors: [] },
  ]);
}, 20_000);
