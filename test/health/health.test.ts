import { beforeEach, expect, test } from 'vitest';

import '../../src/licenses/tables.ts';
import type { AccountViewer, StaffViewer } from '../../src/access/viewer.ts';
import {
  distribution, healthHistory, maybeHealth, recomputeAccount, recomputeAllHealth, recomputeDueHealth,
  recomputeHealth, recomputeTouched,
} from '../../src/health/health.ts'; // prettier-ignore
import { DAY, moveClock, now } from '../../src/platform/clock.ts';
import { db, sql, transaction } from '../../src/platform/db.ts';
import { recordChanges } from '../../src/platform/salesforce/mirror/changes.ts';
import { givenAccount, givenCase, givenContact, givenLicense, givenOpportunity } from '../support/mirror.ts';

const person = {
  personId: 'p',
  name: 'Clara Mendes',
  email: 'csm@rapport.example',
  locale: 'en',
  timeZone: 'UTC',
} as const;
const csm: StaffViewer = { ...person, kind: 'staff', userId: null, roles: ['csm'] };

const day = (fromToday: number) => new Date(now().getTime() + fromToday * DAY).toISOString().slice(0, 10);

/** A customer with nothing to complain about. */
async function givenPayingAccount(): Promise<{ id: string; name: string }> {
  const account = await givenAccount({ created_at: now() });
  await givenContact({ account });
  await givenContact({ account });
  await givenLicense({ account, support_until: day(200) });
  return account;
}

async function healthOf(account: { id: string }) {
  const health = await maybeHealth(csm, account.id);
  if (health === undefined) throw new Error('it has no health yet');
  return health;
}

async function eventsRecorded(): Promise<{ batch: number; accounts: number }[]> {
  const { rows } = await sql<{ data: { batch: number; accounts: number } }>`
    select data from events where name = 'health.changed' order by id`.execute(db);
  return rows.map((row) => row.data);
}

beforeEach(async () => {
  await sql`truncate accounts, contacts, cases, licenses, opportunities, health, health_history, health_readings, events, health_due,
    mirror_changes, sync_states cascade`.execute(db);
});

test('a paying account that nothing speaks against is good, with a high score', async () => {
  const account = await givenPayingAccount();
  await recomputeAllHealth();
  expect(await healthOf(account)).toMatchObject({ status: 'paying', rank: 'good', score: 95, reasons: [] });
});

test('the status follows from licenses; only paying accounts are ranked', async () => {
  const licenses = {
    paying: { support_until: day(0) },
    cancelled: { support_until: day(-1) },
    free: { is_trial: true, support_until: day(20) },
    unknown: { kind: 'Channel Code', support_until: day(20) },
  };
  for (const [status, license] of Object.entries(licenses)) {
    const account = await givenAccount();
    await givenLicense({ account, ...license });
    await recomputeHealth([account.id]);
    const health = await healthOf(account);
    expect(health.status).toBe(status);
    expect(health.rank === null).toBe(status !== 'paying');
    expect(health.score === null).toBe(status !== 'paying');
  }
  const bare = await givenAccount();
  await recomputeHealth([bare.id]);
  expect(await healthOf(bare)).toMatchObject({ status: 'unknown', rank: null, score: null, reasons: [] });
});

test('an open renewal opportunity prepares a renewal; a renewal won later makes up for a lost one', async () => {
  const account = await givenPayingAccount();
  await givenLicense({ account, support_until: day(30) });
  await givenOpportunity({ account, type: 'Renewal', close_on: day(30) });
  await givenOpportunity({ account, type: 'Renewal', is_closed: true, close_on: day(-100) });
  await givenOpportunity({ account, type: 'Renewal', is_closed: true, is_won: true, close_on: day(-50) });
  await recomputeHealth([account.id]);
  expect(await healthOf(account)).toMatchObject({
    rank: 'good',
    renewalOn: day(30),
    readings: { renewal_lost_on: null },
  });
});

