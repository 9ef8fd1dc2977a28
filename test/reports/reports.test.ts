import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import '../../src/licenses/tables.ts';
import type { StaffViewer } from '../../src/access/viewer.ts';
import { removeAccount } from '../../src/accounts/removals.ts';
import { recomputeAllHealth } from '../../src/health/health.ts';
import { replayHealth } from '../../src/health/replay.ts';
import { DAY, now } from '../../src/platform/clock.ts';
import { db, pool, sql } from '../../src/platform/db.ts';
import { maybeReport, reports } from '../../src/reports/catalog.ts';
import { monthsUntil } from '../../src/reports/months.ts';
import type { Asked, Row } from '../../src/reports/report.ts';
import { forgetPages, notePage } from '../../src/reports/visits.ts';
import { day, givenUsage } from '../support/days-of-use.ts';
import { givenAccount, givenContact, givenLicense, givenOpportunity, givenUser } from '../support/mirror.ts';
import { customerViewer, givenCustomer, givenStaff, staffViewer } from '../support/people.ts';

const today = day(0);
/** The fifteenth of a month so many months ago. */
const mid = (monthsAgo: number): string => `${(monthsUntil(today, monthsAgo + 1)[0] ?? '').slice(0, 7)}-15`;
const monthOf = (text: string): string => text.slice(0, 7);
const yearAfter = (text: string, years = 1): string =>
  `${String(Number(text.slice(0, 4)) + years)}${text.slice(4)}`;

let csm: StaffViewer;
let manager: { id: string; name: string };
const accounts: Record<'steady' | 'left' | 'newcomer' | 'trial' | 'junk', { id: string; name: string }> =
  {} as never;

const won = { is_closed: true, is_won: true, stage: 'Closed Won' };

async function givenBuyer(
  name: string,
  given: { bought: string; until: string; amount: number; industry?: string },
) {
  const account = await givenAccount({
    name, industry: given.industry ?? 'Shipping', owner_id: manager.id, created_at: new Date(now().getTime() - 900 * DAY),
  }); // prettier-ignore
  for (let contacts = 0; contacts < 2; contacts += 1) await givenContact({ account });
  await givenLicense({ account, purchased_on: given.bought, support_until: given.until, seats: 2 });
  await givenOpportunity({
    account,
    type: 'New Customer',
    amount_minor: given.amount,
    close_on: given.bought,
    ...won,
  });
  return account;
}

beforeAll(async () => {
  csm = await staffViewer(await givenStaff({ roles: ['csm', 'admin'], name: 'Clara Mendes' }));
  manager = await givenUser({ name: 'Daniel Reyes', roles: ['csm'] });
  accounts.steady = await givenBuyer('Halden Freight', {
    bought: mid(20),
    until: yearAfter(mid(20), 2),
    amount: 1000_00,
  });
  await givenOpportunity({
    account: accounts.steady,
    type: 'Renewal',
    amount_minor: 800_00,
    close_on: mid(8),
    ...won,
  });
  accounts.left = await givenBuyer('Blue Quay', {
    bought: mid(16),
    until: mid(4),
    amount: 600_00,
    industry: 'Energy',
  });
  const lost = await givenOpportunity({
    account: accounts.left, type: 'Renewal', stage: 'Closed Lost', is_closed: true, amount_minor: 500_00, close_on: mid(4),
  }); // prettier-ignore
  await sql`update opportunities set attributes = '{"Description": "No budget"}' where id = ${lost.id}`.execute(
    db,
  );
  accounts.newcomer = await givenBuyer('Corvane', {
    bought: mid(2),
    until: yearAfter(mid(2)),
    amount: 300_00,
  });
  await givenLicense({
    account: accounts.newcomer,
    is_trial: true,
    status: 'Expired',
    purchased_on: mid(3),
    support_until: mid(2),
  });
  accounts.trial = await givenAccount({ name: 'Dunmore', owner_id: manager.id });
  await givenLicense({
    account: accounts.trial,
    is_trial: true,
    status: 'Trial',
    purchased_on: day(-9),
    support_until: day(20),
  });
  accounts.junk = await givenBuyer('Our own company', {
    bought: mid(20),
    until: yearAfter(mid(20), 3),
    amount: 9_000_000_00,
  });
  await removeAccount(csm, accounts.junk.id, 'That is us');
  await givenUsage({
    account: accounts.steady,
    days: [-1, -2, -3, -4, -5, -6, -7, -8, -9, -10],
    email: 'one@halden.example',
  });
  await givenUsage({ account: accounts.steady, days: [-1, -2, -3], email: 'two@halden.example' });
  await givenUsage({ account: accounts.junk, days: [-1, -2, -3] });
  await givenUsage({ account: accounts.trial, days: [-5, -6] });
  await givenUsage({ account: accounts.newcomer, days: [-100, -101, -102, -103, -104, -105] });
  await recomputeAllHealth();
  await replayHealth();
});
afterAll(() => pool.end());

