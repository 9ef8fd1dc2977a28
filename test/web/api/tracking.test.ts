import { gzipSync } from 'node:zlib';

import request from 'supertest';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';

import { createApp } from '../../../src/app.ts';
import { DAY, moveClock, now } from '../../../src/platform/clock.ts';
import { db, pool, sql } from '../../../src/platform/db.ts';
import { forgetUsage } from '../../../src/usage/retention.ts';
import { takeInUsage } from '../../../src/usage/take-in.ts';
import { givenAccount, givenContact } from '../../support/mirror.ts';

const app = createApp();
const key = 'demo-write-key';

beforeEach(async () => {
  for (const table of [
    'usage_inbox',
    'usage_rejections',
    'usage_events',
    'usage_days',
    'usage_account_days',
    'usage_person_days',
    'usage_members',
    'usage_aliases',
    'usage_people',
    'usage_accounts',
  ])
    await sql`truncate ${sql.table(table)} cascade`.execute(db);
});
afterAll(async () => {
  await pool.end();
});

const post = (path: string, body: object) => request(app).post(`/v1/${path}`).auth(key, '').send(body);
const rowsOf = async <T>(query: ReturnType<typeof sql<T>>) => (await query.execute(db)).rows;
const sums = () =>
  rowsOf(sql<{
    account: string;
    person: string | null;
    action: string;
    module: string;
    events: number;
    seconds: number;
  }>`
    select a.external_id as account, p.external_id as person, d.action, d.module, d.events, d.seconds
    from usage_days d join usage_accounts a on a.id = d.usage_account left join usage_people p on p.id = d.person
    order by 1, 2, 3`);
const rejections = () =>
  rowsOf(sql<{ reason: string; excerpt: string }>`select reason, excerpt from usage_rejections order by id`);

describe('what a client sends', () => {
  test('is counted for its account, person, module and action', async () => {
    await post('group', {
      userId: 'u1',
      groupId: 'halden',
      traits: { name: 'Halden Freight', plan: 'gold' },
    }).expect(200);
    await post('identify', { userId: 'u1', traits: { email: 'Maya@Halden.example', name: 'Maya' } }).expect(
      200,
    );
    for (let times = 0; times < 3; times++)
      await post('track', {
        userId: 'u1',
        event: 'Restored a file',
        properties: { module: 'Restore', activeSeconds: 20 },
      }).expect(200);
    await post('page', { userId: 'u1', name: 'Dashboard' }).expect(200);
    await takeInUsage();
    expect(await sums()).toEqual([
      { account: 'halden', person: 'u1', action: 'Dashboard', module: '', events: 1, seconds: 0 },
      {
        account: 'halden',
        person: 'u1',
        action: 'Restored a file',
        module: 'Restore',
        events: 3,
        seconds: 60,
      },
    ]);
    expect(await rowsOf(sql`select name, traits from usage_accounts`)).toEqual([
      { name: 'Halden Freight', traits: { name: 'Halden Freight', plan: 'gold' } },
    ]);
    expect(await rowsOf(sql`select events, seconds, people from usage_account_days`)).toEqual([
      { events: 4, seconds: 60, people: 1 },
    ]);
  });

  test('counts once, however often it comes and however it is spread over requests', async () => {
    const event = {
      type: 'track',
      messageId: 'm-1',
      userId: 'u1',
      groupId: 'g',
      event: 'Saved',
      timestamp: new Date(),
      context: { groupId: 'g' },
    };
    await post('batch', { batch: [event, event, { ...event, messageId: 'm-2' }] }).expect(200);
    await takeInUsage();
    await post('batch', { batch: [event] }).expect(200);
    await post('track', event).expect(200);
    await takeInUsage();
    expect((await sums()).map(({ events }) => events)).toEqual([2]);
  });

  test('may come gzipped, as a form, as plain text with its key in the body, or a batch with the key beside it', async () => {
    const message = { anonymousId: 'a', event: 'Opened', context: { groupId: 'g' } };
    const zipped = gzipSync(JSON.stringify({ batch: [{ type: 'track', ...message }] }));
    await request(app)
      .post('/v1/batch')
      .auth(key, '')
      .set('content-encoding', 'gzip')
      .type('application/x-www-form-urlencoded')
      .serialize(() => zipped as never)
      .send({ zipped: 'body' })
      .expect(200);
    await request(app)
      .post('/v1/t')
      .type('text/plain')
      .send(JSON.stringify({ ...message, writeKey: key }))
      .expect(200);
    await request(app)
      .post('/v1/batch')
      .send({ writeKey: key, batch: [{ type: 'track', ...message }] })
      .expect(200);
    await takeInUsage();
    expect((await sums()).map(({ account, person, events }) => [account, person, events])).toEqual([
      ['g', null, 3],
    ]);
  });

  test('of a person may be told in the context, as RudderStack does', async () => {
    await post('identify', { userId: 'r', context: { traits: { email: 'r@one.example' } } }).expect(200);
    await takeInUsage();
    expect(await rowsOf(sql`select email from usage_people`)).toEqual([{ email: 'r@one.example' }]);
  });

  test('of a browser that says later who it is belongs to that person', async () => {
    await post('alias', { previousId: 'anon-7', userId: 'u7' }).expect(200);
    await post('track', { anonymousId: 'anon-7', event: 'Searched', context: { groupId: 'g' } }).expect(200);
    await takeInUsage();
    await post('track', { anonymousId: 'anon-7', event: 'Searched', context: { groupId: 'g' } }).expect(200);
    await takeInUsage();
    expect((await sums()).map(({ person, events }) => [person, events])).toEqual([['u7', 2]]);
  });

  test('of the old pixel is taken, and a malformed call is an error, not a picture', async () => {
    const good = await request(app)
      .get('/pixel.gif')
      .query({ sdr_s: key, sdr_o: 'acme', sdr_odn: 'Acme', sdr_u: 'joe', sdr_a: 'Login', sdr_m: 'Web' })
      .expect(200);
    expect(good.headers['content-type']).toBe('image/gif');
    const bad = await request(app)
      .get('/pixel.gif')
      .query({ sdr_s: key, sdr_u: 'joe', sdr_a: 'Login' })
      .expect(400);
    expect(bad.body).toEqual({ success: false, error: 'sdr_o is missing: it names the account.' });
    await request(app).get('/pixel.gif').query({ sdr_s: 'wrong', sdr_o: 'acme' }).expect(401);
    await takeInUsage();
    expect(
      (await sums()).map(({ account, action, module, person }) => [account, action, module, person]),
    ).toEqual([['acme', 'Login', 'Web', 'joe']]);
  });
});

