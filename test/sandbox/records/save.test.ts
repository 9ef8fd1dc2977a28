import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { startSandbox } from '../../support/sandbox.ts';

import { defineField } from '../../../sandbox/salesforce/schema/define.ts';
import { deployFields } from './support.ts';

import type { Connection } from 'jsforce';
import type { SaveResult } from '../../../sandbox/salesforce/records/results.ts';
import type { RunningSandbox } from '../../support/sandbox.ts';

let sandbox: RunningSandbox;
let salesforce: Connection;

beforeAll(async () => {
  sandbox = await startSandbox();
  await deployFields(sandbox.org);
  salesforce = await sandbox.connect();
});

afterAll(() => sandbox.close());

const account = async (record: Record<string, unknown> = {}) =>
  String((await salesforce.sobject('Account').create({ Name: 'Harbor Bank', ...record })).id);
/** jsforce's types call the code of an error differently than the wire does. */
const errorOf = (result: unknown) => (result as SaveResult | undefined)?.errors[0];

describe('creating', () => {
  test('a record has its owner, its defaults and its stamps', async () => {
    const { id } = await salesforce.sobject('Case').create({ Subject: 'Help' });
    const record = await salesforce.sobject('Case').retrieve(String(id));
    expect(record).toMatchObject({
      Status: 'New',
      Priority: 'Medium',
      IsClosed: false,
      IsDeleted: false,
      OwnerId: salesforce.userInfo?.id,
    });
    expect(record.SystemModstamp).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.000\+0000$/);
    expect(record.CreatedDate).toBe(record.LastModifiedDate);
  });

  test('text is trimmed, emptiness is null, dates and numbers are normalized', async () => {
    const { id } = await salesforce.sobject('Opportunity').create({
      Name: '  Deal ',
      NextStep: '   ',
      StageName: 'Prospecting',
      CloseDate: '2026-12-24',
      Amount: 12.345,
    });
    expect(await salesforce.sobject('Opportunity').retrieve(String(id))).toMatchObject({
      Name: 'Deal',
      NextStep: null,
      CloseDate: '2026-12-24',
      Amount: 12.35,
    });
  });

  test.each([
    [{ Phone: '1' }, 'REQUIRED_FIELD_MISSING', 'Required fields are missing: [Name]', ['Name']],
    [
      { Name: 'x'.repeat(256) },
      'STRING_TOO_LONG',
      /^Account Name: data value too large: x+.* \(max length=255\)$/,
      ['Name'],
    ],
    [
      { Name: 'x', Health__c: 'Sick' },
      'INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST',
      'Health: bad value for restricted picklist field: Sick',
      ['Health__c'],
    ],
    [
      { Name: 'x', Score__c: 1000 },
      'NUMBER_OUTSIDE_VALID_RANGE',
      /value outside of valid range on numeric field: 1000/,
      ['Score__c'],
    ],
    [
      { Name: 'x', ParentId: '003000000000001' },
      'MALFORMED_ID',
      /id value of incorrect type: 003000000000001/,
      ['ParentId'],
    ],
    [
      { Name: 'x', ParentId: '001000000000001' },
      'INVALID_CROSS_REFERENCE_KEY',
      'invalid cross reference id',
      [],
    ],
    [
      { Name: 'x', CreatedDate: '2020-01-01T00:00:00Z' },
      'INVALID_FIELD_FOR_INSERT_UPDATE',
      /^Unable to create\/update fields: CreatedDate\. Please check the security settings/,
      ['CreatedDate'],
    ],
    [
      { Name: 'x', Foo__c: 1 },
      'INVALID_FIELD',
      "No such column 'Foo__c' on sobject of type Account",
      undefined,
    ],
  ])('%j is refused with %s', async (record, errorCode, message, fields) => {
    await expect(salesforce.sobject('Account').create(record)).rejects.toMatchObject({
      errorCode,
      message: typeof message === 'string' ? message : (expect.stringMatching(message) as string),
      ...(fields && { data: { fields } }),
    });
  });

  test('an e-mail address that is none is refused', async () => {
    await expect(
      salesforce.sobject('Contact').create({ LastName: 'x', Email: 'nobody' }),
    ).rejects.toMatchObject({ errorCode: 'INVALID_EMAIL_ADDRESS' });
  });

  test('each row of a collection succeeds or fails by itself, in the order of the request', async () => {
    const results = await salesforce
      .sobject('Contact')
      .create([{ LastName: 'A' }, { FirstName: 'B' }, { LastName: 'C' }]);
    expect(results.map((result) => result.success)).toEqual([true, false, true]);
    expect(errorOf(results[1])).toEqual({
      statusCode: 'REQUIRED_FIELD_MISSING',
      message: 'Required fields are missing: [LastName]',
      fields: ['LastName'],
    });
    expect(results[1]).not.toHaveProperty('id');
  });

  test('with allOrNone one failing row takes all back', async () => {
    const results = await salesforce
      .sobject('Contact')
      .create([{ LastName: 'Together' }, { FirstName: 'B' }], { allOrNone: true });
    expect(results.map((result) => errorOf(result)?.statusCode)).toEqual([
      'ALL_OR_NONE_OPERATION_ROLLED_BACK',
      'REQUIRED_FIELD_MISSING',
    ]);
    expect((await salesforce.query(`SELECT Id FROM Contact WHERE LastName = 'Together'`)).totalSize).toBe(0);
  });

  test('an auto-number counts up in its format', async () => {
    const [one, two] = await salesforce.sobject('License__c').create([{}, {}]);
    const names = [one, two].map(async (result) =>
      String((await salesforce.sobject('License__c').retrieve(String(result?.id))).Name),
    );
    const [first, second] = await Promise.all(names);
    expect(first).toMatch(/^L-\d{6}$/);
    expect(Number(second?.slice(2))).toBe(Number(first?.slice(2)) + 1);
  });

  test('a parent may be named by its external id', async () => {
    const id = await account({ Rapport_Id__c: 'parent-1' });
    const created = await salesforce
      .sobject('License__c')
      .create({ Account__r: { Rapport_Id__c: 'parent-1' } });
    expect(await salesforce.sobject('License__c').retrieve(String(created.id))).toMatchObject({
      Account__c: id,
    });
    await expect(
      salesforce.sobject('License__c').create({ Account__r: { Rapport_Id__c: 'nobody' } }),
    ).rejects.toMatchObject({
      errorCode: 'INVALID_FIELD',
      message: 'Foreign key external ID: nobody not found for field Rapport_Id__c in entity Account',
    });
  });
});

