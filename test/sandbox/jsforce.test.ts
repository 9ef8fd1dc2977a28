import jsforce from 'jsforce';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { packageZip } from '../../scripts/salesforce-deploy.ts';
import { clientAt, startSandbox } from '../support/sandbox.ts';

import type { Connection } from 'jsforce';
import type { RunningSandbox } from '../support/sandbox.ts';

let sandbox: RunningSandbox;
let connection: Connection;

/* What the product does with an org, end to end, through the unmodified client. */
beforeAll(async () => {
  sandbox = await startSandbox();
  connection = await sandbox.connect();
  connection.metadata.pollInterval = 50;
  connection.bulk2.pollInterval = 50;
  const { success } = await connection.metadata
    .deploy(packageZip(), { rollbackOnError: true })
    .complete(true);
  expect(success).toBe(true);
});
afterAll(() => sandbox.close());

test('our package deploys as it is, and describe shows its fields', async () => {
  const account = await connection.sobject('Account').describe();
  expect(account.fields.find((field) => field.name === 'Rapport_Id__c')).toMatchObject({
    externalId: true,
    unique: true,
    caseSensitive: true,
    length: 64,
  });
  const license = await connection.sobject('Rapport_License__c').describe();
  expect(license.keyPrefix).toMatch(/^a0/);
  expect(account.childRelationships.map((each) => each.relationshipName)).toEqual(
    expect.arrayContaining(['Rapport_Licenses__r', 'Rapport_Insights__r']),
  );
});

test('records are created, found through relationships, counted, changed and deleted', async () => {
  const account = await connection
    .sobject('Account')
    .create({ Name: 'Halden', Industry: 'Shipping', Rapport_Id__c: 'a-1' });
  expect(account.success).toBe(true);
  const contact = await connection.sobject('Contact').create({ LastName: 'Okafor', AccountId: account.id });
  await connection.sobject('Case').create([
    { Subject: 'One', AccountId: account.id, ContactId: contact.id },
    { Subject: 'Two', AccountId: account.id, ContactId: contact.id, Priority: 'High' },
  ]);
  const cases = await connection.query<{
    Subject: string;
    Account: { Name: string; Owner: { Username: string } };
  }>(
    `SELECT Subject, Account.Name, Account.Owner.Username FROM Case WHERE Account.Rapport_Id__c = 'a-1' ORDER BY Subject`,
  );
  expect(cases.records.map((each) => [each.Subject, each.Account.Name, each.Account.Owner.Username])).toEqual(
    [
      ['One', 'Halden', 'admin@rapport.sandbox'],
      ['Two', 'Halden', 'admin@rapport.sandbox'],
    ],
  );
  const nested = await connection.query<{ Contacts: { records: { LastName: string }[] } }>(
    `SELECT Id, (SELECT LastName FROM Contacts) FROM Account WHERE Rapport_Id__c = 'a-1'`,
  );
  expect(nested.records[0]?.Contacts.records[0]?.LastName).toBe('Okafor');
  const counted = await connection.query<{ Priority: string; total: number }>(
    `SELECT Priority, COUNT(Id) total FROM Case GROUP BY Priority ORDER BY Priority`,
  );
  expect(counted.records.map(({ Priority, total }) => [Priority, total])).toEqual([
    ['High', 1],
    ['Medium', 1],
  ]);
  expect((await connection.query('SELECT COUNT() FROM Case')).totalSize).toBe(2);

  expect(await connection.sobject('Account').update({ Id: String(account.id), Phone: '123' })).toMatchObject({
    success: true,
  });
  expect((await connection.sobject('Account').retrieve(String(account.id))).Phone).toBe('123');
  expect(
    await connection
      .sobject('Case')
      .destroy(String((await connection.query(`SELECT Id FROM Case WHERE Subject = 'One'`)).records[0]?.Id)),
  ).toMatchObject({ success: true });
  expect((await connection.query('SELECT COUNT() FROM Case')).totalSize).toBe(1);
  expect((await connection.query('SELECT COUNT() FROM Case', { scanAll: true })).totalSize).toBe(2);
});

test('an upsert by external id creates once, in single and in collections', async () => {
  const upsert = (row: Record<string, unknown>) =>
    connection.sobject('Account').upsert({ Rapport_Id__c: 'u-1', ...row }, 'Rapport_Id__c');
  expect(await upsert({ Name: 'Once' })).toMatchObject({ success: true, created: true });
  expect(await upsert({ Name: 'Twice' })).toMatchObject({ success: true, created: false });
  const rows = [
    { Name: 'Thrice', Rapport_Id__c: 'u-1' },
    { Name: 'New', Rapport_Id__c: 'u-2' },
    { Name: '', Rapport_Id__c: 'u-3' },
  ];
  const results = await connection.sobject('Account').upsert(rows, 'Rapport_Id__c');
  expect(results.map((each) => each.success)).toEqual([true, true, false]);
  expect(
    (await connection.query(`SELECT COUNT() FROM Account WHERE Rapport_Id__c LIKE 'u-%'`)).totalSize,
  ).toBe(2);
});

test('a session that ends is renewed by jsforce itself, in REST, SOAP and Bulk', async () => {
  const renewing = new jsforce.Connection({ oauth2: clientAt(sandbox.url), version: '60.0' });
  await renewing.login('admin@rapport.sandbox', 'sandbox');
  const expire = () => fetch(`${sandbox.url}/__sandbox__/tokens/expire`, { method: 'POST' });
  await expire();
  expect((await renewing.query('SELECT Id FROM Organization')).totalSize).toBe(1);
  await expire();
  expect((await renewing.metadata.describe()).partialSaveAllowed).toBe(true);
  await expire();
  const stream = await renewing.bulk2.query('SELECT Id FROM Organization', {
    pollInterval: 50,
    pollTimeout: 10_000,
  });
  expect(await stream.toArray()).toHaveLength(1);
  connection = await sandbox.connect();
});

test('the API budget comes with every answer', async () => {
  await connection.query('SELECT Id FROM Organization');
  expect(connection.limitInfo.apiUsage?.limit).toBe(sandbox.org.limits.dailyMax);
  expect(connection.limitInfo.apiUsage?.used).toBeGreaterThan(0);
});

test('older and newer versions of the API answer', async () => {
  for (const version of ['31.0', '45.0', '68.0']) {
    const other = new jsforce.Connection({
      instanceUrl: sandbox.url,
      accessToken: connection.accessToken ?? '',
      version,
    });
    expect((await other.query('SELECT Id FROM Organization')).totalSize).toBe(1);
  }
});
