import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { defineField } from '../../../sandbox/salesforce/schema/define.ts';
import { startSandbox } from '../../support/sandbox.ts';
import { deployFields } from '../records/support.ts';

import { restClient } from './client.ts';

import type { Connection } from 'jsforce';
import type { RunningSandbox } from '../../support/sandbox.ts';

let sandbox: RunningSandbox;
let admin: Connection;
let clerk: Connection;
let clerkId: string;

beforeAll(async () => {
  sandbox = await startSandbox();
  await deployFields(sandbox.org);
  admin = await sandbox.connect();
  const { records } = await admin.query<{ Id: string }>(
    `SELECT Id FROM Profile WHERE Name = 'Standard User'`,
  );
  const user = {
    Username: 'clerk@rapport.sandbox',
    LastName: 'Clerk',
    Alias: 'clerk',
    Email: 'clerk@rapport.example',
    ProfileId: records[0]?.Id,
  };
  clerkId = String((await admin.sobject('User').create(user)).id);
  clerk = await sandbox.connect('clerk@rapport.sandbox');
});

afterAll(() => sandbox.close());

describe('describing', () => {
  test('the whole org lists every object with its key prefix', async () => {
    const { sobjects, maxBatchSize } = await admin.describeGlobal();
    expect(maxBatchSize).toBe(200);
    expect(Object.fromEntries(sobjects.map(({ name, keyPrefix }) => [name, keyPrefix]))).toMatchObject({
      Account: '001',
      Contact: '003',
      Case: '500',
      Opportunity: '006',
      User: '005',
      License__c: 'a00',
    });
  });

  test('an object tells its fields as Salesforce does', async () => {
    const { fields, childRelationships, keyPrefix } = await admin.sobject('Account').describe();
    const field = (name: string) => fields.find((each) => each.name === name);
    expect(keyPrefix).toBe('001');
    expect(field('Name')).toMatchObject({
      type: 'string',
      length: 255,
      nillable: false,
      createable: true,
      nameField: true,
      soapType: 'xsd:string',
    });
    expect(field('OwnerId')).toMatchObject({
      type: 'reference',
      referenceTo: ['User'],
      relationshipName: 'Owner',
      defaultedOnCreate: true,
    });
    expect(field('BillingAddress')).toMatchObject({ type: 'address', createable: false });
    expect(field('BillingCity')).toMatchObject({ compoundFieldName: 'BillingAddress' });
    expect(field('Rapport_Id__c')).toMatchObject({
      custom: true,
      externalId: true,
      unique: true,
      idLookup: true,
      caseSensitive: true,
      length: 64,
    });
    expect(field('Health__c')).toMatchObject({
      restrictedPicklist: true,
      picklistValues: [{ value: 'Good', label: 'In good health', active: true }, { value: 'Poor' }],
    });
    expect(childRelationships).toContainEqual(
      expect.objectContaining({
        childSObject: 'License__c',
        field: 'Account__c',
        relationshipName: 'Licenses__r',
      }),
    );
  });

  test('answers 304 until something is deployed', async () => {
    const request = restClient(admin);
    const path = '/sobjects/Account/describe';
    const first = await request('GET', path);
    const since = String(first.headers.get('last-modified'));
    expect((await request('GET', path, { headers: { 'if-modified-since': since } })).status).toBe(304);
    await new Promise((resolve) => setTimeout(resolve, 1000));
    await defineField(sandbox.org, 'Account', { name: 'New__c', label: 'New', type: 'string' });
    expect((await request('GET', path, { headers: { 'if-modified-since': since } })).status).toBe(200);
  });

  test('picklist labels are what toLabel selects', async () => {
    await admin.sobject('Account').create({ Name: 'Labelled', Health__c: 'Good' });
    const { records } = await admin.query(`SELECT toLabel(Health__c) FROM Account WHERE Health__c = 'Good'`);
    expect(records).toMatchObject([{ Health__c: 'In good health' }]);
  });
});

describe('who may not see a field', () => {
  test('does not find it in describe, in queries or in records', async () => {
    const { id } = await admin.sobject('Account').create({ Name: 'Secret', Rapport_Id__c: 'secret-1' });
    const { fields } = await clerk.sobject('Account').describe();
    expect(fields.map((field) => field.name)).not.toContain('Rapport_Id__c');
    await expect(clerk.query('SELECT Rapport_Id__c FROM Account')).rejects.toMatchObject({
      errorCode: 'INVALID_FIELD',
    });
    await expect(
      clerk.query(`SELECT Id FROM Contact WHERE Account.Rapport_Id__c = 'secret-1'`),
    ).rejects.toMatchObject({ errorCode: 'INVALID_FIELD' });
    expect(await clerk.sobject('Account').retrieve(String(id))).not.toHaveProperty('Rapport_Id__c');
    await expect(clerk.sobject('Account').create({ Name: 'x', Rapport_Id__c: 'y' })).rejects.toMatchObject({
      errorCode: 'INVALID_FIELD_FOR_INSERT_UPDATE',
    });
  });

  test('cannot grant it to themselves', async () => {
    const assignment = { PermissionSetId: '0PS000000000001', AssigneeId: clerkId };
    await expect(clerk.sobject('PermissionSetAssignment').create(assignment)).rejects.toMatchObject({
      errorCode: 'INSUFFICIENT_ACCESS_OR_READONLY',
    });
  });

  test('does not find an object without rights on it', async () => {
    await expect(clerk.query('SELECT Id FROM License__c')).rejects.toMatchObject({
      errorCode: 'INVALID_TYPE',
    });
    await expect(clerk.sobject('License__c').create({})).rejects.toMatchObject({ errorCode: 'NOT_FOUND' });
    expect((await clerk.describeGlobal()).sobjects.map(({ name }) => name)).not.toContain('License__c');
  });

  test('sees, and may then edit, what a permission set grants', async () => {
    const create = async (object: string, record: Record<string, unknown>) =>
      String((await admin.sobject(object).create(record)).id);
    const ParentId = await create('PermissionSet', { Name: 'Clerks', Label: 'Clerks' });
    await create('PermissionSetAssignment', { PermissionSetId: ParentId, AssigneeId: clerkId });
    const field = await create('FieldPermissions', {
      ParentId,
      SobjectType: 'Account',
      Field: 'Account.Rapport_Id__c',
      PermissionsRead: true,
      PermissionsEdit: false,
    });
    await create('ObjectPermissions', {
      ParentId,
      SobjectType: 'License__c',
      PermissionsRead: true,
      PermissionsCreate: true,
    });
    const { records } = await clerk.query(`SELECT Rapport_Id__c FROM Account WHERE Name = 'Secret'`);
    expect(records).toMatchObject([{ Rapport_Id__c: 'secret-1' }]);
    await expect(clerk.sobject('Account').create({ Name: 'x', Rapport_Id__c: 'y' })).rejects.toMatchObject({
      errorCode: 'INVALID_FIELD_FOR_INSERT_UPDATE',
    });
    await admin.sobject('FieldPermissions').update({ Id: field, PermissionsEdit: true });
    await expect(clerk.sobject('Account').create({ Name: 'x', Rapport_Id__c: 'y' })).resolves.toMatchObject({
      success: true,
    });
    const license = await clerk.sobject('License__c').create({});
    await expect(clerk.sobject('License__c').destroy(String(license.id))).rejects.toMatchObject({
      errorCode: 'INSUFFICIENT_ACCESS_OR_READONLY',
    });
  });
});
