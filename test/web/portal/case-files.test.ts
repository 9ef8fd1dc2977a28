import { randomUUID } from 'node:crypto';
import { connect } from 'node:net';

import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { createApp } from '../../../src/app.ts';
import type { AccountViewer } from '../../../src/access/viewer.ts';
import { caseSeenBy } from '../../../src/cases/cases.ts';
import { db, pool } from '../../../src/platform/db.ts';
import { serve } from '../../../src/platform/http/serve.ts';
import { givenFile } from '../../support/case-history.ts';
import { givenCase } from '../../support/mirror.ts';
import { customerViewer, givenCustomer, sessionCookieOf } from '../../support/people.ts';

const MB = 1024 * 1024;

let server: Awaited<ReturnType<typeof serve>>;
let maya: AccountViewer;
let url: string;
let cookie: string;

beforeAll(async () => {
  const app = createApp();
  server = await serve(app, 0);
  url = `http://127.0.0.1:${String(server.port)}`;
  const person = await givenCustomer({ name: 'Maya Okafor' });
  maya = await customerViewer(person);
  cookie = await sessionCookieOf(app, person);
});

afterAll(async () => {
  await server.close();
  await pool.end();
});

interface Sent {
  fields?: Record<string, string>;
  files?: [name: string, bytes: Buffer | string][];
}

function formOf({ fields = {}, files = [] }: Sent): FormData {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  for (const [name, bytes] of files)
    form.append('files', new Blob([new Uint8Array(Buffer.from(bytes))]), name);
  return form;
}

const post = async (path: string, sent: Sent) =>
  await fetch(url + path, { method: 'POST', headers: { cookie }, body: formOf(sent), redirect: 'manual' });

/** Sends bytes as a form. @returns the status of the answer, which is read to its end */
async function raw(body: string, type: string): Promise<number> {
  const headers = { cookie, 'content-type': type };
  const answer = await fetch(`${url}/portal/cases`, { method: 'POST', headers, body, redirect: 'manual' });
  await answer.text();
  return answer.status;
}

const newCase = (changes: Record<string, string> = {}) => ({
  id: randomUUID(), subject: 'Restore fails', description: 'Since Tuesday.', priority: 'high', ...changes,
}); // prettier-ignore

const uploads = async () => await db.selectFrom('uploads').select('id').orderBy('id').execute();

async function downloaded(caseId: string, fileId: string): Promise<Response> {
  return await fetch(`${url}/portal/cases/${caseId}/files/${fileId}`, { headers: { cookie } });
}

describe('a file that is too large', () => {
  test('is refused unread where the whole request is beyond measure', async () => {
    const socket = connect(server.port, '127.0.0.1');
    socket.write(
      `POST /portal/cases HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: ${cookie}\r\nContent-Type: multipart/form-data; boundary=x\r\n` +
        'Content-Length: 10000000000\r\n\r\n--x\r\n',
    );
    const head = await new Promise<string>((resolve) =>
      socket.once('data', (bytes) => {
        resolve(bytes.toString());
      }),
    );
    socket.destroy();
    expect(head).toMatch(/^HTTP\/1.1 413 /);
  });
});