async function ask(name: string, given: Partial<Asked> = {}): Promise<Record<string, Row[]>> {
  const report = maybeReport(name);
  if (report === undefined) throw new Error(`there is no report ${name}`);
  const asked: Asked = { span: report.spans[0] ?? '30d', by: report.byDefault, today, limit: 100, ...given };
  const sections = await report.ask(csm, asked);
  for (const { columns, rows } of sections)
    for (const row of rows)
      expect(Object.keys(row)).toEqual(expect.arrayContaining(columns.map((column) => column.name)));
  return Object.fromEntries(sections.map((section) => [section.name, section.rows]));
}

const of = (rows: Row[] | undefined, month: string) => rows?.find((row) => row.month === monthOf(month));

describe('paying accounts', () => {
  test('are counted as of each month, by the days on licenses, with what they paid in the year before', async () => {
    const { accounts: counts, value } = await ask('paying', { span: '24m' });
    expect(counts).toHaveLength(24);
    expect(of(counts, mid(18))).toMatchObject({ accounts: 1, started: 0, ended: 0 });
    expect(of(counts, mid(16))).toMatchObject({ accounts: 2, started: 1 });
    expect(of(counts, mid(4))).toMatchObject({ accounts: 1, ended: 1 });
    expect(of(counts, today)).toMatchObject({ accounts: 2 });
    expect(of(value, mid(16))).toMatchObject({ value: 1600_00, average: 800_00 });
    expect(of(value, today)).toMatchObject({ value: 1100_00 });
  });

  test('count the same today as the status of accounts says', async () => {
    const { rows } = await sql<{
      count: number;
    }>`select count(*) from health where status = 'paying' and account_id <> ${accounts.junk.id}`.execute(db);
    const { accounts: counts } = await ask('paying');
    expect(counts?.at(-1)?.accounts).toBe(rows[0]?.count);
  });

  test('are told apart by what was chosen, and no group gets lost', async () => {
    const { groups, accounts: counts } = await ask('paying', { span: '24m', by: 'industry' });
    expect(groups?.map(({ group, accounts: count, ended }) => [group, count, ended])).toEqual([
      ['Shipping', 2, 0],
      ['Energy', 0, 1],
    ]);
    expect(of(counts, mid(10))).toMatchObject({ group0: 1, group1: 1 });
  });
});

test('churn is told of accounts and of money, against those that paid when the month began', async () => {
  const { rates, left } = await ask('churn', { span: '12m' });
  expect(of(rates, mid(4))).toMatchObject({ before: 2, ended: 1, logoChurn: 0.5, lost: 600_00 });
  expect(of(rates, mid(3))).toMatchObject({ before: 1, ended: 0, logoChurn: 0, lost: 0 });
  expect(left).toMatchObject([
    {
      id: accounts.left.id,
      account: 'Blue Quay',
      endedOn: mid(4),
      value: 600_00,
      reason: 'No budget',
      manager: 'Daniel Reyes',
    },
  ]);
  const { groups } = await ask('churn', { span: '12m', by: 'industry' });
  expect(groups?.find(({ group }) => group === 'Energy')).toMatchObject({
    before: 1,
    ended: 1,
    logoChurn: 1,
  });
});

test('trials are followed to what became of them; a trial that still runs counts in no rate', async () => {
  const { months } = await ask('trials');
  expect(of(months, mid(3))).toMatchObject({ started: 1, converted: 1, conversion: 1, running: 0 });
  expect(of(months, day(-9))).toMatchObject({
    started: 1,
    running: 1,
    converted: 0,
    conversion: null,
    used: 1,
  });
  const { running } = await ask('running-trials');
  expect(running).toMatchObject([{ account: 'Dunmore', daysActive: 2, endsOn: day(20) }]);
  const { months: bought } = await ask('acquisition');
  expect(of(bought, mid(2))).toMatchObject({ acquired: 1, afterTrial: 1, direct: 0 });
});

test('use is told of full days, without the accounts that were taken off the lists', async () => {
  const { activity } = await ask('activity', { span: '30d' });
  expect(activity).toHaveLength(30);
  expect(activity?.at(-1)).toMatchObject({ day: day(-1), activeAccounts: 1, peopleADay: 2 });
  expect(activity?.at(-5)).toMatchObject({ day: day(-5), activeAccounts: 2 });
  const { groups } = await ask('activity', { span: '90d', by: 'industry' });
  expect(groups?.at(-1)).toMatchObject({ group0: 1 });
  const { frequencies } = await ask('frequency', { by: 'industry' });
  expect(frequencies).toMatchObject([{ group: 'Shipping', daily: 1, inactive: 1, accounts: 2 }]);
});