describe('unique values', () => {
  test('are held against other records, by the 15-character id of the one that has it', async () => {
    const id = await account({ Rapport_Id__c: 'unique-1' });
    await expect(account({ Rapport_Id__c: 'unique-1' })).rejects.toMatchObject({
      errorCode: 'DUPLICATE_VALUE',
      message: `duplicate value found: Rapport_Id__c duplicates value on record with id: ${id.slice(0, 15)}`,
    });
  });

  test('may differ in case only where the field is case-sensitive', async () => {
    await account({ Rapport_Id__c: 'case-1' });
    await expect(account({ Rapport_Id__c: 'CASE-1' })).resolves.toMatch(/^001/);
    await expect(
      salesforce.sobject('User').create({
        Username: 'ADMIN@rapport.sandbox',
        LastName: 'x',
        Email: 'x@x.example',
        Alias: 'x',
        ProfileId: await standardProfile(),
      }),
    ).rejects.toMatchObject({ errorCode: 'DUPLICATE_VALUE' });
  });

  test('are free again when the record is deleted', async () => {
    const id = await account({ Rapport_Id__c: 'free-1' });
    await salesforce.sobject('Account').destroy(id);
    await expect(account({ Rapport_Id__c: 'free-1' })).resolves.toMatch(/^001/);
  });

  test('of two requests at once only one gets the value', async () => {
    const results = await Promise.allSettled(
      Array.from({ length: 8 }, () => account({ Rapport_Id__c: 'race-1' })),
    );
    expect(results.filter((result) => result.status === 'fulfilled')).toHaveLength(1);
    const reasons = results.flatMap((result) =>
      result.status === 'rejected' ? [(result.reason as { errorCode: string }).errorCode] : [],
    );
    expect(new Set(reasons)).toEqual(new Set(['DUPLICATE_VALUE']));
  });
});

