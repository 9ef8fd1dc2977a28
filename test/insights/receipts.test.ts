import type { Connection } from 'jsforce';
import request from 'supertest';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { staff } from '../../sandbox/cast.ts';
import type { StaffViewer } from '../../src/access/viewer.ts';
import type * as receiptsModule from '../../src/insights/receipts.ts';
import type * as database from '../../src/platform/db.ts';
import { created, startSalesforce } from '../support/salesforce.ts';

let salesforce: Awaited<ReturnType<typeof startSalesforce>>;
let db: typeof database.db;
let sql: typeof database.sql;
let receipts: typeof receiptsModule;
let react: () => Promise<void>;
let rep: Connection;
let accountId: string;
let csmId: string;
let taskId: string;
let renewalId: string;
let closedId: string;

const csm: StaffViewer = {
  kind: 'staff', personId: 'p', name: 'Clara', email: 'c@rapport.example', locale: 'en', timeZone: 'UTC', userId: null,
  roles: ['csm'],
}; // prettier-ignore

const day = (fromToday: number) => new Date(Date.now() + fromToday * 86_400_000).toISOString().slice(0, 10);
const hours = (fromNow: number) => new Date(Date.now() + fromNow * 3_600_000).toISOString();

type Colleague = Record<'username' | 'firstName' | 'lastName' | 'email' | 'alias', string>;

/** A user of the org with the rights of their place, as an administrator makes them. */
async function givenColleague(
  { username, firstName, lastName, email, alias }: Colleague,
  permissionSet: string,
): Promise<string> {
  const { org } = salesforce;
  const only = async (soql: string) => (await org.query<{ Id: string }>(soql)).records[0]?.Id ?? '';
  const id = await created(org, 'User', {
    Username: username, FirstName: firstName, LastName: lastName, Email: email, Alias: alias, TimeZoneSidKey: 'GMT',
    LocaleSidKey: 'en_US', EmailEncodingKey: 'UTF-8', LanguageLocaleKey: 'en_US',
    ProfileId: await only("SELECT Id FROM Profile WHERE Name = 'Standard User'"),
  }); // prettier-ignore
  const PermissionSetId = await only(`SELECT Id FROM PermissionSet WHERE Name = '${permissionSet}'`);
  await created(org, 'PermissionSetAssignment', { AssigneeId: id, PermissionSetId });
  return id;
}

const nameOf = ({ firstName, lastName }: Colleague) => `${firstName} ${lastName}`;

/** Salesforce's times are whole seconds: an act in the second of the insight itself would still be after it. */
async function exchange(): Promise<void> {
  const { sync } = salesforce;
  await sync.pollOnce();
  await react();
  await sync.drainOnce();
  await react();
  await sync.pollOnce();
  await react();
}

beforeAll(async () => {
  salesforce = await startSalesforce();
  ({ db, sql } = await import('../../src/platform/db.ts'));
  receipts = await import('../../src/insights/receipts.ts');
  const [{ reactions }, { jobs }, { drainJobs }] = await Promise.all([
    import('../../src/reactions.ts'),
    import('../../src/worker.ts'),
    import('../../src/platform/job-runner.ts'),
  ]);
  react = () => drainJobs({ reactions, jobs });
  const { org, sandbox, sync } = salesforce;
  csmId = await givenColleague(staff.csm, 'Rapport_Success');
  await givenColleague(staff.rep, 'Rapport_Rep');
  rep = await sandbox.connect(staff.rep.username);
  accountId = await created(org, 'Account', { Name: 'Halden Freight' });
  await created(org, 'Contact', { AccountId: accountId, LastName: 'Okafor', Email: 'maya@halden.example' });
  await created(org, 'Contact', { AccountId: accountId, LastName: 'Marsh', Email: 'robin@halden.example' });
  await created(org, 'Rapport_License__c', {
    Rapport_Account__c: accountId,
    Rapport_Kind__c: 'License',
    Rapport_Status__c: 'Active',
    Rapport_Support_Until__c: day(200),
  });
  const opportunity = { AccountId: accountId, StageName: 'Prospecting', CloseDate: day(60) };
  renewalId = await created(org, 'Opportunity', { ...opportunity, Name: 'Renewal 2027' });
  closedId = await created(org, 'Opportunity', {
    ...opportunity,
    Name: 'Add-on 2025',
    StageName: 'Closed Lost',
  });
  taskId = await created(org, 'Task', {
    WhatId: accountId,
    Subject: 'Call about the renewal',
    Status: 'Not Started',
  });
  await created(org, 'Task', { WhatId: accountId, Subject: 'Long done', Status: 'Completed' });
  await sync.loadAll();
  await react();
  await sync.drainOnce();
  for (const Subject of ['Backup stops', 'Restore fails'])
    await created(org, 'Case', { AccountId: accountId, Subject, Priority: 'High', Status: 'New' });
  await exchange();
});

afterAll(async () => {
  await salesforce.sandbox.close();
});

async function onlyReceipt() {
  const all = await receipts.receiptsOf(csm, accountId);
  expect(all).toHaveLength(1);
  return all[0]!;
}

test('an insight that Salesforce has is sent, and nothing that was there before counts as an answer', async () => {
  const receipt = await onlyReceipt();
  expect(receipt.standing).toBe('sent');
  expect(receipt.sentAt).toBeInstanceOf(Date);
  expect(receipt.salesforceId).toMatch(/^a0/);
  expect(receipt.acts).toEqual([]);
});

