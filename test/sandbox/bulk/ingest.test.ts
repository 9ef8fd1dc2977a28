import { afterAll, beforeAll, expect, test } from 'vitest';

import { removeSpool } from '../../../sandbox/salesforce/bulk/spool.ts';
import { createTestDatabase } from '../../support/database.ts';
import { startSandbox } from '../../support/sandbox.ts';
import { packageZip } from '../metadata/package.ts';

import type { Connection } from 'jsforce';
import type { RunningSandbox } from '../../support/sandbox.ts';

let sandbox: RunningSandbox;
let connection: Connection;
let databaseUrl: string;

const fields = `<CustomObject><fields><fullName>Ref__c</fullName><label>Ref</label><type>Text</type><length>20</length>
  <externalId>true</externalId><unique>true</unique></fields></CustomObject>`;

beforeAll(async () => {
  databaseUrl = await createTestDatabase('empty');
  sandbox = await startSandbox(databaseUrl);
  connection = await sandbox.connect();
  connection.bulk2.pollInterval = 50;
  connection.metadata.pollInterval = 50;
  const zip = packageZip({ CustomField: ['Account.Ref__c'] }, { 'objects/Account.object': fields });
  await connection.metadata.deploy(zip).complete();
});
afterAll(async () => {
  await removeSpool(sandbox.org);
  await sandbox.close();
});

const call = (path: string, init: Omit<RequestInit, 'headers'> & { headers?: Record<string, string> } = {}) =>
  fetch(`${sandbox.url}/services/data/v60.0${path}`, {
    ...init,
    headers: {
      authorization: `Bearer ${connection.accessToken ?? ''}`,
      'content-type': 'application/json',
      ...init.headers,
    },
  });

const send = (method: string, path: string, body: unknown) =>
  call(path, { method, body: JSON.stringify(body) });

const put = (id: string, csv: string) =>
  call(`/jobs/ingest/${id}/batches`, { method: 'PUT', body: csv, headers: { 'content-type': 'text/csv' } });

interface JobAnswer {
  id: string;
  state: string;
  errorMessage?: string;
  numberRecordsProcessed?: number;
  numberRecordsFailed?: number;
}

const opened = async (form: Record<string, unknown>) =>
  (await (await send('POST', '/jobs/ingest', form)).json()) as JobAnswer;

async function ended(id: string): Promise<JobAnswer> {
  for (;;) {
    const job = (await (await call(`/jobs/ingest/${id}`)).json()) as JobAnswer;
    if (['JobComplete', 'Failed', 'Aborted'].includes(job.state)) return job;
    await new Promise((wake) => setTimeout(wake, 30));
  }
}

/** Runs a job over a CSV to its end. */
async function run(form: Record<string, unknown>, csv: string): Promise<JobAnswer> {
  const { id } = await opened(form);
  expect((await put(id, csv)).status).toBe(201);
  await send('PATCH', `/jobs/ingest/${id}`, { state: 'UploadComplete' });
  return ended(id);
}

const results = async (id: string, kind: string) => (await call(`/jobs/ingest/${id}/${kind}`)).text();

test('jsforce loads records and gets saved and refused ones back', async () => {
  const { successfulResults, failedResults, unprocessedRecords } =
    await connection.bulk2.loadAndWaitForResults({
      object: 'Account',
      operation: 'insert',
      input: [
        { Name: 'Halden', Ref__c: 'a' },
        { Name: '', Ref__c: 'b' },
        { Name: 'Blue Quay', Ref__c: 'a' },
      ],
      pollInterval: 50,
      pollTimeout: 30_000,
    });
  expect(successfulResults).toEqual([
    {
      sf__Id: expect.stringMatching(/^001\w{15}$/) as string,
      sf__Created: 'true',
      Name: 'Halden',
      Ref__c: 'a',
    },
  ]);
  expect(unprocessedRecords).toEqual([]);
  expect(failedResults.map((each) => each.sf__Error)).toEqual([
    'REQUIRED_FIELD_MISSING:Required fields are missing: [Name]:Name --',
    expect.stringMatching(/^DUPLICATE_VALUE:/),
  ]);
});

test('an upsert by external id creates, then updates, and empties a field by #N/A', async () => {
  const form = { object: 'Account', operation: 'upsert', externalIdFieldName: 'Ref__c' };
  const first = await run(
    form,
    'Ref__c,Name,Phone,Website\nu1,One,123,one.example\nu2,Two,456,two.example\n',
  );
  expect(first).toMatchObject({ state: 'JobComplete', numberRecordsProcessed: 2, numberRecordsFailed: 0 });
  expect((await results(first.id, 'successfulResults')).match(/"true"/g)).toHaveLength(2);
  const second = await run(form, 'Ref__c,Phone,Website\nu1,#N/A,\n');
  expect(await results(second.id, 'successfulResults')).toContain('"false","u1","#N/A",""');
  const { rows } = await sandbox.org.pool.query(
    `select "Name", "Phone", "Website" from "Account" where "Ref__c" = 'u1'`,
  );
  expect(rows).toEqual([{ Name: 'One', Phone: null, Website: 'one.example' }]);
});

