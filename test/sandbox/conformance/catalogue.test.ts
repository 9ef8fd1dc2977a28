import { gzipSync } from 'node:zlib';

import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';

import { deployPackageTo } from '../../support/demo-org.ts';
import { startSandbox } from '../../support/sandbox.ts';
import { restClient } from '../rest/client.ts';

import type { Connection } from 'jsforce';
import type { RunningSandbox } from '../../support/sandbox.ts';

let sandbox: RunningSandbox;
let connection: Connection;
let call: ReturnType<typeof restClient>;
let accountId: string;

beforeAll(async () => {
  sandbox = await startSandbox();
  await deployPackageTo(sandbox.org);
  connection = await sandbox.connect();
  call = restClient(connection);
  const account = { Name: 'Harbor', Rapport_Id__c: 'a/1 ü' };
  accountId = String((await connection.sobject('Account').create(account)).id);
});
afterAll(() => sandbox.close());
afterEach(() => control('faults', undefined, 'DELETE'));

const control = (path: string, body?: unknown, method = 'POST') =>
  fetch(`${sandbox.url}/__sandbox__/${path}`, {
    method,
    headers: { 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
const fault = (match: object, effect: object) => control('faults', { match, effect });
const of = (id: string) => `/sobjects/Account/${id}`;
const iso = (offset: number) =>
  encodeURIComponent(new Date(Date.now() + offset).toISOString().replace('.000Z', '+00:00'));
const day = 86_400_000;

/** Any request to any address of the sandbox, with the session unless a header says otherwise. */
async function raw(method: string, path: string, { body, headers = {} }: { body?: NonNullable<RequestInit['body']>; headers?: Record<string, string> } = {}) {
  const answer = await fetch(sandbox.url + path, {
    method,
    headers: { authorization: `Bearer ${String(connection.accessToken)}`, ...headers },
    ...(body !== undefined && { body, duplex: 'half' }),
  });
  return { status: answer.status, headers: answer.headers, text: await answer.text() };
} // prettier-ignore

/* The catalogue of errors, row by row: exact status and body. */
describe('errors have the bodies of a real org', () => {
  const data = '/services/data/v60.0';
  type Row = [name: string, ask: () => Promise<{ status: number; text: string }>, status: number, body: unknown];
  const json = (method: string, path: string, body: unknown, headers = {}) => () =>
    raw(method, data + path, { body: JSON.stringify(body), headers: { 'content-type': 'application/json', ...headers } });
  const contact = (body: object) => json('POST', '/sobjects/Contact', { LastName: 'x', ...body });
  const gone = '001000000000000AAA';

  test.each<Row>([
    ['E1 an ended session', () => raw('GET', `${data}/limits`, { headers: { authorization: 'Bearer 00D!x' } }), 401, [{ message: 'Session expired or invalid', errorCode: 'INVALID_SESSION_ID' }]],
    ['E8 a missing field', json('POST', '/sobjects/Account', { Phone: '1' }), 400, [{ message: 'Required fields are missing: [Name]', errorCode: 'REQUIRED_FIELD_MISSING', fields: ['Name'] }]],
    ['E9 a value taken', json('POST', '/sobjects/Account', { Name: 'x', Rapport_Id__c: 'a/1 ü' }), 400, [{ message: expect.stringMatching(/^duplicate value found: Rapport_Id__c duplicates value on record with id: 001\w{12}$/) as unknown, errorCode: 'DUPLICATE_VALUE', fields: [] }]],
    ['E11 a parent unknown by its external id', contact({ Account: { Rapport_Id__c: '1580' } }), 400, [{ message: 'Foreign key external ID: 1580 not found for field Rapport_Id__c in entity Account', errorCode: 'INVALID_FIELD', fields: [] }]],
    ['E12 a field that is read only', json('POST', '/sobjects/Account', { Name: 'x', CreatedDate: '2020-01-01T00:00:00Z' }), 400, [{ message: 'Unable to create/update fields: CreatedDate. Please check the security settings of this field and verify that it is read/write for your profile or permission set.', errorCode: 'INVALID_FIELD_FOR_INSERT_UPDATE', fields: ['CreatedDate'] }]],
    ['E13 a text too long', json('POST', '/sobjects/Account', { Name: 'x', AccountNumber: 'y'.repeat(41) }), 400, [{ message: expect.stringContaining('data value too large: yyyy') as unknown, errorCode: 'STRING_TOO_LONG', fields: ['AccountNumber'] }]],
    ['E14 a value that the picklist lacks', json('POST', '/sobjects/Account', { Name: 'x', CleanStatus: 'Foo' }), 400, [{ message: expect.stringContaining('bad value for restricted picklist field: Foo') as unknown, errorCode: 'INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST', fields: ['CleanStatus'] }]],
    ['E15 an unknown field in SOQL', () => raw('GET', `${data}/query?q=SELECT+Id,+Foo+FROM+Account`), 400, [{ message: "\nSELECT Id, Foo FROM Account\n           ^\nERROR at Row:1:Column:12\nNo such column 'Foo' on entity 'Account'. If you are attempting to use a custom field, be sure to append the '__c' after the custom field name. Please reference your WSDL or the describe call for the appropriate names.", errorCode: 'INVALID_FIELD' }]],
    ['E16 an unknown field in a record', json('POST', '/sobjects/Account', { Foo__c: 1 }), 400, [{ message: "No such column 'Foo__c' on sobject of type Account", errorCode: 'INVALID_FIELD' }]],
    ['E17 nothing there', () => raw('GET', `${data}/nope`), 404, [{ errorCode: 'NOT_FOUND', message: 'The requested resource does not exist' }]],
    ['E17 no such record', () => raw('GET', `${data}${of(gone)}`), 404, [{ errorCode: 'NOT_FOUND', message: 'The requested resource does not exist' }]],
    ['E17 no such external id', () => raw('GET', `${data}/sobjects/Account/Foo__c/x`), 404, [{ errorCode: 'NOT_FOUND', message: 'Provided external ID field does not exist or is not accessible: Foo__c' }]],
    ['E19 an id of nothing', contact({ AccountId: gone }), 400, [{ message: 'invalid cross reference id', errorCode: 'INVALID_CROSS_REFERENCE_KEY', fields: [] }]],
    ['E20 an id of something else', contact({ AccountId: '003000000000000AAA' }), 400, [{ message: 'Account ID: id value of incorrect type: 003000000000000AAA', errorCode: 'MALFORMED_ID', fields: ['AccountId'] }]],
    ['E23 a date too old', () => raw('GET', `${data}/sobjects/Account/updated?start=${iso(-40 * day)}&end=${iso(0)}`), 400, [{ message: 'startDate before org replication enabled date or more than 30 days ago', errorCode: 'INVALID_REPLICATION_DATE' }]],
    ['E24 a method that is not there', () => raw('PUT', `${data}/sobjects/Account`, { body: '{}' }), 405, [{ message: "HTTP Method 'PUT' not allowed. Allowed are HEAD,GET,POST", errorCode: 'METHOD_NOT_ALLOWED' }]],
    ['E24 a body that is no JSON', json('POST', '/sobjects/Account', 'x', { 'content-type': 'text/csv' }), 415, [{ message: expect.any(String) as unknown, errorCode: 'UNSUPPORTED_MEDIA_TYPE' }]],
    ['E24 broken JSON', () => raw('POST', `${data}/sobjects/Account`, { body: '{"Name":', headers: { 'content-type': 'application/json' } }), 400, [{ message: expect.any(String) as unknown, errorCode: 'JSON_PARSER_ERROR' }]],
    ['E24 a version that is gone', () => raw('GET', '/services/data/v30.0/limits'), 410, [{ message: expect.any(String) as unknown, errorCode: 'UNSUPPORTED_API_VERSION' }]],
    ['too many rows', json('PATCH', '/composite/sobjects', { records: Array.from({ length: 201 }, () => ({ attributes: { type: 'Account' }, Id: gone })) }), 400, [{ errorCode: 'EXCEEDED_ID_LIMIT', message: 'record limit reached. cannot submit more than 200 records into this call' }]],
  ])('%s', async (_, ask, status, body) => {
    const answer = await ask();
    expect([answer.status, JSON.parse(answer.text)]).toEqual([status, body]);
  });

  test.each<[string, object, number, unknown]>([
    ['E2', { status: 401, errorCode: 'INVALID_SESSION_ID', message: 'This session is not valid for use with the REST API' }, 401, [{ message: 'This session is not valid for use with the REST API', errorCode: 'INVALID_SESSION_ID' }]],
    ['E3', { errorCode: 'REQUEST_LIMIT_EXCEEDED' }, 403, [{ message: 'TotalRequests Limit exceeded.', errorCode: 'REQUEST_LIMIT_EXCEEDED' }]],
    ['E21', { status: 503 }, 503, [{ message: expect.any(String) as unknown, errorCode: 'SERVER_UNAVAILABLE' }]],
    ['E21', { errorCode: 'QUERY_TIMEOUT' }, 400, [{ message: 'Your query request was running for too long.', errorCode: 'QUERY_TIMEOUT' }]],
    ['E4', { rows: { records: ['Held'] } }, 400, [{ message: expect.stringMatching(/^unable to obtain exclusive access to this record or 1 records/) as unknown, errorCode: 'UNABLE_TO_LOCK_ROW', fields: [] }]],
    ['E22', { rows: { errorCode: 'CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY', message: 'Trigger: execution of AfterInsert\n\ncaused by: x' } }, 400, [{ message: 'Trigger: execution of AfterInsert\n\ncaused by: x', errorCode: 'CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY', fields: [] }]],
  ])('%s by a fault', async (_, effect, status, body) => {
    await fault({ path: '/sobjects/Account' }, effect);
    const answer = await json('POST', '/sobjects/Account', { Name: 'Held' })();
    expect([answer.status, JSON.parse(answer.text)]).toEqual([status, body]);
  });

  test('E6 of a record in the recycle bin', async () => {
    const { id } = await connection.sobject('Account').create({ Name: 'Gone' });
    await connection.sobject('Account').destroy(String(id));
    for (const method of ['GET', 'PATCH', 'DELETE'])
      expect(await call(method, of(String(id)), method === 'PATCH' ? { body: { Phone: '1' } } : {})).toMatchObject({
        status: 404,
        body: [{ message: 'entity is deleted', errorCode: 'ENTITY_IS_DELETED', fields: [] }],
      });
  });

  test('an address that is too long gets HTML', async () => {
    const { status, headers, text } = await raw('GET', `${data}/query?q=${'x'.repeat(16_385)}`);
    expect([status, text]).toEqual([414, '<h1>Bad Message 414</h1><pre>reason: URI Too Long</pre>']);
    expect(headers.get('content-type')).toContain('text/html');
  });
}); // prettier-ignore

describe('E18: a record is read and changed on conditions', () => {
  const modified = async () => (await call<{ Name: string }>('GET', of(accountId))).headers;

  test('reading answers 304 to who has it, 412 to who wants it as it was', async () => {
    const tag = String((await modified()).get('etag'));
    const status = async (headers: Record<string, string>, path = of(accountId)) =>
      (await call('GET', path, { headers })).status;
    const [past, future] = [new Date(Date.now() - day).toUTCString(), new Date(Date.now() + day).toUTCString()];
    expect(await status({ 'If-Modified-Since': future })).toBe(304);
    expect(await status({ 'if-modified-since': future }, `${of(accountId)}?fields=Name`)).toBe(304);
    expect(await status({ 'IF-MODIFIED-SINCE': past })).toBe(200);
    expect(await status({ 'If-Unmodified-Since': past })).toBe(412);
    expect(await status({ 'If-Unmodified-Since': future })).toBe(200);
    expect(await status({ 'If-None-Match': tag })).toBe(304);
    expect(await status({ 'If-None-Match': '"other"' })).toBe(200);
    expect(await status({ 'If-Match': '"other"' })).toBe(412);
    expect(await status({ 'If-Match': `"other", ${tag}` })).toBe(200);
  });

  test('changing is refused with 412, deleting is not, and a composite request takes conditions for its parts', async () => {
    const past = new Date(Date.now() - day).toUTCString();
    const refused = [{ errorCode: 'PRECONDITION_FAILED', message: expect.any(String) as unknown, fields: [] }];
    const body = { Phone: '1' };
    const headers = { 'If-Unmodified-Since': past };
    expect(await call('PATCH', of(accountId), { body, headers })).toMatchObject({ status: 412, body: refused });
    const part = (referenceId: string, httpHeaders: object) => ({
      method: 'PATCH', url: `/services/data/v60.0${of(accountId)}`, referenceId, body, httpHeaders,
    });
    const answer = await call<{ compositeResponse: { httpStatusCode: number; body: unknown }[] }>('POST', '/composite', {
      body: { compositeRequest: [part('one', headers), part('two', { 'If-Match': '"x"' }), part('three', {})] },
      headers,
    });
    expect(answer.body.compositeResponse.map((each) => each.httpStatusCode)).toEqual([412, 412, 204]);
    expect(answer.body.compositeResponse[0]?.body).toMatchObject(refused);
    const { id } = await connection.sobject('Account').create({ Name: 'Short-lived' });
    expect((await call('DELETE', of(String(id)), { headers: { 'If-Match': '"x"' } })).status).toBe(204);
  });
}); // prettier-ignore

test('what has not changed takes nothing back, neither in a composite request nor in a batch', async () => {
  const since = new Date(Date.now() + day).toUTCString();
  const url = `/services/data/v60.0${of(accountId)}`;
  const { body } = await call<{ compositeResponse: { httpStatusCode: number; body: unknown }[] }>('POST', '/composite', {
    body: {
      allOrNone: true,
      compositeRequest: [
        { method: 'GET', url, referenceId: 'known', httpHeaders: { 'If-Modified-Since': since } },
        { method: 'PATCH', url, referenceId: 'next', body: { Site: 'Pier 4' } },
      ],
    },
  });
  expect(body.compositeResponse.map(({ httpStatusCode }) => httpStatusCode)).toEqual([304, 204]);
  const batch = { batchRequests: [{ method: 'GET', url: `v60.0${of(accountId)}` }] };
  const headers = { 'If-Modified-Since': since };
  expect((await call<{ hasErrors: boolean }>('POST', '/composite/batch', { body: batch, headers })).body.hasErrors).toBe(false);
}); // prettier-ignore

test('an external id with a slash, a space and an umlaut is found where it is encoded', async () => {
  const path = `/sobjects/Account/Rapport_Id__c/${encodeURIComponent('a/1 ü')}`;
  expect((await call<{ Id: string }>('GET', `${path}?fields=Id`)).body.Id).toBe(accountId);
  expect(await call('PATCH', path, { body: { Phone: '2' } })).toMatchObject({
    status: 200,
    body: { id: accountId, success: true, errors: [], created: false },
  });
  expect((await call('PATCH', `/sobjects/Account/Id/${accountId.slice(0, 15)}`, { body: {} })).status).toBe(
    200,
  );
});

test('bodies come compressed, in chunks, and with header and field names in any case', async () => {
  const body = JSON.stringify({ NAME: 'Squeezed', phone: '7' });
  const type = { 'CONTENT-TYPE': 'Application/JSON; charset=UTF-8' };
  const gzip = await raw('POST', '/services/data/v60.0/sobjects/account', { body: new Uint8Array(gzipSync(body)), headers: { ...type, 'Content-Encoding': 'gzip' } }); // prettier-ignore
  expect(gzip.status).toBe(201);
  const pieces = new ReadableStream({
    start(controller) {
      for (const letter of body) controller.enqueue(Buffer.from(letter));
      controller.close();
    },
  });
  const chunked = await raw('POST', '//services/data/v60.0/SObjects/ACCOUNT/', {
    body: pieces,
    headers: type,
  });
  expect([chunked.status, chunked.headers.get('location')]).toEqual([
    201,
    expect.stringMatching(/^\/services\/data\/v60\.0\/sobjects\/Account\/001/),
  ]);
});

test('a request inside of another keeps to the rules of its own version', async () => {
  const at = (version: string, path: string) => `/services/data/v${version}${path}`;
  const one = (referenceId: string, url: string, body?: unknown) => ({ method: body ? 'PATCH' : 'GET', url, referenceId, body }); // prettier-ignore
  const upsert = `/sobjects/Account/Rapport_Id__c/${encodeURIComponent('a/1 ü')}`;
  const { body } = await call<{ compositeResponse: { httpStatusCode: number; body: unknown }[] }>('POST', '/composite', {
    body: { compositeRequest: [
      one('old', at('45.0', upsert), { Phone: '1' }), one('now', at('60.0', upsert), { Phone: '1' }), one('gone', at('20.0', '/limits')),
      one('away', 'https://elsewhere.example/services/data/v60.0/limits'), one('link', at('45.0', `${of(accountId)}?fields=Id`)),
    ] },
  }); // prettier-ignore
  expect(body.compositeResponse.map((each) => each.httpStatusCode)).toEqual([204, 200, 410, 404, 200]);
  expect(body.compositeResponse[4]?.body).toMatchObject({
    attributes: { url: `/services/data/v45.0${of(accountId)}` },
  });
  const odd = { compositeRequest: [one('not good', at('60.0', '/limits'))] };
  expect(await call('POST', '/composite', { body: odd })).toMatchObject({ status: 400, body: [{ errorCode: 'INVALID_INPUT' }] }); // prettier-ignore
});

test('a tree names the reference that is twice in it, and knows its limits', async () => {
  const record = (referenceId: string, children: object = {}) => ({ attributes: { type: 'Account', referenceId }, Name: 'Tree', ...children }); // prettier-ignore
  const plant = (records: unknown[]) => call('POST', '/composite/tree/Account', { body: { records } });
  const failed = (message: string, referenceId?: string) => ({
    status: 400,
    body: { hasErrors: true, results: [{ ...(referenceId && { referenceId }), errors: [{ statusCode: 'INVALID_INPUT', message, fields: [] }] }] },
  }); // prettier-ignore
  expect(await plant([record('a'), record('a')])).toMatchObject(
    failed('Duplicate ReferenceId provided in the request.', 'a'),
  );
  expect(await plant([{ attributes: { type: 'Account' }, Name: 'x' }])).toMatchObject(
    failed('Include a reference ID for each record in the request.'),
  );
  expect((await plant(Array.from({ length: 201 }, (_, at) => record(`r${String(at)}`)))).status).toBe(400);
  let deep: object = record('level6');
  for (let level = 5; level > 0; level -= 1)
    deep = record(`level${String(level)}`, { ChildAccounts: { records: [deep] } });
  expect(await plant([deep])).toMatchObject(failed('The tree is deeper than five levels'));
  const { totalSize } = await connection.query(`SELECT Id FROM Account WHERE Name = 'Tree'`);
  expect(totalSize).toBe(0);
});

test('searches take limits for each object and in all', async () => {
  const names = Array.from({ length: 6 }, (_, at) => ({ Name: `Findable ${String(at)}` }));
  await connection.sobject('Account').create(names);
  await connection.sobject('Contact').create({ LastName: 'Findable' });
  const found = async (path: string, body?: unknown) =>
    (await call<{ searchRecords: { attributes: { type: string } }[] }>(body ? 'POST' : 'GET', path, body ? { body } : {})).body.searchRecords.map(({ attributes }) => attributes.type); // prettier-ignore
  const sosl = (text: string) => found(`/search?q=${encodeURIComponent(text)}`);
  expect(await sosl('FIND {findable} RETURNING Account(Id LIMIT 2), Contact')).toEqual(['Account', 'Account', 'Contact']); // prettier-ignore
  expect(await sosl('FIND {findable} IN NAME FIELDS RETURNING Account, Contact LIMIT 3')).toHaveLength(3);
  expect(await found('/parameterizedSearch?q=findable&sobject=Account&Account.limit=1&sobject=Contact&fields=Id&in=name')).toEqual(['Account', 'Contact']); // prettier-ignore
  expect(
    await found('/parameterizedSearch', { q: 'findable', in: 'NAME', overallLimit: 4, sobjects: [{ name: 'Account', fields: ['Id', 'Name'], where: "Name != 'Findable 0'", orderBy: 'Name DESC', limit: 3 }, { name: 'Contact' }] }),
  ).toEqual(['Account', 'Account', 'Account', 'Contact']); // prettier-ignore
  expect(await call('GET', '/search?q=findable')).toMatchObject({ status: 400, body: [{ errorCode: 'MALFORMED_SEARCH' }] }); // prettier-ignore
});

test.each([
  ['/quickActions', 200, []], ['/appMenu', 200, {}], ['/appMenu/AppSwitcher', 200, { appMenuItems: [] }], ['/theme', 200, { themeItems: [] }],
  ['/tabs', 200, []], ['/recent', 200, []], ['/nouns', 200, []], ['/actions/standard', 200, { actions: [] }], ['/search/scopeOrder', 200, []],
  ['/chatter/users/me', 403, [{ message: 'This feature is not currently enabled for this user.', errorCode: 'FUNCTIONALITY_NOT_ENABLED' }]],
  ['/wave', 403, [{ message: 'This feature is not currently enabled for this user.', errorCode: 'FUNCTIONALITY_NOT_ENABLED' }]],
])('%s answers as an org without the feature', async (path, status, body) => {
  expect(await call('GET', path)).toMatchObject({ status, body });
}); // prettier-ignore
