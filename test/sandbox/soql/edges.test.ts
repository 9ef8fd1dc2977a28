import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { startSandbox } from '../../support/sandbox.ts';
import { restClient } from '../rest/client.ts';

import type { Connection } from 'jsforce';
import type { RunningSandbox } from '../../support/sandbox.ts';

let sandbox: RunningSandbox;
let salesforce: Connection;
let call: ReturnType<typeof restClient>;
let accountId: string;

beforeAll(async () => {
  sandbox = await startSandbox();
  salesforce = await sandbox.connect();
  call = restClient(salesforce);
  accountId = String((await salesforce.sobject('Account').create({ Name: 'Parent' })).id);
  const contacts = Array.from({ length: 410 }, (_, at) => ({
    LastName: `Child ${String(at).padStart(3, '0')}`,
    AccountId: accountId,
  }));
  await salesforce.sobject('Contact').create(contacts, { allowRecursive: true });
});
afterAll(() => sandbox.close());

const query = <T>(soql: string, headers: Record<string, string> = {}) =>
  call<T>('GET', `/query?q=${encodeURIComponent(soql)}`, { headers });

const append = (suffix: string, what: string) =>
  `If you are attempting to use a custom ${what}, be sure to append the '${suffix}' after the custom ${what} name. Please reference your WSDL or the describe call for the appropriate names.`;

/* Snippets as recorded from real orgs: the line from the word thirty characters before the mark to the one thirty after it;
   an error of the grammar is marked one before its token, and its column counts from 0. */
describe('a mistake is shown where it is', () => {
  test.each([
    [
      `SELECT Id, Name, AccountNumber FROM AccountOpps WHERE Name like 'okToDelete%'`,
      'INVALID_TYPE',
      `\nSELECT Id, Name, AccountNumber FROM AccountOpps WHERE Name like 'okToDelete%'\n                                    ^\nERROR at Row:1:Column:37\nsObject type 'AccountOpps' is not supported. If you are attempting to use a custom object, be sure to append the '__c' after the entity name. Please reference your WSDL or the describe call for the appropriate names.`,
    ],
    [
      'SELECT Id, DepProbeField__c FROM Account LIMIT 10',
      'INVALID_FIELD',
      `\nSELECT Id, DepProbeField__c FROM Account LIMIT\n           ^\nERROR at Row:1:Column:12\nNo such column 'DepProbeField__c' on entity 'Account'. ${append('__c', 'field')}`,
    ],
    [
      `select Id, ProductCode from Product2 where ProductCode = 3999`,
      'INVALID_FIELD',
      `\nProductCode from Product2 where ProductCode = 3999\n                                ^\nERROR at Row:1:Column:44\nvalue of filter criterion for field 'ProductCode' must be of type string and should be enclosed in quotes`,
    ],
    [
      `select Id from Account where id = $sfid`,
      'MALFORMED_QUERY',
      `\nselect Id from Account where id = $sfid\n                                 ^\nERROR at Row:1:Column:34\nline 1:34 no viable alternative at character '$'`,
    ],
    [
      'SELECT Id, Name, BillingStreet, BillingPostalCode FROM Account WHERE Id = \'53\'',
      'INVALID_QUERY_FILTER_OPERATOR',
      `\nBillingPostalCode FROM Account WHERE Id = '53'\n                                     ^\nERROR at Row:1:Column:70\ninvalid ID field: 53`,
    ],
    [
      'SELECT Id FROM Contact WHERE Account.Owner.IsActive = \'x\'',
      'INVALID_FIELD',
      `\nSELECT Id FROM Contact WHERE Account.Owner.IsActive = 'x'\n                             ^\nERROR at Row:1:Column:30\nvalue of filter criterion for field 'IsActive' must be of type boolean and should not be enclosed in quotes`,
    ],
    [
      `SELECT Id FROM Account WHERE Name = 'a' AND (Name = 'b' OR Name = 'c' AND Name = 'd')`,
      'MALFORMED_QUERY',
      `\n'a' AND (Name = 'b' OR Name = 'c' AND Name = 'd')\n                                 ^\nERROR at Row:1:Column:70\nunexpected token: 'AND'`,
    ],
    [
      'SELECT Id\nFROM Account\nWHERE Nope = 1',
      'INVALID_FIELD',
      `\nWHERE Nope = 1\n      ^\nERROR at Row:3:Column:7\nNo such column 'Nope' on entity 'Account'. ${append('__c', 'field')}`,
    ],
    [
      'SELECT Id, FROM Account',
      'MALFORMED_QUERY',
      `\nSELECT Id, FROM Account\n          ^\nERROR at Row:1:Column:11\nunexpected token: 'FROM'`,
    ],
    ['SELECT Id FROM Account LIMIT -1', 'MALFORMED_QUERY', /Column:29\nunexpected token: '-1'$/],
    [`SELECT Id FROM Account WHERE Name IN ()`, 'MALFORMED_QUERY', /Column:38\nunexpected token: '\)'$/],
    [`SELECT Id FROM Account WHERE Name = 'FROM' FROM Case`, 'MALFORMED_QUERY', /Column:43\nunexpected token: 'FROM'$/],
    [`SELECT Id FROM Account WHERE Name LIKE ('a%', 'b%')`, 'MALFORMED_QUERY', /unexpected token: '\('$/],
    [`SELECT Id FROM Account WHERE Name = :name`, 'MALFORMED_QUERY', /Bind variables only allowed in Apex code$/],
    ['SELECT Id, (SELECT Id FROM Foos) FROM Account', 'INVALID_TYPE', `\nSELECT Id, (SELECT Id FROM Foos) FROM Account\n                           ^\nERROR at Row:1:Column:28\nDidn't understand relationship 'Foos' in FROM part of query call. ${append('__r', 'relationship')}`],
  ])('%s', async (soql, errorCode, message) => {
    const { status, body } = await query<unknown>(soql);
    expect(status).toBe(400);
    expect(body).toEqual([
      { errorCode, message: typeof message === 'string' ? message : (expect.stringMatching(message) as unknown) },
    ]);
  });
}); // prettier-ignore

