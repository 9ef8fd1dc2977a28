import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';

import type * as salesforceBudget from '../../src/platform/salesforce/budget/budget.ts';
import type * as watch from '../../src/platform/salesforce/budget/budget-watch.ts';
import type * as connection from '../../src/platform/salesforce/wire/connection.ts';
import type * as platform from '../../src/platform/db.ts';
import type * as outbox from '../../src/platform/salesforce/outbox/outbox.ts';
import { created, startSalesforce } from '../support/salesforce.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

let salesforce: Awaited<ReturnType<typeof startSalesforce>>;
let budget: typeof salesforceBudget;
let watchBudget: typeof watch.watchBudget;
let moveClock: (milliseconds: number) => void;
let send: typeof connection.send;
let database: typeof platform;
let write: typeof outbox.write;
let accountId: string;
let otherId: string;

beforeAll(async () => {
  salesforce = await startSalesforce();
  budget = await import('../../src/platform/salesforce/budget/budget.ts');
  database = await import('../../src/platform/db.ts');
  ({ moveClock } = await import('../../src/platform/clock.ts'));
  ({ watchBudget } = await import('../../src/platform/salesforce/budget/budget-watch.ts'));
  ({ send } = await import('../../src/platform/salesforce/wire/connection.ts'));
  ({ write } = await import('../../src/platform/salesforce/outbox/outbox.ts'));
  accountId = await created(salesforce.org, 'Account', { Name: 'Halden Freight' });
  otherId = await created(salesforce.org, 'Account', { Name: 'Northgate Logistics' });
  await salesforce.sync.loadAll();
});

afterAll(async () => {
  await salesforce.sandbox.close();
});

const asks = () => send({ path: '/sobjects' });

/** The org's calls as if others had used that many of them; what this process knows is learnt anew. */
async function orgUsed(dailyUsed: number, dailyMax = 10_000): Promise<void> {
  await salesforce.control('/limits/set', { dailyUsed, dailyMax });
  budget.forgetBudget();
  await budget.spending('probe', asks).catch(() => undefined);
  await budget.writeDown();
  budget.forgetBudget();
}

const shed = async () => {
  budget.forgetBudget();
  return await budget.shedFeatures();
};

beforeEach(async () => {
  const { db, sql } = database;
  await sql`update budget_features set shed_since = null, shed_reason = null`.execute(db);
  await sql`update api_budget set exhausted_since = null, probe_at = null, probes = 0`.execute(db);
  await sql`delete from api_readings`.execute(db);
  await orgUsed(10);
});

const calls = async (feature: string): Promise<number> => {
  await budget.writeDown();
  const row = await database.sql<{ calls: number }>`
    select coalesce(sum(calls), 0)::bigint as calls from api_calls where feature = ${feature}`.execute(
    database.db,
  );
  return row.rows[0]?.calls ?? 0;
};

const requests = async (path: string): Promise<number> => {
  const answer = await fetch(`${salesforce.sandbox.url}/__sandbox__/log?path=${path}&limit=1000`);
  return ((await answer.json()) as unknown[]).length;
};

const given = (feature: string, text: string, salesforceId = accountId) =>
  database.transaction((tx) =>
    write(tx, {
      sobject: 'Account',
      operation: 'update',
      salesforceId,
      fields: { Rapport_Health_Reasons__c: text },
      feature,
    }),
  );

const toldInSalesforce = async (Id = accountId) =>
  (await salesforce.org.sobject('Account').retrieve(Id)).Rapport_Health_Reasons__c as unknown;

test('each call counts as its feature’s, however deep it is made', async () => {
  const before = { cases: await calls('cases'), accounts: await calls('accounts') };
  await salesforce.sync.pollOnce();
  expect(await calls('cases')).toBeGreaterThan(before.cases);
  expect(await calls('accounts')).toBeGreaterThan(before.accounts);
  const setup = await calls('setup');
  await asks();
  expect((await calls('setup')) - setup).toBe(1);
});

