import { beforeEach, expect, test } from 'vitest';

import '../../src/licenses/tables.ts';
import type { AccountViewer, StaffViewer } from '../../src/access/viewer.ts';
import {
  distribution, healthHistory, maybeHealth, publishedPenalties, recomputeAccount, recomputeAllHealth, recomputeDueHealth,
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

test('a paying account that nothing speaks against is good, with 100 points', async () => {
  const account = await givenPayingAccount();
  await recomputeAllHealth();
  expect(await healthOf(account)).toMatchObject({ status: 'paying', rank: 'good', score: 100, reasons: [] });
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

test('each published penalty takes its points off when its reading meets the threshold, and not before', async () => {
  interface Account {
    id: string;
  }
  const old = (days: number) => new Date(now().getTime() - days * DAY);
  const causes: Record<
    string,
    [meets: (a: Account) => Promise<unknown>, misses: (a: Account) => Promise<unknown>]
  > = {
    support_lapsed: [
      (account) => givenLicense({ account, support_until: day(-365) }),
      (account) => givenLicense({ account, support_until: day(-366) }),
    ],
    renewal_lost: [
      (account) => givenOpportunity({ account, type: 'Renewal', is_closed: true, close_on: day(-365) }),
      (account) => givenOpportunity({ account, type: 'Renewal', is_closed: true, close_on: day(-366) }),
    ],
    urgent_case: [
      (account) => givenCase({ account, priority: 'High', created_at: now() }),
      (account) => givenCase({ account, priority: 'High', created_at: now(), is_closed: true }),
    ],
    urgent_cases: [
      (account) => many(2, () => givenCase({ account, priority: 'Critical', created_at: now() })),
      (account) => many(1, () => givenCase({ account, priority: 'Critical', created_at: now() })),
    ],
    renewal_unprepared: [
      (account) => givenLicense({ account, support_until: day(90) }),
      (account) => givenLicense({ account, support_until: day(91) }),
    ],
    no_contact: [
      (account) => sql`update contacts set deleted_at = now() where account_id = ${account.id}`.execute(db),
      (account) =>
        sql`delete from contacts where account_id = ${account.id}
                       and id = (select min(id) from contacts where account_id = ${account.id})`.execute(db),
    ],
    few_contacts: [
      (account) =>
        sql`delete from contacts where account_id = ${account.id}
                       and id = (select min(id) from contacts where account_id = ${account.id})`.execute(db),
      (account) => givenContact({ account }),
    ],
    many_open_cases: [
      (account) => many(3, () => givenCase({ account, created_at: now() })),
      (account) => many(2, () => givenCase({ account, created_at: now() })),
    ],
    old_open_case: [
      (account) => givenCase({ account, created_at: old(30) }),
      (account) => givenCase({ account, created_at: old(29) }),
    ],
    inactive: [
      (account) => sql`update accounts set created_at = ${old(45)} where id = ${account.id}`.execute(db),
      (account) => sql`update accounts set created_at = ${old(44)} where id = ${account.id}`.execute(db),
    ],
    long_inactive: [
      (account) => sql`update accounts set created_at = ${old(90)} where id = ${account.id}`.execute(db),
      (account) => sql`update accounts set created_at = ${old(89)} where id = ${account.id}`.execute(db),
    ],
    open_cases: [
      (account) => givenCase({ account, created_at: now() }),
      (account) => givenCase({ account, created_at: now(), is_closed: true }),
    ],
  };
  const penalties = await publishedPenalties();
  expect(Object.keys(causes).sort()).toEqual(penalties.map(({ code }) => code).sort());

  for (const { code, points } of penalties) {
    const [meets, misses] = causes[code] ?? [];
    const [met, missed] = [await givenPayingAccount(), await givenPayingAccount()];
    await meets?.(met);
    await misses?.(missed);
    await recomputeHealth([met.id, missed.id]);
    const health = await healthOf(met);
    expect(health.reasons.find((reason) => reason.code === code)?.points, code).toBe(points);
    expect(health.score).toBe(100 - health.reasons.reduce((sum, reason) => sum + reason.points, 0));
    expect(
      (await healthOf(missed)).reasons.map((reason) => reason.code),
      `${code} missed`,
    ).not.toContain(code);
  }
});

const many = (count: number, act: () => Promise<unknown>) => Promise.all(Array.from({ length: count }, act));

test('an open renewal opportunity prepares a renewal; a renewal won later makes up for a lost one', async () => {
  const account = await givenPayingAccount();
  await givenLicense({ account, support_until: day(30) });
  await givenOpportunity({ account, type: 'Renewal', close_on: day(30) });
  await givenOpportunity({ account, type: 'Renewal', is_closed: true, close_on: day(-100) });
  await givenOpportunity({ account, type: 'Renewal', is_closed: true, is_won: true, close_on: day(-50) });
  await recomputeHealth([account.id]);
  expect(await healthOf(account)).toMatchObject({ score: 100, renewalOn: day(30), renewalLostOn: null });
});

test('good is from 70, poor is below 40, and no account has less than 0', async () => {
  const [seventy, forty, none] = [
    await givenPayingAccount(),
    await givenPayingAccount(),
    await givenPayingAccount(),
  ];
  await sql`delete from health_penalties`.execute(db);
  try {
    const penalise = (code: string, points: number, threshold: number, position: number) =>
      sql`
      insert into health_penalties (code, reading, test, threshold, points, position)
      values (${code}, 'open_cases', 'at_least', ${threshold}, ${points}, ${position})`.execute(db);
    await penalise('one', 30, 1, 1);
    await penalise('two', 30, 2, 2);
    await penalise('three', 1, 3, 3);
    await penalise('four', 100, 4, 4);
    await givenCase({ account: seventy });
    await many(2, () => givenCase({ account: forty }));
    await many(3, () => givenCase({ account: none }));
    await recomputeAllHealth();
    expect(await healthOf(seventy)).toMatchObject({ score: 70, rank: 'good' });
    expect(await healthOf(forty)).toMatchObject({ score: 40, rank: 'average' });
    expect(await healthOf(none)).toMatchObject({ score: 39, rank: 'poor' });
    await givenCase({ account: none });
    await recomputeAllHealth();
    expect((await healthOf(none)).score).toBe(0);
  } finally {
    await restorePenalties();
  }
});

const published = await publishedPenalties();
async function restorePenalties(): Promise<void> {
  await sql`delete from health_penalties`.execute(db);
  await sql`insert into health_penalties (code, reading, test, threshold, points, position)
    select code, reading, test, threshold, points, row_number() over ()
    from jsonb_to_recordset(${JSON.stringify(published)}::jsonb)
      as p (code text, reading text, test text, threshold int, points int)`.execute(db);
}

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
  expect(newest).toMatchObject({ score: 65, rank: 'average', previousScore: 100, previousRank: 'good' });
  expect(newest?.reasons.map(({ code }) => code)).toEqual(['urgent_case', 'open_cases']);
  expect(first).toMatchObject({ score: 100, previousScore: null, previousRank: null });
});

test('time alone moves health, but does not repeat the same finding every day', async () => {
  const account = await givenPayingAccount();
  await givenCase({ account, created_at: now() });
  await recomputeAllHealth();
  try {
    moveClock(40 * DAY);
    await recomputeAllHealth();
    expect((await healthOf(account)).reasons.map(({ code }) => code)).toContain('old_open_case');
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
  expect((await healthOf(touched)).score).toBe(65);
  expect((await healthOf(other)).score).toBe(100);
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
  expect((await healthOf(account)).score).toBe(100);
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
