import request from 'supertest';
import { beforeEach, expect, test } from 'vitest';

import { createApp } from '../../../src/app.ts';
import { sessionLimits } from '../../../src/identity/sessions.ts';
import { HOUR, moveClock } from '../../../src/platform/clock.ts';
import { db, sql } from '../../../src/platform/db.ts';
import { givenRoles } from '../../support/mirror.ts';
import { givenCustomer, givenStaff, PASSWORD, sessionCookieOf, signedIn } from '../../support/people.ts';
import { statementsOf } from '../../support/statements.ts';

const app = createApp();
beforeEach(() => sql`delete from rate_limits`.execute(db));

const isIn = async (browser: Awaited<ReturnType<typeof signedIn>>) =>
  (await browser.get('/account')).status === 200;

test('v5.0.0-7.4.1 signing out ends the session itself: its cookie is worth nothing afterwards', async () => {
  const customer = await givenCustomer();
  const cookie = await sessionCookieOf(app, customer);
  const read = () => request(app).get('/account').set('Cookie', cookie);
  expect((await read()).status).toBe(200);
  await request(app).post('/sign-out').set('Cookie', cookie);
  expect((await read()).status).toBe(303);
  expect(
    (await sql`select 1 from sessions where sess ->> 'personId' = ${customer.id}`.execute(db)).rows,
  ).toEqual([]);
});

test('v5.0.0-7.2.4 a session id that was given to somebody beforehand is not the one they are signed in with', async () => {
  const { email } = await givenCustomer();
  const planted = 'rapport=s%3Aplanted.signature';
  const answer = await request(app)
    .post('/sign-in')
    .set('Cookie', planted)
    .type('form')
    .send({ email, password: PASSWORD });
  const cookies = String(answer.headers['set-cookie']);
  expect(cookies).toMatch(/rapport=s%3A/);
  expect(cookies).not.toContain('planted');
  expect((await request(app).get('/account').set('Cookie', planted)).status).toBe(303);
});

test('v5.0.0-7.2.3 session ids are long and never the same', async () => {
  const customer = await givenCustomer();
  const ids = await Promise.all([1, 2, 3].map(() => sessionCookieOf(app, customer)));
  expect(new Set(ids).size).toBe(3);
  for (const id of ids) expect(decodeURIComponent(id).split(/[:.]/)[1]?.length).toBeGreaterThanOrEqual(32);
});

test('v5.0.0-3.3.2 v5.0.0-3.3.4 the cookie is out of reach of scripts and of other sites', async () => {
  const { email } = await givenCustomer();
  const answer = await request(app).post('/sign-in').type('form').send({ email, password: PASSWORD });
  const cookie = String(answer.headers['set-cookie']);
  expect(cookie).toMatch(/HttpOnly/);
  expect(cookie).toMatch(/SameSite=Lax/);
  expect(cookie).toMatch(/Path=\//);
  expect(cookie).not.toMatch(/Domain=/);
});

test('v5.0.0-7.3.1 a session that was not used for half a day has ended', async () => {
  const browser = await signedIn(app, await givenCustomer());
  expect(await isIn(browser)).toBe(true);
  const { rows } = await sql<{ left: number }>`
    select extract(epoch from expire - now()) * 1000 as left from sessions order by seen_at desc limit 1`.execute(
    db,
  );
  expect(rows[0]?.left).toBeLessThanOrEqual(sessionLimits.idle + 1000);
  await sql`update sessions set expire = now() - interval '2 seconds'`.execute(db);
  expect(await isIn(browser)).toBe(false);
});

test('whoever sends a form after their session ended is led through signing in, back to its page, and nowhere else', async () => {
  const send = (referer: string) =>
    request(app).post('/portal/cases').set({ Host: 'portal.example', Referer: referer });
  const answer = await send('http://portal.example/de/portal/cases/new').expect(303);
  expect(answer.headers.location).toBe('/sign-in?next=%2Fde%2Fportal%2Fcases%2Fnew');
  const told = request(app)
    .get('/sign-in')
    .set('Cookie', String(answer.headers['set-cookie']).split(';')[0] ?? '');
  expect((await told).text).toContain('You are no longer signed in.');
  await send('http://evil.example/portal/cases/new').expect(403);
  await send('no address').expect(403);
});

test('v5.0.0-7.3.2 however much it is used, a session ends: staff’s after a day, others’ after two weeks', async () => {
  const customer = await signedIn(app, await givenCustomer());
  const staff = await signedIn(app, await givenStaff({ roles: ['rep'] }));
  moveClock(25 * HOUR);
  expect([await isIn(customer), await isIn(staff)]).toEqual([true, false]);
  moveClock(sessionLimits.absolute);
  expect(await isIn(customer)).toBe(false);
  moveClock(-25 * HOUR - sessionLimits.absolute);
});

test('v5.0.0-7.5.2 people see where they are signed in, and end a session there or all others', async () => {
  const customer = await givenCustomer();
  const [here, there, third] = [
    await signedIn(app, customer),
    await signedIn(app, customer),
    await signedIn(app, customer),
  ];
  const page = await here.get('/account/sessions');
  expect(page.text).toContain('This device');
  const ends = [...page.text.matchAll(/action="(\/account\/sessions\/[^"]+\/end)"/g)].map(
    ([, path = '']) => path,
  );
  expect(ends).toHaveLength(2);
  await here.post(ends[0] ?? '');
  expect([await isIn(there), await isIn(third)].sort()).toEqual([false, true]);
  await here.post('/account/sessions/end-others');
  expect([await isIn(here), await isIn(there), await isIn(third)]).toEqual([true, false, false]);
});

