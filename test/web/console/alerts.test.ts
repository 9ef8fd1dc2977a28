import request from 'supertest';
import type TestAgent from 'supertest/lib/agent.js';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { noteHealth } from '../../../src/alerts/signals.ts';
import { raiseAlerts } from '../../../src/alerts/raising.ts';
import { createApp } from '../../../src/app.ts';
import { now } from '../../../src/platform/clock.ts';
import { db, pool, sql } from '../../../src/platform/db.ts';
import { givenAccount } from '../../support/mirror.ts';
import { givenStaff, signedIn } from '../../support/people.ts';

const app = createApp();
let csm: TestAgent;
let admin: TestAgent;
let rep: TestAgent;
let clara: Awaited<ReturnType<typeof givenStaff>>;
let account: { id: string; name: string };

beforeAll(async () => {
  clara = await givenStaff({ roles: ['csm'], name: 'Clara Mendes' });
  csm = await signedIn(app, clara);
  admin = await signedIn(app, await givenStaff({ roles: ['admin'], name: 'Ada Thornton' }));
  rep = await signedIn(app, await givenStaff({ roles: ['rep'], name: 'Ruth Calloway' }));
  account = await givenAccount({ name: 'Bergen Foods', owner_id: clara.userId, industry: 'Retail' });
});

afterAll(() => pool.end());

let batch = 500;

async function givenDrop(): Promise<void> {
  batch += 1;
  await sql`
    insert into health_history (batch, account_id, status, rank, score, reasons, previous_status, previous_rank, previous_score, occurred_at)
    values (${batch}, ${account.id}, 'paying', 'poor', 20, '[]', 'paying', 'good', 90, ${now()})`.execute(db);
  await noteHealth({ batch });
  const { rows } = await sql<{ batch: number }>`
    delete from events where name = 'signals.noted' returning (data ->> 'batch')::int as batch`.execute(db);
  for (const one of rows) await raiseAlerts({ batch: one.batch });
}

const rule = { name: 'My drops', trigger: 'health.changed', scope: 'all', toInbox: 'on', condition: '' };