describe('a form that is meant to harm', () => {
  test.each([
    ['no boundary', 'multipart/form-data', 'x'],
    ['nothing', 'multipart/form-data; boundary=x', ''],
    ['another boundary', 'multipart/form-data; boundary=x', '--y\r\n\r\n'],
    [
      'a broken head',
      'multipart/form-data; boundary=x',
      '--x\r\nContent-Disposition\r\n\r\nabc\r\n--x--\r\n',
    ],
    [
      'an end too early',
      'multipart/form-data; boundary=x',
      '--x\r\nContent-Disposition: form-data; name="files"; filename="a.log"\r\n\r\nabc',
    ],
    [
      'bytes that are no text',
      'multipart/form-data; boundary=x',
      '--x\r\nContent-Disposition: form-data; name="\u0000\ufffd"\r\n\r\n\u0000\r\n--x--\r\n',
    ],
    [
      'names of the language',
      'multipart/form-data; boundary=x',
      '--x\r\nContent-Disposition: form-data; name="__proto__"\r\n\r\n1\r\n--x\r\nContent-Disposition: form-data; name="constructor"\r\n\r\n1\r\n--x--\r\n',
    ],
    [
      'ten thousand fields',
      'multipart/form-data; boundary=x',
      `${'--x\r\nContent-Disposition: form-data; name="kept"\r\n\r\nz\r\n'.repeat(10_000)}--x--\r\n`,
    ],
    [
      'ten thousand levels',
      'multipart/form-data; boundary=x',
      `--x\r\nContent-Disposition: form-data; name="a"\r\nContent-Type: multipart/mixed; boundary=y\r\n\r\n${'--y\r\nContent-Type: multipart/mixed; boundary=y\r\n\r\n'.repeat(10_000)}\r\n--x--\r\n`,
    ],
  ])('with %s is refused as a mistake, never as our fault', async (_what, type, body) => {
    const before = await uploads();
    expect([400, 413, 422]).toContain(await raw(body, type));
    expect(await uploads()).toEqual(before);
  });

  test('that breaks off leaves nothing', async () => {
    const before = await uploads();
    const socket = connect(server.port, '127.0.0.1');
    socket.write(
      `POST /portal/cases HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: ${cookie}\r\nContent-Type: multipart/form-data; boundary=x\r\n` +
        'Content-Length: 9000000\r\n\r\n--x\r\nContent-Disposition: form-data; name="files"; filename="a.log"\r\n\r\n',
    );
    socket.write(Buffer.alloc(2 * MB, 65));
    await expect.poll(async () => (await uploads()).length).toBe(before.length + 1);
    socket.destroy();
    await expect.poll(uploads).toEqual(before);
  });

  test('with too many files takes none beyond the limit', async () => {
    const files = Array.from({ length: 12 }, (_, i): [string, string] => [`${String(i)}.log`, 'x']);
    const answer = await post('/portal/cases', { fields: newCase(), files });
    expect(answer.status).toBe(422);
    const html = await answer.text();
    expect(html.match(/name="kept"/g)).toHaveLength(10);
    expect(html).toContain('More files than we take at once');
  });
});

describe('a file', () => {
  /** A PNG whose header says 50,000 by 50,000 pixels. */
  const png = Buffer.from('89504e470d0a1a0a0000000d49484452' + '0000c350' + '0000c350' + '0802000000', 'hex');
  const zip = Buffer.concat([Buffer.from('504b0304', 'hex'), Buffer.alloc(2000, 7)]);

  test('is kept and given back as it is, never looked into and never shown by the browser', async () => {
    const form = newCase();
    const files: [string, Buffer | string][] = [
      ['huge.png', png],
      ['bomb.docx', zip],
      ['evil.html', '<script>alert(document.cookie)</script>'],
      ['evil.svg', '<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'],
      ['a"b\r\nX-Evil: 1é日.txt', 'x'],
    ];
    const opened = await post('/portal/cases', { fields: form, files });
    await opened.text();
    expect(opened.status).toBe(303);
    const { timeline } = await caseSeenBy(maya, form.id);
    expect(timeline).toHaveLength(5);
    for (const [i, entry] of timeline.entries()) {
      const answer = await downloaded(form.id, entry.id);
      expect(answer.status).toBe(200);
      expect(answer.headers.get('content-type')).toBe('application/octet-stream');
      expect(answer.headers.get('content-disposition')).toMatch(/^attachment; filename/);
      expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
      expect(answer.headers.get('content-security-policy')).toContain('sandbox');
      expect(answer.headers.get('x-evil')).toBeNull();
      expect(Buffer.from(await answer.arrayBuffer()).equals(Buffer.from(files[i]?.[1] ?? ''))).toBe(true);
    }
  });

  test('that Salesforce holds but cannot give now is answered as unavailable, not as lost', async () => {
    const on = await givenCase({ account: { id: maya.accountId } });
    await givenFile(on);
    const [entry] = (await caseSeenBy(maya, on.id)).timeline;
    const answer = await downloaded(on.id, entry?.id ?? '');
    await answer.text();
    expect(answer.status).toBe(503);
  });
});
