import request from 'supertest';
import { afterAll, expect, test } from 'vitest';

import { SANDBOX_PASSWORD, staff } from '../../../sandbox/cast.ts';
import { startSandbox } from '../../support/sandbox.ts';

const sandbox = await startSandbox();
process.env.SANDBOX_URL = sandbox.url;
const { createApp } = await import('../../../src/app.ts');
const { db, sql } = await import('../../../src/platform/db.ts');
const { givenRoles, givenUser } = await import('../../support/mirror.ts');
const { givenPerson } = await import('../../support/people.ts');

const app = createApp();
afterAll(() => sandbox.close());

const { id: userId } = (await (await sandbox.connect()).identity()) as unknown as {
  id: string;
  user_id: string;
};
const adminId = userId.split('/').at(-1) ?? '';
await givenUser({ id: adminId, email: staff.admin.email, name: 'Ada Thornton', roles: ['admin'] });

/** Signs the administrator in at Salesforce and decides there; gives the path that the browser comes back to. */
async function decide(address: string, decision: 'allow' | 'deny' = 'allow'): Promise<string> {
  const login = await fetch(`${sandbox.url}/login`, {
    method: 'POST',
    redirect: 'manual',
    body: new URLSearchParams({ un: staff.admin.username, pw: SANDBOX_PASSWORD, startURL: '/' }),
  });
  const body = new URL(address).searchParams;
  body.set('decision', decision);
  const answer = await fetch(`${sandbox.url}/services/oauth2/authorize`, {
    method: 'POST',
    redirect: 'manual',
    headers: { cookie: login.headers.get('set-cookie')?.split(';')[0] ?? '' },
    body,
  });
  const back = new URL(answer.headers.get('location') ?? '');
  return back.pathname + back.search;
}

async function leave(browser: ReturnType<typeof request.agent>, next = '') {
  const answer = await browser.get(`/sign-in/salesforce${next}`);
  return String(answer.headers.location);
}

test('a member of staff signs in with Salesforce, and has the roles of their permission sets', async () => {
  const browser = request.agent(app);
  const address = await leave(browser, '?next=%2Fconsole%2Fsign-ups');
  expect(new URL(address).searchParams.get('code_challenge_method')).toBe('S256');
  const back = await browser.get(await decide(address));
  expect(back.headers.location).toBe('/console/sign-ups');
  expect((await browser.get('/console/sign-ups')).status).toBe(200);
  const { rows } = await sql`select email, user_id from people`.execute(db);
  expect(rows).toEqual([{ email: staff.admin.email, user_id: adminId }]);
  const second = request.agent(app);
  await second.get(await decide(await leave(second)));
  expect((await sql`select 1 from people`.execute(db)).rows).toHaveLength(1);
});

test('an answer that this browser did not ask for signs nobody in', async () => {
  const [victim, attacker] = [request.agent(app), request.agent(app)];
  const path = await decide(await leave(attacker));
  const answer = await victim.get(path);
  expect(answer.headers.location).toBe('/sign-in');
  expect((await victim.get('/account')).status).toBe(303);
});

test('an answer counts once', async () => {
  const browser = request.agent(app);
  const path = await decide(await leave(browser));
  await browser.get(path);
  await browser.post('/sign-out');
  expect((await browser.get(path)).headers.location).toBe('/sign-in');
  expect((await browser.get('/account')).status).toBe(303);
});

test('whoever refuses at Salesforce is told so on the sign-in page', async () => {
  const browser = request.agent(app);
  const answer = await browser.get(await decide(await leave(browser), 'deny'));
  expect(answer.headers.location).toBe('/sign-in');
  expect((await browser.get('/sign-in')).text).toContain('Salesforce did not confirm who you are');
});

test('a Salesforce user without one of the permission sets is told what is missing', async () => {
  await givenRoles(adminId, []);
  await sql`delete from people`.execute(db);
  const browser = request.agent(app);
  expect((await browser.get(await decide(await leave(browser)))).headers.location).toBe('/sign-in');
  expect((await browser.get('/sign-in')).text).toContain('you have no role here yet');
  expect((await sql`select 1 from people`.execute(db)).rows).toEqual([]);
});

test('staff who signed up by mail before stay the same person', async () => {
  await givenRoles(adminId, ['admin']);
  const person = await givenPerson({ email: staff.admin.email });
  const browser = request.agent(app);
  await browser.get(await decide(await leave(browser)));
  const { rows } = await sql`select id, user_id from people`.execute(db);
  expect(rows).toEqual([{ id: person.id, user_id: adminId }]);
});
