import { generate } from 'otplib';
import request from 'supertest';
import { beforeEach, expect, test } from 'vitest';

/* Outside sandbox mode: staff need their second factor there. */
Object.assign(process.env, {
  SALESFORCE_LOGIN_URL: 'https://login.salesforce.example',
  SALESFORCE_CLIENT_ID: 'client',
  SALESFORCE_CLIENT_SECRET: 'secret',
});
const { createApp } = await import('../../../src/app.ts');
const { moveClock, now } = await import('../../../src/platform/clock.ts');
const { db, sql } = await import('../../../src/platform/db.ts');
const { givenCustomer, givenPerson, givenStaff, PASSWORD } = await import('../../support/people.ts');

const app = createApp();
beforeEach(() => sql`delete from rate_limits`.execute(db));

const codeOf = (secret: string) => generate({ secret, epoch: Math.floor(now().getTime() / 1000) });
const nextStep = () => {
  moveClock(31_000);
};

async function passwordGiven(email: string) {
  const browser = request.agent(app);
  const answer = await browser.post('/sign-in').type('form').send({ email, password: PASSWORD });
  return { browser, answer };
}

const secretOn = (html: string) =>
  (/<code>([A-Z2-7 ]{16,})<\/code>/.exec(html)?.[1] ?? '').replaceAll(' ', '');

/** A member of staff who has set up their app, with its secret and their recovery codes. */
async function givenEnrolled() {
  const staff = await givenStaff({ roles: ['support'] });
  const { browser } = await passwordGiven(staff.email);
  const secret = secretOn((await browser.get('/sign-in/authenticator')).text);
  const done = await browser
    .post('/sign-in/authenticator')
    .type('form')
    .send({ code: await codeOf(secret) });
  const codes = [...done.text.matchAll(/<li><code>([^<]+)<\/code>/g)].map(([, code = '']) => code);
  nextStep();
  return { ...staff, secret, codes, browser };
}

