import request from 'supertest';
import { afterAll, beforeEach, expect, test } from 'vitest';

import { startMailbox } from '../../support/mailbox.ts';

const { mailsTo, sandbox } = await startMailbox();
const { createApp } = await import('../../../src/app.ts');
const { db, sql, transaction } = await import('../../../src/platform/db.ts');
const { record } = await import('../../../src/platform/events.ts');
const { drainJobs } = await import('../../../src/platform/job-runner.ts');
const { moveClock, MINUTE } = await import('../../../src/platform/clock.ts');
const { reactions } = await import('../../../src/reactions.ts');
const { jobs } = await import('../../../src/worker.ts');
const { givenAccount, givenContact, givenUser } = await import('../../support/mirror.ts');
const { givenPerson, signedIn } = await import('../../support/people.ts');

const app = createApp();
const PASSWORD = 'a fine day for sailing';
beforeEach(() => sql`delete from rate_limits`.execute(db));
afterAll(() => sandbox.close());

const work = () => drainJobs({ reactions, jobs });

async function signUp(email: string, more: { company?: string; locale?: string } = {}) {
  const path = more.locale === undefined ? '/sign-up' : `/${more.locale}/sign-up`;
  const answer = await request(app)
    .post(path)
    .type('form')
    .send({ name: 'Noor Haddad', company: more.company ?? 'Northgate', email });
  await work();
  return answer;
}

async function linkTo(email: string): Promise<string> {
  const [mail] = await mailsTo(email);
  return mail?.paths[0] ?? 'no link';
}

async function confirmed(email: string) {
  await signUp(email);
  const browser = request.agent(app);
  const answer = await browser
    .post(await linkTo(email))
    .type('form')
    .send({ password: PASSWORD });
  return { browser, answer };
}

test('SP1 a customer signs up with the address of their contact and is in the account of that contact', async () => {
  const contact = await givenContact({
    account: await givenAccount({ name: 'Ostrava Foods' }),
    email: 'Noor@Ostrava.example',
  });
  const { browser, answer } = await confirmed('noor@ostrava.example');
  expect(answer.status).toBe(303);
  expect((await browser.get('/home')).headers.location).toBe('/portal');
  expect((await browser.get('/account')).text).toContain('Ostrava Foods');
  const { rows } = await sql`select contact_id from memberships`.execute(db);
  expect(rows).toEqual([{ contact_id: contact.id }]);
});

test('PP1 a partner signs up the same way and lands in the partner portal', async () => {
  await givenContact({ account: await givenAccount({ type: 'Reseller' }), email: 'sales@bluequay.example' });
  const { browser } = await confirmed('sales@bluequay.example');
  expect((await browser.get('/home')).headers.location).toBe('/partner');
});

test('one contact of several accounts gets them all, and switches between them (C4)', async () => {
  const own = await givenAccount({ name: 'Alder Holding' });
  const other = await givenAccount({ name: 'Birch Services' });
  await givenContact({ account: own, email: 'two@alder.example', related: [{ account: other }] });
  const { browser } = await confirmed('two@alder.example');
  expect((await browser.get('/account')).text).toMatch(/Alder Holding[\s\S]*Birch Services/);
  const { rows } =
    await sql`select account_id, case_scope from memberships where account_id in (${own.id}, ${other.id})`.execute(
      db,
    );
  expect(rows).toEqual(
    expect.arrayContaining([
      { account_id: own.id, case_scope: 'account' },
      { account_id: other.id, case_scope: 'own' },
    ]),
  );
});

test('C7 an address that several contacts have is nobody’s account until staff decide', async () => {
  for (const name of ['Cedar North', 'Cedar South'])
    await givenContact({ account: await givenAccount({ name }), email: 'shared@cedar.example' });
  const { browser } = await confirmed('shared@cedar.example');
  const page = await browser.get('/no-account');
  expect(page.text).toContain('We are checking which account is yours');
  expect((await browser.get('/account')).status).toBe(303);
  const { rows } =
    await sql`select m.* from memberships m join people p on p.id = m.person_id where p.email = 'shared@cedar.example'`.execute(
      db,
    );
  expect(rows).toEqual([]);
});

test('an address that no contact has becomes a lead, and the page says what to do', async () => {
  const { browser } = await confirmed('stranger@elsewhere.example');
  expect((await browser.get('/no-account')).text).toContain('We have not found your company’s account');
  const { rows } =
    await sql`select sobject, fields from outbox where fields ->> 'Email' = 'stranger@elsewhere.example'`.execute(
      db,
    );
  expect(rows).toEqual([
    {
      sobject: 'Lead',
      fields: expect.objectContaining({
        FirstName: 'Noor',
        LastName: 'Haddad',
        Company: 'Northgate',
      }) as object,
    },
  ]);
});

test('whoever signs up before the contacts have all been loaded gets in once they are', async () => {
  const { browser } = await confirmed('early@northgate.example');
  expect((await browser.get('/home')).headers.location).toBe('/no-account');
  await givenContact({ account: await givenAccount(), email: 'early@northgate.example' });
  await transaction((tx) => record(tx, 'mirror.loaded', { table: 'contacts' }));
  await work();
  expect((await browser.get('/home')).headers.location).toBe('/portal');
});

