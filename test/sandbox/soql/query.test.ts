import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { createTestDatabase, onServer } from '../../support/database.ts';
import { startSandbox } from '../../support/sandbox.ts';

import type { Connection } from 'jsforce';
import type { RunningSandbox } from '../../support/sandbox.ts';

let sandbox: RunningSandbox;
let salesforce: Connection;
let databaseUrl: string;
const id: Record<string, string> = {};

beforeAll(async () => {
  databaseUrl = await createTestDatabase('empty');
  sandbox = await startSandbox(databaseUrl);
  salesforce = await sandbox.connect();
  await create('Account', 'harbor', {
    Name: 'Harbor Bank',
    Industry: 'Banking',
    AnnualRevenue: 900,
    BillingCity: 'Bremen',
  });
  await create('Account', 'atoll', {
    Name: 'atoll energy',
    Industry: 'Energy',
    AnnualRevenue: 100,
    ParentId: id.harbor,
  });
  await create('Account', 'quay', { Name: "O'Quay 100%", ParentId: id.atoll });
  await create('Contact', 'ines', {
    LastName: 'Silva',
    FirstName: 'Ines',
    AccountId: id.harbor,
    Email: 'Ines@Harbor.example',
  });
  await create('Contact', 'omar', { LastName: 'Brandt', FirstName: 'Omar', AccountId: id.harbor });
  await create('Contact', 'noor', { LastName: 'Alone' });
  await create('Case', 'case', { Subject: 'Backup fails', ContactId: id.ines, Priority: 'High' });
  await create('Task', 'call', { Subject: 'Call back', WhatId: id.case, WhoId: id.ines });
});

afterAll(() => sandbox.close());

async function create(object: string, name: string, record: Record<string, unknown>): Promise<void> {
  const result = await salesforce.sobject(object).create(record);
  id[name] = String(result.id);
}

const names = async (soql: string) =>
  (await salesforce.query<{ Name: string }>(soql)).records.map((record) => record.Name);
const first = async (soql: string) => (await salesforce.query<Record<string, unknown>>(soql)).records[0];

interface Family {
  Name: string;
  Contacts: { records: unknown[] } | null;
  ChildAccounts: { records: unknown[] } | null;
}

describe('selecting', () => {
  test('field names come back in their own case and in the order asked for', async () => {
    const record = await first(`select industry, NAME, id from account where name = 'Harbor Bank'`);
    expect(Object.keys(record ?? {})).toEqual(['attributes', 'Industry', 'Name', 'Id']);
    expect(record?.attributes).toEqual({
      type: 'Account',
      url: `/services/data/v60.0/sobjects/Account/${String(id.harbor)}`,
    });
  });

  test('parents are nested, null where the lookup is empty, up to five levels up', async () => {
    const own = await first(
      `SELECT Account.Owner.Profile.Name, Account.Name FROM Contact WHERE LastName = 'Silva'`,
    );
    expect(own).toMatchObject({
      Account: { Name: 'Harbor Bank', Owner: { Profile: { Name: 'System Administrator' } } },
    });
    expect(await first(`SELECT Account.Name FROM Contact WHERE LastName = 'Alone'`)).toMatchObject({
      Account: null,
    });
    expect(await names(`SELECT Name FROM Account WHERE Parent.Parent.Name = 'Harbor Bank'`)).toEqual([
      "O'Quay 100%",
    ]);
  });

  test('children are a sub-query with its own filter, order and limit; null when there are none', async () => {
    const soql =
      'SELECT Name, (SELECT LastName FROM Contacts ORDER BY LastName LIMIT 1), (SELECT Id FROM ChildAccounts) FROM Account ORDER BY Name';
    const { records } = await salesforce.query<Family>(soql);
    const harbor = records.find((record) => record.Name === 'Harbor Bank');
    expect(harbor?.Contacts).toMatchObject({ totalSize: 1, done: true, records: [{ LastName: 'Brandt' }] });
    expect(harbor?.ChildAccounts?.records).toHaveLength(1);
    expect(records.find((record) => record.Name === "O'Quay 100%")?.Contacts).toBeNull();
  });

  test('references to several objects answer by name and type, and TYPEOF by what they point at', async () => {
    const soql = `SELECT Who.Name, What.Type, Owner.Name, TYPEOF What WHEN Case THEN Subject, Priority ELSE Name END FROM Task`;
    const record = await first(soql.replace('What.Type, ', ''));
    expect(record).toMatchObject({
      Who: { attributes: { type: 'Name' }, Name: 'Ines Silva' },
      What: { attributes: { type: 'Case' }, Subject: 'Backup fails', Priority: 'High' },
      Owner: { Name: 'Ada Thornton' },
    });
    expect(await first('SELECT What.Type, What.Name FROM Task')).toMatchObject({
      What: { Type: 'Case', Name: '00001001' },
    });
  });

  test('compound addresses are objects and empty ones null', async () => {
    expect(
      await first(`SELECT BillingAddress, ShippingAddress FROM Account WHERE Name = 'Harbor Bank'`),
    ).toMatchObject({
      BillingAddress: { city: 'Bremen', street: null, geocodeAccuracy: null },
      ShippingAddress: null,
    });
  });

  test('FIELDS(STANDARD) selects every standard field', async () => {
    expect(await first('SELECT FIELDS(STANDARD) FROM Account LIMIT 1')).toHaveProperty(
      'NumberOfEmployees',
      null,
    );
  });

  test('aliases of the FROM clause may go through relationships', async () => {
    const { totalSize } = await salesforce.query(
      `SELECT c.Id, a.Name FROM Contact c, c.Account a WHERE a.Name = 'Harbor Bank'`,
    );
    expect(totalSize).toBe(2);
  });
});