test('a parent can be named by its external id', async () => {
  const job = await run(
    { object: 'Contact', operation: 'insert' },
    'LastName,Account.Ref__c\nOkafor,u1\nReyes,nobody\n',
  );
  expect(job).toMatchObject({ numberRecordsProcessed: 2, numberRecordsFailed: 1 });
  const { rows } = await sandbox.org.pool.query(
    `select c."LastName" from "Contact" c join "Account" a on a."Id" = c."AccountId" where a."Ref__c" = 'u1'`,
  );
  expect(rows).toEqual([{ LastName: 'Okafor' }]);
});

test('update, delete and hardDelete go by id', async () => {
  const { rows } = await sandbox.org.pool.query(
    `select "Id" as id from "Account" where "Ref__c" in ('u1', 'u2') order by "Ref__c"`,
  );
  const [one, two] = (rows as { id: string }[]).map((row) => row.id) as [string, string];
  await run({ object: 'Account', operation: 'update' }, `Id,Name\n${one},Uno\n`);
  await run({ object: 'Account', operation: 'delete' }, `Id\n${one}\n001000000000000AAA\n`);
  await run({ object: 'Account', operation: 'hardDelete' }, `Id\n${two}\n`);
  const left = await sandbox.org.pool.query(
    `select "Name", "IsDeleted" from "Account" where "Id" = any($1)`,
    [[one, two]],
  );
  expect(left.rows).toEqual([{ Name: 'Uno', IsDeleted: true }]);
});

test.each([
  [
    'the wrong line ending',
    { lineEnding: 'LF' },
    'Name\r\nX\r\n',
    'ClientInputError : LineEnding is invalid on user data. Current LineEnding setting is LF',
  ],
  ['an unknown column', {}, 'Name,Foo__c\nX,1\n', 'InvalidBatch : Field name not found : Foo__c'],
])('%s fails the whole job, and its rows stay unprocessed', async (_case, form, csv, errorMessage) => {
  const job = await run({ object: 'Account', operation: 'insert', ...form }, csv);
  expect(job).toMatchObject({ state: 'Failed', errorMessage, numberRecordsProcessed: 0 });
});

test('semicolons and CRLF are read and written as the job says', async () => {
  const job = await run(
    { object: 'Account', operation: 'insert', columnDelimiter: 'SEMICOLON', lineEnding: 'CRLF' },
    'Name;Ref__c\r\n"Semi;colon\nAB";s1\r\n',
  );
  expect(job.state).toBe('JobComplete');
  expect(await results(job.id, 'successfulResults')).toMatch(
    /^"sf__Id";"sf__Created";"Name";"Ref__c"\r\n"\w{18}";"true";"Semi;colon\nAB";"s1"\r\n$/,
  );
});

test('thousands of rows are saved in batches', async () => {
  const csv = `Name,Ref__c\n${Array.from({ length: 5000 }, (_, index) => `Firm ${String(index)},m${String(index)}`).join('\n')}\n`;
  const job = await run({ object: 'Account', operation: 'insert' }, csv);
  expect(job).toMatchObject({ numberRecordsProcessed: 5000, numberRecordsFailed: 0 });
  expect((await results(job.id, 'successfulResults')).split('\n')).toHaveLength(5002);
});

test('what is wrong with a job is said when it is created', async () => {
  const refused = async (form: Record<string, unknown>) => {
    const answer = await send('POST', '/jobs/ingest', form);
    return [answer.status, ((await answer.json()) as { errorCode: string }[])[0]?.errorCode];
  };
  expect(await refused({ object: 'Nope', operation: 'insert' })).toEqual([400, 'INVALIDENTITY']);
  expect(await refused({ object: 'Account', operation: 'upsert' })).toEqual([400, 'INVALIDJOB']);
  expect(await refused({ object: 'Account', operation: 'insert', columnDelimiter: 'SPACE' })).toEqual([
    400,
    'INVALIDJOB',
  ]);
});

test('a job keeps to its states', async () => {
  const { id } = await opened({ object: 'Account', operation: 'insert' });
  await put(id, 'Name\nX\n');
  expect((await put(id, 'Name\nY\n')).status).toBe(400);
  const aborted = await send('PATCH', `/jobs/ingest/${id}`, { state: 'Aborted' });
  expect(((await aborted.json()) as JobAnswer).state).toBe('Aborted');
  expect((await send('PATCH', `/jobs/ingest/${id}`, { state: 'UploadComplete' })).status).toBe(400);
  expect(await results(id, 'unprocessedrecords')).toBe('"Name"\n"X"\n');
  expect((await call(`/jobs/ingest/${id}`, { method: 'DELETE' })).status).toBe(204);
  expect((await call(`/jobs/ingest/${id}`)).status).toBe(404);
});

