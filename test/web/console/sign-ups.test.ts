import { afterAll, beforeEach, expect, test } from 'vitest';

import { startMailbox } from '../../support/mailbox.ts';

const { mailsTo, sandbox } = await startMailbox();
const { createApp } = await import('../../../src/app.ts');
const { db, sql } = await import('../../../src/platform/db.ts');
const { drainJobs } = await import('../../../src/platform/job-runner.ts');
const { reactions } = await import('../../../src/reactions.ts');
const { jobs } = await import('../../../src/worker.ts');
const { givenAccount, givenContact } = await import('../../support/mirror.ts');
const { givenPerson, givenStaff, signedIn } = await import('../../support/people.ts');

const app = createApp();
beforeEach(() => sql`delete from rate_limits`.execute(db));
afterAll(() => sandbox.close());

let count = 0;

/** Somebody whose address two contacts of two accounts have. */
async function givenWaiting() {
  const email = `shared-${String(++count)}@cedar.example`;
  const accounts = [await givenAccount({ name: 'Cedar North' }), await givenAccount({ name: 'Cedar South' })];
  const contacts = await Promise.all(
    accounts.map((account) => givenContact({ account, email, name: 'Lee Cedar' })),
  );
  const person = await givenPerson({ email, name: 'Lee Cedar' });
  const { rows } = await sql<{ id: string }>`
    insert into sign_ups (person_id, company, state, created_at) values (${person.id}, 'Cedar', 'waiting', now()) returning id`.execute(
    db,
  );
  return { ...person, contacts, accounts, signUpId: rows[0]?.id ?? '' };
}

const support = async () => signedIn(app, await givenStaff({ roles: ['support'] }));
const accountsOf = async (personId: string) =>
  (
    await sql<{
      account_id: string;
    }>`select account_id from memberships where person_id = ${personId}`.execute(db)
  ).rows;

test('C7 support sees who waits with all the contacts of their address, and says which one they are', async () => {
  const waiting = await givenWaiting();
  const browser = await support();
  const page = await browser.get('/console/sign-ups');
  expect(page.text).toContain(waiting.email);
  expect(page.text).toMatch(/Cedar North[\s\S]*Cedar South/);
  const [first, second] = waiting.contacts;
  await browser
    .post(`/console/sign-ups/${waiting.signUpId}/grant`)
    .type('form')
    .send({ contacts: second?.id });
  expect(await accountsOf(waiting.id)).toEqual([{ account_id: waiting.accounts[1]?.id }]);
  const { rows } =
    await sql`select contact_id, settled_by is not null as settled from person_contacts where person_id = ${waiting.id}`.execute(
      db,
    );
  expect(rows).toEqual([{ contact_id: second?.id, settled: true }]);
  expect(first?.id).not.toBe(second?.id);
  await drainJobs({ reactions, jobs });
  expect((await mailsTo(waiting.email))[0]?.subject).toBe('Your account is ready');
  expect((await (await signedIn(app, waiting)).get('/home')).headers.location).toBe('/portal');
});

test('several may be chosen: somebody who works for both gets both', async () => {
  const waiting = await givenWaiting();
  await (
    await support()
  )
    .post(`/console/sign-ups/${waiting.signUpId}/grant`)
    .type('form')
    .send({ contacts: waiting.contacts.map(({ id }) => id) });
  expect(await accountsOf(waiting.id)).toHaveLength(2);
});

test('nothing chosen, or a contact of another address, is refused beside the form', async () => {
  const waiting = await givenWaiting();
  const stranger = await givenContact({ account: await givenAccount() });
  const browser = await support();
  for (const contacts of [[], [stranger.id], [waiting.contacts[0]?.id, stranger.id]])
    expect(
      (await browser.post(`/console/sign-ups/${waiting.signUpId}/grant`).type('form').send({ contacts }))
        .status,
    ).toBe(422);
  expect(await accountsOf(waiting.id)).toEqual([]);
});

test('who is refused is told, and sees so when they sign in', async () => {
  const waiting = await givenWaiting();
  await (await support()).post(`/console/sign-ups/${waiting.signUpId}/refuse`);
  await drainJobs({ reactions, jobs });
  expect((await mailsTo(waiting.email))[0]?.subject).toBe('About your sign-up');
  expect((await (await signedIn(app, waiting)).get('/no-account')).text).toContain(
    'You have no access to an account',
  );
});

test('of two who settle at once, one does and the other learns of it', async () => {
  const waiting = await givenWaiting();
  const [one, other] = [await support(), await support()];
  const answers = await Promise.all([
    one
      .post(`/console/sign-ups/${waiting.signUpId}/grant`)
      .type('form')
      .send({ contacts: waiting.contacts[0]?.id }),
    other.post(`/console/sign-ups/${waiting.signUpId}/refuse`),
  ]);
  expect(answers.map(({ status }) => status).sort()).toEqual([303, 409]);
});

test('a rep may neither see nor settle sign-ups', async () => {
  const waiting = await givenWaiting();
  const rep = await signedIn(app, await givenStaff({ roles: ['rep', 'csm'] }));
  expect((await rep.get('/console/sign-ups')).status).toBe(403);
  expect((await rep.post(`/console/sign-ups/${waiting.signUpId}/refuse`)).status).toBe(403);
});

test('the way there is shown to those who may go it', async () => {
  const [rep, admin] = [await givenStaff({ roles: ['rep'] }), await givenStaff({ roles: ['admin'] })];
  const home = async (who: typeof rep) => (await (await signedIn(app, who)).get('/console')).text;
  expect(await home(admin)).toContain('/console/sign-ups');
  expect(await home(rep)).not.toContain('/console/sign-ups');
});