describe('filtering', () => {
  test.each([
    [`Name = 'HARBOR BANK'`, ['Harbor Bank']],
    [`Name = 'O\\'Quay 100%'`, ["O'Quay 100%"]],
    [`Name LIKE '%100\\%'`, ["O'Quay 100%"]],
    [`Name LIKE 'a_oll%'`, ['atoll energy']],
    [`Industry != 'Banking'`, ['atoll energy', "O'Quay 100%"]],
    [`(NOT Industry = 'Banking')`, ['atoll energy', "O'Quay 100%"]],
    [`Industry NOT IN ('Banking', 'Energy')`, ["O'Quay 100%"]],
    [`Industry IN ('Energy', null)`, ['atoll energy', "O'Quay 100%"]],
    [`Industry = null`, ["O'Quay 100%"]],
    [`Industry = ''`, ["O'Quay 100%"]],
    [`AnnualRevenue > 1e2`, ['Harbor Bank']],
    [`AnnualRevenue >= 100 AND (Industry = 'Energy' OR Name = 'nobody')`, ['atoll energy']],
    [`Parent.Industry = 'Banking'`, ['atoll energy']],
    [`CreatedDate = TODAY AND CreatedDate > LAST_N_DAYS:1 AND Industry = 'Energy'`, []],
    [`CreatedDate >= TODAY AND LastModifiedDate < TOMORROW AND Industry = 'Energy'`, ['atoll energy']],
    [`CreatedDate < 2020-01-01T00:00:00+02:00`, []],
    [`Id IN (SELECT AccountId FROM Contact WHERE Email LIKE '%@harbor.example')`, ['Harbor Bank']],
    [`Id NOT IN (SELECT AccountId FROM Contact)`, ['atoll energy', "O'Quay 100%"]],
    [`CALENDAR_YEAR(CreatedDate) < 2020`, []],
  ])('WHERE %s', async (condition, expected) => {
    expect(await names(`SELECT Name FROM Account WHERE ${condition} ORDER BY Name`)).toEqual(expected);
  });

  test('ids are found in their short form as in their long one', async () => {
    expect(await names(`SELECT Name FROM Account WHERE Id = '${String(id.harbor).slice(0, 15)}'`)).toEqual([
      'Harbor Bank',
    ]);
  });

  test('a multi-select picklist includes any of the listed combinations', async () => {
    const relation = await first(
      `SELECT Id FROM AccountContactRelation WHERE ContactId = '${String(id.ines)}'`,
    );
    await salesforce
      .sobject('AccountContactRelation')
      .update({ Id: String(relation?.Id), Roles: 'Influencer;Evaluator;Other' });
    const count = async (values: string) =>
      (await salesforce.query(`SELECT Id FROM AccountContactRelation WHERE Roles ${values}`)).totalSize;
    expect(await count(`INCLUDES ('Evaluator;Other')`)).toBe(1);
    expect(await count(`INCLUDES ('Evaluator;Decision Maker')`)).toBe(0);
    expect(await count(`EXCLUDES ('Evaluator')`)).toBe(1);
  });

  test('USING SCOPE mine leaves out what belongs to others', async () => {
    await create('Group', 'queue', { Name: 'Queue', Type: 'Queue' });
    await create('QueueSobject', 'queueable', { QueueId: id.queue, SobjectType: 'Case' });
    await create('Case', 'queued', { Subject: 'Not mine', OwnerId: id.queue });
    const { records } = await salesforce.query('SELECT Subject FROM Case USING SCOPE mine');
    expect(records).toMatchObject([{ Subject: 'Backup fails' }]);
  });

  test('deleted rows stay out, and in with ALL ROWS', async () => {
    await create('Account', 'gone', { Name: 'Gone' });
    await salesforce.sobject('Account').destroy(String(id.gone));
    expect(await names(`SELECT Name FROM Account WHERE Name = 'Gone'`)).toEqual([]);
    expect(await names(`SELECT Name FROM Account WHERE Name = 'Gone' ALL ROWS`)).toEqual(['Gone']);
  });
});

