import request from 'supertest';
import type TestAgent from 'supertest/lib/agent.js';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { createApp } from '../../../src/app.ts';
import { db, pool, sql } from '../../../src/platform/db.ts';
import { takeInUsage } from '../../../src/usage/take-in.ts';
import { expectAccessible, looks, screenshot, useBrowser } from '../../support/browser.ts';
import { givenAccount } from '../../support/mirror.ts';
import { givenStaff, signedIn } from '../../support/people.ts';

const app = createApp();
const browser = useBrowser(() => app);
let staff: { email: string };
let admin: TestAgent;

beforeAll(async () => {
  staff = await givenStaff({ roles: ['admin', 'csm'], name: 'Clara Mendes' });
  admin = await signedIn(app, staff);
});
afterAll(() => pool.end());

const keysOn = (html: string) =>
  [...html.matchAll(/<code class="anywhere">([\w-]{24})<\/code>/g)].map(([, key = '']) => key);
const keys = async () => keysOn((await admin.get('/console/usage').expect(200)).text);
const track = (key: string, body: object) => request(app).post('/v1/track').auth(key, '').send(body);
const add = (name: string) => admin.post('/console/usage/sources').type('form').send({ name });

describe('a source', () => {
  test('has a key at once; a second replaces it, and a revoked one is refused', async () => {
    await add('Backup Server').expect(303);
    const [first = ''] = await keys();
    await track(first, { userId: 'u', event: 'Saved' }).expect(200);
    const { rows } = await sql<{
      id: number;
    }>`select id from usage_sources where name = 'Backup Server'`.execute(db);
    await admin.post(`/console/usage/sources/${String(rows[0]?.id)}/keys`).expect(303);
    const [, second = ''] = await keys();
    await admin.post('/console/usage/revocations').type('form').send({ key: first }).expect(303);
    await track(first, { userId: 'u', event: 'Saved' }).expect(401);
    await track(second, { userId: 'u', event: 'Saved' }).expect(200);
    expect(await keys()).toEqual([second]);
  });

  test('has a name of its own, and what was typed stays when it has not', async () => {
    await add('Monitor').expect(303);
    const again = await add('MONITOR').expect(422);
    expect(again.text).toContain('Another source has this name.');
    expect(again.text).toContain('value="MONITOR"');
    await add('').expect(422);
  });
});

describe('an account that nothing ties to Salesforce', () => {
  test('is matched by a person, once; its usage of the past counts too', async () => {
    const account = await givenAccount({ name: 'Alder Logistics GmbH' });
    await track('demo-write-key', {
      userId: 'u',
      event: 'Saved',
      context: { groupId: 'Alder Logistics' },
    }).expect(200);
    await takeInUsage();
    const { rows } = await sql<{
      id: number;
    }>`select id from usage_accounts where external_id = 'Alder Logistics'`.execute(db);
    const path = `/console/usage/accounts/${String(rows[0]?.id)}`;
    const { text } = await admin.get('/console/usage/accounts').expect(200);
    expect(text).toContain('Alder Logistics GmbH');
    const wrong = await admin
      .post(`${path}/matches`)
      .type('form')
      .send({ accountId: '001000000000000' })
      .expect(422);
    expect(wrong.text).toContain('Salesforce has no such account');
    await admin
      .post(`${path}/matches`)
      .type('form')
      .send({ accountId: account.id.slice(0, 15) })
      .expect(303);
    expect(
      (await sql`select account_id, matched_by from usage_accounts where id = ${rows[0]?.id}`.execute(db))
        .rows,
    ).toEqual([{ account_id: account.id, matched_by: 'staff' }]);
    await admin.post(`${path}/ignored`).expect(409);
    await admin.post('/console/usage/accounts/999999/ignored').expect(404);
  });

  test('is not asked about again when it is ignored', async () => {
    await track('demo-write-key', {
      userId: 'u',
      event: 'Saved',
      context: { groupId: 'Test of ours' },
    }).expect(200);
    await takeInUsage();
    const { rows } = await sql<{
      id: number;
    }>`select id from usage_accounts where external_id = 'Test of ours'`.execute(db);
    await admin.post(`/console/usage/accounts/${String(rows[0]?.id)}/ignored`).expect(303);
    expect((await admin.get('/console/usage/accounts')).text).not.toContain('Test of ours');
  });
});

test('what was refused is shown with its reason, as text', async () => {
  await track('demo-write-key', { userId: 'u', properties: { html: '<img src=x>' } }).expect(400);
  const { text } = await admin.get('/console/usage/rejections').expect(200);
  expect(text).toContain('event is missing: it names what was done.');
  expect(text).toContain('&lt;img src=x&gt;');
});

/* Each width and each scheme once: what differs is either the one or the other. */
describe.each(looks)('at $width pixels, $scheme', (look) => {
  test('the pages about usage are accessible', async () => {
    const name = `Birch ${look.scheme}`;
    await track('demo-write-key', { userId: 'u', event: 'Saved', context: { groupId: name } });
    await givenAccount({ name: `${name} Ltd` });
    await takeInUsage();
    const context = await browser.signedIn(staff, look);
    const page = await context.newPage();
    for (const path of ['', '/imports', '/accounts', '/rejections']) {
      await page.goto(`${browser.url}/console/usage${path}`);
      await screenshot(page, `console-usage${path.replace('/', '-')}-${String(look.width)}-${look.scheme}`);
      await expectAccessible(page);
    }
    await context.close();
  });
});
