import { gzipSync } from 'node:zlib';

import { afterAll, beforeAll, expect, test } from 'vitest';

import { clientAt, startSandbox } from '../../support/sandbox.ts';
import { restClient } from '../rest/client.ts';

import type { Connection } from 'jsforce';
import type { RunningSandbox } from '../../support/sandbox.ts';

let sandbox: RunningSandbox;
let connection: Connection;
let call: ReturnType<typeof restClient>;

/* What clients of several makers (jsforce, simple-salesforce, @salesforce/core) rely on beside the verbs themselves. */
beforeAll(async () => {
  sandbox = await startSandbox();
  connection = await sandbox.connect();
  connection.bulk2.pollInterval = 50;
  call = restClient(connection);
});
afterAll(() => sandbox.close());

const count = async (name: string) =>
  (await connection.query(`SELECT COUNT() FROM Account WHERE Name = '${name}'`)).totalSize;

/** Opens an ingest job, gives it these bytes and waits for its end. */
async function ingest(data: Uint8Array<ArrayBuffer>, coding?: string): Promise<Record<string, unknown>> {
  const { body: job } = await call<{ id: string }>('POST', '/jobs/ingest', {
    body: { object: 'Account', operation: 'insert', lineEnding: 'LF' },
  });
  const put = await fetch(`${sandbox.url}/services/data/v60.0/jobs/ingest/${job.id}/batches`, {
    method: 'PUT',
    headers: {
      authorization: `Bearer ${String(connection.accessToken)}`,
      'content-type': 'text/csv',
      ...(coding === undefined ? {} : { 'content-encoding': coding }),
    },
    body: data,
  });
  expect(put.status).toBe(201);
  await call('PATCH', `/jobs/ingest/${job.id}`, { body: { state: 'UploadComplete' } });
  return expect
    .poll(async () => (await call<Record<string, unknown>>('GET', `/jobs/ingest/${job.id}`)).body, {
      timeout: 5_000,
    })
    .toMatchObject({ state: expect.stringMatching(/JobComplete|Failed/) as unknown })
    .then(async () => (await call<Record<string, unknown>>('GET', `/jobs/ingest/${job.id}`)).body);
}

test('data for a Bulk job may come compressed', async () => {
  const job = await ingest(new Uint8Array(gzipSync('Name\nCompressed\n')), 'gzip');
  expect(job).toMatchObject({ state: 'JobComplete', numberRecordsProcessed: 1, numberRecordsFailed: 0 });
  expect(await count('Compressed')).toBe(1);
});

test('answers come compressed to who takes them so, streamed ones too, and plain in the API log', async () => {
  const rows = Array.from({ length: 50 }, (_, at) => ({ Name: `Squeezed ${String(at)}` }));
  await connection.sobject('Account').create(rows);
  const soql = `SELECT Id, Name FROM Account WHERE Name LIKE 'Squeezed%'`;
  const get = (path: string, coding: string) =>
    call<{ records: unknown[] }>('GET', path, { headers: { 'accept-encoding': coding } });
  const query = `/query?q=${encodeURIComponent(soql)}`;
  const [packed, plain] = [await get(query, 'gzip'), await get(query, 'identity')];
  expect([packed.headers.get('content-encoding'), plain.headers.get('content-encoding')]).toEqual([
    'gzip',
    null,
  ]);
  expect(packed.body).toEqual(plain.body);
  const stream = await connection.bulk2.query(soql, { pollInterval: 50, pollTimeout: 10_000 });
  expect(await stream.toArray()).toHaveLength(50);
  await expect
    .poll(async () => (await fetch(`${sandbox.url}/__sandbox__/log?path=/query%3Fq&limit=2`)).text())
    .toContain('Squeezed 1');
});

test('a Bulk job whose data is no text fails instead of running for ever', async () => {
  const job = await ingest(new Uint8Array(Buffer.from('Na\0me\nx\n')));
  expect(job).toMatchObject({
    state: 'Failed',
    errorMessage: expect.stringContaining('InvalidBatch') as unknown,
  });
});

test('the pages of a Bulk result can be fetched side by side', async () => {
  await connection.sobject('Account').create({ Name: 'Paged' });
  const { body: job } = await call<{ id: string }>('POST', '/jobs/query', {
    body: { operation: 'query', query: `SELECT Name FROM Account WHERE Name = 'Paged'` },
  });
  const pages = () =>
    call<{ done: boolean; resultPages: { resultUrl: string }[] }>('GET', `/jobs/query/${job.id}/resultPages`);
  await expect.poll(async () => (await pages()).status, { timeout: 5_000 }).toBe(200);
  const { body } = await pages();
  expect(body).toMatchObject({ done: true, nextRecordsUrl: null });
  const answer = await fetch(sandbox.url + String(body.resultPages[0]?.resultUrl), {
    headers: { authorization: `Bearer ${String(connection.accessToken)}` },
  });
  expect(await answer.text()).toBe('"Name"\n"Paged"\n');
  expect(answer.headers.get('sforce-locator')).toBe('null');
});