describe('clocks', () => {
  test('that go wrong are set right by the moment of sending; what comes late counts on its own day', async () => {
    const hour = 3_600_000;
    const [now, ahead] = [Date.now(), Date.now() + 5 * 24 * hour];
    const track = (messageId: string, timestamp: number, sentAt: number) =>
      post('batch', {
        sentAt: new Date(sentAt),
        batch: [
          {
            type: 'track',
            messageId,
            userId: 'u',
            event: messageId,
            timestamp: new Date(timestamp),
            context: { groupId: 'g' },
          },
        ],
      }).expect(200);
    await track('five days fast', ahead - hour, ahead);
    await track('three days late', now - 72 * hour, now);
    await track('from the future', now + 48 * hour, now);
    await takeInUsage();
    const found = await rowsOf(sql<{ action: string; ago: number }>`
      select action, round(extract(epoch from (received_at - occurred_at)) / 3600)::int as ago from usage_events order by action`);
    expect(Object.fromEntries(found.map(({ action, ago }) => [action, ago]))).toEqual({
      'five days fast': 1,
      'three days late': 72,
      'from the future': 0,
    });
  });

  test('a sender whose clock stands in 1970 is told, and what it says is kept to look at', async () => {
    const answer = await post('track', { userId: 'u', event: 'x', timestamp: '1970-01-01T00:00:00Z' }).expect(
      400,
    );
    expect(answer.body).toMatchObject({
      success: false,
      error: expect.stringContaining('more than 400 days ago') as string,
    });
    expect(await rejections()).toHaveLength(1);
  });
});

