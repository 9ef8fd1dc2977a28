import { parse } from 'csv-parse/sync';
import pg from 'pg';
import request from 'supertest';
import type TestAgent from 'supertest/lib/agent.js';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';

import { createApp } from '../../../src/app.ts';
import { recomputeAllHealth } from '../../../src/health/health.ts';
import { DAY, now } from '../../../src/platform/clock.ts';
import { db, pool, sql } from '../../../src/platform/db.ts';
import {
  givenAccount,
  givenCase,
  givenContact,
  givenLicense,
  givenOpportunity,
} from '../../support/mirror.ts';
import { givenCustomer, givenStaff, signedIn } from '../../support/people.ts';

const app = createApp();
const day = (fromToday: number) => new Date(now().getTime() + fromToday * DAY).toISOString().slice(0, 10);

let csm: TestAgent;
let rep: TestAgent;
let poor: { id: string; name: string };
let good: { id: string; name: string };

beforeAll(async () => {
  const clara = await givenStaff({ roles: ['csm'], name: 'Clara Mendes' });
  const ruth = await givenStaff({ roles: ['rep'], name: 'Ruth Calloway' });
  poor = await givenAccount({
    name: 'Aldgate Printing',
    owner_id: clara.userId,
    type: 'Customer - Direct',
    created_at: now(),
  });
  good = await givenAccount({
    name: 'Bergen Foods',
    owner_id: ruth.userId,
    industry: 'Retail',
    created_at: now(),
  });
  await givenAccount({ name: '100%_Pure <b>Water</b>', owner_id: ruth.userId });
  await givenAccount({ name: '=HYPERLINK("https://evil.example")' });
  for (const account of [poor, good]) await givenLicense({ account, support_until: day(200), seats: 25 });
  await givenContact({ account: good });
  await givenContact({
    account: good,
    name: 'Nora Lund',
    email: 'nora@bergen.example',
    roles: ['Decision Maker'],
  });
  for (let count = 0; count < 6; count += 1)
    await givenCase({
      account: poor,
      priority: 'High',
      subject: `Restore fails ${String(count)}`,
      created_at: now(),
    });
  await givenOpportunity({
    account: good,
    name: 'Bergen renewal',
    type: 'Renewal',
    amount_minor: 1_234_500,
    close_on: day(30),
  });
  await recomputeAllHealth();
  [csm, rep] = [await signedIn(app, clara), await signedIn(app, ruth)];
});

afterAll(() => pool.end());

/** The names in the list, in order. */
const namesIn = (html: string): string[] =>
  [...html.matchAll(/class="row-link" href="\/console\/accounts\/[^"]+">([^<]*)</g)].map(
    ([, name = '']) => name,
  );

test('staff see every account by name, with health, owner and what else was chosen', async () => {
  const { text } = await csm.get('/console/accounts').expect(200);
  expect(namesIn(text)).toEqual([
    '100%_Pure &lt;b&gt;Water&lt;/b&gt;', '=HYPERLINK(&#34;https://evil.example&#34;)', 'Aldgate Printing', 'Bergen Foods',
  ]); // prettier-ignore
  expect(text).toContain('Clara Mendes');
});

test('a search takes % and _ for what they are, and finds nothing politely', async () => {
  const search = async (q: string) =>
    namesIn((await csm.get('/console/accounts').query({ q }).expect(200)).text);
  expect(await search('%_pure')).toHaveLength(1);
  expect(await search('%')).toHaveLength(1);
  expect(await search('bergen')).toEqual(['Bergen Foods']);
  const { text } = await csm.get('/console/accounts').query({ q: 'no such account' }).expect(200);
  expect(text).toContain('No account matches');
});

test('filters narrow the list: rank, status, owner, type, industry, and one’s own', async () => {
  const filtered = async (query: object) =>
    namesIn((await csm.get('/console/accounts').query(query).expect(200)).text);
  expect(await filtered({ rank: 'poor' })).toEqual(['Aldgate Printing']);
  expect(await filtered({ status: 'paying' })).toEqual(['Aldgate Printing', 'Bergen Foods']);
  expect(await filtered({ status: 'unknown' })).toHaveLength(2);
  expect(await filtered({ owner: 'me' })).toEqual(['Aldgate Printing']);
  expect(await filtered({ type: 'Customer - Direct' })).toEqual(['Aldgate Printing']);
  expect(await filtered({ industry: 'Retail', status: 'paying' })).toEqual(['Bergen Foods']);
  expect(await filtered({ rank: 'nonsense', sort: 'nonsense', page: '-3' })).toHaveLength(4);
});

