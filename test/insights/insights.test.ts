import { afterAll, beforeEach, expect, test } from 'vitest';

import type { StaffViewer } from '../../src/access/viewer.ts';
import { recomputeAllHealth } from '../../src/health/health.ts';
import { headlineOf, tellHealth } from '../../src/insights/insights.ts';
import { receiptsOf } from '../../src/insights/receipts.ts';
import { DAY, now } from '../../src/platform/clock.ts';
import { db, pool, sql } from '../../src/platform/db.ts';
import { translator } from '../../src/platform/words.ts';
import { givenAccount, givenCase, givenContact, givenLicense } from '../support/mirror.ts';

const person = {
  personId: 'p',
  name: 'Clara',
  email: 'c@rapport.example',
  locale: 'en',
  timeZone: 'UTC',
} as const;
const csm: StaffViewer = { ...person, kind: 'staff', userId: null, roles: ['csm'] };
const nextYear = new Date(now().getTime() + 200 * DAY).toISOString().slice(0, 10);

interface Row {
  sobject: string;
  operation: string;
  rapport_id: string | null;
  salesforce_id: string | null;
  fields: Record<string, unknown>;
  parent: unknown;
}

async function outbox(): Promise<Row[]> {
  const { rows } = await sql<Row>`
    select sobject, operation, rapport_id, salesforce_id, fields, parent from outbox order by id`.execute(db);
  return rows;
}

const delivered = () => sql`update outbox set status = 'delivered'`.execute(db);

/** Carries out the reactions of every recomputation since the last call, each twice, as a queue may. */
async function tellAll(): Promise<void> {
  const { rows } = await sql<{ data: { batch: number; accounts: number } }>`
    delete from events where name = 'health.changed' returning data`.execute(db);
  for (const { data } of rows) {
    await tellHealth(data);
    await tellHealth(data);
  }
}

async function givenPayingAccount() {
  const account = await givenAccount({ created_at: now() });
  await givenContact({ account });
  await givenContact({ account });
  await givenLicense({ account, support_until: nextYear });
  return account;
}

beforeEach(async () => {
  await sql`truncate accounts, contacts, cases, licenses, health, health_history, insights, outbox, events cascade`.execute(
    db,
  );
});

afterAll(() => pool.end());

test('a first rank goes to the fields of the account that Rapport owns; a good one is no news', async () => {
  const account = await givenPayingAccount();
  await recomputeAllHealth();
  await tellAll();
  const rows = await outbox();
  expect(rows).toHaveLength(1);
  expect(rows[0]).toMatchObject({
    sobject: 'Account',
    operation: 'update',
    salesforce_id: account.id,
    fields: {
      Rapport_Health_Rank__c: 'Good',
      Rapport_Health_Score__c: 95,
      Rapport_Health_Reasons__c:
        'Nothing speaks against this account.\nNot known, so not counted: Days with use in 14 days, Change of use against the 14 days before, Seats in use, and Change of what is paid in a year',
      Rapport_Profile_URL__c: `http://localhost:3000/console/accounts/${account.id}`,
    },
  });
  expect(rows[0]?.fields.Rapport_Health_At__c).toMatch(/^\d{4}-\d\d-\d\dT/);
});

test('a new rank is an insight with its reasons, under its account, told once however often the reaction runs', async () => {
  const account = await givenPayingAccount();
  await recomputeAllHealth();
  await tellAll();
  await delivered();
  await sql`truncate outbox cascade`.execute(db);
  for (let count = 0; count < 2; count += 1)
    await givenCase({ account, priority: 'High', created_at: now() });
  await recomputeAllHealth();
  await tellAll();

  const rows = await outbox();
  expect(rows.filter((row) => row.sobject === 'Rapport_Insight__c')).toHaveLength(1);
  expect(rows).toHaveLength(3);
  expect(rows[0]?.fields, 'told again, the account says the same').toMatchObject(rows[2]?.fields ?? {});
  expect(rows[0]?.fields).toMatchObject({
    Rapport_Health_Rank__c: 'Poor',
    Rapport_Health_Score__c: 35,
    Rapport_Health_Reasons__c: expect.stringMatching(
      /^Red flag: 2 urgent cases are open \(case .*\)\n2 cases are open \(.*\)\nNot known.*\nTo become good: no urgent case open instead of 2$/,
    ) as string,
  });
  const [insight] = await receiptsOf(csm, account.id);
  expect(rows[1]).toMatchObject({
    operation: 'upsert',
    rapport_id: insight?.id,
    parent: { field: 'Rapport_Account__c', sobject: 'Account', salesforceId: account.id },
    fields: {
      Rapport_Kind__c: 'health.changed',
      Rapport_Headline__c: 'Health went from Good to Poor (35)',
      Rapport_Rank__c: 'Poor',
      Rapport_Score__c: 35,
      Rapport_URL__c: `http://localhost:3000/console/accounts/${account.id}`,
    },
  });
});