test('v5.0.0-6.3.3 staff with a password alone are nobody until they have set up an authenticator app', async () => {
  const staff = await givenStaff({ roles: ['support'] });
  const { browser, answer } = await passwordGiven(staff.email);
  expect(answer.headers.location).toBe('/sign-in/authenticator');
  expect((await browser.get('/console/sign-ups')).headers.location).toMatch(/^\/sign-in\?next=/);
  const page = await browser.get('/sign-in/authenticator');
  expect(page.text).toMatch(/<img src="data:image\/png;base64,/);
  const done = await browser
    .post('/sign-in/authenticator')
    .type('form')
    .send({ code: await codeOf(secretOn(page.text)) });
  expect(done.text).toContain('Keep your recovery codes');
  expect((await browser.get('/console/sign-ups')).status).toBe(200);
  nextStep();
});

test('staff with an app sign in with password and code', async () => {
  const { email, secret } = await givenEnrolled();
  const { browser, answer } = await passwordGiven(email);
  expect(answer.headers.location).toBe('/sign-in/code');
  expect((await browser.get('/console/sign-ups')).status).toBe(303);
  expect(
    (
      await browser
        .post('/sign-in/code')
        .type('form')
        .send({ code: await codeOf(secret) })
    ).headers.location,
  ).toBe('/home');
  expect((await browser.get('/console/sign-ups')).status).toBe(200);
});

test('v5.0.0-6.5.1 a code counts once', async () => {
  const { email, secret } = await givenEnrolled();
  const code = await codeOf(secret);
  const [first, second] = [await passwordGiven(email), await passwordGiven(email)];
  const statuses = await Promise.all(
    [first, second].map(
      async ({ browser }) => (await browser.post('/sign-in/code').type('form').send({ code })).status,
    ),
  );
  expect(statuses.sort()).toEqual([303, 422]);
});

test('v5.0.0-6.5.5 a code holds for its half minute and the ones beside it, no longer', async () => {
  const { email, secret } = await givenEnrolled();
  const code = await codeOf(secret);
  moveClock(95_000);
  const { browser } = await passwordGiven(email);
  expect((await browser.post('/sign-in/code').type('form').send({ code })).status).toBe(422);
});

test('v5.0.0-6.5.2 a recovery code lets in once, however it is written; the database keeps digests alone', async () => {
  const { email, codes } = await givenEnrolled();
  expect(codes).toHaveLength(10);
  const [code = ''] = codes;
  const give = async (text: string) => {
    const { browser } = await passwordGiven(email);
    return (await browser.post('/sign-in/code').type('form').send({ code: text })).status;
  };
  expect(await give(code.toUpperCase().replaceAll('-', ' '))).toBe(303);
  expect(await give(code)).toBe(422);
  const { rows } = await sql<{
    text: string;
  }>`select string_agg(r::text, ' ') as text from recovery_codes r`.execute(db);
  expect(rows[0]?.text).not.toContain(code);
});

test('v5.0.0-6.3.1 after five wrong codes, even a right one has to wait', async () => {
  const { email, secret } = await givenEnrolled();
  const { browser } = await passwordGiven(email);
  const give = async (code: string) =>
    (await browser.post('/sign-in/code').type('form').send({ code })).status;
  for (let times = 0; times < 5; times++) expect(await give('000000')).toBe(422);
  expect(await give(await codeOf(secret))).toBe(429);
});

test('v5.0.0-2.3.1 the step of the code cannot be reached without the password, nor long after it', async () => {
  expect((await request(app).get('/sign-in/code')).headers.location).toBe('/sign-in');
  expect(
    (await request(app).post('/sign-in/code').type('form').send({ code: '123456' })).headers.location,
  ).toBe('/sign-in');
  const { email, secret } = await givenEnrolled();
  const { browser } = await passwordGiven(email);
  expect((await browser.get('/sign-in/authenticator')).headers.location).toBe('/sign-in');
  moveClock(11 * 60_000);
  expect(
    (
      await browser
        .post('/sign-in/code')
        .type('form')
        .send({ code: await codeOf(secret) })
    ).headers.location,
  ).toBe('/sign-in');
});

test('the secret of an app is kept encrypted', async () => {
  const { secret } = await givenEnrolled();
  const { rows } = await sql<{
    text: string;
  }>`select string_agg(f::text, ' ') as text from second_factors f`.execute(db);
  expect(rows[0]?.text).not.toContain(secret);
});

test('customers need no app, may set one up, and take it away with their password', async () => {
  const { browser } = await passwordGiven((await givenCustomer()).email);
  const secret = secretOn((await browser.get('/account/authenticator')).text);
  await browser
    .post('/account/authenticator')
    .type('form')
    .send({ code: await codeOf(secret) });
  nextStep();
  expect((await browser.get('/account/security')).text).toContain('10 recovery codes');
  const remove = (current: string) =>
    browser.post('/account/authenticator/removal').type('form').send({ current });
  expect((await remove('not it')).status).toBe(422);
  expect((await remove(PASSWORD)).headers.location).toBe('/account/security');
  expect((await browser.get('/account/security')).text).toContain('Not set up');
});

test('staff cannot take their app away', async () => {
  const { browser } = await givenEnrolled();
  const answer = await browser
    .post('/account/authenticator/removal')
    .type('form')
    .send({ current: PASSWORD });
  expect(answer.status).toBe(403);
});

test('a customer who becomes staff is not staff in a session that began with a password alone', async () => {
  const customer = await givenCustomer();
  const { browser } = await passwordGiven(customer.email);
  await sql`update people set is_admin = true where id = ${customer.id}`.execute(db);
  expect((await browser.get('/console/sign-ups')).status).toBe(403);
  expect((await browser.get('/home')).headers.location).toBe('/portal');
});

test('v5.0.0-6.3.2 the demo’s people cannot sign in outside sandbox mode, even if their rows are there', async () => {
  const { email } = await givenPerson({ email: 'customer@rapport.example', isDemo: true });
  expect((await passwordGiven(email)).answer.status).toBe(422);
  const { makeDemoPeople } = await import('../../../src/identity/demo.ts');
  await makeDemoPeople();
  const { rows } = await sql`select 1 from people where is_demo`.execute(db);
  expect(rows).toHaveLength(1);
});

test('a session of the demo’s people does not outlast sandbox mode', async () => {
  const customer = await givenCustomer();
  const { browser } = await passwordGiven(customer.email);
  await sql`update people set is_demo = true where id = ${customer.id}`.execute(db);
  expect((await browser.get('/account')).status).toBe(303);
});

test('the sign-in page does not speak of a demo outside sandbox mode', async () => {
  expect((await request(app).get('/sign-in')).text).not.toContain('rapport-demo');
});
