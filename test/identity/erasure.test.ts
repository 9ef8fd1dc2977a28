import type { Express } from 'express';
import request from 'supertest';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import type * as people from '../support/people.ts';
import type * as database from '../../src/platform/db.ts';
import { created, startSalesforce } from '../support/salesforce.ts';

/* One human, known in every corner of the house, and a colleague whose name is nearly the same. */
const email = 'zephyrine@quillfeather.example';
const who = { FirstName: 'Zephyrine', LastName: 'Quillfeather', Email: email, Phone: '+1 757 555 0187' };
const colleague = {
  FirstName: 'Anna',
  LastName: 'Zephyrine-Marsh',
  Email: 'anna.zephyrine@quillfeather.example',
};

let salesforce: Awaited<ReturnType<typeof startSalesforce>>;
let db: typeof database.db;
let sql: typeof database.sql;
let support: typeof people;
let app: Express;
let work: () => Promise<void>;
let takeIn: () => Promise<void>;
let admin: Awaited<ReturnType<typeof people.signedIn>>;
let csm: Awaited<ReturnType<typeof people.signedIn>>;
let accountId: string;
let contactId: string;
let caseId: string;

beforeAll(async () => {
  salesforce = await startSalesforce();
  const { org, sync } = salesforce;
  ({ db, sql } = await import('../../src/platform/db.ts'));
  support = await import('../support/people.ts');
  const [{ reactions }, { jobs }, { drainJobs }, { createApp }, { takeInUsage }] = await Promise.all([
    import('../../src/reactions.ts'),
    import('../../src/worker.ts'),
    import('../../src/platform/job-runner.ts'),
    import('../../src/app.ts'),
    import('../../src/usage/take-in.ts'),
  ]);
  work = () => drainJobs({ reactions, jobs });
  takeIn = takeInUsage;
  app = createApp();
  const someAdmin = await support.givenStaff({ roles: ['admin'] });
  admin = await support.signedIn(app, someAdmin);
  csm = await support.signedIn(app, await support.givenStaff({ roles: ['csm'] }));

  accountId = await created(org, 'Account', { Name: 'Halden Freight' });
  contactId = await created(org, 'Contact', { ...who, AccountId: accountId, Title: 'Head of Quillfeather matters' });
  await created(org, 'Contact', { ...colleague, AccountId: accountId });
  for (const LastName of ['Again', 'Once-More'])
    await created(org, 'Contact', { FirstName: 'Same', LastName, Email: `same-${LastName.toLowerCase()}@halden.example`, Phone: '+1 757 555 0100', AccountId: accountId });
  await created(org, 'Contact', { FirstName: 'Same', LastName: 'Again', Email: 'namesake@halden.example', Phone: '+1 757 555 0100', AccountId: accountId });
  await created(org, 'Lead', { ...who, Company: 'Quillfeather Ltd' });
  await created(org, 'Task', { WhoId: contactId, WhatId: accountId, Subject: 'Call Zephyrine Quillfeather', Status: 'Completed', Description: `Reached her under ${who.Phone}` });
  caseId = await created(org, 'Case', { AccountId: accountId, ContactId: contactId, Subject: 'Backup of Zephyrine Quillfeather', Description: `Write to ${email}`, Status: 'New' });
  await created(org, 'CaseComment', { ParentId: caseId, CommentBody: 'Dear Ms Quillfeather, here you are', IsPublished: true });
  await created(org, 'Case', { AccountId: accountId, Subject: 'Another question', Description: `Zephyrine Quillfeather (${email}) told me to ask`, Status: 'Closed' });
  await sync.loadAll();
  await work();
  const person = await support.givenPerson({ contacts: [{ id: contactId, email }], name: 'Zephyrine Quillfeather' });
  const session = await support.signedIn(app, person);
  await session.get('/portal').expect(200);
  await sql`insert into usage_accounts (external_id, account_id, matched_by, first_seen_at, last_seen_at) values ('halden', ${accountId}, 'staff', now(), now())`.execute(db);
  await use('m-1');
}, 120_000); // prettier-ignore

afterAll(async () => {
  await salesforce.sandbox.close();
});