test('a Salesforce user with a role who signs up by mail becomes staff', async () => {
  await givenUser({ email: 'joan@tidewater.example', roles: ['support'] });
  const { browser } = await confirmed('joan@tidewater.example');
  expect((await browser.get('/home')).headers.location).toBe('/console');
});

test('whether the address is known shows neither on the page nor in where it leads', async () => {
  const { email } = await givenPerson({ email: 'known@fir.example' });
  const [known, unknown] = [await signUp(email), await signUp('unknown@fir.example')];
  expect([known.status, known.headers.location]).toEqual([303, '/sign-up/sent']);
  expect([unknown.status, unknown.headers.location]).toEqual([303, '/sign-up/sent']);
  const [mail] = await mailsTo(email);
  expect(mail?.subject).toBe('You have an account already');
  expect(mail?.paths).toEqual(['/sign-in']);
});

test('opening the link, as mail scanners do, does not use it up; confirming does', async () => {
  await givenContact({ account: await givenAccount(), email: 'scanned@gum.example' });
  await signUp('scanned@gum.example');
  const link = await linkTo('scanned@gum.example');
  for (let times = 0; times < 3; times++) expect((await request(app).get(link)).status).toBe(200);
  expect((await request(app).post(link).type('form').send({ password: PASSWORD })).status).toBe(303);
  expect((await request(app).post(link).type('form').send({ password: PASSWORD })).status).toBe(410);
  expect((await request(app).get(link)).status).toBe(410);
});

test('v5.0.0-2.3.4 of two confirmations at once, one makes the account', async () => {
  await signUp('twice@hazel.example');
  const link = await linkTo('twice@hazel.example');
  const confirm = () => request(app).post(link).type('form').send({ password: PASSWORD });
  const statuses = (await Promise.all([confirm(), confirm()])).map(({ status }) => status).sort();
  expect(statuses).toEqual([303, 410]);
});

test('C1 v5.0.0-6.4.1 a link holds for fifteen minutes', async () => {
  await signUp('late@ivy.example');
  const link = await linkTo('late@ivy.example');
  moveClock(14 * MINUTE);
  expect((await request(app).get(link)).status).toBe(200);
  moveClock(2 * MINUTE);
  expect((await request(app).get(link)).status).toBe(410);
  moveClock(-16 * MINUTE);
});

test('the database keeps no link that could be used', async () => {
  await signUp('hashed@juniper.example');
  const token = (await linkTo('hashed@juniper.example')).split('/').at(-1) ?? '';
  const { rows } = await sql<{ everything: string }>`
    select coalesce(string_agg(t::text, ' '), '') || (select coalesce(string_agg(j::text, ' '), '') from graphile_worker._private_jobs j) as everything
    from email_tokens t`.execute(db);
  expect(token.length).toBeGreaterThan(40);
  expect(rows[0]?.everything).not.toContain(token);
});

test('v5.0.0-6.2.1 v5.0.0-6.2.4 a short or common password is refused beside its field, and the link still holds', async () => {
  await signUp('weak@kapok.example');
  const link = await linkTo('weak@kapok.example');
  for (const [password, words] of [
    ['short', 'at least 8'],
    ['Password1!', 'too common'],
    ['12345678', 'too common'],
    ['x'.repeat(129), 'at most 128'],
  ] as const) {
    const answer = await request(app).post(link).type('form').send({ password });
    expect(answer.status).toBe(422);
    expect(answer.text).toContain(words);
  }
  expect((await request(app).post(link).type('form').send({ password: PASSWORD })).status).toBe(303);
});

test('v5.0.0-6.2.5 v5.0.0-6.2.8 long passwords of any characters are taken exactly as they are', async () => {
  const password = ` ${'ü日本 '.repeat(20)}`;
  await signUp('long@linden.example');
  await request(app)
    .post(await linkTo('long@linden.example'))
    .type('form')
    .send({ password });
  await signedIn(app, { email: 'long@linden.example' }, password);
  await expect(signedIn(app, { email: 'long@linden.example' }, password.trim())).rejects.toThrow();
});

test('C2 one mailbox gets no more than five mails an hour, however often a visitor asks', async () => {
  for (let times = 0; times < 7; times++) await signUp('flooded@maple.example');
  expect(await mailsTo('flooded@maple.example')).toHaveLength(5);
});

test('LK3 the mail comes in the language of the page', async () => {
  await signUp('sprache@nussbaum.example', { locale: 'de' });
  const [mail] = await mailsTo('sprache@nussbaum.example');
  expect(mail?.subject).toBe('Bestätigen Sie Ihre E-Mail-Adresse');
  expect(mail?.html).toContain('lang="de"');
});

test('v5.0.0-1.3.11 a name with line ends adds no header and no HTML to the mail', async () => {
  const answer = await request(app)
    .post('/sign-up')
    .type('form')
    .send({ name: 'Eve\r\nBcc: all@example.com', company: 'x', email: 'eve@oak.example' });
  expect(answer.status).toBe(422);
  await request(app)
    .post('/sign-up')
    .type('form')
    .send({ name: '<img src=x onerror=alert(1)>', company: 'x', email: 'html@oak.example' });
  await work();
  expect((await mailsTo('html@oak.example'))[0]?.html).not.toContain('<img');
});