async function standardProfile(): Promise<string> {
  const { records } = await salesforce.query<{ Id: string }>(
    `SELECT Id FROM Profile WHERE Name = 'Standard User'`,
  );
  return String(records[0]?.Id);
}

describe('updating', () => {
  test('changes what is given, the stamps, and nothing else', async () => {
    const id = await account({ Phone: '1', Industry: 'Energy' });
    await salesforce.sobject('Account').update({ Id: id, Phone: null, Site: 'North' });
    expect(await salesforce.sobject('Account').retrieve(id)).toMatchObject({
      Phone: null,
      Site: 'North',
      Industry: 'Energy',
      Name: 'Harbor Bank',
    });
  });

  test('a required field cannot be emptied, a deleted or unknown record not be changed', async () => {
    const id = await account();
    const gone = await account();
    await salesforce.sobject('Account').destroy(gone);
    const results = await salesforce.sobject('Account').update([
      { Id: id, Name: '' },
      { Id: gone, Name: 'x' },
      { Id: '001000000000001AAA', Name: 'x' },
    ]);
    expect(results.map((result) => errorOf(result)?.statusCode)).toEqual([
      'REQUIRED_FIELD_MISSING',
      'ENTITY_IS_DELETED',
      'INVALID_CROSS_REFERENCE_KEY',
    ]);
    await expect(salesforce.sobject('Account').update({ Id: gone, Name: 'x' })).rejects.toMatchObject({
      errorCode: 'ENTITY_IS_DELETED',
    });
    await expect(
      salesforce.sobject('Account').update({ Id: '001000000000001AAA', Name: 'x' }),
    ).rejects.toMatchObject({ errorCode: 'NOT_FOUND' });
  });

  test('is refused with 412 when somebody else changed the record since', async () => {
    const id = await account();
    const patch = (since: Date) =>
      fetch(`${sandbox.url}/services/data/v60.0/sobjects/Account/${id}`, {
        method: 'PATCH',
        headers: {
          authorization: `Bearer ${String(salesforce.accessToken)}`,
          'content-type': 'application/json',
          'if-unmodified-since': since.toUTCString(),
        },
        body: JSON.stringify({ Site: 'x' }),
      });
    const refused = await patch(new Date(Date.now() - 60_000));
    expect([refused.status, await refused.json()]).toMatchObject([
      412,
      [{ errorCode: 'PRECONDITION_FAILED' }],
    ]);
    expect((await patch(new Date(Date.now() + 1000))).status).toBe(204);
  });
});

describe('upserting', () => {
  test('creates, then updates by the same external id, and says which', async () => {
    const created = await salesforce
      .sobject('Account')
      .upsert({ Name: 'U', Rapport_Id__c: 'up-1' }, 'Rapport_Id__c');
    const updated = await salesforce
      .sobject('Account')
      .upsert({ Name: 'U2', Rapport_Id__c: 'up-1' }, 'Rapport_Id__c');
    expect([created, updated]).toMatchObject([
      { created: true, success: true },
      { created: false, id: created.id },
    ]);
  });

  test('in a collection mends what it can; failed rows still say created', async () => {
    await account({ Rapport_Id__c: 'mix-1' });
    const rows = [
      { Name: 'A', Rapport_Id__c: 'mix-1' },
      { Name: 'B', Rapport_Id__c: 'mix-2' },
      { Rapport_Id__c: 'mix-3' },
      { Name: 'D', Rapport_Id__c: 'mix-2' },
    ];
    const results = await salesforce.sobject('Account').upsert(rows, 'Rapport_Id__c');
    expect(results.map(({ success, created }) => [success, created])).toEqual([
      [true, false],
      [true, true],
      [false, true],
      [false, true],
    ]);
    expect(errorOf(results[3])?.statusCode).toBe('DUPLICATE_VALUE');
  });

  test('by a value that several records have is answered with their addresses', async () => {
    const ids = [await account({ Region_Code__c: 'EMEA' }), await account({ Region_Code__c: 'emea' })];
    const answer = await fetch(`${sandbox.url}/services/data/v60.0/sobjects/Account/Region_Code__c/EMEA`, {
      method: 'PATCH',
      headers: {
        authorization: `Bearer ${String(salesforce.accessToken)}`,
        'content-type': 'application/json',
      },
      body: '{"Site":"x"}',
    });
    expect([answer.status, await answer.json()]).toEqual([
      300,
      ids.map((id) => `/services/data/v60.0/sobjects/Account/${id}`),
    ]);
    const [result] = await salesforce
      .sobject('Account')
      .upsert([{ Name: 'x', Region_Code__c: 'EMEA' }], 'Region_Code__c');
    expect(errorOf(result)).toMatchObject({
      statusCode: 'DUPLICATE_EXTERNAL_ID',
      message: `Region Code: more than one record found for external id field: [${ids.join(', ')}]`,
    });
  });

  test('by a field that is no external id is refused', async () => {
    await expect(
      salesforce.sobject('Account').upsert({ Name: 'x', Phone: '1' }, 'Phone'),
    ).rejects.toMatchObject({
      errorCode: 'NOT_FOUND',
      message: 'Provided external ID field does not exist or is not accessible: Phone',
    });
  });
});

