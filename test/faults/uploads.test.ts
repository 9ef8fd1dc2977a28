import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';

import { afterAll, beforeAll, expect, test } from 'vitest';

import { freePort } from '../../scripts/postgres.ts';
import { pool } from '../../src/platform/db.ts';
import { givenCustomer, sessionCookieOf } from '../support/people.ts';
import { launch, type Running } from '../support/processes.ts';

/* F21: what is handed in to harm the server by its size, against a server in a process of its own. */

const MB = 1024 * 1024;

let server: Running;
let url: string;
let cookie: string;

beforeAll(async () => {
  const port = await freePort();
  url = `http://127.0.0.1:${String(port)}`;
  server = await launch(['src/server.ts'], { PORT: String(port), NODE_ENV: 'test' });
  cookie = await sessionCookieOf(url, await givenCustomer());
  await sent(formOf(fields('warm'), 2 * MB)).then((answer) => answer.text());
});

afterAll(async () => {
  server.child.kill('SIGKILL');
  await server.ended;
  await pool.end();
});

const fields = (description: string) => ({ id: randomUUID(), subject: '', description, priority: 'high' });

/** A form with a file of that size and a small one, made while it is sent. */
function* formOf(typed: Record<string, string>, size: number): Generator<Uint8Array> {
  const block = Buffer.alloc(65_536, 'x');
  for (const [name, value] of Object.entries(typed))
    yield Buffer.from(`--x\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`);
  yield fileHead('large.log');
  for (let made = 0; made < size; made += block.length) yield block;
  yield Buffer.from('\r\n');
  yield fileHead('small.log');
  yield Buffer.from('ok\r\n--x--\r\n');
}

const fileHead = (name: string) =>
  Buffer.from(`--x\r\nContent-Disposition: form-data; name="files"; filename="${name}"\r\n\r\n`);

async function sent(body: Iterable<Uint8Array>, headers: Record<string, string> = {}): Promise<Response> {
  return await fetch(`${url}/portal/cases`, {
    method: 'POST',
    headers: { cookie, 'content-type': 'multipart/form-data; boundary=x', ...headers },
    body: ReadableStream.from(body),
    redirect: 'manual',
    duplex: 'half',
  });
}

/** What the server holds in memory, and the most that it ever held; Linux tells. */
function memory(): { now: number; most: number } {
  const status = readFileSync(`/proc/${String(server.child.pid)}/status`, 'utf8');
  const line = (name: string) => Number(new RegExp(`${name}:\\s+(\\d+) kB`).exec(status)?.[1]) * 1024;
  return { now: line('VmRSS'), most: line('VmHWM') };
}

async function growthOf(act: () => Promise<unknown>): Promise<number> {
  const before = memory();
  await act();
  return memory().most - before.most;
}

test('a file of 27 MB is refused with a page that keeps the typed text and the other file', async () => {
  const answer = await sent(formOf(fields('A long story'), 27 * MB));
  expect(answer.status).toBe(413);
  const html = await answer.text();
  expect(html).toContain('A long story');
  expect(html).toContain('It is larger than 25 MB');
  expect(html).toMatch(/name="kept" value="[0-9a-f-]{36}" checked><span class="anywhere">small.log/);
});

test.runIf(process.platform === 'linux')(
  'a file of any size is taken in, or turned away, within 50 MB',
  async () => {
    const grown = await growthOf(async () => {
      for (const size of [25, 60, 120]) await (await sent(formOf(fields('x'), size * MB))).text();
    });
    expect(grown).toBeLessThan(50 * MB);
  },
);

test('a form packed by gzip is refused before it expands', async () => {
  const bomb = gzipSync(Buffer.alloc(300 * MB));
  for (const type of ['multipart/form-data; boundary=x', 'application/x-www-form-urlencoded']) {
    const before = process.platform === 'linux' ? memory() : { now: 0, most: 0 };
    const { status } = await sent([bomb], { 'content-type': type, 'content-encoding': 'gzip' });
    expect([400, 413]).toContain(status);
    if (process.platform === 'linux') expect(memory().most - before.most).toBeLessThan(50 * MB);
  }
});
