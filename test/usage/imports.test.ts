import { gzipSync } from 'node:zlib';

import request from 'supertest';
import { afterAll, afterEach, beforeEach, expect, test } from 'vitest';

import { createApp } from '../../src/app.ts';
import { db, pool, sql } from '../../src/platform/db.ts';
import { reactions } from '../../src/reactions.ts';
import { recordsOf } from '../../src/usage/lines.ts';
import { takeInUsage } from '../../src/usage/take-in.ts';
import { givenAccount, salesforceId } from '../support/mirror.ts';
import { givenStaff, signedIn } from '../support/people.ts';

const app = createApp();
const day = (ago: number) => new Date(Date.now() - ago * 86_400_000).toISOString();

beforeEach(async () => {
  for (const table of [
    'usage_inbox',
    'usage_imports',
    'usage_rejections',
    'usage_events',
    'usage_days',
    'usage_account_days',
    'usage_person_days',
    'usage_members',
    'usage_people',
    'usage_accounts',
  ])
    await sql`truncate ${sql.table(table)} cascade`.execute(db);
});
/* In whatever order days come, it is known from when until when each thing was done. */
afterEach(async () => {
  const kept = sql`select usage_account, person, module, action, first_on, last_on from usage_spans`;
  const meant = sql`select usage_account, person, module, action, min(day), max(day) from usage_days group by 1, 2, 3, 4`;
  const { rows } = await sql`(${kept} except ${meant}) union all (${meant} except ${kept})`.execute(db);
  expect(rows).toEqual([]);
});
afterAll(() => pool.end());

const send = (text: string | Buffer, type = 'application/x-ndjson') =>
  request(app)
    .post('/v1/import')
    .auth('demo-write-key', '')
    .type(type)
    .serialize(() => text as never)
    .send({ the: 'file' });
const events = async () =>
  (await sql<{ count: number }>`select coalesce(sum(events), 0)::int as count from usage_days`.execute(db))
    .rows[0]?.count;
const ndjson = (many: number) =>
  Array.from({ length: many }, (_, i) =>
    JSON.stringify({
      type: 'track',
      userId: `u${String(i % 7)}`,
      groupId: `g${String(i % 3)}`,
      event: 'Saved',
      n: i,
      timestamp: day(i % 300),
    }),
  ).join('\n');

test('a file of the past counts on its own days, and once however often it is imported', async () => {
  const file = ndjson(2_500);
  expect((await send(file).expect(200)).body).toEqual({ success: true, taken: 2_500, refused: 0 });
  await takeInUsage();
  expect((await send(gzipSync(file)).set('content-encoding', 'gzip').expect(200)).body).toMatchObject({
    taken: 2_500,
  });
  await takeInUsage();
  expect(await events()).toBe(2_500);
  const { rows } = await sql`select distinct day from usage_account_days`.execute(db);
  expect(rows).toHaveLength(300);
});

test('CSV is read by its header, with attributes of accounts and people', async () => {
  const csv = `\ufeffuserId,groupId,type,event,timestamp,module,activeSeconds,traits.plan
u1,halden,group,,${day(9)},,,"gold, with ""care"""
u1,halden,track,Restored a file,${day(9)},Restore,90,
u1,halden,track,"Exported
a report",${day(8)},Reports,,`;
  expect((await send(csv, 'text/csv').expect(200)).body).toEqual({ success: true, taken: 3, refused: 0 });
  await takeInUsage();
  expect(
    (await sql`select action, module, seconds from usage_days order by action desc`.execute(db)).rows,
  ).toEqual([
    { action: 'Restored a file', module: 'Restore', seconds: 90 },
    { action: 'Exported\na report', module: 'Reports', seconds: 0 },
  ]);
  expect((await sql`select traits from usage_accounts`.execute(db)).rows).toEqual([
    { traits: { plan: 'gold, with "care"' } },
  ]);
});

test('what cannot be read is refused line by line with its reason, and the rest is taken', async () => {
  const good = JSON.stringify({ type: 'track', userId: 'u', groupId: 'g', event: 'Saved' });
  const text = [
    good,
    '{"type":',
    '7',
    JSON.stringify({ type: 'track', userId: 'u' }),
    'x'.repeat(100_000),
    good.replace('Saved', 'Opened'),
    '',
  ].join('\r\n');
  expect((await send(text).expect(200)).body).toEqual({ success: true, taken: 2, refused: 4 });
  const { rows } = await sql<{ reason: string }>`select reason from usage_rejections`.execute(db);
  expect(rows.map(({ reason }) => reason).sort()).toEqual([
    'A message must be a JSON object.',
    'The line is longer than 64 KB.',
    'The line is not JSON.',
    'event is missing: it names what was done.',
  ]);
});

test('a file of wrong lines alone keeps no more than a hundred of them', async () => {
  expect((await send('nonsense\n'.repeat(5_000)).expect(200)).body).toMatchObject({
    taken: 0,
    refused: 5_000,
  });
  expect((await sql`select from usage_rejections`.execute(db)).rows).toHaveLength(100);
});

test('the lines of an endless stream are read one by one', async () => {
  let made = 0;
  async function* endless() {
    for (;;) {
      made += 1;
      yield Buffer.from(`{"n":${String(made)}}\n{"n"`);
      yield Buffer.from(':0}\n');
      await Promise.resolve();
    }
  }
  let read = 0;
  for await (const record of recordsOf(endless(), 'ndjson')) {
    expect('message' in record).toBe(true);
    if (++read === 10) break;
  }
  expect(made).toBeLessThan(10);
});

test('an administrator imports a file on the page, and sees how far it is', async () => {
  const admin = await signedIn(app, await givenStaff({ roles: ['admin'] }));
  await request(app).post('/v1/track').auth('demo-write-key', '').send({ userId: 'u', event: 'x' });
  const { rows } = await sql<{ id: number }>`select id from usage_sources`.execute(db);
  const form = () => admin.post('/console/usage/imports');
  await form()
    .field('source', '')
    .attach('file', Buffer.from(ndjson(10)), 'past.ndjson')
    .expect(422);
  await form().field('source', String(rows[0]?.id)).expect(422);
  await form()
    .field('source', String(rows[0]?.id))
    .attach('file', Buffer.from(`${ndjson(10)}\nnonsense`), 'past.ndjson')
    .expect(303);
  const before = await admin.get('/console/usage/imports').expect(200);
  expect(before.text).toContain('10 messages are in; 1 were refused.');
  expect(before.text).toMatch(/past\.ndjson[\s\S]*Being counted/);
  await takeInUsage();
  expect((await admin.get('/console/usage/imports')).text).toMatch(/past\.ndjson[\s\S]*Counted/);
});

test('usage told before Salesforce was read is matched when its accounts have been loaded', async () => {
  const account = { id: salesforceId('001'), name: 'Northgate Logistics' };
  const told = { type: 'group', userId: 'u1', groupId: account.id, traits: {}, timestamp: day(2) };
  await send(JSON.stringify(told));
  await takeInUsage();
  const matched = async () =>
    (await sql<{ account_id: string | null }>`select account_id from usage_accounts`.execute(db)).rows;
  expect(await matched()).toEqual([{ account_id: null }]);

  await givenAccount(account);
  await reactions['mirror.loaded'].matchUsage?.({ table: 'accounts' });
  expect(await matched()).toEqual([{ account_id: account.id }]);
});
