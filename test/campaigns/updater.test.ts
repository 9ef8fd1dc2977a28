import { setTimeout as sleep } from 'node:timers/promises';

import { afterAll, beforeAll, expect, test } from 'vitest';

import type * as database from '../../src/platform/db.ts';
import { created, startSalesforce } from '../support/salesforce.ts';

let salesforce: Awaited<ReturnType<typeof startSalesforce>>;
let sql: typeof database.sql;
let db: typeof database.db;
let updateAccounts: (run: { runId: number }) => Promise<void>;
let takeIn: (events: object[]) => Promise<void>;
let react: () => Promise<void>;
let accountId: string;
let runId: number;

const people = ['maya', 'robin', 'ana'];

beforeAll(async () => {
  salesforce = await startSalesforce();
  ({ db, sql } = await import('../../src/platform/db.ts'));
  const { reactions } = await import('../../src/reactions.ts');
  const { jobs } = await import('../../src/worker.ts');
  const { drainJobs } = await import('../../src/platform/job-runner.ts');
  const { keepHook } = await import('../../src/campaigns/outcomes/hook-inbox.ts');
  const { takeInHooks } = await import('../../src/campaigns/outcomes/intake.ts');
  ({ updateAccounts } = await import('../../src/campaigns/outcomes/updater.ts'));
  react = () => drainJobs({ reactions, jobs });
  takeIn = async (events) => {
    await keepHook('sendgrid', JSON.stringify(events));
    await takeInHooks();
  };
  const { org, sync } = salesforce;
  accountId = await created(org, 'Account', { Name: 'Halden Freight' });
  for (const name of people)
    await created(org, 'Contact', { AccountId: accountId, LastName: name, Email: `${name}@halden.example` });
  await sync.loadAll();
  await react();
  runId = await givenEndedRun();
}, 120_000);

afterAll(async () => {
  await salesforce.sandbox.close();
});

/** A run that went to all people of the account and has ended. */
async function givenEndedRun(): Promise<number> {
  const { givenRun } = await import('../support/hooks.ts');
  const run = await givenRun(0);
  await sql`
    insert into account_people (account_id, contact_id, email_normalized, name)
    select account_id, id, lower(email), last_name from contacts on conflict do nothing`.execute(db);
  await sql`
    insert into deliveries (run_id, n, person_id, account_id, address, locale, batch, state)
    select ${run.runId}, row_number() over (order by email_normalized), id, account_id, email_normalized, 'en', 0, 'sent'
    from account_people where account_id = ${accountId}`.execute(db);
  await sql`update runs set state = 'completed', ended_at = now() where id = ${run.runId}`.execute(db);
  return run.runId;
}

const NOW = Math.floor(Date.now() / 1000);
const told = (event: string, n: number, more: object = {}) => ({
  event, run: String(runId), n: String(n), timestamp: NOW + 60, sg_event_id: `${event}-${String(n)}`, ...more,
}); // prettier-ignore

/** What Salesforce holds, once all that was put off has been done. */
async function inSalesforce(runs = [runId]) {
  const { org, sync } = salesforce;
  for (const each of [...runs, ...runs]) {
    await updateAccounts({ runId: each });
    await sync.drainOnce();
    await react();
  }
  const ask = async (query: string) => (await org.query(query)).records as Record<string, unknown>[];
  return {
    campaigns: await ask('SELECT Name, Type, Status, IsActive FROM Campaign'),
    members: await ask(
      'SELECT Status, HasResponded, Contact.LastName FROM CampaignMember ORDER BY Contact.LastName',
    ),
    insights: await ask(
      `SELECT Rapport_Headline__c, Rapport_Body__c FROM Rapport_Insight__c WHERE Rapport_Kind__c = 'campaign.reached'`,
    ),
    tasks: await ask('SELECT Subject, Description, Status, WhatId FROM Task'),
  };
}

test('a run that ended is a campaign in Salesforce, its people members, with an insight for the account', async () => {
  await takeIn([1, 2, 3].map((n) => told('delivered', n, { timestamp: NOW })));
  const { campaigns, members, insights, tasks } = await inSalesforce();
  expect(campaigns).toMatchObject([
    { Name: 'Release 5', Type: 'Email', Status: 'In Progress', IsActive: true },
  ]);
  expect(members).toMatchObject(
    ['ana', 'maya', 'robin'].map((LastName) => ({
      Status: 'Sent',
      HasResponded: false,
      Contact: { LastName },
    })),
  );
  expect(insights).toMatchObject([
    { Rapport_Headline__c: '“Release 5” reached 3 people: 0 opened it, 0 followed a link' },
  ]);
  expect(tasks).toEqual([]);
});

