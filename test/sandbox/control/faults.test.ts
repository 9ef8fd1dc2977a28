import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';

import { startSandbox } from '../../support/sandbox.ts';
import { restClient } from '../rest/client.ts';

import type { Connection } from 'jsforce';
import type { RunningSandbox } from '../../support/sandbox.ts';

let sandbox: RunningSandbox;
let connection: Connection;
let call: ReturnType<typeof restClient>;

beforeAll(async () => {
  sandbox = await startSandbox();
  connection = await sandbox.connect();
  call = restClient(connection);
});
afterAll(() => sandbox.close());
afterEach(() => control('faults', undefined, 'DELETE'));

const control = (path: string, body?: unknown, method = 'POST') =>
  fetch(`${sandbox.url}/__sandbox__/${path}`, {
    method,
    headers: { 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });

interface Listed {
  id: number;
  matched: number;
  hits: number;
}

const fault = async (match: object, effect: object): Promise<Listed> =>
  ((await (await control('faults', { match, effect })).json()) as [Listed])[0];
const listed = async () => (await (await control('faults', undefined, 'GET')).json()) as Listed[];

interface Row {
  id?: string;
  success: boolean;
  errors: { statusCode: string; message: string; fields: string[] }[];
}

const accounts = (names: string[]) => ({
  allOrNone: false,
  records: names.map((Name) => ({ attributes: { type: 'Account' }, Name })),
});
const numbered = (count: number, name: string) =>
  Array.from({ length: count }, (_, at) => `${name} ${String(at)}`);
const create = async (names: string[]) =>
  (await call<Row[]>('POST', '/composite/sobjects', { body: accounts(names) })).body;
const stored = async (like: string) =>
  (await connection.query(`SELECT COUNT() FROM Account WHERE Name LIKE '${like}'`)).totalSize;

describe('which requests are hit', () => {
  const limits = async () => (await call('GET', '/limits')).status;
  const statuses = async (count: number) => {
    const found: number[] = [];
    for (let at = 0; at < count; at += 1) found.push(await limits());
    return found;
  };

  test('every third, at most twice', async () => {
    await fault({ path: '/limits', every: 3, times: 2 }, { status: 503 });
    expect(await statuses(10)).toEqual([200, 200, 503, 200, 200, 503, 200, 200, 200, 200]);
  });

  test('by chance, but the same ones for the same seed', async () => {
    await fault({ path: '/limits', probability: 0.5, seed: 11 }, { status: 503 });
    const once = await statuses(20);
    await control('faults', undefined, 'DELETE');
    await fault({ path: '/limits', probability: 0.5, seed: 11 }, { status: 503 });
    expect(await statuses(20)).toEqual(once);
    expect(new Set(once)).toEqual(new Set([200, 503]));
  });

  test('one fault can be taken away and the others stay', async () => {
    const { id } = await fault({ path: '/limits' }, { status: 503 });
    await fault({ path: '/query' }, { status: 503 });
    expect((await control(`faults/${String(id)}`, undefined, 'DELETE')).status).toBe(204);
    expect((await control(`faults/${String(id)}`, undefined, 'DELETE')).status).toBe(404);
    expect(await limits()).toBe(200);
    expect(await listed()).toHaveLength(1);
  });

  test('a slow request can fail as well', async () => {
    await fault({ path: '/limits' }, { latencyMs: 80 });
    await fault({ path: '/limits' }, { status: 503 });
    const started = performance.now();
    expect(await limits()).toBe(503);
    expect(performance.now() - started).toBeGreaterThan(75);
  });
});

describe('rows that somebody else holds', () => {
  test('some of a collection fail, the others are saved', async () => {
    await fault({ path: '/composite/sobjects', times: 1 }, { rows: { count: 5 } });
    const rows = await create(numbered(50, 'Held'));
    const failed = rows.filter((row) => !row.success);
    expect(failed).toHaveLength(5);
    expect(failed[0]?.errors[0]).toEqual({
      statusCode: 'UNABLE_TO_LOCK_ROW',
      message: 'unable to obtain exclusive access to this record or 1 records',
      fields: [],
    });
    expect(await stored('Held %')).toBe(45);
    expect((await create(['Held again'])).every((row) => row.success)).toBe(true);
  });

  test('a named record is refused wherever it is written, as itself or as a parent', async () => {
    const [one, two] = await create(['Locked', 'Free']);
    await fault({}, { rows: { records: [String(one?.id).slice(0, 15)] } });
    const patch = (id: unknown) => call('PATCH', `/sobjects/Account/${String(id)}`, { body: { Phone: '1' } });
    expect(await patch(one?.id)).toMatchObject({
      status: 400,
      body: [
        {
          errorCode: 'UNABLE_TO_LOCK_ROW',
          message: `unable to obtain exclusive access to this record or 1 records: ${String(one?.id)}`,
          fields: [],
        },
      ],
    });
    expect((await patch(two?.id)).status).toBe(204);
    const child = { LastName: 'Child', AccountId: one?.id };
    expect((await call('POST', '/sobjects/Contact', { body: child })).status).toBe(400);
    expect((await call('DELETE', `/sobjects/Account/${String(one?.id)}`)).status).toBe(400);
  });

  test('rows may fail with any other error', async () => {
    await fault(
      { object: 'Account' },
      { rows: { count: 1, errorCode: 'CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY', message: 'AccountTrigger: execution of AfterInsert', fields: [] } },
    ); // prettier-ignore
    expect((await call('POST', '/sobjects/Account', { body: { Name: 'x' } })).body).toMatchObject([
      { errorCode: 'CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY', message: 'AccountTrigger: execution of AfterInsert' },
    ]); // prettier-ignore
    expect((await call('POST', '/sobjects/Contact', { body: { LastName: 'x' } })).status).toBe(201);
  });
});

test('an expired session answers as one, and stays expired', async () => {
  const own = await sandbox.connect();
  const session = restClient(own);
  await fault({ path: '/limits', nth: 2 }, { session: 'expire' });
  const statuses = [];
  for (let at = 0; at < 3; at += 1) statuses.push((await session('GET', '/limits')).status);
  expect(statuses).toEqual([200, 401, 401]);
});

test('a query locator can be lost between two pages', async () => {
  await create(numbered(199, 'Page'));
  await create(numbered(60, 'Page B'));
  const headers = { 'Sforce-Query-Options': 'batchSize=200' };
  const { nextRecordsUrl } = await connection.query('SELECT Id FROM Account', { headers });
  await fault({ path: '/query/01g' }, { locator: 'expire' });
  await expect(connection.queryMore(String(nextRecordsUrl))).rejects.toMatchObject({
    errorCode: 'INVALID_QUERY_LOCATOR',
  });
});

/** Starts a Bulk job and waits for its end. */
async function ended(kind: 'ingest' | 'query', body: object, csv?: string): Promise<Record<string, unknown>> {
  const { body: job } = await call<{ id: string }>('POST', `/jobs/${kind}`, { body });
  const path = `/jobs/${kind}/${job.id}`;
  if (csv !== undefined) {
    await call('PUT', `${path}/batches`, { body: csv, headers: { 'content-type': 'text/csv' } });
    await call('PATCH', path, { body: { state: 'UploadComplete' } });
  }
  const state = async () => (await call<Record<string, unknown>>('GET', path)).body;
  await expect
    .poll(async () => (await state()).state, { timeout: 10_000, interval: 20 })
    .toMatch(/JobComplete|Failed|Aborted/);
  return state();
}

const text = async (path: string) =>
  fetch(`${sandbox.url}/services/data/v60.0${path}`, {
    headers: { authorization: `Bearer ${String(connection.accessToken)}` },
  });

describe('Bulk jobs', () => {
  const insert = { object: 'Account', operation: 'insert', lineEnding: 'LF' };
  const query = { operation: 'query', query: 'SELECT Id, Name FROM Account' };

  test('an ingest job fails after some rows, and tells which were not processed', async () => {
    await fault({ path: '/jobs/ingest', times: 1 }, { job: { failAfter: 4 } });
    const job = await ended('ingest', insert, `Name\n${numbered(10, 'Bulk').join('\n')}\n`);
    expect(job).toMatchObject({
      state: 'Failed',
      numberRecordsProcessed: 4,
      errorMessage: 'TooManyLockFailure : Too many lock failure 200 Trying again later.',
    });
    expect(await stored('Bulk %')).toBe(4);
    const rest = await (await text(`/jobs/ingest/${String(job.id)}/unprocessedrecords`)).text();
    expect(rest.trim().split('\n')).toHaveLength(7);
  });

  test('an ingest job is aborted by somebody after some rows', async () => {
    await fault({ object: 'Account' }, { job: { abortAfter: 3 } });
    const job = await ended('ingest', insert, `Name\n${numbered(10, 'Abort').join('\n')}\n`);
    expect([job.state, await stored('Abort %')]).toEqual(['Aborted', 3]);
  });

  test('some rows of an ingest job fail', async () => {
    await fault({ path: '/jobs/ingest' }, { rows: { count: 2 } });
    const job = await ended('ingest', insert, `Name\n${numbered(10, 'Part').join('\n')}\n`);
    expect(job).toMatchObject({ state: 'JobComplete', numberRecordsProcessed: 10, numberRecordsFailed: 2 });
    const failed = await (await text(`/jobs/ingest/${String(job.id)}/failedResults`)).text();
    expect(failed).toContain('"UNABLE_TO_LOCK_ROW:unable to obtain exclusive access');
  });

  test('a query job fails, and with every other one it is the next that succeeds', async () => {
    await fault({ path: '/jobs/query', every: 2 }, { job: { failAfter: 0 } });
    expect((await ended('query', query)).state).toBe('JobComplete');
    expect(await ended('query', query)).toMatchObject({
      state: 'Failed',
      errorMessage: 'InternalServerError : Retried more than fifteen times',
    });
  });

  test('jobs are as slow as they are told to be', async () => {
    await control('bulk', { speed: 20 });
    const started = performance.now();
    await ended('ingest', insert, `Name\n${numbered(6, 'Slow').join('\n')}\n`);
    expect(performance.now() - started).toBeGreaterThan(280);
    await control('bulk', {});
    expect(await listed()).toEqual([]);
  });

  test('a page of results is cut off, quietly or with its connection', async () => {
    const job = await ended('query', query);
    const page = `/jobs/query/${String(job.id)}/results`;
    const whole = await (await text(page)).text();
    await fault({ path: '/results', times: 1 }, { truncate: { share: 0.5, quiet: true } });
    await fault({ path: '/results', nth: 2 }, { truncate: { bytes: 100 } });
    const half = await text(page);
    expect(await half.text()).toBe(whole.slice(0, Math.floor(whole.length / 2)));
    expect(Number(half.headers.get('sforce-numberofrecords'))).toBe(whole.trim().split('\n').length - 1);
    await expect(text(page).then((answer) => answer.text())).rejects.toThrow(/terminated|fetch failed/);
  });

  test('results expire at once, or only the place in them that was asked for', async () => {
    await fault({ path: '/jobs/query', times: 1 }, { job: { loseResults: true } });
    const lost = await ended('query', query);
    expect((await text(`/jobs/query/${String(lost.id)}/results`)).status).toBe(404);
    const job = await ended('query', query);
    const first = await text(`/jobs/query/${String(job.id)}/results?maxRecords=10`);
    await first.text();
    await fault({ path: '/results' }, { locator: 'expire' });
    const next = await text(
      `/jobs/query/${String(job.id)}/results?maxRecords=10&locator=${String(first.headers.get('sforce-locator'))}`,
    );
    expect([next.status, await next.json()]).toEqual([
      400,
      [{ errorCode: 'INVALID_QUERY_LOCATOR', message: 'invalid query locator' }],
    ]);
  });
});