describe('a rule of one’s own', () => {
  let path = '';

  test('is made in a form that keeps what was typed while something is wrong', async () => {
    const { text: form } = await csm.get('/console/alerts/new').expect(200);
    expect(form).toContain('data-behaviour="rule-builder"');
    const wrong = await csm
      .post('/console/alerts')
      .type('form')
      .send({ ...rule, name: '', restHours: '7' })
      .expect(422);
    expect(wrong.text).toContain('value="7"');
    const broken = await csm.post('/console/alerts').type('form')
      .send({ ...rule, condition: '{"all":[{"field":"account.nonsense","op":"is","value":["x"]}]}' }).expect(422); // prettier-ignore
    expect(broken.text).toContain('account.nonsense');
    for (const name of ['a\0b', '\ud800', '<b>&', 'x'.repeat(121)])
      expect(
        (
          await csm
            .post('/console/alerts')
            .type('form')
            .send({ ...rule, name, scope: 'followed' })
        ).status,
      ).toBeOneOf([303, 400, 422]);
    const { headers } = await csm.post('/console/alerts').type('form')
      .send({ ...rule, condition: '{"field":"account.industry","op":"is","value":["Retail"]}' }).expect(303); // prettier-ignore
    path = headers.location ?? '';
    const { text } = await csm.get(path).expect(200);
    expect(text).toContain('Retail');
    expect(text).toContain('It has not told anything yet');
  });

  test('can be looked at before it is kept: what it would have told in the last 30 days', async () => {
    await givenDrop();
    const { text } = await csm
      .post('/console/alert-previews')
      .type('form')
      .send({ ...rule, name: '' })
      .expect(200);
    expect(text).toContain('It would have told 1 thing in the last 30 days.');
    expect(text).toContain('Bergen Foods');
    for (const trigger of [
      'customer.new',
      'case.urgent',
      'opportunity.won',
      'risk.changed',
      'usage.stopped',
      'renewal.near',
      'person.quiet',
    ])
      await csm
        .post('/console/alert-previews')
        .type('form')
        .send({ ...rule, trigger })
        .expect(200);
    const met = await csm.post('/console/alert-previews').type('form')
      .send({ ...rule, trigger: 'condition.met', condition: '{"field":"account.industry","op":"is","value":["Retail"]}' }).expect(200); // prettier-ignore
    expect(met.text).toContain('1 meets the condition now.');
    const people = {
      ...rule,
      trigger: 'condition.met',
      entity: 'person',
      condition: '{"field":"person.title","op":"contains","value":"Chief"}',
    };
    await csm.post('/console/alert-previews').type('form').send(people).expect(200);
  });

  test('belongs to its author alone', async () => {
    await rep.get(path).expect(404);
    await admin.post(path).type('form').send(rule).expect(404);
    await admin.post(`${path}/removals`).expect(404);
    expect((await csm.get('/console/alerts').expect(200)).text).toContain('My drops');
    expect((await rep.get('/console/alerts').expect(200)).text).not.toContain('My drops');
  });

  test('shows what it told; switched off, it tells no more; removed, it is gone', async () => {
    await givenDrop();
    expect((await csm.get(path).expect(200)).text).toMatch(/\/console\/inbox\/\d+">Bergen Foods/);
    const { unread } = (await csm.get('/console/inbox/unread').expect(200)).body as { unread: number };
    expect(unread).toBeGreaterThan(0);
    await csm.post(`${path}/state`).type('form').send({ state: 'off' }).expect(303);
    await givenDrop();
    expect((await csm.get('/console/inbox/unread').expect(200)).body).toMatchObject({ unread });
    await csm
      .post(path)
      .type('form')
      .send({ ...rule, name: 'Renamed' })
      .expect(303);
    expect((await csm.get(path).expect(200)).text).toContain('Renamed');
    await csm.post(`${path}/removals`).expect(303);
    await csm.get(path).expect(404);
    expect((await csm.get('/console/inbox/unread').expect(200)).body).toMatchObject({ unread: 0 });
  });
});

test('rules for everybody and webhooks are an administrator’s: not for others, whatever their form says', async () => {
  const team = { ...rule, audience: 'team', roles: ['csm', 'rep'] };
  await csm.post('/console/alerts').type('form').send(team).expect(403);
  await csm.get('/console/webhooks').expect(403);
  const { headers } = await admin
    .post('/console/alerts')
    .type('form')
    .send({ ...team, name: 'For all' })
    .expect(303);
  await csm.get(headers.location ?? '').expect(200);
  await csm
    .post(headers.location ?? '')
    .type('form')
    .send(rule)
    .expect(403);
  await admin
    .post('/console/alerts')
    .type('form')
    .send({ ...rule, audience: 'team' })
    .expect(422);
});

test('the inbox tells what waits on every page, and is settled in bulk', async () => {
  await csm.post('/console/alerts').type('form').send(rule).expect(303);
  await givenDrop();
  await givenDrop();
  const { text: home } = await csm.get('/console/follows').expect(200);
  const waiting = Number(/class="inbox-unread">(\d+)</.exec(home)?.[1]);
  expect(waiting).toBeGreaterThanOrEqual(2);
  const { text } = await csm.get('/console/inbox').expect(200);
  const ids = [...text.matchAll(/name="ids" value="(\d+)"/g)].map(([, id]) => id);
  expect(ids).toHaveLength(waiting);
  expect(text).toContain('Health went from Good to Poor, score 20');
  await rep.get(`/console/inbox/${String(ids[0])}`).expect(404);
  await rep.post('/console/inbox/acknowledgements').type('form').send({ ids }).expect(303);
  await csm.get(`/console/inbox/${String(ids[0])}`).expect(200);
  await csm.post('/console/inbox/snoozes').type('form').send({ ids: ids[0], length: 'week' }).expect(303);
  await csm
    .post('/console/inbox/acknowledgements')
    .type('form')
    .send({ ids: ids.slice(1) })
    .expect(303);
  expect((await csm.get('/console/inbox/unread').expect(200)).body).toMatchObject({ unread: 0 });
  expect((await csm.get('/console/inbox?state=snoozed').expect(200)).text).toContain(
    `value="${String(ids[0])}"`,
  );
  expect((await csm.get('/console/inbox?state=done&kind=health.changed').expect(200)).text).toContain(
    `value="${String(ids[1])}"`,
  );
  for (const odd of ['state=x', 'rule=1', 'kind=__proto__', 'page=-3', 'page=99999'])
    await csm.get(`/console/inbox?${odd}`).expect(200);
  for (const wrong of [{ ids: 'x' }, { ids: ['1e99'] }, { ids: '-1' }])
    await csm.post('/console/inbox/acknowledgements').type('form').send(wrong).expect(422);
});

test('a mute can be taken back', async () => {
  await csm.post('/console/mutes').type('form').send({ account: account.id }).expect(303);
  await givenDrop();
  expect((await csm.get('/console/inbox/unread').expect(200)).body).toMatchObject({ unread: 0 });
  const { text } = await csm.get('/console/inbox').expect(200);
  const [, removal = ''] = /action="(\/console\/mutes\/\d+\/removals)"/.exec(text) ?? [];
  await rep.post(removal).expect(303);
  expect((await csm.get('/console/inbox').expect(200)).text).toContain(removal);
  await csm.post(removal).expect(303);
  await givenDrop();
  expect((await csm.get('/console/inbox/unread').expect(200)).body).not.toMatchObject({ unread: 0 });
});

test('accounts and lists are followed and left again; what does not exist or is not seen cannot be', async () => {
  const [{ id }] = (await sql<{ id: string }>`
    insert into segments (name, entity, rule, is_shared, owner_id, created_at, changed_at)
    values ('Shared list', 'account', '{"all":[]}', true, null, now(), now()), ('Hidden list', 'account', '{"all":[]}', false, gen_random_uuid(), now(), now())
    returning id`.execute(db)).rows as [{ id: string }, { id: string }]; // prettier-ignore
  const hidden = (await sql<{ id: string }>`select id from segments where name = 'Hidden list'`.execute(db))
    .rows[0]?.id;
  const send = (path: string, body: object) => csm.post(path).type('form').send(body);
  await send('/console/follows', { kind: 'account', target: account.id }).expect(303);
  await send('/console/follows', { kind: 'account', target: account.id }).expect(303);
  await send('/console/follows', { kind: 'segment', target: id }).expect(303);
  await send('/console/follows', { kind: 'segment', target: hidden }).expect(404);
  await send('/console/follows', { kind: 'segment', target: account.id }).expect(404);
  await send('/console/follows', { kind: 'account', target: '001000000000000AAA' }).expect(404);
  await send('/console/follows', { kind: 'person' }).expect(422);
  const { text } = await csm.get('/console/follows').expect(200);
  expect([text.includes('Bergen Foods'), text.includes('Shared list')]).toEqual([true, true]);
  expect((await rep.get('/console/follows').expect(200)).text).not.toContain('Bergen Foods');
  await send('/console/unfollows', { kind: 'account', target: account.id }).expect(303);
  expect((await csm.get('/console/follows').expect(200)).text).not.toContain('Bergen Foods');
});

test('how one is told is set by oneself', async () => {
  const settings = { wantsDigest: 'on', digestHour: '6', quietFrom: '22', quietUntil: '7' };
  await csm.post('/console/alert-settings').type('form').send(settings).expect(303);
  const { text } = await csm.get('/console/alert-settings').expect(200);
  expect(text).toMatch(/value="6" selected/);
  await csm
    .post('/console/alert-settings')
    .type('form')
    .send({ ...settings, quietUntil: '' })
    .expect(422);
  await csm
    .post('/console/alert-settings')
    .type('form')
    .send({ ...settings, digestHour: '24' })
    .expect(422);
});

test('a webhook’s secret is shown once; addresses within are refused; names are kept apart', async () => {
  const send = (body: object) => admin.post('/console/webhooks').type('form').send(body);
  const made = await send({ name: 'Slack', url: 'https://hooks.slack.example/services/T/B/x' }).expect(200);
  const [, secret = ''] = /(whsec_[\w-]{32})/.exec(made.text) ?? [];
  expect(secret).not.toBe('');
  expect((await admin.get('/console/webhooks').expect(200)).text).not.toContain(secret);
  await send({ name: 'Slack', url: 'https://hooks.slack.example/other' }).expect(422);
  for (const url of [
    'http://hooks.slack.example/',
    'https://127.0.0.1/',
    'https://[::1]/',
    'https://2130706433/',
    'javascript:alert(1)',
    'https://169.254.169.254/latest',
  ])
    await send({ name: 'Within', url }).expect(422);
});

test('a visitor is sent to sign in, a page of another site cannot act', async () => {
  await request(app).get('/console/inbox/unread').expect(303);
  await csm.post('/console/inbox/acknowledgements').set('Sec-Fetch-Site', 'cross-site').expect(403);
});