describe('what no org answers is refused', () => {
  test.each([
    ['SELECT Name, COUNT(Id) FROM Account GROUP BY Name ORDER BY Industry', 'MALFORMED_QUERY', 'Ordered field must be grouped or aggregated: Industry'],
    [`SELECT Name, COUNT(Id) FROM Account GROUP BY Name HAVING Industry = 'x'`, 'MALFORMED_QUERY', 'Field must be grouped or aggregated: Industry'],
    ['SELECT MAX(AnnualRevenue) FROM Account LIMIT 1', 'MALFORMED_QUERY', 'Non-grouped query that uses overall aggregate functions cannot also use LIMIT'],
    ['SELECT COUNT(Id) c FROM Account GROUP BY Name ORDER BY c', 'INVALID_FIELD', "No such column 'c' on entity 'Account'"],
    ['SELECT COUNT(), Id FROM Account', 'MALFORMED_QUERY', 'Count() must be the only element in the SELECT list'],
    ['SELECT Id FROM Account WHERE COUNT(Id) > 1', 'MALFORMED_QUERY', 'Aggregate expressions are not allowed in the WHERE clause'],
    [`SELECT Id FROM Account WHERE Id LIKE '001%'`, 'INVALID_QUERY_FILTER_OPERATOR', 'invalid operator on id field'],
    [`SELECT Id FROM Account WHERE Name INCLUDES ('x')`, 'INVALID_QUERY_FILTER_OPERATOR', 'invalid operator on string field'],
    ['SELECT Id FROM Account WHERE IsDeleted > true', 'INVALID_QUERY_FILTER_OPERATOR', 'invalid operator on boolean field'],
    ['SELECT Id FROM Account WHERE Id IN (SELECT Id FROM Contact)', 'MALFORMED_QUERY', "The selected field 'Id' in the subquery and the left operand field 'Id' in the where expression in the outer query should point to the same object type"],
    ['SELECT convertCurrency(AnnualRevenue) FROM Account', 'MALFORMED_QUERY', 'convertCurrency() needs an organization with multiple currencies'],
    ['SELECT toLabel(Industry), Industry FROM Account', 'MALFORMED_QUERY', 'duplicate field selected: Industry'],
    [`SELECT ${Array.from({ length: 21 }, () => '(SELECT Id FROM Contacts)').join(', ')} FROM Account`, 'MALFORMED_QUERY', 'maximum of 20'],
    ['', 'MALFORMED_QUERY', 'SOQL statements cannot be empty or null'],
  ])('%s', async (soql, errorCode, message) => {
    const { status, body } = await query<{ errorCode: string; message: string }[]>(soql);
    expect([status, body[0]?.errorCode]).toEqual([400, errorCode]);
    expect(body[0]?.message).toContain(message);
  });

  test('a statement of more than 100,000 characters', async () => {
    const long = `SELECT Id FROM Account WHERE Name = '${'x'.repeat(100_000)}'`;
    const { body } = await call('POST', '/composite/batch', {
      body: { batchRequests: [{ method: 'GET', url: `v60.0/query?q=${encodeURIComponent(long)}` }] },
    });
    expect(JSON.stringify(body)).toContain('SOQL statements cannot be longer than 100000 characters.');
  });
}); // prettier-ignore