test('whoever follows a link has responded, and the account has an activity; once, however often it is told', async () => {
  /* Salesforce tells whole seconds: what is changed in the second of the last change waits for the next. */
  await sleep(1_100);
  await takeIn([told('open', 2), told('click', 2, { url: 'https://tidewater.example/5' })]);
  const statuses = async () => (await inSalesforce()).members.map(({ Status }) => Status);
  await expect.poll(statuses, { timeout: 20_000, interval: 500 }).toEqual(['Sent', 'Responded', 'Sent']);
  const { insights, tasks } = await inSalesforce();
  expect(insights).toMatchObject([
    {
      Rapport_Headline__c: '“Release 5” reached 3 people: 1 opened it, 1 followed a link',
      Rapport_Body__c: 'Sent: 3\nDelivered: 3\nOpened: 1\nFollowed a link: 1',
    },
  ]);
  expect(tasks).toMatchObject([
    {
      Subject: '1 person followed a link of “Release 5”',
      Description: 'maya',
      Status: 'Completed',
      WhatId: accountId,
    },
  ]);
});

test('nothing is written again while nothing happens', async () => {
  const rows = async () =>
    (await sql<{ count: number }>`select count(*) from outbox`.execute(db)).rows[0]?.count;
  await inSalesforce();
  const before = await rows();
  await inSalesforce();
  expect(await rows()).toBe(before);
});

async function givenTrack(): Promise<string> {
  const { rows } = await sql<{ id: string }>`
    insert into campaigns (name, kind, message_class, channel, status, owner_id, created_at, changed_at)
    values ('Onboarding', 'track', 'transactional', 'email', 'active', gen_random_uuid(), now(), now()) returning id`.execute(db);
  return rows[0]?.id ?? '';
} // prettier-ignore

/** A run of a track's step to one person of the account, which ended on that day. */
async function givenWave(
  trackId: string,
  { to, step = 1, daysAgo = 1 }: { to: string; step?: number; daysAgo?: number },
): Promise<number> {
  const fixed = { source: { kind: 'wave', wave: 1, step: `s${String(step)}`, number: step, people: 1 } };
  const { rows } = await sql<{ id: number }>`
    insert into runs (campaign_id, revision, trigger_key, triggered_at, state, fixed, ended_at)
    select ${trackId}, 1, gen_random_uuid()::text, at, 'completed', ${JSON.stringify(fixed)}::jsonb, at
    from (select date_trunc('day', now(), 'UTC') - ${daysAgo} * interval '1 day' as at) t returning id`.execute(db);
  const id = rows[0]?.id ?? 0;
  await sql`
    insert into deliveries (run_id, n, person_id, account_id, address, locale, batch, state, step)
    select ${id}, 1, id, account_id, email_normalized, 'en', 0, 'sent', ${step}
    from account_people where account_id = ${accountId} and name = ${to}`.execute(db);
  return id;
} // prettier-ignore

test('what a track sends by one step on one day is one insight of an account, brought up to date with each of its runs, and one activity', async () => {
  const trackId = await givenTrack();
  const toldOf = async (runs: number[]) => {
    const { insights, tasks } = await inSalesforce(runs);
    const headlines = insights.map((each) => String(each.Rapport_Headline__c));
    return {
      insights: headlines.filter((each) => each.startsWith('“Onboarding”')).sort(),
      tasks: tasks.filter(({ Subject }) => String(Subject).endsWith('“Onboarding”')),
    };
  };
  const reached = (people: string, clicked = 0) =>
    `“Onboarding” reached ${people}: ${String(clicked)} opened it, ${String(clicked)} followed a link`;
  const first = await givenWave(trackId, { to: 'ana' });
  expect((await toldOf([first])).insights).toEqual([reached('1 person')]);
  const second = await givenWave(trackId, { to: 'maya' });
  expect((await toldOf([second])).insights).toEqual([reached('2 people')]);
  const others = [
    await givenWave(trackId, { to: 'ana', step: 2 }),
    await givenWave(trackId, { to: 'robin', daysAgo: 0 }),
  ];
  const apart = [reached('1 person'), reached('1 person'), reached('2 people')];
  expect((await toldOf(others)).insights).toEqual(apart);
  for (const run of [first, second]) {
    const of = { run: String(run), url: 'https://tidewater.example/5' };
    await takeIn(
      ['open', 'click'].map((event) => told(event, 1, { ...of, sg_event_id: `${event} ${String(run)}` })),
    );
    await toldOf([run]);
  }
  const after = await toldOf([first, second]);
  expect(after.insights).toContain(reached('2 people', 2));
  expect(after.tasks).toMatchObject([
    { Subject: '1 person followed a link of “Onboarding”', Description: 'ana', WhatId: accountId },
  ]);
});