/** The product tells that she used it, under the id that it has for her. */
async function use(messageId: string): Promise<void> {
  const id = { userId: 'quillfeather-0042', groupId: 'halden' };
  await request(app)
    .post('/v1/batch')
    .auth('demo-write-key', '')
    .send({
      batch: [
        { type: 'identify', messageId: `${messageId}-i`, ...id, traits: { email, name: 'Zephyrine Quillfeather' }, context: { groupId: 'halden' } },
        { type: 'track', messageId, ...id, event: 'Restore', properties: { file: 'quillfeather.doc' }, context: { groupId: 'halden' } },
      ],
    })
    .expect(200); // prettier-ignore
  await takeIn();
}

/** Every row of every table and of the queue, as text, in which her name, address, number or id stands. */
async function found(): Promise<string[]> {
  const { rows: tables } = await sql<{ schema: string; name: string }>`
    select n.nspname as schema, c.relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where c.relkind in ('r', 'p') and not c.relispartition and n.nspname in ('public', 'graphile_worker')`.execute(db);
  const hits: string[] = [];
  for (const { schema, name } of tables) {
    const { rows } = await sql<{ row: string }>`
      select t::text as row from ${sql.id(schema, name)} t
      where replace(t::text, 'Zephyrine-Marsh', '') ~* 'quillfeather|zephyrine|555 0187'
        and t::text !~* 'anna\\.zephyrine@quillfeather\\.example'`.execute(db);
    hits.push(...rows.map(({ row }) => `${name}: ${row.slice(0, 300)}`));
  }
  return hits;
} // prettier-ignore

const ask = (path: string, fields: Record<string, string>) =>
  admin.post(`/console/erasures${path}`).type('form').send(fields);

describe('before anybody is erased', () => {
  test('an administrator finds one human by name or address, everywhere they are known', async () => {
    const { text } = await ask('/searches', { text: 'quillf' }).expect(200);
    expect(text).toContain(email);
    for (const where of ['1 contact', '1 lead', '1 product user', '1 portal sign-in'])
      expect(text).toContain(where);
    expect((await ask('/searches', { text: '%' }).expect(200)).text).not.toContain(email);
  });

  test('everything that is held is handed over as JSON and as CSV', async () => {
    const json = await ask('/exports', { who: email, format: 'json' }).expect(200);
    expect(json.headers['content-disposition']).toContain('personal-data.json');
    const { about, sections } = JSON.parse(json.text) as { about: object; sections: Record<string, Record<string, unknown>[]> };
    expect(about).toMatchObject({ emails: [email] });
    expect(Object.keys(sections)).toEqual(expect.arrayContaining(['people', 'contacts', 'leads', 'memberships', 'sessions', 'cases', 'comments', 'tasks', 'users', 'events', 'usage']));
    expect(sections.contacts).toMatchObject([{ id: contactId, email, title: 'Head of Quillfeather matters' }]);
    expect(json.text).not.toContain('argon2');
    expect(json.text).not.toContain(colleague.Email);
    const csv = await ask('/exports', { who: email, format: 'csv' }).expect(200);
    expect(csv.text).toContain(`contacts,1,email,${email}`);
  }); // prettier-ignore

  test('whoever is no administrator sees and does none of it', async () => {
    await csm.get('/console/erasures').expect(403);
    for (const path of ['', '/searches', '/reviews', '/exports'])
      await csm.post(`/console/erasures${path}`).type('form').send({ who: email, typed: email }).expect(403);
  });

  test('an open case stands in the way, and is said', async () => {
    expect((await ask('/reviews', { who: email }).expect(200)).text).toContain(
      'Cases of theirs are still open',
    );
    await ask('', { who: email, typed: email }).expect(422);
    await salesforce.org.sobject('Case').update({ Id: caseId, Status: 'Closed' });
    await salesforce.sync.pollOnce();
    await work();
  });

  test('the confirmation has to be typed; nobody unknown and nobody of the staff is erased', async () => {
    const answer = await ask('', { who: email, typed: 'zephyrine' }).expect(422);
    expect(answer.text).toContain('This is not what is asked for.');
    await ask('', { who: 'nobody@quillfeather.example', typed: 'nobody@quillfeather.example' }).expect(404);
    const staff = await support.givenStaff({ roles: ['rep'] });
    await ask('', { who: staff.email, typed: staff.email }).expect(422);
    expect(await found()).not.toEqual([]);
  });
});