test('a recomputation records one event for all its changes, and none when nothing changed', async () => {
  const accounts = [await givenPayingAccount(), await givenPayingAccount(), await givenPayingAccount()];
  await recomputeAllHealth();
  expect(await eventsRecorded()).toMatchObject([{ accounts: 3 }]);
  await recomputeAllHealth();
  await recomputeHealth(accounts.map(({ id }) => id));
  expect(await eventsRecorded()).toHaveLength(1);

  await givenCase({ account: { id: accounts[0]?.id ?? '' }, priority: 'High', created_at: now() });
  await recomputeAllHealth();
  const events = await eventsRecorded();
  expect(events).toHaveLength(2);
  expect(events[1]?.accounts).toBe(1);
  expect(events[1]?.batch).not.toBe(events[0]?.batch);
});

test('history keeps every change with what was before it', async () => {
  const account = await givenPayingAccount();
  await recomputeHealth([account.id]);
  await givenCase({ account, priority: 'High', created_at: now() });
  await recomputeHealth([account.id]);
  const [newest, first] = await healthHistory(csm, account.id);
  expect(newest).toMatchObject({ score: 35, rank: 'poor', previousScore: 95, previousRank: 'good' });
  expect(newest?.reasons.map(({ code }) => code)).toEqual(['urgent']);
  expect(first).toMatchObject({ score: 95, previousScore: null, previousRank: null });
});

test('time alone moves health, but does not repeat the same finding every day', async () => {
  const account = await givenPayingAccount();
  await givenCase({ account, created_at: now() });
  await recomputeAllHealth();
  try {
    moveClock(40 * DAY);
    await recomputeAllHealth();
    expect((await healthOf(account)).reasons.map(({ code }) => code)).toContain('oldest_case_on');
    expect(await eventsRecorded()).toHaveLength(2);
    moveClock(DAY);
    await recomputeAllHealth();
    expect(await eventsRecorded()).toHaveLength(2);
  } finally {
    moveClock(-41 * DAY);
  }
});

test('the readings of each day are kept, across months', async () => {
  const account = await givenPayingAccount();
  await recomputeAllHealth();
  try {
    for (let days = 1; days <= 40; days += 13) {
      moveClock(13 * DAY);
      await recomputeAllHealth();
      await recomputeAllHealth();
    }
    const { rows } = await sql<{ day: string; score: number }>`
      select day, score from health_readings where account_id = ${account.id} order by day`.execute(db);
    expect(rows.map((row) => row.day)).toEqual([-52, -39, -26, -13, 0].map(day));
  } finally {
    moveClock(-52 * DAY);
  }
});

test('a batch of the sync recomputes the accounts that it touched, and no others', async () => {
  const [touched, other] = [await givenPayingAccount(), await givenPayingAccount()];
  await recomputeAllHealth();
  const urgent = await givenCase({ account: touched, priority: 'High', created_at: now() });
  await givenCase({ account: other, priority: 'High', created_at: now() });
  await transaction((tx) => recordChanges(tx, 'cases', [{ row_id: urgent.id, change: 'created' }]));
  const { rows } = await sql<{ data: { table: string; batch: number } }>`
    select data from events where name = 'mirror.changed'`.execute(db);
  for (const { data } of rows) await recomputeTouched(data);
  await recomputeDueHealth();
  expect((await healthOf(touched)).score).toBe(35);
  expect((await healthOf(other)).score).toBe(95);
});

test('batches that come close together are judged together, by one job and with one event', async () => {
  const accounts = [await givenPayingAccount(), await givenPayingAccount()];
  await recomputeAllHealth();
  const before = (await eventsRecorded()).length;
  for (const account of accounts) {
    await givenCase({ account, priority: 'High', created_at: now() });
    await recomputeAccount({ accountId: account.id });
    await recomputeAccount({ accountId: account.id });
  }
  const { rows } = await sql<{ jobs: number }>`
    select count(*) as jobs from graphile_worker.jobs where key = 'recompute_due_health'`.execute(db);
  expect(rows).toEqual([{ jobs: 1 }]);
  await recomputeDueHealth();
  expect((await eventsRecorded()).slice(before)).toMatchObject([{ accounts: 2 }]);
});

test('every table that health reads leads a change back to its account', async () => {
  const account = await givenPayingAccount();
  const opportunity = await givenOpportunity({ account, type: 'Renewal' });
  const license = await givenLicense({ account, support_until: day(100) });
  const contact = await givenContact({ account });
  const rows = {
    accounts: account.id,
    opportunities: opportunity.id,
    licenses: license.id,
    contacts: contact.id,
  };
  for (const [table, row_id] of Object.entries(rows)) {
    await sql`truncate health, mirror_changes`.execute(db);
    await transaction((tx) => recordChanges(tx, table, [{ row_id, change: 'updated' }]));
    const batch = await sql<{ batch: number }>`select batch from mirror_changes`.execute(db);
    await recomputeTouched({ table, batch: batch.rows[0]?.batch ?? 0 });
    await recomputeDueHealth();
    expect(await healthOf(account), table).toMatchObject({ status: 'paying' });
  }
});