describe('ordering and paging', () => {
  test('text is sorted without regard to case, nulls first unless they are to be last', async () => {
    expect(await names('SELECT Name FROM Account ORDER BY Name')).toEqual([
      'atoll energy',
      'Harbor Bank',
      "O'Quay 100%",
    ]);
    expect((await names('SELECT Name FROM Account ORDER BY Industry DESC'))[0]).toBe("O'Quay 100%");
    expect((await names('SELECT Name FROM Account ORDER BY Industry NULLS LAST')).at(-1)).toBe("O'Quay 100%");
    expect(await names('SELECT Name FROM Account ORDER BY Name LIMIT 1 OFFSET 1')).toEqual(['Harbor Bank']);
  });

  test('a long result comes in pages that show what the query found', async () => {
    const rows = Array.from({ length: 450 }, (_, at) => ({
      LastName: `Page ${String(at).padStart(3, '0')}`,
    }));
    await salesforce.sobject('Contact').create(rows, { allowRecursive: true });
    const soql = `SELECT LastName FROM Contact WHERE LastName LIKE 'Page %' ORDER BY LastName`;
    const page = await salesforce.query<{ LastName: string }>(soql, {
      headers: { 'Sforce-Query-Options': 'batchSize=200' },
    });
    expect([page.totalSize, page.records.length, page.done]).toEqual([450, 200, false]);
    expect(page.nextRecordsUrl).toMatch(/\/query\/01g\w{15}-200$/);
    await salesforce.sobject('Contact').create({ LastName: 'Page 0000 came later' });
    const second = await salesforce.queryMore<{ LastName: string }>(String(page.nextRecordsUrl));
    const third = await salesforce.queryMore<{ LastName: string }>(String(second.nextRecordsUrl));
    expect(third.done).toBe(true);
    const all = [page, second, third].flatMap((each) => each.records.map((record) => record.LastName));
    expect(all).toEqual(rows.map((row) => row.LastName));
  });

  test('a locator that there never was, or of another user, is refused', async () => {
    await expect(salesforce.queryMore('/services/data/v60.0/query/01g5g0000000000AAA-2000')).rejects.toThrow(
      'invalid query locator',
    );
  });
});

describe('aggregating', () => {
  test('COUNT() answers with a number and no records', async () => {
    expect(await salesforce.query('SELECT COUNT() FROM Account')).toMatchObject({
      totalSize: 3,
      records: [],
      done: true,
    });
  });

  test('groups are named by field, alias, or expr0 onwards', async () => {
    const soql =
      'SELECT Account.Name, COUNT(Id) people, MIN(LastName) FROM Contact WHERE AccountId != null GROUP BY Account.Name HAVING COUNT(Id) > 1';
    expect((await salesforce.query(soql)).records).toEqual([
      { attributes: { type: 'AggregateResult' }, Name: 'Harbor Bank', people: 2, expr0: 'Brandt' },
    ]);
  });

  test('sub-totals, date parts and distinct counts', async () => {
    const totals = await salesforce.query<{ Industry: string | null; n: number }>(
      'SELECT Industry, COUNT(Id) n FROM Account WHERE Industry != null GROUP BY ROLLUP(Industry) ORDER BY COUNT(Id) DESC',
    );
    expect(totals.records[0]).toMatchObject({ Industry: null, n: 2 });
    const year = new Date().getUTCFullYear();
    expect(
      await first(
        'SELECT CALENDAR_YEAR(CreatedDate) y, COUNT_DISTINCT(Industry) i, SUM(AnnualRevenue) s FROM Account GROUP BY CALENDAR_YEAR(CreatedDate)',
      ),
    ).toMatchObject({ y: year, i: 2, s: 1000 });
  });
});

test('date parts are those of UTC, or of the clocks where the user is', async () => {
  const { id: user } = salesforce.userInfo ?? {};
  const hours = async () =>
    first(`SELECT HOUR_IN_DAY(CreatedDate) utc, HOUR_IN_DAY(convertTimezone(CreatedDate)) own FROM Account
           WHERE Id = '${String(id.harbor)}' GROUP BY HOUR_IN_DAY(CreatedDate), HOUR_IN_DAY(convertTimezone(CreatedDate))`);
  await salesforce.sobject('User').update({ Id: String(user), TimeZoneSidKey: 'Asia/Tokyo' });
  const record = await hours();
  expect(record?.own).toBe((Number(record?.utc) + 9) % 24);
});