test('odd questions get a plain list, never an error', async () => {
  const odd = [
    'q=a&q=b',
    'page=1e99',
    'page[]=2',
    'sort[x]=y',
    `q=${'%25'.repeat(300)}`,
    'owner=%27--',
    'rank=__proto__',
    'q=%F0%9F%98%80%20%5C',
  ];
  for (const query of odd) await csm.get(`/console/accounts?${query}`).expect(200);
  await csm
    .post('/console/account-columns')
    .type('form')
    .send('columns=__proto__&query=%0d%0aLocation:x')
    .expect(303);
});

test('the list sorts both ways, with what has no value last', async () => {
  const sorted = async (sort: string) =>
    namesIn((await csm.get('/console/accounts').query({ sort }).expect(200)).text);
  expect((await sorted('health')).slice(0, 2)).toEqual(['Aldgate Printing', 'Bergen Foods']);
  expect((await sorted('-health')).slice(0, 2)).toEqual(['Bergen Foods', 'Aldgate Printing']);
  expect((await sorted('-name'))[0]).toBe('Bergen Foods');
  for (const column of [
    'status',
    'type',
    'owner',
    'openCases',
    'urgentCases',
    'contacts',
    'renewalOn',
    'activeOn',
    'industry',
    'city',
    'country',
    'employees',
    'annualRevenue',
    'createdAt',
  ])
    // prettier-ignore
    expect(await sorted(`-${column}`), column).toHaveLength(4);
});

test('each person chooses the columns, and they are remembered', async () => {
  await csm
    .post('/console/account-columns')
    .type('form')
    .send('columns=industry&columns=phone&columns=nonsense&query=rank%3Dgood')
    .expect(303)
    .expect('Location', '/console/accounts?rank=good');
  const heads = async (agent: TestAgent) => {
    const { text } = await agent.get('/console/accounts').expect(200);
    return [...text.matchAll(/<th scope="col"[^>]*>(?:<a[^>]*>)?([^<]+)/g)].map(([, name]) => name);
  };
  expect(await heads(csm)).toEqual(['Name', 'Industry', 'Phone']);
  expect(await heads(rep)).toContain('Health');
  await csm.post('/console/account-columns').type('form').send('').expect(303);
  expect(await heads(csm)).toContain('Health');
});

test('a page takes few statements beyond session and viewer, once the figures of all accounts are kept', async () => {
  const statements = async (path: string, status: number): Promise<number> => {
    const spy = vi.spyOn(pg.Client.prototype, 'query');
    await csm.get(path).expect(status);
    const count = spy.mock.calls.length;
    spy.mockRestore();
    return count;
  };
  const nonsense = () => statements('/console/accounts/nonsense', 404);
  const sessionAndViewer = Math.min(await nonsense(), await nonsense());
  const profile = `/console/accounts/${good.id}`;
  for (const [path, most] of [
    ['/console/accounts?q=a&rank=good&sort=-owner', 4], ['/console/health?rank=poor', 5], ['/console', 8], [profile, 13],
    [`${profile}/timeline`, 4], [`${profile}/cases`, 4], [`${profile}/deals`, 5],
  ] as const) {
    /* What the console counts for its navigation every few seconds may come in between. */
    const counts = [await statements(path, 200), await statements(path, 200), await statements(path, 200)];
    expect(Math.min(...counts) - sessionAndViewer, path).toBeLessThanOrEqual(most);
  } // prettier-ignore
});

test('pages follow each other, and one beyond the last shows the first', async () => {
  await sql`
    insert into accounts (id, name, modified_at)
    select '001' || lpad(n::text, 15, '0'), 'Zeta ' || lpad(n::text, 3, '0'), now() from generate_series(1, 120) n`.execute(
    db,
  );
  const page = async (number: number) =>
    namesIn((await csm.get('/console/accounts').query({ q: 'zeta', page: number }).expect(200)).text);
  const names = [...(await page(1)), ...(await page(2)), ...(await page(3))];
  expect(new Set(names).size).toBe(120);
  expect((await page(9))[0]).toBe('Zeta 001');
  await sql`delete from accounts where name like 'Zeta%'`.execute(db);
});

test('the export holds all that the list shows, and no cell that a spreadsheet would run', async () => {
  const answer = await csm
    .get('/console/accounts.csv')
    .buffer()
    .expect(200)
    .expect('Content-Type', 'text/csv; charset=utf-8');
  expect(answer.headers['content-disposition']).toMatch(
    /^attachment; filename="?accounts-\d{4}-\d\d-\d\d\.csv"?$/,
  );
  expect(answer.text.startsWith('\uFEFF')).toBe(true);
  const rows = parse<Record<string, string>>(answer.text, { columns: true, bom: true });
  expect(rows.map((row) => row.Name)).toEqual([
    '100%_Pure <b>Water</b>', `'=HYPERLINK("https://evil.example")`, 'Aldgate Printing', 'Bergen Foods',
  ]); // prettier-ignore
  expect(rows[2]).toMatchObject({
    Health: 'poor',
    Status: 'paying',
    'Success manager': 'Clara Mendes',
  });
  const { text } = await csm.get('/console/accounts.csv?rank=good').buffer().expect(200);
  expect(parse<Record<string, string>>(text, { columns: true, bom: true }).map((row) => row.Name)).toEqual([
    'Bergen Foods',
  ]);
});

