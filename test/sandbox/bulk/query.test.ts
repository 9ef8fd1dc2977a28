import { parse } from 'csv-parse/sync';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { createBulkQueue } from '../../../sandbox/salesforce/bulk/queue.ts';
import { maybeSpoolSize } from '../../../sandbox/salesforce/bulk/spool.ts';
import { startSandbox } from '../../support/sandbox.ts';

import type { Connection } from 'jsforce';
import type { RunningSandbox } from '../../support/sandbox.ts';

let sandbox: RunningSandbox;
let connection: Connection;
const COUNT = 2501;

beforeAll(async () => {
  sandbox = await startSandbox();
  connection = await sandbox.connect();
  connection.bulk2.pollInterval = 50;
  const names = Array.from(
    { length: COUNT },
    (_, index) => `"Firm ""${String(index)}"", Ltd\nline","${String(index * 1000)}"`,
  );
  const job = connection.bulk2.createJob({ object: 'Account', operation: 'insert' });
  await job.open();
  await job.uploadData(`Name,AnnualRevenue\n${names.join('\n')}\n`);
  await job.close();
  await job.poll(50, 30_000);
});
afterAll(() => sandbox.close());

const call = (path: string, init: Omit<RequestInit, 'headers'> & { headers?: Record<string, string> } = {}) =>
  fetch(`${sandbox.url}/services/data/v60.0${path}`, {
    ...init,
    headers: {
      authorization: `Bearer ${connection.accessToken ?? ''}`,
      'content-type': 'application/json',
      ...init.headers,
    },
  });

/** Starts a query job and waits for its end. */
async function finished(
  form: Record<string, unknown>,
): Promise<Record<string, unknown> & { id: string; state: string }> {
  const { id } = (await (
    await call('/jobs/query', { method: 'POST', body: JSON.stringify({ operation: 'query', ...form }) })
  ).json()) as { id: string };
  for (;;) {
    const job = (await (await call(`/jobs/query/${id}`)).json()) as { id: string; state: string };
    if (!['UploadComplete', 'InProgress'].includes(job.state)) return job;
    await new Promise((wake) => setTimeout(wake, 30));
  }
}

interface Page {
  locator: string;
  count: number;
  text: string;
}

async function page(id: string, query: string): Promise<Page> {
  const answer = await call(`/jobs/query/${id}/results?${query}`);
  expect([answer.status, answer.headers.get('content-type')]).toEqual([
    200,
    expect.stringMatching(/^text\/csv/),
  ]);
  return {
    locator: answer.headers.get('sforce-locator') ?? '',
    count: Number(answer.headers.get('sforce-numberofrecords')),
    text: await answer.text(),
  };
}

async function pages(id: string, maxRecords: number): Promise<Page[]> {
  const all = [await page(id, `maxRecords=${String(maxRecords)}`)];
  for (let last = all[0]; last && last.locator !== 'null'; last = all.at(-1))
    all.push(await page(id, `maxRecords=${String(maxRecords)}&locator=${last.locator}`));
  return all;
}

test('jsforce reads the records of a query job', async () => {
  const stream = await connection.bulk2.query('SELECT Id, Name, AnnualRevenue FROM Account ORDER BY Id');
  const records = (await stream.toArray()) as { Id: string; Name: string; AnnualRevenue: string }[];
  expect(records).toHaveLength(COUNT);
  expect(records[7]?.Name).toBe('Firm "7", Ltd\nline');
});

test.each([1000, 700, 1, 5000])(
  'pages of %i records, each with its header, make the whole result once',
  async (size) => {
    const count = size === 1 ? 5 : COUNT;
    const { id, numberRecordsProcessed } = await finished({
      query: `SELECT Id, Name FROM Account ORDER BY Id LIMIT ${String(count)}`,
    });
    expect(numberRecordsProcessed).toBe(count);
    const all = await pages(id, size);
    expect(
      all
        .map((each) => each.count)
        .slice(0, -1)
        .every((each) => each === size),
    ).toBe(true);
    expect(all.every((each) => each.text.startsWith('"Id","Name"\n'))).toBe(true);
    const ids = all.flatMap((each) =>
      parse<{ Id: string }>(each.text, { columns: true }).map((row) => row.Id),
    );
    expect(ids).toHaveLength(count);
    expect(new Set(ids).size).toBe(count);
    expect(ids).toEqual([...ids].sort());
  },
);

test('a result stays as it was when records change after it', async () => {
  const { id } = await finished({ query: 'SELECT Id, Name FROM Account ORDER BY Id LIMIT 1500' });
  const first = await page(id, 'maxRecords=1000');
  await sandbox.org.pool.query(`update "Account" set "Name" = 'changed'`);
  const second = await page(id, `maxRecords=1000&locator=${first.locator}`);
  expect(second.text).not.toContain('changed');
  expect(second.count).toBe(500);
});

test('values are written as Bulk writes them', async () => {
  await sandbox.org.pool.query(
    `update "Account" set "AnnualRevenue" = 12345678, "NumberOfEmployees" = 7 where "AnnualRevenue" = 1000`,
  );
  const query =
    'SELECT Id, CreatedDate, AnnualRevenue, NumberOfEmployees, Phone, IsDeleted, Owner.Username FROM Account WHERE NumberOfEmployees = 7';
  const { id } = await finished({ query });
  const { text } = await page(id, '');
  const [header, row] = text.split('\n');
  expect(header).toBe(
    '"Id","CreatedDate","AnnualRevenue","NumberOfEmployees","Phone","IsDeleted","Owner.Username"',
  );
  expect(row).toMatch(
    /^"001\w{15}","\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.000Z","1\.2345678E7","7","","false","admin@rapport\.sandbox"$/,
  );
  const small = await finished({
    query: 'SELECT AnnualRevenue FROM Account WHERE AnnualRevenue IN (0, 2000) ORDER BY AnnualRevenue',
  });
  expect((await page(small.id, '')).text).toBe('"AnnualRevenue"\n"0.0"\n"2000.0"\n');
});

