import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { startSandbox } from '../../support/sandbox.ts';

import { restClient } from './client.ts';

import type { Connection } from 'jsforce';
import type { RunningSandbox } from '../../support/sandbox.ts';

const base = '/services/data/v60.0';
let sandbox: RunningSandbox;
let salesforce: Connection;
let request: ReturnType<typeof restClient>;

beforeAll(async () => {
  sandbox = await startSandbox();
  salesforce = await sandbox.connect();
  request = restClient(salesforce);
});

afterAll(() => sandbox.close());

interface SubAnswer {
  body: { id: string; records: Record<string, unknown>[] } & { errorCode: string; message: string }[];
  httpHeaders: Record<string, string>;
  httpStatusCode: number;
  referenceId: string;
}

const composite = async (compositeRequest: unknown[], allOrNone = false) =>
  (
    await request<{ compositeResponse: SubAnswer[] }>('POST', '/composite', {
      body: { allOrNone, compositeRequest },
    })
  ).body.compositeResponse;
const post = (referenceId: string, object: string, body: unknown) => ({
  method: 'POST',
  url: `${base}/sobjects/${object}`,
  referenceId,
  body,
});
const count = async (name: string) =>
  (await salesforce.query(`SELECT Id FROM Account WHERE Name = '${name}'`)).totalSize;

describe('composite', () => {
  test('a request may use what earlier ones answered, in its address and its body', async () => {
    const [account, contact, query] = await composite([
      post('account', 'Account', { Name: 'Composite' }),
      post('contact', 'Contact', { LastName: 'C', AccountId: '@{account.id}' }),
      {
        method: 'GET',
        url: `${base}/query?q=SELECT+Id,Account.Name+FROM+Contact+WHERE+Id='@{contact.id}'`,
        referenceId: 'query',
      },
    ]);
    expect(account).toMatchObject({
      httpStatusCode: 201,
      referenceId: 'account',
      httpHeaders: { Location: `${base}/sobjects/Account/${String(account?.body.id)}` },
    });
    expect(query?.body.records).toMatchObject([{ Id: contact?.body.id, Account: { Name: 'Composite' } }]);
  });

  test('a record of a query before it can be referred to by position', async () => {
    const [, update] = await composite([
      {
        method: 'GET',
        url: `${base}/query?q=SELECT Id FROM Account WHERE Name = 'Composite'`,
        referenceId: 'found',
      },
      {
        method: 'PATCH',
        url: `${base}/sobjects/Account/@{found.records[0].Id}`,
        referenceId: 'update',
        body: { Site: 'x' },
      },
    ]);
    expect(update).toEqual({ body: null, httpHeaders: {}, httpStatusCode: 204, referenceId: 'update' });
  });

  test('without allOrNone what succeeded stays, and what depends on a failure is not tried', async () => {
    const answers = await composite([
      post('good', 'Account', { Name: 'Stays' }),
      post('bad', 'Account', {}),
      post('child', 'Contact', { LastName: 'x', AccountId: '@{bad.id}' }),
    ]);
    expect(answers.map((answer) => answer.httpStatusCode)).toEqual([201, 400, 400]);
    expect(answers[2]?.body[0]).toMatchObject({
      errorCode: 'PROCESSING_HALTED',
      message: expect.stringContaining('Invalid reference specified.') as string,
    });
    expect(await count('Stays')).toBe(1);
  });

  test('with allOrNone a failure takes all back and says so of every other request', async () => {
    const answers = await composite(
      [
        post('good', 'Account', { Name: 'Goes' }),
        post('bad', 'Contact', {}),
        post('later', 'Account', { Name: 'Goes' }),
      ],
      true,
    );
    const halted = [
      {
        errorCode: 'PROCESSING_HALTED',
        message: 'The transaction was rolled back since another operation in the same transaction failed.',
      },
    ];
    expect(answers.map(({ body }) => body)).toEqual([
      halted,
      [
        {
          errorCode: 'REQUIRED_FIELD_MISSING',
          message: 'Required fields are missing: [LastName]',
          fields: ['LastName'],
        },
      ],
      halted,
    ]);
    expect(await count('Goes')).toBe(0);
  });

  test('its allOrNone stands above that of a collection inside', async () => {
    const records = [{ attributes: { type: 'Account' }, Name: 'Inner' }, { attributes: { type: 'Account' } }];
    const collection = {
      method: 'POST',
      url: `${base}/composite/sobjects`,
      referenceId: 'both',
      body: { allOrNone: true, records },
    };
    const [answer] = await composite([collection]);
    expect(answer?.body).toMatchObject([{ success: true }, { success: false }]);
    expect(await count('Inner')).toBe(1);
  });

  test('no more than 25 requests, 5 of them queries, each under a name of its own', async () => {
    const many = (length: number, url: string) =>
      Array.from({ length }, (_, at) => ({ method: 'GET', url, referenceId: `r${String(at)}` }));
    const status = async (compositeRequest: unknown[]) =>
      (await request('POST', '/composite', { body: { compositeRequest } })).status;
    expect(await status(many(26, `${base}/limits`))).toBe(400);
    expect(await status(many(6, `${base}/query?q=SELECT+Id+FROM+Account`))).toBe(400);
    expect(await status([...many(1, `${base}/limits`), ...many(1, `${base}/limits`)])).toBe(400);
  });
});