test('an export of thousands holds each account once', async () => {
  await sql`
    insert into accounts (id, name, modified_at)
    select '001' || lpad(n::text, 15, '0'), 'Same name', now() from generate_series(1, 2500) n`.execute(db);
  const { text } = await csm.get('/console/accounts.csv?q=same').buffer().expect(200);
  const ids = parse<Record<string, string>>(text, { columns: true, bom: true }).map(
    (row) => row['Salesforce id'],
  );
  expect(new Set(ids).size).toBe(2500);
  expect(ids).toHaveLength(2500);
  await sql`delete from accounts where name = 'Same name'`.execute(db);
});

test('a name that JavaScript and the database write differently in lower case is found, and ends an export', async () => {
  const { id } = await givenAccount({ name: 'ΟΜΙΛΟΣ' });
  const { text } = await csm.get('/console/accounts.csv').query({ q: 'ΟΜΙΛΟΣ' }).buffer().expect(200);
  await db.deleteFrom('accounts').where('id', '=', id).execute();
  expect(text.match(/ΟΜΙΛΟΣ/g)).toHaveLength(1);
});

test('a profile shows health with its reasons, cases, contacts, opportunities with amounts, and licenses', async () => {
  const tab = async (account: { id: string }, name = '') =>
    (await csm.get(`/console/accounts/${account.id}${name}`).expect(200)).text;
  const ofPoor = await tab(poor);
  expect(ofPoor).toContain('6 urgent cases are open');
  expect(ofPoor).toContain('No contact is known');
  expect(ofPoor).toContain('Case opened: Restore fails 3');
  expect(ofPoor).toContain(`/lightning/r/Account/${poor.id}/view`);
  expect(await tab(poor, '/cases')).toContain('Restore fails 3');
  expect(await tab(good, '/people')).toContain('Nora Lund');
  expect(await tab(good, '/people')).toContain('Decision Maker');
  expect(await tab(good, '/deals')).toContain('$12,345.00');
  const ofGood = await tab(good);
  expect(ofGood).toContain('Nothing speaks against this account.');
});

test('a profile shows where the account stands among others, though the hierarchy bites its own tail', async () => {
  const child = await givenAccount({ name: 'Bergen Foods Oslo', parent_id: good.id });
  await sql`update accounts set parent_id = ${child.id} where id = ${good.id}`.execute(db);
  const { text } = await csm.get(`/console/accounts/${good.id}`).expect(200);
  expect(text).toContain('Bergen Foods Oslo');
  await sql`update accounts set parent_id = null where id = ${good.id}`.execute(db);
});

test('what Salesforce holds beside the known fields is shown under its own name; no script of it runs', async () => {
  const attributes = { Rating: 'Hot', Notes__c: '<script>alert(1)</script>', Empty__c: null };
  await sql`update accounts set attributes = ${JSON.stringify(attributes)}::jsonb, website = 'javascript:alert(1)'
            where id = ${poor.id}`.execute(db);
  const { text } = await csm.get(`/console/accounts/${poor.id}/attributes`).expect(200);
  expect(text).toContain('Rating');
  expect(text).toContain('&lt;script&gt;alert(1)');
  expect(text).not.toContain('Empty__c');
  const overview = await csm.get(`/console/accounts/${poor.id}`).expect(200);
  expect(overview.text).not.toContain('href="javascript:');
});

test('an account without a paid license is not ranked, and the page says so', async () => {
  const account = await givenAccount({ name: 'Trial Only' });
  await givenLicense({ account, is_trial: true, support_until: day(10) });
  await recomputeAllHealth();
  const { text } = await csm.get(`/console/accounts/${account.id}`).expect(200);
  expect(text).toContain('No health: the account’s status is Free.');
});

test('an account that does not exist, or is no id at all, is not found', async () => {
  await csm.get('/console/accounts/001000000000000AAA').expect(404);
  await csm.get('/console/accounts/nonsense').expect(404);
});

test('customers and visitors get no page of the console', async () => {
  const customer = await signedIn(app, await givenCustomer());
  for (const path of [
    '/console',
    '/console/accounts',
    '/console/accounts.csv',
    `/console/accounts/${poor.id}`,
    '/console/health',
  ])
    await customer.get(path).expect(403);
  await customer.post('/console/account-columns').type('form').send('columns=phone').expect(403);
  const { headers } = await request(app).get('/console/accounts').expect(303);
  expect(headers.location).toBe('/sign-in?next=%2Fconsole%2Faccounts');
});
