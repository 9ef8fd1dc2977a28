import request from 'supertest';
import { expect, test } from 'vitest';

import { createApp } from '../../../src/app.ts';
import { db, sql } from '../../../src/platform/db.ts';
import { givenCustomer, givenPerson, givenStaff, PASSWORD, signedIn } from '../../support/people.ts';

const app = createApp();

test('a customer signs in with address and password and lands in the portal', async () => {
  const customer = await givenCustomer();
  const browser = await signedIn(app, customer);
  const home = await browser.get('/home');
  expect(home.headers.location).toBe('/portal');
});

test('staff land in the console', async () => {
  const staff = await givenStaff({ roles: ['support'] });
  const home = await (await signedIn(app, staff)).get('/home');
  expect(home.headers.location).toBe('/console');
});

test('the address may be typed in capitals and with spaces around it', async () => {
  const customer = await givenCustomer();
  await signedIn(app, { email: ` ${customer.email.toUpperCase()} ` });
});

test('a wrong password and an unknown address are answered alike', async () => {
  const { email } = await givenPerson();
  const attempt = (to: string) =>
    request(app).post('/sign-in').type('form').send({ email: to, password: 'not this one' });
  const [wrong, unknown] = [await attempt(email), await attempt('nobody@example.com')];
  expect(wrong.status).toBe(422);
  expect(unknown.status).toBe(422);
  const plain = (html: string) => html.replaceAll(/nonce="[^"]*"|value="[^"]*"|[0-9a-f-]{36}/g, '');
  expect(plain(unknown.text)).toBe(plain(wrong.text));
});

test('signing in again after being sent away leads to the page that was asked for, never to another site', async () => {
  const { email } = await givenCustomer();
  const to = async (next: string) =>
    (await request(app).post('/sign-in').type('form').send({ email, password: PASSWORD, next })).headers
      .location;
  expect(await to('/portal/cases?status=open')).toBe('/portal/cases?status=open');
  for (const elsewhere of ['https://evil.example', '//evil.example', '/\\evil.example', '/\t/evil.example'])
    expect(await to(elsewhere)).toBe('/home');
});

test('v5.0.0-7.2.4 signing in gives the browser a new session id', async () => {
  const { email } = await givenCustomer();
  const browser = await signedIn(app, { email });
  const before = await sql<{ sid: string }>`select sid from sessions`.execute(db);
  await browser.post('/sign-in').type('form').send({ email, password: PASSWORD });
  const after = await sql<{ sid: string }>`select sid from sessions`.execute(db);
  expect(after.rows.length).toBe(before.rows.length);
  expect(after.rows).not.toEqual(before.rows);
});

test('the demo’s sign-in page names its people in sandbox mode', async () => {
  const page = await request(app).get('/sign-in');
  expect(page.text).toContain('customer@rapport.example');
  expect(page.text).toContain('rapport-demo');
});