test('delimiter and line ending are those of the job', async () => {
  const { id } = await finished({
    query: 'SELECT Id, Name FROM Account ORDER BY Id LIMIT 2',
    columnDelimiter: 'TAB',
    lineEnding: 'CRLF',
  });
  const { text } = await page(id, 'maxRecords=1');
  expect(text).toMatch(/^"Id"\t"Name"\r\n"\w{18}"\t"changed"\r\n$/);
});

test('an empty result is its header, and what cannot be streamed is refused', async () => {
  const { id } = await finished({ query: `SELECT Id FROM Account WHERE Name = 'nobody'` });
  expect(await page(id, '')).toEqual({ locator: 'null', count: 0, text: '"Id"\n' });
  const refused = await call('/jobs/query', {
    method: 'POST',
    body: JSON.stringify({ operation: 'query', query: 'SELECT COUNT(Id) FROM Account' }),
  });
  expect([refused.status, await refused.json()]).toEqual([
    400,
    [{ errorCode: 'API_ERROR', message: 'Aggregate Relationships not supported in Bulk Query' }],
  ]);
  const compound = await call('/jobs/query', {
    method: 'POST',
    body: JSON.stringify({ operation: 'query', query: 'SELECT Id, BillingAddress FROM Account' }),
  });
  expect(await compound.json()).toEqual([
    { errorCode: 'API_ERROR', message: 'Selecting compound data not supported in Bulk Query' },
  ]);
  const unknown = await call('/jobs/query', {
    method: 'POST',
    body: JSON.stringify({ operation: 'query', query: 'SELECT Nope FROM Account' }),
  });
  expect([unknown.status, ((await unknown.json()) as { errorCode: string }[])[0]?.errorCode]).toEqual([
    400,
    'INVALID_FIELD',
  ]);
});

test('queryAll has deleted records too', async () => {
  await sandbox.org.pool.query(`update "Account" set "IsDeleted" = true where "NumberOfEmployees" = 7`);
  const query = 'SELECT Id FROM Account WHERE NumberOfEmployees = 7';
  expect((await finished({ query })).numberRecordsProcessed).toBe(0);
  expect((await finished({ query, operation: 'queryAll' })).numberRecordsProcessed).toBe(1);
});

test('a week after it ended a job and its result are cleared away at the next start', async () => {
  const { id } = await finished({ query: 'SELECT Id FROM Account LIMIT 1' });
  expect(await maybeSpoolSize(sandbox.org, id)).toBeGreaterThan(0);
  await sandbox.org.pool.query(
    `update _bulk_job set changed_at = changed_at - interval '8 days' where id = $1`,
    [id],
  );
  await createBulkQueue().resume(sandbox.org);
  expect(await maybeSpoolSize(sandbox.org, id)).toBeUndefined();
  expect((await call(`/jobs/query/${id}`)).status).toBe(404);
});

test('jobs are listed, aborted only while they run, and deleted', async () => {
  const { id } = await finished({ query: 'SELECT Id FROM Account LIMIT 1' });
  const list = (await (await call('/jobs/query')).json()) as { records: { id: string }[] };
  expect(list.records.map((each) => each.id)).toContain(id);
  const abort = await call(`/jobs/query/${id}`, {
    method: 'PATCH',
    body: JSON.stringify({ state: 'Aborted' }),
  });
  expect([abort.status, ((await abort.json()) as { errorCode: string }[])[0]?.errorCode]).toEqual([
    400,
    'INVALIDJOBSTATE',
  ]);
  expect((await call(`/jobs/query/${id}/results?locator=bm9uc2Vuc2U`)).status).toBe(400);
  expect((await call(`/jobs/query/${id}`, { method: 'DELETE' })).status).toBe(204);
  expect((await call(`/jobs/query/${id}`)).status).toBe(404);
});

test('lists of jobs are narrowed by what kind they are, and come in pages', async () => {
  const list = async (query: string) =>
    (await (await call(`/jobs/query?${query}`)).json()) as { done: boolean; nextRecordsUrl: string | null; records: { id: string }[] };
  expect((await list('jobType=V2Query&concurrencyMode=parallel&isPkChunkingEnabled=false')).records.length).toBeGreaterThan(0);
  for (const query of ['jobType=Classic', 'concurrencyMode=Serial', 'isPkChunkingEnabled=true'])
    expect([query, (await list(query)).records]).toEqual([query, []]);
  await sandbox.org.pool.query(
    `insert into _bulk_job (id, kind, user_id, client, created_at, changed_at, state, job)
     select '750' || lpad(n::text, 15, 'x'), 'query', '', '', now(), now(), 'JobComplete', '{"apiVersion": 60}' from generate_series(1, 1000) n`,
  );
  const first = await list('jobType=V2Query');
  expect([first.done, first.records.length]).toEqual([false, 1000]);
  const second = await list(String(first.nextRecordsUrl).split('?')[1] ?? '');
  expect([second.done, second.nextRecordsUrl]).toEqual([true, null]);
  expect(new Set([...first.records, ...second.records].map(({ id }) => id)).size).toBe(first.records.length + second.records.length);
  const { DailyBulkV2QueryJobs: left } = (await (await call('/limits')).json()) as { DailyBulkV2QueryJobs: { Max: number; Remaining: number } };
  expect(left.Remaining).toBeLessThan(left.Max - 1000);
}); // prettier-ignore