test.each([
  'SELECT Id FROM Account FOR UPDATE',
  'SELECT Id FROM Account LIMIT 1 FOR VIEW',
  'SELECT Id FROM Account FOR REFERENCE',
  'SELECT Id FROM Account WITH SECURITY_ENFORCED',
  `SELECT Id FROM Account WHERE Name != 'x' WITH USER_MODE LIMIT 5`,
  'SELECT Id FROM Account USING SCOPE everything',
  'SELECT FIELDS(ALL) FROM Account LIMIT 200',
  'SELECT Id, (SELECT FIELDS(STANDARD) FROM Contacts LIMIT 1) FROM Account',
])('%s answers', async (soql) => {
  const { status, body } = await query<{ totalSize: number }>(soql);
  expect([status, body.totalSize]).toEqual([200, 1]);
});

test('what is aggregated can be formatted', async () => {
  const soql = 'SELECT FORMAT(COUNT(Id)) people, FORMAT(MIN(LastName)) lowest FROM Contact WHERE AccountId != null';
  const { status, body } = await query<{ records: unknown[] }>(soql);
  expect([status, body.records]).toEqual([200, [{ attributes: { type: 'AggregateResult' }, people: '410', lowest: 'Child 000' }]]);
}); // prettier-ignore

test('LIMIT 0 asks for nothing and gets it', async () => {
  expect((await query('SELECT Id FROM Account LIMIT 0')).body).toEqual({
    totalSize: 0,
    done: true,
    records: [],
  });
});

interface Page {
  totalSize: number;
  done: boolean;
  nextRecordsUrl?: string;
  records: { LastName: string }[];
}

