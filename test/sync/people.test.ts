import request from 'supertest';
import { afterAll, beforeEach, expect, test } from 'vitest';

import { mailsAt } from '../support/mailbox.ts';
import { created, startSalesforce } from '../support/salesforce.ts';

const { sandbox, org, sync, control } = await startSalesforce();
await sync.loadAll();
const { createApp } = await import('../../src/app.ts');
const { db, sql } = await import('../../src/platform/db.ts');
const { drainJobs } = await import('../../src/platform/job-runner.ts');
const { reactions } = await import('../../src/reactions.ts');
const { jobs } = await import('../../src/worker.ts');

const app = createApp();
const PASSWORD = 'a fine day for sailing';
afterAll(() => sandbox.close());
beforeEach(() => sql`delete from rate_limits`.execute(db));

const work = () => drainJobs({ reactions, jobs });

/** What the worker does in the seconds after a change in Salesforce. */
async function synced() {
  await sync.pollOnce();
  await work();
}

async function givenContactInSalesforce(email: string) {
  const accountId = await created(org, 'Account', { Name: `Account of ${email}`, Type: 'Customer' });
  const id = await created(org, 'Contact', {
    AccountId: accountId,
    FirstName: 'Noor',
    LastName: 'Haddad',
    Email: email,
  });
  return { id, accountId };
}

const linkTo = async (email: string) => (await mailsAt(sandbox, email))[0]?.paths[0] ?? 'no link';

async function signedUp(email: string) {
  await request(app).post('/sign-up').type('form').send({ name: 'Noor Haddad', company: 'Northgate', email });
  await work();
  const path = await linkTo(email);
  const browser = request.agent(app);
  await browser.post(path).type('form').send({ password: PASSWORD });
  return browser;
}

test('SP1 a contact of Salesforce signs up, and loses access when the contact is deleted there', async () => {
  const contact = await givenContactInSalesforce('leaver@northgate.example');
  await synced();
  const browser = await signedUp('leaver@northgate.example');
  expect((await browser.get('/home')).headers.location).toBe('/portal');
  await org.sobject('Contact').delete(contact.id);
  await synced();
  expect((await browser.get('/portal/cases')).headers.location).toMatch(/^\/sign-in/);
  expect((await sql`select 1 from memberships where contact_id = ${contact.id}`.execute(db)).rows).toEqual(
    [],
  );
});

test('a contact that is moved to another account in Salesforce is in that account from then on', async () => {
  const contact = await givenContactInSalesforce('mover@northgate.example');
  await synced();
  const browser = await signedUp('mover@northgate.example');
  const elsewhere = await created(org, 'Account', { Name: 'Halden Freight', Type: 'Customer' });
  await org.sobject('Contact').update({ Id: contact.id, AccountId: elsewhere });
  await synced();
  expect((await browser.get('/account')).text).toContain('Halden Freight');
  expect((await browser.get('/account')).text).not.toContain('Account of mover@northgate.example');
});

test('whoever Salesforce does not know becomes a lead there, and gets in once Sales have made the contact', async () => {
  const email = 'stranger@northgate.example';
  const browser = await signedUp(email);
  expect((await browser.get('/home')).headers.location).toBe('/no-account');
  await sync.drainOnce();
  const leads = await org.query(
    `select FirstName, LastName, Company, Rapport_Id__c from Lead where Email = '${email}'`,
  );
  expect(leads.records).toEqual([
    expect.objectContaining({ FirstName: 'Noor', LastName: 'Haddad', Company: 'Northgate' }),
  ]);
  await givenContactInSalesforce(email);
  await synced();
  expect((await browser.get('/home')).headers.location).toBe('/portal');
});

test('a change of e-mail reaches the contact in Salesforce, and access lasts all the while', async () => {
  const contact = await givenContactInSalesforce('before@northgate.example');
  await synced();
  const browser = await signedUp('before@northgate.example');
  await browser
    .post('/account/email')
    .type('form')
    .send({ email: 'after@northgate.example', current: PASSWORD });
  await work();
  await browser.post(await linkTo('after@northgate.example'));
  expect((await browser.get('/home')).headers.location).toBe('/portal');
  await control('/clock', { offsetMs: 3_000 });
  await sync.drainOnce();
  const { records } = await org.query(`select Email from Contact where Id = '${contact.id}'`);
  expect(records).toEqual([expect.objectContaining({ Email: 'after@northgate.example' })]);
  await synced();
  expect((await browser.get('/home')).headers.location).toBe('/portal');
});