test('health, risk, adoption and renewals weigh the same accounts by what they pay', async () => {
  const { ranks } = await ask('health', { by: 'manager' });
  expect(ranks).toMatchObject([
    { key: manager.id, group: 'Daniel Reyes', good: 1, poor: 1, accounts: 2, score: 50, value: 1100_00 },
  ]);
  const { values, worst } = await ask('risk');
  expect(values).toMatchObject([{ good: 800_00, poor: 300_00, value: 1100_00 }]);
  expect(worst).toMatchObject([{ account: 'Corvane', value: 300_00, lastUseOn: day(-100) }]);
  const { ready } = await ask('adoption');
  expect(ready).toMatchObject([{ account: 'Halden Freight', why: 'full', utilization: 1 }]);
  const { quarters, due, moves } = await ask('renewals');
  expect(quarters?.reduce((sum, { value }) => sum + Number(value), 0)).toBe(1100_00);
  const then = await sql<{
    rank: string;
  }>`select rank from health_readings where account_id = ${accounts.steady.id} and day = ${day(-90)}::date`.execute(
    db,
  );
  const earlier = then.rows[0]?.rank;
  expect(due).toMatchObject([
    { account: 'Corvane', rank: 'poor', earlierRank: null, prepared: 'no' },
    { account: 'Halden Freight', rank: 'good', earlierRank: earlier },
  ]);
  expect(moves?.find((row) => row.earlier === earlier)).toMatchObject({ good: 1, value: 800_00 });
});

test('a success manager’s reach counts their own acts on their own accounts', async () => {
  await sql`
    insert into salesforce_tasks (id, subject, account_id, owner_id, is_closed, completed_at, modified_at) values
      ('00T1', 'Call', ${accounts.steady.id}, ${manager.id}, true, ${new Date(now().getTime() - DAY)}, now()),
      ('00T2', 'Call', ${accounts.steady.id}, ${csm.userId}, true, ${new Date(now().getTime() - DAY)}, now()),
      ('00T3', 'Call', ${accounts.newcomer.id}, ${manager.id}, false, null, now())`.execute(db);
  const { managers } = await ask('managers', { span: '365d' });
  expect(managers).toMatchObject([
    { group: 'Daniel Reyes', accounts: 2, activities: 1, touched: 1, reach: 0.5, kept: 1, lost: 1 },
  ]);
});

test('pages that people opened are counted by day, and who opened most stands first', async () => {
  const customer = await givenCustomer({ name: 'Maya Okafor', email: 'maya@halden.example' });
  for (let pages = 0; pages < 3; pages += 1) notePage(csm.personId, 'console');
  notePage(customer.id, 'portal');
  notePage('00000000-0000-4000-8000-000000000000', 'portal');
  const { visitors, people } = await ask('people');
  expect(visitors?.at(-1)).toMatchObject({ day: today, staff: 1, customers: 1, pages: 4 });
  expect(people?.map(({ person, kind, pages }) => [person, kind, pages])).toEqual([
    ['Clara Mendes', 'staff', 3],
    ['Maya Okafor', 'customer', 1],
  ]);
  await sql`insert into page_days values (${csm.personId}, ${day(-401)}, 'console', 7)`.execute(db);
  await forgetPages();
  expect((await sql<{ days: number }>`select count(*) as days from page_days`.execute(db)).rows).toEqual([
    { days: 2 },
  ]);
  const { events } = await ask('events');
  expect(events?.at(-1)).toMatchObject({ day: day(-1), events: 30, accountsADay: 2 });
});

test('no report tells anything to somebody who is not of the staff', async () => {
  const outsider = await customerViewer(await givenCustomer());
  for (const report of reports)
    for (const by of [undefined, report.segmentings[0]]) {
      const sections = await report.ask(outsider, { span: report.spans[0] ?? '30d', by, today, limit: 10 });
      const figures = sections.flatMap(({ rows }) =>
        rows.flatMap((row) => Object.values(row).filter((cell) => typeof cell === 'number' && cell !== 0)),
      );
      const names = sections.flatMap(({ rows }) =>
        rows.flatMap(({ account, group, person }) => [account, group, person].filter(Boolean)),
      );
      expect([report.name, figures, names]).toEqual([report.name, [], []]);
    }
});
