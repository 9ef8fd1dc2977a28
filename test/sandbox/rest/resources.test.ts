import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { startSandbox } from '../../support/sandbox.ts';

import { restClient } from './client.ts';

import type { Connection } from 'jsforce';
import type { RunningSandbox } from '../../support/sandbox.ts';

let sandbox: RunningSandbox;
let salesforce: Connection;
let request: ReturnType<typeof restClient>;

beforeAll(async () => {
  sandbox = await startSandbox();
  salesforce = await sandbox.connect();
  request = restClient(salesforce);
});

afterAll(() => sandbox.close());

const account = async (Name: string) => String((await salesforce.sobject('Account').create({ Name })).id);

describe('versions', () => {
  test('are listed without a session, from 31.0 to 68.0', async () => {
    const versions = (await (await fetch(`${sandbox.url}/services/data`)).json()) as {
      version: string;
      label: string;
    }[];
    expect([versions[0], versions.at(-1)]).toEqual([
      { label: "Summer '14", url: '/services/data/v31.0', version: '31.0' },
      { label: "Winter '27", url: '/services/data/v68.0', version: '68.0' },
    ]);
  });

  test('older ones are gone and newer ones unknown', async () => {
    const status = async (version: string) =>
      (
        await fetch(`${sandbox.url}/services/data/${version}/limits`, {
          headers: { authorization: `Bearer ${String(salesforce.accessToken)}` },
        })
      ).status;
    expect([
      await status('v20.0'),
      await status('v31.0'),
      await status('v68.0'),
      await status('latest'),
    ]).toEqual([410, 200, 200, 404]);
  });

  test('before 46.0 an update by external id answers nothing', async () => {
    const { records } = await salesforce.query<{ Username: string }>('SELECT Username FROM User LIMIT 1');
    const upsert = (version: string) =>
      fetch(
        `${sandbox.url}/services/data/${version}/sobjects/User/Username/${String(records[0]?.Username)}`,
        {
          method: 'PATCH',
          headers: { authorization: `Bearer ${String(salesforce.accessToken)}` },
          body: '{"Title":"x"}',
        },
      );
    expect([(await upsert('v45.0')).status, (await upsert('v46.0')).status]).toEqual([204, 200]);
  });
});

describe('changes', () => {
  const span = () => [new Date(Date.now() - 3600_000), new Date(Date.now() + 60_000)] as const;

  test('updated records are listed until they are deleted, then as deleted', async () => {
    const id = await account('Changed');
    expect((await salesforce.sobject('Account').updated(...span())).ids).toContain(id);
    await salesforce.sobject('Account').destroy(id);
    expect((await salesforce.sobject('Account').updated(...span())).ids).not.toContain(id);
    const { deletedRecords, latestDateCovered } = await salesforce.sobject('Account').deleted(...span());
    expect(deletedRecords.map((record) => record.id)).toContain(id);
    expect(Date.parse(latestDateCovered.replace('+0000', 'Z'))).toBeLessThanOrEqual(Date.now());
  });

  test('are not known for more than 30 days', async () => {
    await expect(
      salesforce.sobject('Account').updated(new Date(Date.now() - 31 * 86_400_000), new Date()),
    ).rejects.toMatchObject({ errorCode: 'INVALID_REPLICATION_DATE' });
  });
});

describe('limits', () => {
  test('every answer tells how many requests the day has had', async () => {
    await salesforce.query('SELECT Id FROM Account LIMIT 1');
    const before = salesforce.limitInfo.apiUsage?.used ?? 0;
    const limit = sandbox.org.limits.dailyMax;
    await salesforce.query('SELECT Id FROM Account LIMIT 1');
    expect(salesforce.limitInfo.apiUsage).toEqual({ used: before + 1, limit });
    const { DailyApiRequests } = await salesforce.limits();
    expect(DailyApiRequests).toEqual({ Max: limit, Remaining: limit - before - 2 });
  });

  test('when they are used up everything is refused', async () => {
    const limit = sandbox.org.limits.dailyMax;
    sandbox.org.limits.dailyMax = sandbox.org.limits.dailyUsed;
    await expect(salesforce.query('SELECT Id FROM Account')).rejects.toMatchObject({
      errorCode: 'REQUEST_LIMIT_EXCEEDED',
      message: 'TotalRequests Limit exceeded.',
    });
    sandbox.org.limits.dailyMax = limit;
    await expect(salesforce.query('SELECT Id FROM Account')).resolves.toHaveProperty('done', true);
  });

  test('records are counted without those in the recycle bin', async () => {
    const count = async () =>
      (
        await request<{ sObjects: { count: number; name: string }[] }>(
          'GET',
          '/limits/recordCount?sObjects=Account',
        )
      ).body.sObjects[0]?.count ?? 0;
    const before = await count();
    const id = await account('Counted');
    expect(await count()).toBe(before + 1);
    await salesforce.sobject('Account').destroy(id);
    expect(await count()).toBe(before);
  });
});