test('nothing is judged while the first load is under way', async () => {
  const account = await givenPayingAccount();
  await sql`insert into sync_states (sobject, table_name, position, phase)
    values ('Account', 'accounts', 1, 'live'), ('Case', 'cases', 2, 'loading')`.execute(db);
  await recomputeAllHealth();
  expect(await maybeHealth(csm, account.id)).toBeUndefined();
  await sql`update sync_states set phase = 'live'`.execute(db);
  await recomputeAllHealth();
  expect((await healthOf(account)).score).toBe(95);
});

test('while a file of past usage is being counted nobody is judged, and afterwards everybody who waited', async () => {
  const account = await givenPayingAccount();
  const source = await sql<{ id: number }>`
    insert into usage_sources (name, created_at) values ('Past', now()) returning id`.execute(db);
  const id = source.rows[0]?.id ?? 0;
  await sql`insert into usage_imports (id, source_id, name, started_at) values (gen_random_uuid(), ${id}, 'past.csv', ${now()})`.execute(
    db,
  );
  const waiting = async () =>
    (
      await sql<{
        key: string;
      }>`select key from graphile_worker.jobs where run_at > now() order by key`.execute(db)
    ).rows.map(({ key }) => key);
  await recomputeAllHealth();
  await recomputeAccount({ accountId: account.id });
  await recomputeDueHealth();
  expect(await maybeHealth(csm, account.id)).toBeUndefined();
  expect(await waiting()).toEqual(['recompute_due_health', 'recompute_health']);
  await sql`update usage_imports set received_at = ${now()}, last_inbox_id = 7`.execute(db);
  await sql`insert into usage_inbox (id, source_id, received_at, messages) overriding system value values (7, ${id}, now(), '[]')`.execute(
    db,
  );
  await recomputeDueHealth();
  expect(await maybeHealth(csm, account.id)).toBeUndefined();
  await sql`delete from usage_inbox`.execute(db);
  await recomputeDueHealth();
  expect(await healthOf(account)).toMatchObject({ rank: 'good' });
  await sql`delete from usage_imports`.execute(db);
});

test('an account that Salesforce deleted has no health any more', async () => {
  const account = await givenPayingAccount();
  await recomputeAllHealth();
  await sql`update accounts set deleted_at = now() where id = ${account.id}`.execute(db);
  await recomputeAllHealth();
  expect(await maybeHealth(csm, account.id)).toBeUndefined();
});

test('the health of the house is the share of good accounts and half that of average ones (HE5)', async () => {
  expect((await distribution(csm)).score).toBeUndefined();
  const accounts = await Promise.all([1, 2, 3, 4, 5].map(givenPayingAccount));
  await givenAccount();
  await recomputeAllHealth();
  const rank = (score: number, name: string, ids: string[]) =>
    sql`update health set score = ${score}, rank = ${name} where account_id = any(${ids})`.execute(db);
  const ids = accounts.map(({ id }) => id);
  await rank(50, 'average', ids.slice(0, 2));
  await rank(10, 'poor', ids.slice(2, 3));
  expect(await distribution(csm)).toEqual({
    accounts: 6,
    statuses: { paying: 5, free: 0, cancelled: 0, unknown: 1 },
    ranks: { good: 2, average: 2, poor: 1 },
    score: 60,
    openCases: 0,
    urgentCases: 0,
    renewals: 0,
  });
});

test('customers see no health, not even their own', async () => {
  const account = await givenPayingAccount();
  await recomputeAllHealth();
  const customer: AccountViewer = {
    ...person, kind: 'customer', accountId: account.id, accountName: account.name, contactId: 'c', caseScope: 'account', accounts: [],
  }; // prettier-ignore
  expect(await maybeHealth(customer, account.id)).toBeUndefined();
  expect(await healthHistory(customer, account.id)).toEqual([]);
  expect((await distribution(customer)).accounts).toBe(0);
});
