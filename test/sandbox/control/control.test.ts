import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';

import { staff } from '../../../sandbox/cast.ts';
import { startSandbox } from '../../support/sandbox.ts';

import type { LoggedRequest } from '../../../sandbox/control/log.ts';
import type { RunningSandbox } from '../../support/sandbox.ts';

let sandbox: RunningSandbox;

beforeAll(async () => {
  sandbox = await startSandbox();
});
afterAll(() => sandbox.close());
afterEach(() => control('faults', undefined, 'DELETE'));

const control = (path: string, body?: unknown, method = 'POST') =>
  fetch(`${sandbox.url}/__sandbox__/${path}`, {
    method,
    headers: { 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });

const signIn = () =>
  fetch(`${sandbox.url}/services/oauth2/token`, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: 'rapport',
      client_secret: 'rapport-secret',
    }),
  });

const sessions = async () =>
  Number((await sandbox.org.pool.query('select count(*) from _session')).rows[0].count); // eslint-disable-line

test('a fault hits the request it names, once, and is counted', async () => {
  await control('faults', {
    match: { path: '/oauth2/token', nth: 2 },
    effect: { status: 503, errorCode: 'SERVER_UNAVAILABLE' },
  });
  const statuses = [(await signIn()).status, (await signIn()).status, (await signIn()).status];
  expect(statuses).toEqual([200, 503, 200]);
  const [fault] = (await (await control('faults', undefined, 'GET')).json()) as {
    matched: number;
    hits: number;
  }[];
  expect(fault).toMatchObject({ matched: 3, hits: 1 });
});

test('an answer can be dropped after the work is done', async () => {
  await control('faults', { match: { path: '/oauth2/token' }, effect: { dropAfterCommit: true } });
  const before = await sessions();
  await expect(signIn()).rejects.toThrow('fetch failed');
  expect(await sessions()).toBe(before + 1);
});

test('a connection can be cut before any work', async () => {
  await control('faults', { match: { method: 'POST', path: '^/services/oauth2/' }, effect: { drop: true } });
  const before = await sessions();
  await expect(signIn()).rejects.toThrow('fetch failed');
  expect(await sessions()).toBe(before);
});

test('faults answer in the words of the API that was called', async () => {
  await control('faults', [
    { match: { path: '/services/Soap' }, effect: { errorCode: 'SERVER_UNAVAILABLE' } },
    { match: { path: '/data' }, effect: { errorCode: 'UNABLE_TO_LOCK_ROW' } },
    { match: { path: '/data2' }, effect: { status: 502 } },
  ]);
  const soap = await fetch(`${sandbox.url}/services/Soap/u/60.0`, { method: 'POST', body: '<x/>' });
  expect([soap.status, await soap.text()]).toEqual([
    500,
    expect.stringContaining('<faultcode>sf:SERVER_UNAVAILABLE</faultcode>'),
  ]);
  const rest = await fetch(`${sandbox.url}/services/data/v60.0/limits`);
  expect([rest.status, await rest.json()]).toEqual([
    400,
    [{ errorCode: 'UNABLE_TO_LOCK_ROW', message: expect.any(String) as string }],
  ]);
});

test('latency holds a request up and lets it through', async () => {
  await control('faults', { match: { path: '/oauth2/token' }, effect: { latencyMs: 150 } });
  const started = performance.now();
  expect((await signIn()).status).toBe(200);
  expect(performance.now() - started).toBeGreaterThan(140);
});

test('a fault that names an object finds it in the query and in the body', async () => {
  await control('faults', { match: { object: 'Case' }, effect: { status: 503 } });
  const status = async (path: string, init?: RequestInit) =>
    (await fetch(`${sandbox.url}/services/data/v60.0${path}`, init)).status;
  const body = JSON.stringify({ records: [{ attributes: { type: 'Case' } }] });
  expect(await status('/query?q=SELECT+Id+FROM+Case')).toBe(503);
  expect(await status('/sobjects/Case/500000000000000')).toBe(503);
  expect(
    await status('/composite/sobjects', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
    }),
  ).toBe(503);
  expect(await status('/query?q=SELECT+Id+FROM+CaseComment')).not.toBe(503);
});

test('a wrong fault is refused with what is wrong about it', async () => {
  const answer = await control('faults', { match: { pathh: 'x' }, effect: {} });
  expect([answer.status, await answer.text()]).toEqual([400, expect.stringContaining('pathh')]);
});

test('the log keeps what was asked and answered, without its secrets', async () => {
  await signIn();
  const logged = (await (
    await control('log?path=oauth2/token&limit=1', undefined, 'GET')
  ).json()) as LoggedRequest[];
  expect(logged[0]).toMatchObject({ method: 'POST', status: 200 });
  expect(logged[0]?.request).toContain('grant_type=client_credentials');
  expect(JSON.stringify(logged)).not.toMatch(/rapport-secret|![\w.]{20}/);
});

test('expired sessions of one user leave those of others alone', async () => {
  await signIn();
  const answer = await control('tokens/expire', { username: staff.admin.username });
  expect(((await answer.json()) as { expired: number }).expired).toBeGreaterThan(0);
  expect((await control('tokens/expire', { username: 'nobody@x' })).status).toBe(404);
});

test('the clock of the org can be moved', async () => {
  await control('clock', { offsetMs: 86_400_000 });
  expect(sandbox.org.clock.now().getTime() - Date.now()).toBeGreaterThan(86_000_000);
  await control('clock', { offsetMs: 0 });
});

test('a reset leaves the org as on its first day', async () => {
  await signIn();
  await sandbox.org.pool.query(`update "Organization" set "Name" = 'Other'`);
  expect((await control('reset')).status).toBe(204);
  expect(await sessions()).toBe(0);
  expect((await sandbox.org.pool.query('select "Name" as name from "Organization"')).rows).toEqual([
    { name: 'Tidewater Software' },
  ]);
  expect((await signIn()).status).toBe(200);
});

test('a page of the web cannot reach the control plane', async () => {
  const from = (headers: Record<string, string>) =>
    fetch(`${sandbox.url}/__sandbox__/reset`, { method: 'POST', headers });
  expect((await from({ 'sec-fetch-site': 'cross-site' })).status).toBe(403);
  expect((await from({ origin: 'https://evil.example' })).status).toBe(403);
});