describe('deleting', () => {
  test('takes the details along, into the recycle bin, and moves their SystemModstamp', async () => {
    const id = await account();
    const contact = await salesforce.sobject('Contact').create({ LastName: 'x', AccountId: id });
    const before = await salesforce.sobject('Contact').retrieve(String(contact.id));
    await new Promise((resolve) => setTimeout(resolve, 1000));
    await salesforce.sobject('Account').destroy(id);
    const { records } = await salesforce.query(
      `SELECT IsDeleted, SystemModstamp FROM Contact WHERE Id = '${String(contact.id)}' ALL ROWS`,
    );
    expect(records[0]).toMatchObject({ IsDeleted: true });
    expect(String(records[0]?.SystemModstamp) > String(before.SystemModstamp)).toBe(true);
    await expect(salesforce.sobject('Account').destroy(id)).rejects.toMatchObject({
      errorCode: 'ENTITY_IS_DELETED',
    });
    await expect(salesforce.sobject('Account').retrieve(id)).rejects.toMatchObject({
      errorCode: 'ENTITY_IS_DELETED',
    });
  });

  test('of several ids answers for each', async () => {
    const results = await salesforce.sobject('Account').destroy([await account(), '001000000000001AAA']);
    expect(results.map((result) => result.success)).toEqual([true, false]);
  });
});

test('a record that another transaction holds for too long is not waited for', async () => {
  const id = await account();
  const holder = await sandbox.org.pool.connect();
  await holder.query('begin');
  await holder.query('update "Account" set "Site" = $1 where "Id" = $2', ['held', id]);
  await expect(salesforce.sobject('Account').update({ Id: id, Site: 'x' })).rejects.toMatchObject({
    errorCode: 'UNABLE_TO_LOCK_ROW',
  });
  await holder.query('rollback');
  holder.release();
  await expect(salesforce.sobject('Account').update({ Id: id, Site: 'x' })).resolves.toMatchObject({
    success: true,
  });
});

test('a record that others point at by a lookup that forbids it is not deleted', async () => {
  await defineField(sandbox.org, 'License__c', {
    name: 'Held__c', label: 'Held', type: 'reference', referenceTo: ['Account'], relationshipName: 'Held__r', childRelationshipName: 'Holders__r', restrictedDelete: true,
  }); // prettier-ignore
  const Held__c = await account({ Name: 'Held' });
  const { id } = await salesforce.sobject('License__c').create({ Held__c });
  await expect(salesforce.sobject('Account').destroy(Held__c)).rejects.toMatchObject({
    errorCode: 'DELETE_FAILED',
    message: expect.stringMatching(
      /^Your attempt to delete Held could not be completed because it is associated with the following licenses\.: L-\d{6}/,
    ) as string,
  });
  await salesforce.sobject('License__c').destroy(String(id));
  await expect(salesforce.sobject('Account').destroy(Held__c)).resolves.toMatchObject({ success: true });
  const converted = await salesforce.query('SELECT MasterLabel FROM LeadStatus WHERE IsConverted = true');
  expect(converted.records).toMatchObject([{ MasterLabel: 'Closed - Converted' }]);
});
