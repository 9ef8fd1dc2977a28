import request from 'supertest';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { staff } from '../../sandbox/cast.ts';
import type * as database from '../../src/platform/db.ts';
import { created, startSalesforce } from '../support/salesforce.ts';

let salesforce: Awaited<ReturnType<typeof startSalesforce>>;
let db: typeof database.db;
let sql: typeof database.sql;
let react: () => Promise<void>;
let accountId: string;

const day = (fromToday: number) => new Date(Date.now() + fromToday * 86_400_000).toISOString().slice(0, 10);

beforeAll(async () => {
  salesforce = await startSalesforce();
  ({ db, sql } = await import('../../src/platform/db.ts'));
  const [{ reactions }, { jobs }, { drainJobs }] = await Promise.all([
    import('../../src/reactions.ts'),
    import('../../src/worker.ts'),
    import('../../src/platform/job-runner.ts'),
  ]);
  react = () => drainJobs({ reactions, jobs });
  const { org, sync } = salesforce;
  accountId = await created(org, 'Account', { Name: 'Halden Freight' });
  await created(org, 'Contact', { AccountId: accountId, LastName: 'Okafor', Email: 'maya@halden.example' });
  await created(org, 'Contact', { AccountId: accountId, LastName: 'Marsh', Email: 'robin@halden.example' });
  await created(org, 'Rapport_License__c', {
    Rapport_Account__c: accountId,
    Rapport_Kind__c: 'License',
    Rapport_Status__c: 'Active',
    Rapport_Support_Until__c: day(200),
  });
  await sync.loadAll();
  await react();
  await sync.drainOnce();
});

afterAll(async () => {
  await salesforce.sandbox.close();
});

interface HealthFields {
  Rapport_Health_Rank__c: string | null;
  Rapport_Health_Score__c: number | null;
  Rapport_Health_Reasons__c: string | null;
  Rapport_Profile_URL__c: string | null;
}

async function healthInSalesforce(): Promise<HealthFields> {
  const { records } = await salesforce.org.query<HealthFields>(
    `SELECT Rapport_Health_Rank__c, Rapport_Health_Score__c, Rapport_Health_Reasons__c, Rapport_Profile_URL__c
     FROM Account WHERE Id = '${accountId}'`,
  );
  const [fields] = records;
  if (fields === undefined) throw new Error('the account is gone');
  return fields;
}

async function insightsInSalesforce(): Promise<Record<string, unknown>[]> {
  const { records } = await salesforce.org.query(
    `SELECT Rapport_Headline__c, Rapport_Body__c, Rapport_Rank__c, Rapport_Score__c, Rapport_URL__c, Rapport_Kind__c
     FROM Rapport_Insight__c WHERE Rapport_Account__c = '${accountId}' ORDER BY CreatedDate`,
  );
  return records;
}

const countOf = async (table: 'outbox' | 'health_history' | 'insights'): Promise<number> => {
  const { rows } = await sql<{ count: number }>`select count(*) as count from ${sql.table(table)}`.execute(
    db,
  );
  return rows[0]?.count ?? 0;
};

test('once everything is loaded, the account in Salesforce shows its health and leads to its profile', async () => {
  expect(await healthInSalesforce()).toMatchObject({
    Rapport_Health_Rank__c: 'Good',
    Rapport_Health_Score__c: 95,
    Rapport_Health_Reasons__c: expect.stringContaining('Nothing speaks against this account.') as string,
    Rapport_Profile_URL__c: `http://localhost:3000/console/accounts/${accountId}`,
  });
});

test('what happens in Salesforce changes the health there, with an insight under the account', async () => {
  const { org, sync } = salesforce;
  for (const Subject of ['Backup stops', 'Restore fails'])
    await created(org, 'Case', { AccountId: accountId, Subject, Priority: 'High', Status: 'New' });
  await sync.pollOnce();
  await react();
  await sync.drainOnce();
  expect(await healthInSalesforce()).toMatchObject({
    Rapport_Health_Rank__c: 'Poor',
    Rapport_Health_Score__c: 35,
  });
  expect(await insightsInSalesforce()).toMatchObject([
    {
      Rapport_Kind__c: 'health.changed',
      Rapport_Headline__c: 'Health went from Good to Poor (35)',
      Rapport_Rank__c: 'Poor',
      Rapport_Score__c: 35,
      Rapport_URL__c: `http://localhost:3000/console/accounts/${accountId}`,
    },
  ]);
});

test('whoever opens the record in Salesforce sees rank, score, reasons, the insight and the link', async () => {
  const person = request.agent(salesforce.sandbox.url);
  await person.post('/sign-in').type('form').send({ username: staff.admin.username }).expect(303);
  const { text } = await person.get(`/lightning/r/Account/${accountId}/view`).expect(200);
  expect(text).toContain('Poor');
  expect(text).toContain('2 urgent cases are open');
  expect(text).toContain(`/console/accounts/${accountId}`);
  expect(text).toContain('Health went from Good to Poor (35)');
});

test('the echo of our own write sets nothing off', async () => {
  const { sync } = salesforce;
  const before = [await countOf('health_history'), await countOf('outbox'), await countOf('insights')];
  for (let round = 0; round < 3; round += 1) {
    await sync.pollOnce();
    await react();
    await sync.drainOnce();
  }
  expect([await countOf('health_history'), await countOf('outbox'), await countOf('insights')]).toEqual(
    before,
  );
});

test('when the reasons are gone, the health recovers, and a second insight tells it', async () => {
  const { org, sync } = salesforce;
  const { records } = await org.query<{ Id: string }>(`SELECT Id FROM Case WHERE AccountId = '${accountId}'`);
  for (const { Id } of records) await org.sobject('Case').update({ Id, Status: 'Closed' });
  await sync.pollOnce();
  await react();
  await sync.drainOnce();
  expect(await healthInSalesforce()).toMatchObject({
    Rapport_Health_Rank__c: 'Good',
    Rapport_Health_Score__c: 95,
  });
  expect((await insightsInSalesforce()).map((insight) => insight.Rapport_Rank__c)).toEqual(['Poor', 'Good']);
});
