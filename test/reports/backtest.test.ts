import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import '../../src/licenses/tables.ts';
import type { StaffViewer } from '../../src/access/viewer.ts';
import { DAY, now } from '../../src/platform/clock.ts';
import { changeProfile } from '../../src/health/profiles.ts';
import { db, pool, sql } from '../../src/platform/db.ts';
import { Forbidden } from '../../src/platform/errors.ts';
import { drainJobs } from '../../src/platform/job-runner.ts';
import { reactions } from '../../src/reactions.ts';
import {
  type Backtest,
  backtestSeenBy,
  resumeBacktest,
  sidesToTry,
  startBacktest,
} from '../../src/reports/backtest.ts';
import { asOfDays, type BacktestChoices } from '../../src/reports/backtest-choices.ts';
import { runBacktest } from '../../src/reports/backtest-run.ts';
import { jobs } from '../../src/worker.ts';
import { day, givenUsage } from '../support/days-of-use.ts';
import { givenAccount, givenCase, givenContact, givenLicense, givenOpportunity } from '../support/mirror.ts';
import { givenStaff, staffViewer } from '../support/people.ts';

let csm: StaffViewer;

beforeAll(async () => {
  csm = await staffViewer(await givenStaff({ roles: ['csm'] }));
});
afterAll(() => pool.end());

interface Story {
  /** Days from today on which the renewal was decided; it was due then, too. */
  due: number;
  kept: boolean;
  /** Until how many days before that the product was used. */
  usedUntil: number;
  amount?: number;
}

/** A customer of two years, with a renewal that was won or lost. */
async function givenRenewal({ due, kept, usedUntil, amount = 1000_00 }: Story): Promise<{ id: string }> {
  const account = await givenAccount({ created_at: new Date(now().getTime() - 800 * DAY) });
  for (let contacts = 0; contacts < 2; contacts += 1) await givenContact({ account });
  await givenLicense({
    account,
    purchased_on: day(due - 365),
    support_until: day(kept ? due + 365 : due),
    seats: 2,
  });
  await givenOpportunity({
    account, type: 'Renewal', stage: kept ? 'Closed Won' : 'Closed Lost', is_closed: true, is_won: kept, amount_minor: amount, close_on: day(due),
  }); // prettier-ignore
  const days = Array.from({ length: 150 }, (_, back) => due - usedUntil - back).filter(
    (one) => one % 2 === 0,
  );
  await givenUsage({ account, days });
  return account;
}

const monthly: BacktestChoices = { step: 'month', notice: '30', warning: 'poor' };

const nameOf = ({ key }: { key: string }) => key;

async function asked(given: Partial<BacktestChoices> = {}, second = ''): Promise<string> {
  const choices = { ...monthly, ...given };
  return await startBacktest(csm, { first: 'in-force', second, choices }, nameOf);
}

async function run(given: Partial<BacktestChoices> = {}, second = ''): Promise<Backtest> {
  const id = await asked(given, second);
  await runBacktest({ id });
  return await backtestSeenBy(csm, id);
}

/** Lets a worker do what waits: jobs of one queue come one after another, and the earlier runs have left theirs. */
async function worked(id: string): Promise<void> {
  for (let looks = 0; looks < 30 && (await backtestSeenBy(csm, id)).state !== 'done'; looks += 1)
    await drainJobs({ reactions, jobs });
}

const judgementsOf = async (id: string) =>
  (
    await sql<{ day: string; account_id: string; rank: string; score: number }>`
      select day, account_id, rank, score from backtest_judgements where backtest_id = ${id} and side = 0 order by day, account_id`.execute(
      db,
    )
  ).rows;

test('the days as of which it is judged lie behind, evenly, and none of them is today', () => {
  expect(asOfDays('2026-11-22', 'week')).toHaveLength(52);
  expect(asOfDays('2026-11-22', 'month')).toHaveLength(13);
  expect([asOfDays('2026-11-22', 'week')[0], asOfDays('2026-11-22', 'week').at(-1)]).toEqual([
    '2025-11-24',
    '2026-11-16',
  ]);
});