test('what matters least is shed first, before the limit, and cases go on to the end', async () => {
  await orgUsed(6_200);
  expect(await shed()).toEqual(['comparison']);
  await orgUsed(7_700);
  expect(await shed()).toEqual(['insights', 'comparison']);
  await orgUsed(8_800);
  expect(await shed()).toEqual(['accounts', 'streaming', 'insights', 'comparison']);
  await orgUsed(9_650);
  expect(await shed()).not.toContain('cases');
  await given('insights', 'Told');
  await salesforce.sync.drainOnce();
  expect(await toldInSalesforce()).not.toBe('Told');
  await given('cases', 'Urgent', otherId);
  await salesforce.sync.drainOnce();
  expect(await toldInSalesforce()).not.toBe('Told');
  expect(await toldInSalesforce(otherId)).toBe('Urgent');
});

test('what was shed waits, and goes out when calls are left again', async () => {
  await orgUsed(7_700);
  await given('insights', 'Told later');
  await salesforce.sync.drainOnce();
  expect(await toldInSalesforce()).not.toBe('Told later');
  await orgUsed(3_000);
  expect(await shed()).toContain('insights');
  moveClock(6 * MINUTE);
  expect(await shed()).toEqual([]);
  await salesforce.sync.drainOnce();
  expect(await toldInSalesforce()).toBe('Told later');
});

test('when the org takes no more calls, nothing but a probe is sent, less and less often, until it does', async () => {
  await salesforce.control('/limits/set', { dailyUsed: 10_000, dailyMax: 10_000 });
  await expect(budget.spending('cases', asks)).rejects.toMatchObject({ kind: 'quota' });
  const before = await requests('/services/data');
  for (let i = 0; i < 20; i += 1) await expect(asks()).rejects.toMatchObject({ code: 'BUDGET_EXHAUSTED' });
  await watchBudget();
  expect(await requests('/services/data')).toBe(before);

  const probes = [];
  for (let minute = 0; minute < 30; minute += 1) {
    moveClock(MINUTE);
    budget.forgetBudget();
    const earlier = await requests('/limits');
    await Promise.all([watchBudget(), watchBudget()]);
    if ((await requests('/limits')) > earlier) probes.push(minute);
  }
  expect(probes.length).toBeLessThan(8);
  expect(probes.length).toBeGreaterThan(3);

  await salesforce.control('/limits/set', { dailyUsed: 100 });
  moveClock(15 * MINUTE);
  budget.forgetBudget();
  await watchBudget();
  await asks();
});

test('too many calls at once are no reason to stop', async () => {
  await salesforce.control('/faults', {
    match: { path: '/sobjects', nth: 1 },
    effect: {
      status: 403,
      errorCode: 'REQUEST_LIMIT_EXCEEDED',
      message: 'ConcurrentRequests (Concurrent API Requests) Limit exceeded.',
    },
  });
  await expect(asks()).rejects.toMatchObject({ kind: 'retry' });
  await asks();
});

test('a loop cannot burn the day: it ends at its ceiling until the next hour, and the others go on (B9)', async () => {
  const { db, sql } = database;
  moveClock(HOUR);
  budget.forgetBudget();
  await sql`update budget_features set hourly_ceiling = 30 where feature = 'setup'`.execute(db);
  let sent = 0;
  for (let i = 0; i < 100; i += 1)
    await asks().then(
      () => (sent += 1),
      (error: unknown) => {
        expect(error).toMatchObject({ code: 'HOURLY_CEILING', kind: 'quota' });
      },
    );
  expect(sent).toBe(30);
  await salesforce.sync.pollOnce();
  await budget.writeDown();
  moveClock(HOUR);
  budget.forgetBudget();
  await asks();
  await sql`update budget_features set hourly_ceiling = 2000 where feature = 'setup'`.execute(db);
});

test('the org’s other limits are read now and then, by one process', async () => {
  moveClock(24 * HOUR);
  budget.forgetBudget();
  const before = await requests('/limits');
  await Promise.all([watchBudget(), watchBudget(), watchBudget()]);
  expect((await requests('/limits')) - before).toBe(1);
  const limits = await database.db.selectFrom('org_limits').selectAll().execute();
  expect(limits.map(({ name }) => name)).toContain('DailyBulkV2QueryJobs');
});
