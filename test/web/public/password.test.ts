import request from 'supertest';
import { afterAll, beforeEach, expect, test } from 'vitest';

import { startMailbox } from '../../support/mailbox.ts';

const { mailsTo, sandbox } = await startMailbox();
const { createApp } = await import('../../../src/app.ts');
const { db, sql } = await import('../../../src/platform/db.ts');
const { drainJobs } = await import('../../../src/platform/job-runner.ts');
const { reactions } = await import('../../../src/reactions.ts');
const { jobs } = await import('../../../src/worker.ts');
const { givenUser } = await import('../../support/mirror.ts');
const { givenCustomer, PASSWORD, signedIn } = await import('../../support/people.ts');

const app = createApp();
const NEXT = 'another day for sailing';
beforeEach(() => sql`delete from rate_limits`.execute(db));
afterAll(() => sandbox.close());

const work = () => drainJobs({ reactions, jobs });
const signIn = (email: string, password: string) =>
  request(app).post('/sign-in').type('form').send({ email, password });

async function askForReset(email: string) {
  const answer = await request(app).post('/password/forgot').type('form').send({ email });
  await work();
  return answer;
}

async function linkTo(email: string): Promise<string> {
  return (await mailsTo(email))[0]?.paths[0] ?? 'no link';
}

test('whoever has forgotten their password gets a link, chooses another, and signs in with it', async () => {
  const { email } = await givenCustomer();
  await askForReset(email);
  const link = await linkTo(email);
  expect((await request(app).get(link)).text).toContain(email);
  const done = await request(app).post(link).type('form').send({ password: NEXT });
  expect(done.headers.location).toBe('/sign-in');
  expect((await signIn(email, NEXT)).headers.location).toBe('/home');
  expect((await signIn(email, PASSWORD)).status).toBe(422);
  await work();
  expect((await mailsTo(email))[0]?.subject).toBe('Your password has been changed');
});

test('v5.0.0-6.3.8 an unknown address gets the same answer, and no mail', async () => {
  const { email } = await givenCustomer();
  const [known, unknown] = [await askForReset(email), await askForReset('nobody@elsewhere.example')];
  expect([unknown.status, unknown.headers.location]).toEqual([known.status, known.headers.location]);
  expect(await mailsTo('nobody@elsewhere.example')).toEqual([]);
});

test('v5.0.0-6.4.3 a reset link works once, and using one ends those sent before', async () => {
  const { email } = await givenCustomer();
  await askForReset(email);
  await askForReset(email);
  const [later, earlier] = (await mailsTo(email)).map(({ paths }) => paths[0] ?? '');
  expect(
    (
      await request(app)
        .post(later ?? '')
        .type('form')
        .send({ password: NEXT })
    ).status,
  ).toBe(303);
  for (const link of [later, earlier])
    expect(
      (
        await request(app)
          .post(link ?? '')
          .type('form')
          .send({ password: NEXT })
      ).status,
    ).toBe(410);
});

test('a sign-up link is not a reset link: each is for its purpose alone', async () => {
  const { email } = await givenCustomer();
  await askForReset(email);
  const token = (await linkTo(email)).split('/').at(-1) ?? '';
  for (const path of [`/sign-up/confirm/${token}`, `/email/confirm/${token}`])
    expect((await request(app).get(path)).status).toBe(410);
});

test('v5.0.0-7.4.3 a new password ends every session that is open', async () => {
  const customer = await givenCustomer();
  const browser = await signedIn(app, customer);
  await askForReset(customer.email);
  await request(app)
    .post(await linkTo(customer.email))
    .type('form')
    .send({ password: NEXT });
  expect((await browser.get('/account')).headers.location).toMatch(/^\/sign-in/);
});

test('v5.0.0-6.2.3 changing the password takes the present one, and ends the other sessions but not this one', async () => {
  const customer = await givenCustomer();
  const [here, elsewhere] = [await signedIn(app, customer), await signedIn(app, customer)];
  const change = (current: string) =>
    here.post('/account/password').type('form').send({ current, next: NEXT });
  const wrong = await change('not the present one');
  expect([wrong.status, wrong.text.includes('This is not your present password')]).toEqual([422, true]);
  expect((await change(PASSWORD)).status).toBe(303);
  expect((await here.get('/account')).status).toBe(200);
  expect((await elsewhere.get('/account')).status).toBe(303);
});

test('staff whom only Salesforce knows may set a password by mail', async () => {
  const { email } = await givenUser({ email: 'new-rep@tidewater.example', roles: ['rep'] });
  await askForReset(email);
  await request(app)
    .post(await linkTo(email))
    .type('form')
    .send({ password: NEXT });
  expect((await (await signedIn(app, { email }, NEXT)).get('/home')).headers.location).toBe('/console');
});

test('a change of e-mail holds once the new mailbox is proved; the old one is told and the contact follows', async () => {
  const customer = await givenCustomer();
  const browser = await signedIn(app, customer);
  const wanted = 'moved@northgate.example';
  await browser.post('/account/email').type('form').send({ email: wanted, current: PASSWORD });
  await work();
  expect((await browser.get('/account/email')).text).toContain(customer.email);
  const link = await linkTo(wanted);
  expect((await browser.get(link)).status).toBe(200);
  expect((await browser.post(link)).headers.location).toBe('/account');
  await work();
  expect((await browser.get('/account/email')).text).toContain(wanted);
  expect((await mailsTo(customer.email))[0]?.subject).toBe('Your e-mail address has been changed');
  expect((await mailsTo(customer.email))[0]?.text).not.toContain(wanted);
  const { rows } =
    await sql`select sobject, operation, salesforce_id, fields from outbox where salesforce_id = ${customer.contact.id}`.execute(
      db,
    );
  expect(rows).toEqual([
    {
      sobject: 'Contact',
      operation: 'update',
      salesforce_id: customer.contact.id,
      fields: { Email: wanted },
    },
  ]);
  await signedIn(app, { email: wanted });
  expect((await browser.get('/home')).headers.location).toBe('/portal');
});

test('a link for a new password in the former mailbox opens nothing once the address has changed', async () => {
  const customer = await givenCustomer();
  const browser = await signedIn(app, customer);
  await request(app).post('/password/forgot').type('form').send({ email: customer.email });
  await work();
  const former = await linkTo(customer.email);
  expect((await request(app).get(former)).status).toBe(200);
  await browser
    .post('/account/email')
    .type('form')
    .send({ email: 'left@northgate.example', current: PASSWORD });
  await work();
  await browser.post(await linkTo('left@northgate.example')).expect(303);
  expect((await request(app).get(former)).status).toBe(410);
});

test('an address that somebody else has is told only to its owner', async () => {
  const [one, other] = [await givenCustomer(), await givenCustomer()];
  const browser = await signedIn(app, one);
  const answer = await browser
    .post('/account/email')
    .type('form')
    .send({ email: other.email, current: PASSWORD });
  expect([answer.status, answer.headers.location]).toEqual([303, '/account']);
  await work();
  expect((await mailsTo(other.email))[0]?.subject).toBe('This e-mail address is in use already');
});