test('a collection that names an unknown object saves none of its records', async () => {
  const record = (type: string) => ({ attributes: { type }, Name: 'Half' });
  const answer = await call('POST', '/composite/sobjects', {
    body: { records: [record('Account'), record('Nonesuch')] },
  });
  expect(answer.status).toBe(404);
  expect(await count('Half')).toBe(0);
});

test('If-Match protects an account, whatever the tag looks like', async () => {
  const { id } = await connection.sobject('Account').create({ Name: 'Tagged' });
  const path = `/sobjects/Account/${String(id)}`;
  const tagNow = async () => String((await call('GET', path)).headers.get('etag'));
  const patch = (match: string) =>
    call('PATCH', path, { body: { Phone: '1' }, headers: { 'if-match': match } });
  expect(await patch('"some-other-version"')).toMatchObject({
    status: 412,
    body: [{ errorCode: 'PRECONDITION_FAILED' }],
  });
  expect((await patch('*')).status).toBe(204);
  expect((await patch(await tagNow())).status).toBe(204);
});

test('services that the org lacks answer as switched off, in their own forms', async () => {
  const bulkOne = (type: string) =>
    fetch(`${sandbox.url}/services/async/60.0/job`, { method: 'POST', headers: { 'content-type': type } });
  expect(await (await bulkOne('application/xml')).text()).toContain(
    '<exceptionCode>FeatureNotEnabled</exceptionCode>',
  );
  expect(await (await bulkOne('application/json')).json()).toMatchObject({
    exceptionCode: 'FeatureNotEnabled',
  });
  await expect(connection.apex.get('/nothing')).rejects.toMatchObject({ errorCode: 'NOT_FOUND' });
  const got = await fetch(`${sandbox.url}/services/oauth2/token`);
  expect([got.status, await got.json()]).toEqual([
    400,
    { error: 'invalid_request', error_description: 'must use HTTP POST' },
  ]);
});

test('behind a proxy that speaks HTTPS the org names itself by HTTPS', async () => {
  const { clientId, clientSecret } = clientAt(sandbox.url);
  const answer = await fetch(`${sandbox.url}/services/oauth2/token`, {
    method: 'POST',
    headers: { 'x-forwarded-proto': 'https' },
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: clientId,
      client_secret: clientSecret,
    }),
  });
  expect(await answer.json()).toMatchObject({ instance_url: sandbox.url.replace('http:', 'https:') });
});

test('an administrator sets a password by REST, everyone else only their own', async () => {
  const profile = await connection.query<{ Id: string }>(
    "SELECT Id FROM Profile WHERE Name = 'Standard User'",
  );
  const clerk = {
    Username: 'clerk@conformance.sandbox', LastName: 'Clerk', Email: 'clerk@conformance.example', Alias: 'clerk',
    CommunityNickname: 'clerk', TimeZoneSidKey: 'GMT', LocaleSidKey: 'en_US', LanguageLocaleKey: 'en_US',
    EmailEncodingKey: 'UTF-8', ProfileId: String(profile.records[0]?.Id),
  }; // prettier-ignore
  const { id } = await connection.sobject('User').create(clerk);
  const asClerk = restClient(await sandbox.connect(clerk.Username));
  const path = (userId: unknown) => `/sobjects/User/${String(userId)}/password`;
  const body = { NewPassword: 'another-one' };
  expect((await asClerk('POST', path(connection.userInfo?.id), { body })).status).toBe(403);
  expect((await call('POST', path(id), { body })).status).toBe(204);
  expect(await call('GET', path(id))).toMatchObject({ status: 200, body: { isExpired: false } });
  await expect(sandbox.connect(clerk.Username)).rejects.toThrow('authentication failure');
});

test('who must sign in again and agree again does both, in this order', async () => {
  const { clientId, redirectUri } = clientAt(sandbox.url);
  const wish = new URLSearchParams({
    response_type: 'code',
    client_id: clientId,
    redirect_uri: redirectUri,
    prompt: 'login consent',
  });
  const answer = await fetch(`${sandbox.url}/services/oauth2/authorize?${wish.toString()}`, {
    redirect: 'manual',
  });
  const signIn = new URL(String(answer.headers.get('location')), sandbox.url);
  const next = new URL(String(signIn.searchParams.get('startURL')), sandbox.url);
  expect([signIn.pathname, next.searchParams.get('prompt')]).toEqual(['/login', 'consent']);
});