test('what the rep says on the insight itself comes back: seen, then done, by whom, with their words', async () => {
  const Id = (await onlyReceipt()).salesforceId ?? '';
  const page = request.agent(salesforce.sandbox.url);
  await page.post('/sign-in').type('form').send({ username: staff.rep.username }).expect(303);
  const form = await page.get(`/lightning/r/Rapport_Insight__c/${Id}/edit`).expect(200);
  expect(form.text).toMatch(/<select[^>]*name="Rapport_Handled__c"/);
  expect(form.text).not.toContain('name="Rapport_Headline__c"');
  await page
    .post(`/lightning/r/Rapport_Insight__c/${Id}/edit`)
    .type('form')
    .send({ Rapport_Handled__c: 'Seen', Rapport_Feedback__c: '' })
    .expect(303);
  await exchange();
  expect(await onlyReceipt()).toMatchObject({
    standing: 'seen',
    acts: [{ kind: 'seen', actor: nameOf(staff.rep) }],
  });
  await rep
    .sobject('Rapport_Insight__c')
    .update({ Id, Rapport_Handled__c: 'Done', Rapport_Feedback__c: 'Called them' });
  await exchange();
  expect(await onlyReceipt()).toMatchObject({
    standing: 'acted',
    feedback: 'Called them',
    acts: [{ kind: 'seen' }, { kind: 'done', actor: nameOf(staff.rep), detail: 'Called them' }],
  });
});

test('a completed task, a moved stage, a new opportunity, a comment and a new owner are answers, each once', async () => {
  const { org } = salesforce;
  const { records } = await org.query<{ Id: string }>(
    `SELECT Id FROM Case WHERE AccountId = '${accountId}' LIMIT 1`,
  );
  const caseId = records[0]?.Id ?? '';
  await rep.sobject('Task').update({ Id: taskId, Status: 'Completed' });
  await rep.sobject('Opportunity').update({ Id: renewalId, StageName: 'Negotiation/Review' });
  await rep.sobject('Opportunity').update({ Id: closedId, NextStep: 'Ask again next year' });
  await created(rep, 'Opportunity', {
    AccountId: accountId,
    Name: 'More seats',
    StageName: 'Prospecting',
    CloseDate: day(90),
  });
  await created(rep, 'CaseComment', { ParentId: caseId, CommentBody: 'I look at it', IsPublished: true });
  await org.sobject('Account').update({ Id: accountId, OwnerId: csmId });
  await exchange();
  await exchange();
  const { acts } = await onlyReceipt();
  const told = acts.map(({ kind, detail }) => `${kind}: ${detail ?? ''}`).sort();
  expect(told).toEqual([
    expect.stringMatching(/^comment: \d+$/),
    'done: Called them',
    'opportunity: More seats',
    `owner: ${nameOf(staff.csm)}`,
    'seen: ',
    'stage: Negotiation/Review',
    'task: Call about the renewal',
  ]);
  for (const { after } of acts) expect(after).toBeGreaterThanOrEqual(0);
  expect(acts.find(({ kind }) => kind === 'task')?.actor).toBe(nameOf(staff.rep));
});

test('a meeting counts when it has been held, not when it was planned', async () => {
  await created(rep, 'Event', {
    WhatId: accountId, Subject: 'Review', StartDateTime: hours(1), EndDateTime: hours(2), DurationInMinutes: 60,
  }); // prettier-ignore
  await exchange();
  expect((await onlyReceipt()).acts.map(({ kind }) => kind)).not.toContain('meeting');
  const { moveClock } = await import('../../src/platform/clock.ts');
  moveClock(3 * 3_600_000);
  await receipts.noteAllActs();
  moveClock(-3 * 3_600_000);
  expect((await onlyReceipt()).acts.at(-1)).toMatchObject({
    kind: 'meeting',
    detail: 'Review',
    actor: nameOf(staff.rep),
  });
});

test('what comes back sets no write off', async () => {
  const count = async () =>
    (await sql<{ count: number }>`select count(*) as count from outbox`.execute(db)).rows[0]?.count;
  const before = await count();
  await exchange();
  expect(await count()).toBe(before);
});

test('the rates of each kind say how many were sent, seen and acted on, and how soon', async () => {
  const since = new Date(Date.now() - 86_400_000);
  const { total, rates } = await receipts.insightOverview(csm, { since }, 1);
  expect(total).toBe(1);
  expect(rates).toMatchObject([
    { kind: 'health.changed', rank: 'poor', sent: 1, seen: 1, acted: 1, notHelpful: 0 },
  ]);
  expect(rates[0]?.medianHours).toBeLessThan(1);
  expect((await receipts.insightOverview(csm, { since, standing: 'sent' }, 1)).total).toBe(0);
  expect((await receipts.insightOverview(csm, { since, standing: 'acted' }, 1)).total).toBe(1);
});

test('an insight that the rep finds not helpful is told apart from one that was acted on', async () => {
  const Id = (await onlyReceipt()).salesforceId ?? '';
  await rep.sobject('Rapport_Insight__c').update({ Id, Rapport_Handled__c: 'Not helpful' });
  await exchange();
  expect((await onlyReceipt()).standing).toBe('not_helpful');
});
