import { randomBytes } from 'node:crypto';

import { afterAll, beforeAll, expect, test } from 'vitest';

import { startSandbox } from '../../support/sandbox.ts';

import type { Connection } from 'jsforce';
import type { RunningSandbox } from '../../support/sandbox.ts';

let sandbox: RunningSandbox;
let connection: Connection;

beforeAll(async () => {
  sandbox = await startSandbox();
  connection = await sandbox.connect();
});
afterAll(() => sandbox.close());

const bytesOf = async (path: string): Promise<{ status: number; type: string | null; bytes: Buffer }> => {
  const answer = await fetch(`${sandbox.url}/services/data/v60.0${path}`, {
    headers: { authorization: `Bearer ${connection.accessToken ?? ''}` },
  });
  return {
    status: answer.status,
    type: answer.headers.get('content-type'),
    bytes: Buffer.from(await answer.arrayBuffer()),
  };
};

test('a file sent as base64 comes back byte for byte, in pieces', async () => {
  const content = randomBytes(1_300_000);
  const { id } = await connection
    .sobject('ContentVersion')
    .create({ PathOnClient: 'C:\\logs\\Agent log.txt', VersionData: content.toString('base64') });
  const { status, type, bytes } = await bytesOf(`/sobjects/ContentVersion/${String(id)}/VersionData`);
  expect([status, type]).toEqual([200, 'application/octetstream']);
  expect(bytes.equals(content)).toBe(true);
  const { rows } = await sandbox.org.pool.query(
    'select "Title", "FileExtension", "FileType", "ContentSize" from "ContentVersion" where "Id" = $1',
    [id],
  );
  expect(rows).toEqual([
    { Title: 'Agent log', FileExtension: 'txt', FileType: 'TEXT', ContentSize: content.length },
  ]);
});

test('jsforce’s multipart request brings a file, the binary part first', async () => {
  const content = Buffer.from('%PDF-1.7 ü\n');
  const record = { Title: 'Guide ü', PathOnClient: 'guide.pdf', VersionData: content.toString('base64') };
  const { id, success } = await connection.sobject('ContentVersion').create(record, {
    multipartFileFields: { VersionData: { filename: 'guide.pdf', contentType: 'application/pdf' } },
  });
  expect(success).toBe(true);
  expect((await bytesOf(`/sobjects/ContentVersion/${String(id)}/VersionData`)).bytes.equals(content)).toBe(
    true,
  );
});

test('a multipart request as Salesforce’s documentation writes it brings a file, the JSON part first', async () => {
  const form = new FormData();
  const json = new Blob([JSON.stringify({ PathOnClient: 'a.log' })], { type: 'application/json' });
  form.append('entity_content', json, '');
  form.append('VersionData', new Blob(['hello']), 'a.log');
  const answer = await fetch(`${sandbox.url}/services/data/v60.0/sobjects/ContentVersion`, {
    method: 'POST',
    headers: { authorization: `Bearer ${connection.accessToken ?? ''}` },
    body: form,
  });
  const { id } = (await answer.json()) as { id: string };
  expect(answer.status).toBe(201);
  expect((await bytesOf(`/sobjects/ContentVersion/${id}/VersionData`)).bytes.toString()).toBe('hello');
});

test('an attachment’s body is kept with its length', async () => {
  const { id: parentId } = await connection.sobject('Account').create({ Name: 'Halden' });
  const body = {
    ParentId: parentId,
    Name: 'note.txt',
    ContentType: 'text/plain',
    Body: Buffer.from('note').toString('base64'),
  };
  const { id } = await connection.sobject('Attachment').create(body);
  expect((await bytesOf(`/sobjects/Attachment/${String(id)}/Body`)).bytes.toString()).toBe('note');
  const { rows } = await sandbox.org.pool.query('select "BodyLength" from "Attachment" where "Id" = $1', [
    id,
  ]);
  expect(rows).toEqual([{ BodyLength: 4 }]);
});

test('jsforce streams a file down', async () => {
  const { id } = await connection
    .sobject('ContentVersion')
    .create({ PathOnClient: 'b.txt', VersionData: Buffer.from('stream').toString('base64') });
  const stream = connection.sobject('ContentVersion').record(String(id)).blob('VersionData');
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  expect(Buffer.concat(chunks).toString()).toBe('stream');
});

test('a file that is not there, and a body that is no multipart, are refused', async () => {
  const { status, bytes } = await bytesOf('/sobjects/ContentVersion/068000000000000AAA/VersionData');
  expect([status, JSON.parse(bytes.toString())]).toEqual([
    404,
    [{ errorCode: 'NOT_FOUND', message: 'The requested resource does not exist' }],
  ]);
  const answer = await fetch(`${sandbox.url}/services/data/v60.0/sobjects/ContentVersion`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${connection.accessToken ?? ''}`,
      'content-type': 'multipart/form-data; boundary=x',
    },
    body: '--x\r\nnonsense',
  });
  expect(answer.status).toBe(400);
});

test('a stranger gets no file', async () => {
  const answer = await fetch(
    `${sandbox.url}/services/data/v60.0/sobjects/ContentVersion/068000000000000AAA/VersionData`,
  );
  expect([answer.status, await answer.json()]).toEqual([
    401,
    [{ errorCode: 'INVALID_SESSION_ID', message: 'Session expired or invalid' }],
  ]);
  const page = await fetch(`${sandbox.url}/sfc/servlet.shepherd/version/download/068000000000000AAA`, {
    redirect: 'manual',
  });
  expect([page.status, page.headers.get('location')]).toEqual([
    303,
    expect.stringContaining('/login?startURL='),
  ]);
});

test('a client that goes away in the middle of a download leaves the rest working', async () => {
  const { id } = await connection
    .sobject('ContentVersion')
    .create({ PathOnClient: 'big.bin', VersionData: randomBytes(4_000_000).toString('base64') });
  const path = `/sobjects/ContentVersion/${String(id)}/VersionData`;
  const leaving = new AbortController();
  const answer = await fetch(`${sandbox.url}/services/data/v60.0${path}`, {
    headers: { authorization: `Bearer ${connection.accessToken ?? ''}` },
    signal: leaving.signal,
  });
  await answer.body?.getReader().read();
  leaving.abort();
  expect((await bytesOf(path)).bytes).toHaveLength(4_000_000);
});