test('a batch answers for each request and halts when told to', async () => {
  const batchRequests = ['v60.0/limits', 'v60.0/sobjects/Nope/describe', 'v60.0/sobjects'].map((url) => ({
    method: 'GET',
    url,
  }));
  const run = async (haltOnError: boolean) =>
    (
      await request<{ hasErrors: boolean; results: { statusCode: number }[] }>('POST', '/composite/batch', {
        body: { haltOnError, batchRequests },
      })
    ).body;
  const { hasErrors, results } = await run(false);
  expect([hasErrors, results.map((result) => result.statusCode)]).toEqual([true, [200, 404, 200]]);
  expect((await run(true)).results.map((result) => result.statusCode)).toEqual([200, 404, 412]);
});

test('each graph is whole or not at all', async () => {
  const graphs = [
    {
      graphId: 'good',
      compositeRequest: [
        post('a', 'Account', { Name: 'Graph good' }),
        post('c', 'Contact', { LastName: 'x', AccountId: '@{a.id}' }),
      ],
    },
    {
      graphId: 'bad',
      compositeRequest: [post('a', 'Account', { Name: 'Graph bad' }), post('c', 'Contact', {})],
    },
  ];
  const { body } = await request<{ graphs: { graphId: string; isSuccessful: boolean }[] }>(
    'POST',
    '/composite/graph',
    { body: { graphs } },
  );
  expect(body.graphs.map(({ graphId, isSuccessful }) => [graphId, isSuccessful])).toEqual([
    ['good', true],
    ['bad', false],
  ]);
  expect([await count('Graph good'), await count('Graph bad')]).toEqual([1, 0]);
});

describe('trees', () => {
  const tree = (contact: Record<string, unknown>) => ({
    records: [
      {
        attributes: { type: 'Account', referenceId: 'a' },
        Name: 'Tree',
        Contacts: { records: [{ attributes: { type: 'Contact', referenceId: 'c' }, ...contact }] },
      },
    ],
  });

  test('create parents with their children', async () => {
    const { status, body } = await request<{ hasErrors: boolean; results: { referenceId: string }[] }>(
      'POST',
      '/composite/tree/Account',
      { body: tree({ LastName: 'Leaf' }) },
    );
    expect([status, body.hasErrors, body.results.map((result) => result.referenceId)]).toEqual([
      201,
      false,
      ['a', 'c'],
    ]);
    expect(
      (await salesforce.query(`SELECT Id FROM Contact WHERE LastName = 'Leaf' AND Account.Name = 'Tree'`))
        .totalSize,
    ).toBe(1);
  });

  test('or nothing, and name the record that failed', async () => {
    const before = await count('Tree');
    const { status, body } = await request('POST', '/composite/tree/Account', { body: tree({}) });
    expect([status, body]).toMatchObject([
      400,
      {
        hasErrors: true,
        results: [{ referenceId: 'c', errors: [{ statusCode: 'REQUIRED_FIELD_MISSING' }] }],
      },
    ]);
    expect(await count('Tree')).toBe(before);
  });
});

describe('collections', () => {
  test('may mix objects, and with allOrNone fail together', async () => {
    const records = [
      { attributes: { type: 'Account' }, Name: 'Mixed' },
      { attributes: { type: 'Contact' }, LastName: 'Mixed' },
      { attributes: { type: 'Contact' } },
    ];
    const mixed = await request('POST', '/composite/sobjects', { body: { allOrNone: false, records } });
    expect(mixed.body).toMatchObject([{ success: true }, { success: true }, { success: false }]);
    const whole = await request('POST', '/composite/sobjects', { body: { allOrNone: true, records } });
    expect(whole.body).toMatchObject([
      { success: false, errors: [{ statusCode: 'ALL_OR_NONE_OPERATION_ROLLED_BACK' }] },
      { success: false },
      { errors: [{ statusCode: 'REQUIRED_FIELD_MISSING' }] },
    ]);
    expect(await count('Mixed')).toBe(1);
  });

  test('are read in the order of the ids, null where there is nothing', async () => {
    const { id } = await salesforce.sobject('Account').create({ Name: 'Read' });
    const { body } = await request('POST', '/composite/sobjects/Account', {
      body: { ids: ['001000000000001AAA', id], fields: ['Name'] },
    });
    expect(body).toEqual([
      null,
      { attributes: { type: 'Account', url: `${base}/sobjects/Account/${String(id)}` }, Name: 'Read' },
    ]);
  });

  test('hold no more than 200 records', async () => {
    const records = Array.from({ length: 201 }, () => ({ attributes: { type: 'Account' }, Name: 'x' }));
    const { status, body } = await request('POST', '/composite/sobjects', { body: { records } });
    expect([status, body]).toEqual([
      400,
      [
        {
          errorCode: 'EXCEEDED_ID_LIMIT',
          message: 'record limit reached. cannot submit more than 200 records into this call',
        },
      ],
    ]);
  });
});