describe('once erased', () => {
  beforeAll(async () => {
    /* What waits to be written and to be mailed goes, too. */
    const { transaction } = await import('../../src/platform/db.ts');
    const { write } = await import('../../src/platform/salesforce/outbox/outbox.ts');
    const { sendMail } = await import('../../src/platform/mail.ts');
    await transaction(async (tx) => {
      await write(tx, { sobject: 'Contact', operation: 'update', salesforceId: contactId, fields: { Email: email }, feature: 'account' });
      await sendMail(tx, { to: { email, name: 'Zephyrine Quillfeather', locale: 'en' }, template: 'welcome' });
    });
    await sql`insert into suppressions (address_hash, channel, reason, comment, at) values ('\\x00', 'email', 'manual', ${`${email} rang us up`}, now())`.execute(db);
    await ask('', { who: email.toUpperCase(), typed: email }).expect(303);
    await work();
  }); // prettier-ignore

  test('nothing of them is found in a dump of all tables, nor in the queue', async () => {
    expect(await found()).toEqual([]);
  });

  test('colleagues, cases and what adds up stay', async () => {
    const { rows } = await sql<{ contacts: number; cases: number; events: number }>`
      select (select count(*) from contacts where deleted_at is null) as contacts, (select count(*) from cases) as cases,
        (select sum(events) from usage_account_days) as events`.execute(db);
    expect(rows[0]).toEqual({ contacts: 4, cases: 2, events: 1 });
    const { rows: kept } = await sql<{
      name: string;
    }>`select name from contacts where name like 'Anna%'`.execute(db);
    expect(kept).toEqual([{ name: 'Anna Zephyrine-Marsh' }]);
  });

  test('the erasure says what was done, and what is left to be done in Salesforce, without a name', async () => {
    const { rows } = await sql<{ id: string }>`select id from erasures`.execute(db);
    const { text } = await admin.get(`/console/erasures/${rows[0]?.id ?? ''}`).expect(200);
    expect(text).toContain(contactId);
    expect(text).toContain(caseId);
    expect(text).not.toMatch(/quillfeather/i);
    const list = await admin.get('/console/erasures').expect(200);
    expect(list.text).toContain(rows[0]?.id);
  });

  test('the next sync does not bring them back, whatever Salesforce still says', async () => {
    const { org, sync } = salesforce;
    await org.sobject('Contact').update({ Id: contactId, Title: 'Quillfeather herself' });
    await org.sobject('Case').update({ Id: caseId, Priority: 'High' });
    await created(org, 'Contact', { ...who, AccountId: accountId, LastName: 'Quillfeather-Again' });
    for (let round = 0; round < 2; round += 1) {
      await sync.pollOnce();
      await work();
    }
    await sync.compareOnce();
    await work();
    expect(await found()).toEqual([]);
    await sql`update sync_states set phase = 'waiting', mark_at = null, seen_at = null where sobject in ('Contact', 'Lead', 'Case', 'Task')`.execute(db);
    await sync.loadAll();
    await work();
    expect(await found()).toEqual([]);
  }); // prettier-ignore

  test('the next usage event counts for the account, and for nobody', async () => {
    await use('m-2');
    await work();
    expect(await found()).toEqual([]);
    const { rows } = await sql<{ events: number }>`select sum(events) as events from usage_account_days`.execute(db);
    expect(rows[0]?.events).toBe(2);
  }); // prettier-ignore

  test('they can sign in no more', async () => {
    await request(app).post('/sign-in').type('form').send({ email, password: support.PASSWORD }).expect(422);
    await sql`delete from rate_limits`.execute(db);
  });

  test('a namesake, and who shares a telephone, keep theirs', async () => {
    await ask('', { who: 'same-again@halden.example', typed: 'same-again@halden.example' }).expect(303);
    await work();
    const { rows } = await sql<{ name: string; email: string; phone: string }>`
      select name, email, phone from contacts where name like 'Same%' order by email`.execute(db);
    expect(rows).toEqual([
      { name: 'Same Again', email: 'namesake@halden.example', phone: '+1 757 555 0100' },
      { name: 'Same Once-More', email: 'same-once-more@halden.example', phone: '+1 757 555 0100' },
    ]);
  });

  test('doing it again finds nothing left to do', async () => {
    const { erasePerson } = await import('../../src/identity/erasure.ts');
    const { rows } = await sql<{ id: string }>`select id from erasures`.execute(db);
    await erasePerson({ id: rows[0]?.id ?? '' });
    await ask('', { who: email, typed: email }).expect(404);
  });
});