test('v5.0.0-8.2.2 nobody ends another person’s session', async () => {
  const [one, other] = [await givenCustomer(), await givenCustomer()];
  const [attacker, victim] = [await signedIn(app, one), await signedIn(app, other)];
  const { sessionsOf } = await import('../../../src/identity/sessions.ts');
  const [target] = await sessionsOf(other.id, '');
  expect((await attacker.post(`/account/sessions/${target?.id ?? ''}/end`)).status).toBe(404);
  expect(await isIn(victim)).toBe(true);
});

test('the list never shows what a cookie holds', async () => {
  const browser = await signedIn(app, await givenCustomer());
  const page = await browser.get('/account/sessions');
  const { rows } = await sql<{ sid: string }>`select sid from sessions`.execute(db);
  for (const { sid } of rows) expect(page.text).not.toContain(sid);
});

test('F22 a role that is taken away in Salesforce is gone with the next request', async () => {
  const staff = await givenStaff({ roles: ['support'] });
  const browser = await signedIn(app, staff);
  expect((await browser.get('/console/sign-ups')).status).toBe(200);
  await givenRoles(staff.userId, ['rep']);
  expect((await browser.get('/console/sign-ups')).status).toBe(403);
  await sql`update users set is_active = false where id = ${staff.userId}`.execute(db);
  expect((await browser.get('/console/sign-ups')).status).toBe(303);
});

test('a contact that Salesforce deletes loses access with the next request, whatever was open', async () => {
  const customer = await givenCustomer();
  const browser = await signedIn(app, customer);
  await sql`update contacts set deleted_at = now() where id = ${customer.contact.id}`.execute(db);
  expect((await browser.get('/account')).headers.location).toMatch(/^\/sign-in/);
  expect((await browser.get('/sign-in')).headers.location).toBe('/no-account');
  expect((await browser.get('/no-account')).status).toBe(200);
});

test('P12 a page costs one statement for the session with its viewer, and writes neither', async () => {
  const browser = await signedIn(app, await givenCustomer());
  await browser.get('/account');
  const before = await sql`select seen_at, xmin::text from sessions order by sid`.execute(db);
  expect(await statementsOf(() => browser.get('/account'))).toBe(1);
  expect((await sql`select seen_at, xmin::text from sessions order by sid`.execute(db)).rows).toEqual(
    before.rows,
  );
  expect(await statementsOf(() => request(app).get('/sign-in'))).toBe(0);
});