describe('a search', () => {
  test('finds records by the start of a word, in the objects that it returns', async () => {
    const id = await account('Lighthouse Partners');
    const { searchRecords } = await salesforce.search(
      'FIND {lighth*} IN NAME FIELDS RETURNING Account(Id, Name LIMIT 5), Contact LIMIT 10',
    );
    expect(searchRecords).toEqual([
      {
        attributes: expect.objectContaining({ type: 'Account' }) as unknown,
        Id: id,
        Name: 'Lighthouse Partners',
      },
    ]);
  });

  test('narrows and sorts as SOQL does', async () => {
    for (const Site of ['North', 'South', 'West'])
      await salesforce.sobject('Account').create({ Name: 'Beacon', Site });
    const sosl = `FIND {beacon} RETURNING Account(Site WHERE Site IN ('North', 'West') ORDER BY Site DESC), Contact(Id)`;
    const { searchRecords } = await salesforce.search(sosl);
    expect(searchRecords.map((record) => (record as unknown as { Site: string }).Site)).toEqual([
      'West',
      'North',
    ]);
  });

  test('by parameters looks where it is told', async () => {
    const { body } = await request('GET', '/parameterizedSearch?q=beacon&sobject=Contact');
    expect(body).toEqual({ searchRecords: [] });
  });
});

test('a record answers with the fields asked for, and when it was changed', async () => {
  const id = await account('Asked');
  const { body, headers } = await request('GET', `/sobjects/Account/${id}?fields=Name,LastModifiedDate`);
  expect(Object.keys(body as object)).toEqual(['attributes', 'Name', 'LastModifiedDate']);
  expect(headers.get('etag')).toBeTruthy();
  expect(Date.parse(String(headers.get('last-modified')))).toBeLessThanOrEqual(Date.now());
});

test('a record leads to its parent and its children by their relationship names', async () => {
  const id = await account('Family');
  const { id: contact } = await salesforce.sobject('Contact').create({ LastName: 'Member', AccountId: id });
  expect(
    (await request('GET', `/sobjects/Contact/${String(contact)}/Account?fields=Name`)).body,
  ).toMatchObject({ Name: 'Family' });
  expect((await request('GET', `/sobjects/Account/${id}/Contacts?fields=LastName`)).body).toMatchObject({
    records: [{ LastName: 'Member' }],
  });
  expect((await request('GET', `/sobjects/Account/${id}/Parent`)).status).toBe(404);
});

test('a client that cannot send PATCH may say so in the address', async () => {
  const id = await account('Patched');
  expect(
    (await request('POST', `/sobjects/Account/${id}?_HttpMethod=PATCH`, { body: { Site: 'x' } })).status,
  ).toBe(204);
});

test('features that nobody has set up are empty', async () => {
  expect(await salesforce.tabs()).toEqual([]);
  expect(await salesforce.sobject('Account').listviews()).toMatchObject({ listviews: [] });
});

test('an address of more than 16,384 bytes is refused in HTML', async () => {
  const answer = await fetch(`${sandbox.url}/services/data/v60.0/query?q=${'x'.repeat(16_400)}`);
  expect([answer.status, await answer.text()]).toEqual([
    414,
    '<h1>Bad Message 414</h1><pre>reason: URI Too Long</pre>',
  ]);
});

describe('requests that no resource takes', () => {
  test.each([
    ['GET /sobjects/Nope', undefined, 404, 'NOT_FOUND'],
    ['GET /nope', undefined, 404, 'NOT_FOUND'],
    ['PUT /sobjects/Account', {}, 405, 'METHOD_NOT_ALLOWED'],
    ['POST /sobjects/Account', '{"Name":', 400, 'JSON_PARSER_ERROR'],
    ['POST /sobjects/Account', undefined, 400, 'JSON_PARSER_ERROR'],
    ['GET /sobjects/Account/001', undefined, 404, 'NOT_FOUND'],
    ['GET /sobjects/Account/003000000000001AAA', undefined, 404, 'NOT_FOUND'],
    ['GET /sobjects/Account/Foo__c/1', undefined, 404, 'NOT_FOUND'],
    ['GET /query', undefined, 400, 'MALFORMED_QUERY'],
    ['GET /search?q=lighthouse', undefined, 400, 'MALFORMED_SEARCH'],
  ])('%s', async (line, body, status, errorCode) => {
    const [method = '', path = ''] = line.split(' ');
    expect(await request(method, path, { body })).toMatchObject({ status, body: [{ errorCode }] });
  });

  test('another content type', async () => {
    expect(
      await request('POST', '/sobjects/Account', {
        body: '<a/>',
        headers: { 'content-type': 'application/xml' },
      }),
    ).toMatchObject({ status: 415, body: [{ errorCode: 'UNSUPPORTED_MEDIA_TYPE' }] });
  });

  test('without a session', async () => {
    const answer = await fetch(`${sandbox.url}/services/data/v60.0/limits`);
    expect([answer.status, await answer.json()]).toEqual([
      401,
      [{ message: 'Session expired or invalid', errorCode: 'INVALID_SESSION_ID' }],
    ]);
  });
});