describe('with few renewals', () => {
  let lost: { id: string };
  let kept: { id: string };

  beforeAll(async () => {
    lost = await givenRenewal({ due: -60, kept: false, usedUntil: 100, amount: 5000_00 });
    kept = await givenRenewal({ due: -70, kept: true, usedUntil: -60 });
    await givenRenewal({ due: -80, kept: true, usedUntil: 100 });
  });

  test('it says that there is too little to say, how much it would take, and shows what there is', async () => {
    const { result } = await run();
    expect(result).toMatchObject({
      verdict: 'too-little',
      outcomes: 3,
      lost: 1,
      needed: 43,
      monthsToGo: 504,
    });
    expect(result?.sides[0]?.measures).toMatchObject({
      caught: 1,
      warned: 2,
      recall: 1,
      precision: 0.5,
      lostMinor: 500_000,
      revenueCaught: 1,
    });
    expect(result?.sides[0]?.lead?.median).toBeGreaterThanOrEqual(30);
    expect(result?.sides[0]?.estimates.precision?.low).toBeLessThan(0.5);
  });

  test('support that ended without a renewal opportunity is a loss, and one with it is no second one', async () => {
    const silent = await givenAccount({ created_at: new Date(now().getTime() - 800 * DAY) });
    await givenLicense({ account: silent, purchased_on: day(-420), support_until: day(-55) });
    await givenOpportunity({
      account: silent,
      type: 'New Customer',
      is_closed: true,
      is_won: true,
      amount_minor: 700_00,
      close_on: day(-420),
    });
    const { id, result } = await run();
    const outcomes = await sql<{ account_id: string; kept: boolean; value_minor: number }>`
      select account_id, kept, value_minor from backtest_outcomes where backtest_id = ${id} and not kept order by account_id = ${silent.id}`.execute(
      db,
    );
    expect(outcomes.rows).toEqual([
      { account_id: lost.id, kept: false, value_minor: 500_000 },
      { account_id: silent.id, kept: false, value_minor: 70_000 },
    ]);
    expect(result?.lost).toBe(2);
    await sql`delete from licenses where account_id = ${silent.id}`.execute(db);
  });

  test('nothing that came after an as-of day changes how it is judged, and the days after it do change', async () => {
    const before = await judgementsOf((await run({ step: 'week' })).id);
    const turn = -130;
    const at = new Date(now().getTime() + turn * DAY);
    await givenCase({ account: kept, priority: 'High', created_at: at });
    const contact = await givenContact({ account: kept });
    await sql`update contacts set created_at = ${at} where id = ${contact.id}`.execute(db);
    await givenUsage({
      account: lost,
      days: [turn, turn + 1, turn + 2, turn + 3, turn + 4, turn + 5],
      email: 'new@northgate.example',
    });
    await givenLicense({ account: kept, purchased_on: day(turn), support_until: day(900) });
    await givenOpportunity({
      account: kept,
      type: 'Existing Customer - Upgrade',
      is_closed: true,
      is_won: true,
      amount_minor: 1,
      close_on: day(turn),
    });
    await sql`update licenses set support_until = support_until + 365 where account_id = ${kept.id}`.execute(
      db,
    );
    const after = await judgementsOf((await run({ step: 'week' })).id);

    const until = (rows: typeof before) => rows.filter((row) => row.day < day(turn));
    expect(until(before).length).toBeGreaterThan(10);
    expect(until(after)).toEqual(until(before));
    expect(after).not.toEqual(before);
  });

  test('it goes on where it broke off, and comes to the same', async () => {
    const whole = await run();
    const id = await asked();
    const broken = asOfDays(whole.today, 'month')[7] ?? '';
    await sql`create function refuse() returns trigger language plpgsql as $$ begin raise exception 'the disk is full'; end $$`.execute(
      db,
    );
    await sql`create trigger refuse before insert on backtest_judgements for each row when (new.day = ${sql.lit(broken)}) execute function refuse()`.execute(
      db,
    );
    await expect(runBacktest({ id })).rejects.toThrow('the disk is full');
    expect(await backtestSeenBy(csm, id)).toMatchObject({
      state: 'failed',
      daysDone: 7,
      error: 'the disk is full',
      result: null,
    });
    await sql`drop trigger refuse on backtest_judgements`.execute(db);
    await resumeBacktest(csm, id);
    await worked(id);
    expect(await backtestSeenBy(csm, id)).toMatchObject({
      state: 'done',
      daysDone: 13,
      error: null,
      result: whole.result,
    });
  });

  test('it may run twice at once, and again when it is done', async () => {
    const whole = await run();
    const id = await asked();
    await Promise.all([runBacktest({ id }), runBacktest({ id })]);
    await runBacktest({ id });
    expect(await backtestSeenBy(csm, id)).toMatchObject({
      state: 'done',
      daysDone: 13,
      result: whole.result,
    });
    expect(await judgementsOf(id)).toEqual(await judgementsOf(whole.id));
  });

  test('it is not for everybody to start, and not with a profile that there is not', async () => {
    const rep = await staffViewer(await givenStaff({ roles: ['rep'] }));
    const given = { first: 'in-force', second: '', choices: monthly };
    await expect(startBacktest(rep, given, nameOf)).rejects.toBeInstanceOf(Forbidden);
    await expect(startBacktest(csm, { ...given, first: '999999' }, nameOf)).rejects.toMatchObject({
      fields: { first: 'backtest.gone' },
    });
  });
});