test.each([
  ['BACKQUOTE', '`'], ['CARET', '^'], ['COMMA', ','], ['PIPE', '|'], ['SEMICOLON', ';'], ['TAB', '\t'],
])('values keep quotes, line ends and the delimiter itself between %s', async (columnDelimiter, sign) => {
  const name = `a${sign}"b"\nc\r\nd`;
  const cell = `"${name.replaceAll('"', '""')}"`;
  const job = await run({ object: 'Account', operation: 'insert', columnDelimiter }, `\uFEFFName${sign}Ref__c\n${cell}${sign}#N/A\n`);
  expect(job).toMatchObject({ state: 'JobComplete', numberRecordsFailed: 0 });
  expect(await results(job.id, 'successfulResults')).toContain(`${sign}${cell}${sign}"#N/A"`);
  const { rows } = await sandbox.org.pool.query('select 1 from "Account" where "Name" = $1 and "Ref__c" is null', [name]);
  expect(rows).toHaveLength(1);
}); // prettier-ignore

test('a job and its data may come in one request, which begins it', async () => {
  const form = new FormData();
  const job = { object: 'Account', operation: 'insert', contentType: 'CSV' };
  form.set('job', new Blob([JSON.stringify(job)], { type: 'application/json' }));
  form.set('content', new Blob(['Name,Ref__c\nAt once,o1\n'], { type: 'text/csv' }), 'content');
  const answer = await fetch(`${sandbox.url}/services/data/v60.0/jobs/ingest`, {
    method: 'POST',
    headers: { authorization: `Bearer ${connection.accessToken ?? ''}` },
    body: form,
  });
  const created = (await answer.json()) as JobAnswer;
  expect([answer.status, created.state]).toEqual([200, 'UploadComplete']);
  expect(created).not.toHaveProperty('contentUrl');
  expect(await ended(created.id)).toMatchObject({ state: 'JobComplete', numberRecordsProcessed: 1 });
});

test('rows of one job do not find each other, and each failure says what it was', async () => {
  const job = await run(
    { object: 'Account', operation: 'insert' },
    'Name,Ref__c,Parent.Ref__c\nParent,same1,\nChild,same2,same1\n,same3,\nToo,many,,columns\n',
  );
  expect(job).toMatchObject({ state: 'JobComplete', numberRecordsProcessed: 4, numberRecordsFailed: 3 });
  const failed = await results(job.id, 'failedResults');
  expect(failed).toContain(
    '"INVALID_FIELD:Foreign key external ID: same1 not found for field Ref__c in entity Account:Parent.Ref__c --"'.replace(':Parent.Ref__c', ':'),
  );
  expect(failed).toContain('"REQUIRED_FIELD_MISSING:Required fields are missing: [Name]:Name --"');
}); // prettier-ignore

test('whoever may not delete for good is told so, and states that fit no job are refused', async () => {
  const profile = await connection.query<{ Id: string }>("SELECT Id FROM Profile WHERE Name = 'Standard User'");
  const clerk = {
    Username: 'clerk@bulk.sandbox', LastName: 'Clerk', Email: 'clerk@bulk.example', Alias: 'clerk', CommunityNickname: 'clerkbulk',
    TimeZoneSidKey: 'GMT', LocaleSidKey: 'en_US', LanguageLocaleKey: 'en_US', EmailEncodingKey: 'UTF-8', ProfileId: String(profile.records[0]?.Id),
  };
  await connection.sobject('User').create(clerk);
  const { accessToken } = await sandbox.connect(clerk.Username);
  const refused = await call('/jobs/ingest', {
    method: 'POST',
    headers: { authorization: `Bearer ${accessToken ?? ''}` },
    body: JSON.stringify({ object: 'Account', operation: 'hardDelete' }),
  });
  expect([refused.status, await refused.json()]).toEqual([400, [{
    errorCode: 'FEATURENOTENABLED',
    message: 'hardDelete operation requires special user profile permission, please contact your system administrator',
  }]]);
  const done = await run({ object: 'Account', operation: 'insert' }, 'Name\nDone\n');
  const late = await send('PATCH', `/jobs/ingest/${done.id}`, { state: 'Aborted' });
  expect([late.status, await late.json()]).toEqual([400, [{ errorCode: 'INVALIDJOBSTATE', message: 'Aborting already Completed Job not allowed' }]]);
  expect((await put(done.id, 'Name\nMore\n')).status).toBe(400);
}); // prettier-ignore

test('a job that a restart interrupted goes on behind its last whole batch', async () => {
  const { id } = await opened({ object: 'Account', operation: 'insert' });
  await put(
    id,
    `Name,Ref__c\n${Array.from({ length: 30 }, (_, index) => `Again,r${String(index)}`).join('\n')}\n`,
  );
  await sandbox.org.pool.query(
    `update _bulk_job set state = 'InProgress', job = job || '{"processed": 10, "batches": 1}' where id = $1`,
    [id],
  );
  await sandbox.close();
  sandbox = await startSandbox(databaseUrl);
  connection = await sandbox.connect();
  expect(await ended(id)).toMatchObject({ state: 'JobComplete', numberRecordsProcessed: 30 });
  const { rows } = await sandbox.org.pool.query(
    `select count(*) as count from "Account" where "Name" = 'Again'`,
  );
  expect(rows).toEqual([{ count: 20 }]);
});
