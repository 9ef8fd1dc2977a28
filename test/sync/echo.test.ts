import { randomUUID } from 'node:crypto';

import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';

import type { Connection } from 'jsforce';

import type * as database from '../../src/platform/db.ts';
import type { Write } from '../../src/platform/salesforce/outbox/outbox.ts';

import { created, startSalesforce } from '../support/salesforce.ts';

type Started = Awaited<ReturnType<typeof startSalesforce>>;

let salesforce: Started;
let db: typeof database.db;
let sql: typeof database.sql;
let org: Connection;
let sync: Started['sync'];
let offsetMs = 0;
let accountId: string;

beforeAll(async () => {
  salesforce = await startSalesforce();
  ({ org, sync } = salesforce);
  ({ db, sql } = await import('../../src/platform/db.ts'));
  accountId = await created(org, 'Account', { Name: 'Halden Freight' });
  await sync.loadAll();
});

afterAll(async () => {
  await salesforce.sandbox.close();
});

beforeEach(async () => {
  await sync.pollOnce();
  await sql`truncate mirror_changes`.execute(db);
});

async function put(write: Write): Promise<void> {
  const { transaction } = await import('../../src/platform/db.ts');
  const { write: putInto } = await import('../../src/platform/salesforce/outbox/outbox.ts');
  await transaction((tx) => putInto(tx, write));
}

async function later(): Promise<void> {
  offsetMs += 6_000;
  await salesforce.control('/clock', { offsetMs });
}

async function drained(): Promise<void> {
  await later();
  await sql`update outbox set next_attempt_at = now() where status = 'waiting'`.execute(db);
  await sync.drainOnce();
}

/** What the mirror takes for news after it has looked. */
async function news(): Promise<{ table_name: string; row_id: string; change: string }[]> {
  await later();
  await sync.pollOnce();
  const { rows } = await sql<{ table_name: string; row_id: string; change: string }>`
    select table_name, row_id, change from mirror_changes where table_name in ('cases', 'case_comments', 'contacts', 'accounts', 'leads')`.execute(
    db,
  );
  await sql`truncate mirror_changes`.execute(db);
  return rows;
}

const aContact = (fields: object = {}) =>
  created(org, 'Contact', { LastName: 'Marsh', Email: 'seen@halden.example', ...fields });
const emailOf = (id: string, email: string, seen = 'seen@halden.example') =>
  put({
    sobject: 'Contact',
    operation: 'update',
    salesforceId: id,
    fields: { Email: email },
    base: { Email: seen },
    feature: 'account',
  });

test('a case that was opened here comes back with its number, and is no news', async () => {
  const id = randomUUID();
  await sql`insert into cases (id, subject, status, account_id, created_at, modified_at)
            values (${id}, 'Restore fails', 'New', ${accountId}, now(), to_timestamp(0))`.execute(db);
  await put({
    sobject: 'Case', operation: 'upsert', rapportId: id, feature: 'cases',
    fields: { Subject: 'Restore fails', Status: 'New', AccountId: accountId },
  }); // prettier-ignore
  await drained();
  expect(await news()).toEqual([]);
  const own = await db.selectFrom('cases').select('number').where('id', '=', id).executeTakeFirst();
  expect(own?.number).toMatch(/^\d+$/);
});

test('a case that was closed here comes back closed, and is no news; reopened by Support it is', async () => {
  const id = randomUUID();
  const Id = await created(org, 'Case', { Subject: 'Restore fails', Status: 'New', Rapport_Id__c: id });
  await news();
  await sql`update cases set status = 'Closed', is_closed = true, closed_at = now() where id = ${id}`.execute(
    db,
  );
  await put({
    sobject: 'Case', operation: 'upsert', rapportId: id, salesforceId: Id, fields: { Status: 'Closed' }, base: { Status: 'New' },
    feature: 'cases',
  }); // prettier-ignore
  await drained();
  expect(await news()).toEqual([]);
  await org.sobject('Case').update({ Id, Status: 'Working' });
  expect(await news()).toEqual([{ table_name: 'cases', row_id: id, change: 'updated' }]);
});

test('an e-mail address that was changed here is no news in the mirror; that of an administrator after it is, and back again too', async () => {
  const id = await aContact();
  await news();
  await emailOf(id, 'ours@halden.example');
  await drained();
  expect(await news()).toEqual([]);
  expect(
    (await db.selectFrom('contacts').select('email').where('id', '=', id).executeTakeFirst())?.email,
  ).toBe('ours@halden.example');
  for (const Email of ['theirs@halden.example', 'ours@halden.example']) {
    await org.sobject('Contact').update({ Id: id, Email });
    expect(await news()).toEqual([{ table_name: 'contacts', row_id: id, change: 'updated' }]);
  }
});

test('what somebody changed in Salesforce beside our write, before the mirror looked, is news', async () => {
  const id = await aContact();
  await news();
  await emailOf(id, 'ours@halden.example');
  await drained();
  await org.sobject('Contact').update({ Id: id, Title: 'CTO' });
  expect(await news()).toEqual([{ table_name: 'contacts', row_id: id, change: 'updated' }]);
});

test('what somebody made of our value before the mirror looked is news', async () => {
  const id = await aContact();
  await news();
  await emailOf(id, 'ours@halden.example');
  await drained();
  await later();
  await org.sobject('Contact').update({ Id: id, Email: 'theirs@halden.example' });
  expect(await news()).toEqual([{ table_name: 'contacts', row_id: id, change: 'updated' }]);
});

test("health on an account's record is no news, nor what Salesforce notes with it", async () => {
  await put({
    sobject: 'Account', operation: 'update', salesforceId: accountId, feature: 'insights',
    fields: { Rapport_Health_Score__c: 71, Rapport_Health_Rank__c: 'Good' },
  }); // prettier-ignore
  await drained();
  expect(await news()).toEqual([]);
  await org.sobject('Account').update({ Id: accountId, Industry: 'Banking' });
  expect(await news()).toEqual([{ table_name: 'accounts', row_id: accountId, change: 'updated' }]);
});

test('a lead that was made here is no news; one that is made there is', async () => {
  await put({
    sobject: 'Lead', operation: 'upsert', rapportId: randomUUID(), feature: 'sign-up',
    fields: { FirstName: null, LastName: 'Okafor', Company: 'Halden', Email: 'maya@new.example', LeadSource: 'Web' },
  }); // prettier-ignore
  await drained();
  expect(await news()).toEqual([]);
  expect(
    await db.selectFrom('leads').select('email').where('email', '=', 'maya@new.example').execute(),
  ).toHaveLength(1);
  const id = await created(org, 'Lead', { LastName: 'Berg', Company: 'Berg' });
  expect(await news()).toEqual([{ table_name: 'leads', row_id: id, change: 'created' }]);
});
