import { Readable } from 'node:stream';

import { parse } from 'csv-parse/sync';
import request from 'supertest';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { createApp } from '../../src/app.ts';
import { pool } from '../../src/platform/db.ts';
import { routes } from '../../src/routes.ts';
import { type FileRecord, recordsOf } from '../../src/usage/lines.ts';
import { givenAccount } from '../support/mirror.ts';
import { givenStaff, sessionCookieOf } from '../support/people.ts';

/* F20: what a spreadsheet would run when a download is opened, and files that are not what they should be. */

const MB = 1024 * 1024;
const app = createApp();
let cookie: string;

const formulas = [`=HYPERLINK("https://evil.example","x")`, '+1+1', '-2+3', '@SUM(A1)', '\t=1+1', '\r=1+1'];

beforeAll(async () => {
  cookie = await sessionCookieOf(app, await givenStaff({ roles: ['admin', 'csm'] }));
  for (const name of formulas) await givenAccount({ name, industry: name });
});

afterAll(() => pool.end());

describe('a download', () => {
  const downloads = routes.filter(
    ({ method, path }) => method === 'get' && path.endsWith('.csv') && !path.includes(':'),
  );

  test.each(downloads.map(({ path }) => path))('%s holds nothing that a spreadsheet runs', async (path) => {
    const answer = await request(app).get(path).set('cookie', cookie).buffer().expect(200);
    const cells = parse(answer.text, { bom: true, relax_column_count: true }).flat();
    expect(cells.filter((cell) => /^[=+\-@\t\r]/.test(cell) && Number.isNaN(Number(cell)))).toEqual([]);
    if (path === '/console/accounts.csv') expect(cells).toContain(`'${formulas[0] ?? ''}`);
  });
});

describe('a file of the past', () => {
  const read = async (bytes: Iterable<Buffer>, format: 'csv' | 'ndjson') => {
    const records: FileRecord[] = [];
    for await (const record of recordsOf(Readable.from(bytes), format)) records.push(record);
    return records;
  };
  const csv = 'userId,event,groupId\nu1,Öffnete,grün\nu2,保存,緑\n';
  const isRead = [
    { message: expect.objectContaining({ userId: 'u1', event: 'Öffnete', groupId: 'grün' }) as unknown },
    { message: expect.objectContaining({ userId: 'u2', event: '保存', groupId: '緑' }) as unknown },
  ];
  const bytewise = (bytes: Buffer) => [
    bytes.subarray(0, 3),
    ...Array.from(bytes.subarray(3), (byte) => Buffer.of(byte)),
  ];

  test.each([
    ['UTF-8', Buffer.from(csv)],
    ['UTF-8 with its mark', Buffer.from(`\ufeff${csv}`)],
    ['UTF-16, little end first', Buffer.from(`\ufeff${csv}`, 'utf16le')],
    ['UTF-16, big end first', Buffer.from(`\ufeff${csv}`, 'utf16le').swap16()],
  ])('is read in %s, however its bytes arrive', async (_, bytes) => {
    expect(await read([bytes], 'csv')).toEqual(isRead);
    expect(await read(bytewise(bytes), 'csv')).toEqual(isRead);
  });

  test.each(['csv', 'ndjson'] as const)(
    'of mixed encodings (%s) keeps its readable lines, and says which are not',
    async (format) => {
      const line = (user: string, event: string) =>
        format === 'csv' ? `${user},${event}\n` : `${JSON.stringify({ userId: user, event })}\n`;
      const head = format === 'csv' ? 'userId,event\n' : '';
      const bytes = [
        Buffer.from(head + line('u1', 'Öffnete')),
        Buffer.from(line('u2', 'Öffnete'), 'latin1'),
        Buffer.from(line('u3', '保存')),
      ];
      expect(await read(bytes, format)).toEqual([
        { message: expect.objectContaining({ userId: 'u1' }) as unknown },
        { reason: expect.stringContaining('not UTF-8') as unknown, excerpt: expect.any(String) as unknown },
        { message: expect.objectContaining({ userId: 'u3' }) as unknown },
      ]);
    },
  );

  test('with a million columns, a line without an end, or nothing but quotes is refused within 50 MB', async () => {
    const block = Buffer.from('a,'.repeat(32_768));
    const quoteBlock = Buffer.alloc(65_536, '"');
    const million = function* () {
      for (let made = 0; made < 1_000_000; made += 32_768) yield block;
      yield Buffer.from('\n1,2\n');
    };
    const quotes = function* () {
      for (let made = 0; made < 64 * MB; made += 65_536) yield quoteBlock;
    };
    await read(million(), 'csv');
    const before = process.memoryUsage().rss;
    for (const [bytes, format] of [
      [million, 'csv'],
      [million, 'ndjson'],
      [quotes, 'csv'],
      [quotes, 'ndjson'],
    ] as const) {
      const records = await read(bytes(), format);
      expect(records.length).toBeLessThan(5);
      expect(records.every((record) => 'reason' in record)).toBe(true);
    }
    expect(process.memoryUsage().rss - before).toBeLessThan(50 * MB);
  });
});