describe('children of a record', () => {
  const soql = 'SELECT Id, (SELECT LastName FROM Contacts ORDER BY LastName DESC) FROM Account';
  const headers = { 'Sforce-Query-Options': 'batchSize=200' };
  const first = async () =>
    (await query<{ records: [{ Contacts: Page }] }>(soql, headers)).body.records[0].Contacts;
  const next = async (page: Page) =>
    (await call<Page>('GET', String(page.nextRecordsUrl).replace('/services/data/v60.0', ''))).body;

  test('come in pages of their own when they are many', async () => {
    const one = await first();
    expect([one.totalSize, one.done, one.records.length]).toEqual([410, false, 200]);
    const two = await next(one);
    const three = await next(two);
    expect([two.done, two.totalSize, three.done, three.nextRecordsUrl]).toEqual([
      false,
      410,
      true,
      undefined,
    ]);
    const names = [one, two, three].flatMap(({ records }) => records.map(({ LastName }) => LastName));
    expect(names).toEqual(Array.from({ length: 410 }, (_, at) => `Child ${String(409 - at).padStart(3, '0')}`));
    expect(Object.keys(two.records[0] ?? {})).toEqual(['attributes', 'LastName']);
  }); // prettier-ignore

  test('may have children themselves', async () => {
    const nested = 'SELECT Name, (SELECT LastName, (SELECT Id FROM Cases) FROM Contacts LIMIT 1) FROM Account';
    const [contact] = (
      await salesforce.query<{ Id: string }>('SELECT Id FROM Contact ORDER BY Id LIMIT 1')
    ).records;
    await salesforce.sobject('Case').create({ Subject: 'x', ContactId: String(contact?.Id) });
    const { body } = await query<{ records: unknown[] }>(nested.replace('LIMIT 1', 'ORDER BY Id LIMIT 1'));
    const cases = { totalSize: 1, done: true, records: [{ Id: expect.stringMatching(/^500/) as unknown }] };
    expect(body.records).toMatchObject([{ Contacts: { totalSize: 1, records: [{ Cases: cases }] } }]);
  }); // prettier-ignore
});

describe('a locator', () => {
  const headers = { 'Sforce-Query-Options': 'batchSize=200' };
  const open = async () =>
    String(
      (await query<Page>('SELECT LastName FROM Contact', headers)).body.nextRecordsUrl,
    ).replace('/services/data/v60.0', ''); // prettier-ignore
  const gone = { status: 400, body: [{ message: 'invalid query locator', errorCode: 'INVALID_QUERY_LOCATOR' }] };

  test('gives way when a user opens an eleventh', async () => {
    const oldest = await open();
    for (let count = 0; count < 9; count += 1) await open();
    expect((await call('GET', oldest)).status).toBe(200);
    await open();
    expect(await call('GET', oldest)).toMatchObject(gone);
  });

  test('expires after two days without use', async () => {
    const locator = await open();
    sandbox.org.clock.setOffset(47 * 3_600_000);
    expect((await call('GET', locator)).status).toBe(200);
    sandbox.org.clock.setOffset(96 * 3_600_000);
    expect(await call('GET', locator)).toMatchObject(gone);
    sandbox.org.clock.setOffset(0);
  });

  test('is refused where it names no page, or belongs to nobody', async () => {
    const locator = await open();
    expect(await call('GET', locator.replace(/-\d+$/, '-999999'))).toMatchObject(gone);
    expect(await call('GET', '/query/01gnonsense')).toMatchObject(gone);
    expect(await call('GET', '/queryAll/01g5g0000000000AAA-2000')).toMatchObject(gone);
  });
}); // prettier-ignore

test('explain names the object, how it would be read and what it costs', async () => {
  const { body } = await call<{ plans: Record<string, unknown>[] }>('GET', `/query/?explain=${encodeURIComponent(`SELECT Id FROM Account WHERE Name = 'Parent'`)}`); // prettier-ignore
  expect(body).toMatchObject({ sourceQuery: `SELECT Id FROM Account WHERE Name = 'Parent'` });
  expect(Object.keys(body.plans[0] ?? {}).sort()).toEqual([
    'cardinality', 'fields', 'leadingOperationType', 'notes', 'relativeCost', 'sobjectCardinality', 'sobjectType',
  ]); // prettier-ignore
  const wrong = await call('GET', `/query?explain=${encodeURIComponent('SELECT Foo FROM Account')}`);
  expect(wrong).toMatchObject({ status: 400, body: [{ errorCode: 'INVALID_FIELD' }] });
});