describe('accounts', () => {
  test('are matched to Salesforce by id, by domain, by the contacts who use it; others wait for a person', async () => {
    const [byId, byDomain, byContact] = [
      await givenAccount(),
      await givenAccount(),
      await givenAccount({ name: 'Alder' }),
    ];
    await sql`update accounts set website = 'https://www.Birch.example/about' where id = ${byDomain.id}`.execute(
      db,
    );
    await givenContact({ account: byContact, email: 'Ana@alder.example' });
    const groups = [
      { groupId: 'one', traits: { salesforceId: byId.id } },
      { groupId: 'two', traits: { domain: 'birch.example' } },
      { groupId: 'three' },
      { groupId: 'four', traits: { domain: 'gmail.com' } },
    ];
    for (const group of groups) await post('group', { userId: `u-${group.groupId}`, ...group }).expect(200);
    await post('identify', { userId: 'u-three', traits: { email: 'ana@ALDER.example' } }).expect(200);
    await takeInUsage();
    expect(
      await rowsOf(sql`select external_id, account_id, matched_by from usage_accounts order by external_id`),
    ).toEqual([
      { external_id: 'four', account_id: null, matched_by: null },
      { external_id: 'one', account_id: byId.id, matched_by: 'id' },
      { external_id: 'three', account_id: byContact.id, matched_by: 'contact' },
      { external_id: 'two', account_id: byDomain.id, matched_by: 'domain' },
    ]);
  });

  test('of somebody whom nothing but their address ties to one are that contact’s', async () => {
    const account = await givenAccount();
    await givenContact({ account, email: 'sole@cedar.example' });
    await post('identify', { userId: 'sole', traits: { email: 'sole@cedar.example' } }).expect(200);
    await takeInUsage();
    await post('track', { userId: 'sole', event: 'Saved' }).expect(200);
    await takeInUsage();
    expect((await sums()).map(({ account: name, person }) => [name, person])).toEqual([[account.id, 'sole']]);
  });
});

describe('what cannot be taken', () => {
  test.each([
    ['track', { userId: 'u' }, 'event is missing'],
    ['track', { event: 'x' }, 'userId or anonymousId is missing'],
    ['group', { userId: 'u' }, 'groupId is missing'],
    ['alias', { userId: 'u' }, 'alias needs previousId and userId'],
    ['track', { userId: 'u', event: 'x', timestamp: 'yesterday' }, 'timestamp must be an ISO 8601 moment'],
    ['track', { userId: { $ne: 1 }, event: 'x' }, 'userId must be a text'],
    [
      'track',
      { userId: 'u', event: 'x', properties: { activeSeconds: -1 } },
      'activeSeconds must be a number',
    ],
    [
      'track',
      { userId: 'u', event: 'x', properties: { text: 'y'.repeat(40_000) } },
      'A message may have 32768 bytes',
    ],
    ['batch', { batch: [{ type: 'nonsense', userId: 'u' }] }, 'type must be one of'],
    ['batch', { batch: 'all' }, 'batch must be a list'],
  ])('%s, answer %#: is refused with the reason, and kept to look at', async (path, body, reason) => {
    const answer = await post(path, body).expect(400);
    expect((answer.body as { error: string }).error).toContain(reason);
    expect((await rejections())[0]?.reason).toContain(reason);
  });

  test('leaves the rest of its batch alone', async () => {
    const good = { type: 'track', userId: 'u', event: 'x', context: { groupId: 'g' } };
    const answer = await post('batch', { batch: [good, { type: 'track', userId: 'u' }, 7, good] }).expect(
      200,
    );
    expect(answer.body).toMatchObject({ success: true, taken: 2, rejected: [{ index: 1 }, { index: 2 }] });
  });

  test('is told apart: no key, a wrong one, no JSON, too much, nothing', async () => {
    await request(app).post('/v1/track').send({ userId: 'u', event: 'x' }).expect(401);
    await request(app).post('/v1/track').auth('wrong', '').send({ userId: 'u', event: 'x' }).expect(401);
    await request(app).post('/v1/track').auth(key, '').type('json').send('{"userId":').expect(400);
    await request(app).post('/v1/track').auth(key, '').expect(400);
    const large = {
      batch: Array.from({ length: 20 }, () => ({
        type: 'track',
        userId: 'u',
        event: 'x',
        properties: { text: 'y'.repeat(30_000) },
      })),
    };
    expect((await post('batch', large).expect(413)).body).toMatchObject({ success: false });
    const bomb = gzipSync(Buffer.alloc(50_000_000));
    await request(app)
      .post('/v1/batch')
      .auth(key, '')
      .set('content-encoding', 'gzip')
      .serialize(() => bomb as never)
      .send({ a: 1 })
      .expect(413);
  });

  test('hostile text is kept as text, and what PostgreSQL cannot hold does no harm', async () => {
    const nasty = `'); drop table usage_days; -- \u0000 \ud800 <script>`;
    await post('track', {
      userId: nasty,
      event: nasty,
      context: { groupId: nasty },
      properties: { [nasty]: nasty },
    }).expect(200);
    await takeInUsage();
    expect((await sums())[0]?.action).toContain(`'); drop table usage_days; --`);
  });
});