test('a score that moves within its rank is written, without an insight', async () => {
  const account = await givenPayingAccount();
  await recomputeAllHealth();
  await tellAll();
  await givenCase({ account, created_at: now() });
  await recomputeAllHealth();
  await tellAll();
  expect((await outbox()).map((row) => [row.sobject, row.fields.Rapport_Health_Score__c])).toEqual([
    ['Account', 85],
  ]);
  expect(await receiptsOf(csm, account.id)).toEqual([]);
});

test('a first rank that is poor is told', async () => {
  const account = await givenPayingAccount();
  for (let count = 0; count < 5; count += 1)
    await givenCase({ account, priority: 'High', created_at: new Date(now().getTime() - 60 * DAY) });
  await recomputeAllHealth();
  await tellAll();
  const insights = await receiptsOf(csm, account.id);
  expect(insights.map((insight) => headlineOf(insight, translator('en', 'console')))).toEqual([
    'Health is Poor (35)',
  ]);
});

test('an account that pays no more loses its rank in Salesforce', async () => {
  const account = await givenPayingAccount();
  await recomputeAllHealth();
  await tellAll();
  await delivered();
  await sql`update licenses set support_until = current_date - 400`.execute(db);
  await recomputeAllHealth();
  await tellAll();
  expect((await outbox()).at(-1)).toMatchObject({
    salesforce_id: account.id,
    fields: {
      Rapport_Health_Rank__c: null,
      Rapport_Health_Score__c: null,
      Rapport_Health_Reasons__c:
        'No health: the account’s status is Cancelled. Only paying accounts are ranked.',
    },
  });
});

test('accounts that nothing is known of are not written', async () => {
  await givenAccount();
  await recomputeAllHealth();
  await tellAll();
  expect(await outbox()).toEqual([]);
});

test('an account that Salesforce deleted meanwhile is not written to', async () => {
  const account = await givenPayingAccount();
  await recomputeAllHealth();
  await sql`update accounts set deleted_at = now() where id = ${account.id}`.execute(db);
  await tellAll();
  expect(await outbox()).toEqual([]);
});

test('a late reaction writes what is true now, not what was true at its batch', async () => {
  const account = await givenPayingAccount();
  await givenCase({ account, priority: 'High', created_at: now() });
  await recomputeAllHealth();
  await sql`update cases set is_closed = true`.execute(db);
  await recomputeAllHealth();
  const { rows } = await sql<{ data: { batch: number; accounts: number } }>`
    select data from events where name = 'health.changed' order by id desc`.execute(db);
  for (const { data } of rows) await tellHealth(data);
  const written = (await outbox()).filter((row) => row.salesforce_id === account.id);
  expect(new Set(written.map((row) => row.fields.Rapport_Health_Score__c))).toEqual(new Set([95]));
});

test('a batch of thousands is told in full, each account once', async () => {
  await sql`
    insert into accounts (id, name, created_at, modified_at)
    select '001' || lpad(n::text, 15, '0'), 'Account ' || n, ${now()}, now() from generate_series(1, 2500) n`.execute(
    db,
  );
  await sql`
    insert into licenses (id, name, account_id, kind, support_until, modified_at)
    select 'a00' || right(id, 15), 'L', id, 'License', ${nextYear}::date, now() from accounts`.execute(db);
  await recomputeAllHealth();
  await tellAll();
  const { rows } = await sql<{ rows: number; accounts: number }>`
    select count(*) as rows, count(distinct salesforce_id) as accounts from outbox`.execute(db);
  expect(rows).toEqual([{ rows: 2500, accounts: 2500 }]);
});