test('what a profile was before it was changed can be tried beside what it is', async () => {
  const standard = (await sidesToTry()).find(({ profile }) => profile?.appliesTo === null)!.profile!;
  const settings = { ...standard.settings, flags: [] };
  await changeProfile(await staffViewer(await givenStaff({ roles: ['admin'] })), standard, {
    name: standard.name,
    appliesTo: null,
    settings,
  });
  const key = `${String(standard.id)}@${String(standard.version)}`;
  const { sides } = await backtestSeenBy(csm, await asked({}, key));
  const judges = sides.map(({ profiles }) => profiles.find(({ id }) => id === standard.id));
  expect(judges.map((judge) => judge?.settings)).toEqual([settings, standard.settings]);
  expect(sides.map(({ name }) => name)).toEqual(['in-force', key]);
});

describe('with enough of them', () => {
  beforeAll(async () => {
    await sql`truncate accounts, contacts, cases, licenses, opportunities, usage_accounts cascade`.execute(
      db,
    );
    for (let index = 0; index < 45; index += 1) {
      const due = -40 - index;
      await givenRenewal({ due, kept: false, usedUntil: index % 5 === 0 ? -5 : 90, amount: 2000_00 });
      await givenRenewal({ due, kept: true, usedUntil: index % 9 === 0 ? 90 : -20 });
    }
  });

  test('it says that low scores foretold losses, with intervals, and which of two profiles did so better', async () => {
    const flat = (await sidesToTry()).find(({ profile }) => profile?.appliesTo === null);
    await sql`
      insert into health_profiles (position, name, applies_to, is_enabled, settings) values (7, 'Counts contacts alone', '{"field": "account.name", "op": "is", "value": "nobody"}', false,
        '{"shift": 0, "indicators": [{"reading": "contacts", "kind": "primary", "good": 2, "poor": 0, "weight": 1}], "flags": []}')`.execute(
      db,
    );
    const contacts = (await sidesToTry()).find(({ profile }) => profile?.name === 'Counts contacts alone');
    expect([flat?.key, contacts?.key]).not.toContain(undefined);

    const { result } = await run({}, contacts?.key);
    expect(result).toMatchObject({ verdict: 'foretells', outcomes: 90, lost: 45, monthsToGo: null });
    const [first, second] = result!.sides;
    expect(first!.measures).toMatchObject({ lost: 45, caught: 36, warned: 41 });
    expect(first!.estimates.recall).toMatchObject({ value: 0.8 });
    expect(first!.bands.at(0)!.share!.value).toBeGreaterThan(first!.bands.at(-1)!.share!.value);
    expect(second!.measures).toMatchObject({ caught: 0, ranking: 0.5 });
    expect(result!.difference!.recall!.high).toBeLessThan(0);
  });
});