test('what is nested without end stops neither its own request nor the counting of others', async () => {
  const arrays = (depth: number) => `${'['.repeat(depth)}1${']'.repeat(depth)}`;
  const objects = (depth: number) => `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`;
  for (const deep of [arrays(60), arrays(2_000), arrays(15_000), objects(5_000), `[${objects(2_000)}]`]) {
    const body = `{"userId":"deep","event":"x","context":{"groupId":"g"},"properties":{"deep":${deep}}}`;
    const answer = await request(app).post('/v1/track').auth(key, '').type('json').serialize(() => body as never).send({ a: 1 });
    expect([200, 400]).toContain(answer.status);
    if (answer.status === 400) expect(answer.text).toContain('nested');
  } // prettier-ignore
  await post('track', { userId: 'after', event: 'counted', context: { groupId: 'g' } }).expect(200);
  await takeInUsage();
  expect((await sums()).map(({ action }) => action)).toContain('counted');
  expect(await rowsOf(sql`select from usage_inbox`)).toEqual([]);
});

test('a page of any origin may send; the browser library learns where', async () => {
  const asked = await request(app)
    .options('/v1/t')
    .set('Origin', 'https://app.example')
    .set('Access-Control-Request-Headers', 'content-type,authorization')
    .expect(204);
  expect(asked.headers).toMatchObject({
    'access-control-allow-origin': '*',
    'access-control-allow-headers': 'content-type,authorization',
  });
  const settings = await request(app).get(`/v1/projects/${key}/settings`).expect(200);
  expect(settings.body).toMatchObject({ integrations: { 'Segment.io': { apiKey: key } } });
  await request(app).get('/v1/projects/wrong/settings').expect(404);
  const config = await request(app).get('/sourceConfig/').query({ writeKey: key }).expect(200);
  expect(config.body).toMatchObject({ source: { enabled: true, writeKey: key, destinations: [] } });
  await request(app).get('/sourceConfig/').query({ writeKey: 'wrong' }).expect(401);
});

test('the API describes itself, and every address that it names answers', async () => {
  const answer = await request(app).get('/v1/openapi.json').expect(200);
  const { openapi, paths } = answer.body as { openapi: string; paths: Record<string, { post: object }> };
  expect(openapi).toBe('3.1.0');
  for (const path of Object.keys(paths)) {
    const { status } = await request(app).post(path).auth('wrong', '').send({ batch: [] });
    expect(status, path).toBe(401);
  }
});

test('what is older than is kept is forgotten by the day; its sums stay', async () => {
  await post('track', { userId: 'u', event: 'x', context: { groupId: 'g' } }).expect(200);
  await takeInUsage();
  const raw = () => rowsOf(sql`select action from usage_events`);
  moveClock(399 * DAY);
  await forgetUsage();
  expect(await raw()).toEqual([{ action: 'x' }]);
  moveClock(4 * DAY);
  await forgetUsage();
  expect([await raw(), (await sums()).length, await rejections()]).toEqual([[], 1, []]);
  moveClock(-403 * DAY);
});

test('days that nobody has seen before are counted, however many take in at once', async () => {
  const batch = (from: number) =>
    Array.from({ length: 12 }, (_, index) => ({
      type: 'track', userId: 'u', event: 'x', context: { groupId: 'g' }, timestamp: new Date(now().getTime() - (from + index) * DAY).toISOString(),
    })); // prettier-ignore
  await Promise.all([100, 112, 124, 136].map((from) => post('batch', { batch: batch(from) }).expect(200)));
  await Promise.all([takeInUsage(), takeInUsage(), takeInUsage()]);
  await takeInUsage();
  expect(await sums()).toHaveLength(48);
  expect(await rowsOf(sql`select from usage_inbox`)).toEqual([]);
});

test('a crash between taking in and counting loses and doubles nothing', async () => {
  await post('track', { userId: 'u', event: 'x', context: { groupId: 'g' } }).expect(200);
  await sql`alter table usage_days rename to elsewhere`.execute(db);
  await expect(takeInUsage()).rejects.toThrow();
  await sql`alter table elsewhere rename to usage_days`.execute(db);
  expect(await rowsOf(sql`select from usage_inbox`)).toHaveLength(1);
  await takeInUsage();
  await takeInUsage();
  expect((await sums()).map(({ events }) => events)).toEqual([1]);
  moveClock(DAY);
  await post('track', { userId: 'u', event: 'x', context: { groupId: 'g' } }).expect(200);
  await takeInUsage();
  expect(await sums()).toHaveLength(2);
});