describe('mistakes', () => {
  test.each([
    [
      'SELECT Id, Foo FROM Account',
      'INVALID_FIELD',
      `\nSELECT Id, Foo FROM Account\n           ^\nERROR at Row:1:Column:12\nNo such column 'Foo' on entity 'Account'. If you are attempting to use a custom field, be sure to append the '__c' after the custom field name. Please reference your WSDL or the describe call for the appropriate names.`,
    ],
    ['SELECT Id,\nFoo FROM Account', 'INVALID_FIELD', /ERROR at Row:2:Column:1\n/],
    [
      'SELECT Id FROM Acount',
      'INVALID_TYPE',
      /Column:16\nsObject type 'Acount' is not supported\. If you are/,
    ],
    [
      'SELECT Id FROM Account WHERE Boss.Name = null',
      'INVALID_FIELD',
      /Didn't understand relationship 'Boss' in field path/,
    ],
    [
      'SELECT Id, (SELECT Id FROM Cnts) FROM Account',
      'INVALID_TYPE',
      /Didn't understand relationship 'Cnts' in FROM part of query call/,
    ],
    ['SELECT Id FRM Account', 'MALFORMED_QUERY', /unexpected token: 'Account'/],
    ['SELECT Id FROM Account WHERE', 'MALFORMED_QUERY', /unexpected token: '<EOF>'/],
    [
      `SELECT Id FROM Account WHERE Name = 'a' OR Name = 'b' AND Name = 'c'`,
      'MALFORMED_QUERY',
      /unexpected token: 'AND'/,
    ],
    [
      `SELECT Id FROM Account WHERE CreatedDate > '2026-01-01'`,
      'INVALID_FIELD',
      /Column:30\nvalue of filter criterion for field 'CreatedDate' must be of type dateTime and should not be enclosed in quotes/,
    ],
    [
      'SELECT Id FROM Account WHERE Name = 5',
      'INVALID_FIELD',
      /must be of type string and should be enclosed in quotes/,
    ],
    [
      `SELECT Id FROM Account WHERE Id = 'nope'`,
      'INVALID_QUERY_FILTER_OPERATOR',
      /Column:30\ninvalid ID field: nope/,
    ],
    [
      `SELECT Id FROM Account WHERE Description = 'x'`,
      'INVALID_FIELD',
      /field 'Description' can not be filtered in a query call/,
    ],
    ['SELECT Id FROM Account ORDER BY Description', 'INVALID_FIELD', /can not be sorted/],
    [
      'SELECT Id, COUNT(Name) FROM Account GROUP BY Name',
      'MALFORMED_QUERY',
      /Field must be grouped or aggregated: Id/,
    ],
    ['SELECT Id, Id FROM Account', 'MALFORMED_QUERY', /duplicate field selected: Id/],
    ['SELECT Name n FROM Account', 'MALFORMED_QUERY', /only aggregate expressions use field aliasing/],
    [
      'SELECT FIELDS(ALL) FROM Account',
      'MALFORMED_QUERY',
      /The SOQL FIELDS function must have a LIMIT of at most 200/,
    ],
    [
      'SELECT Id FROM Account LIMIT 1 OFFSET 2001',
      'NUMBER_OUTSIDE_VALID_RANGE',
      /Maximum SOQL offset allowed is 2000/,
    ],
    [
      'SELECT Id FROM ContentDocumentLink',
      'MALFORMED_QUERY',
      /Implementation restriction: ContentDocumentLink requires a filter/,
    ],
  ])('%s', async (soql, errorCode, message) => {
    await expect(salesforce.query(soql)).rejects.toMatchObject({
      errorCode,
      message: typeof message === 'string' ? message : (expect.stringMatching(message) as string),
    });
  });
});

test('when PostgreSQL ends its connections, open locators are lost and everything else goes on', async () => {
  const soql = `SELECT Id FROM Contact`;
  const headers = { 'Sforce-Query-Options': 'batchSize=200' };
  const { nextRecordsUrl } = await salesforce.query(soql, { headers });
  const running = Promise.allSettled([salesforce.query(soql, { headers })]);
  await onServer(
    `select pg_terminate_backend(pid) from pg_stat_activity where datname = '${new URL(databaseUrl).pathname.slice(1)}'`,
  );
  await running;
  await expect(salesforce.queryMore(String(nextRecordsUrl))).rejects.toMatchObject({
    errorCode: 'INVALID_QUERY_LOCATOR',
  });
  expect((await salesforce.query(soql, { headers })).done).toBe(false);
});
