import { afterAll, beforeEach, expect, test } from 'vitest';

import '../../src/licenses/tables.ts';
import { recomputeAllHealth } from '../../src/health/health.ts';
import { profiles } from '../../src/health/profiles.ts';
import { judgedOn, keptDays, replayHealth, requestReplay } from '../../src/health/replay.ts';
import { DAY, moveClock, now } from '../../src/platform/clock.ts';
import { db, pool, sql } from '../../src/platform/db.ts';
import { givenAccount, givenCase, givenContact, givenLicense, givenOpportunity } from '../support/mirror.ts';
import { day, givenUsage } from '../support/days-of-use.ts';

afterAll(() => pool.end());

beforeEach(async () => {
  await sql`truncate accounts, contacts, cases, licenses, opportunities, health, health_history, health_readings, health_replays, health_days,
    events, usage_accounts, usage_people, usage_account_days, usage_person_days, usage_members, account_engagement, account_people, usage_imports cascade`.execute(
    db,
  );
});

const longAgo = () => new Date(now().getTime() - 700 * DAY);
const readingsOn = async (on: string) =>
  (await sql`select * from health_readings where day = ${on}::date`.execute(db)).rows;

/** Finds out these days, by how long ago they are; the others, of which the whole year has many, count as found out. */
async function replay(...daysAgo: number[]): Promise<void> {
  await sql`delete from health_replays`.execute(db);
  await sql`
    insert into health_replays (day, replayed_at) select ${day(0)}::date - n, clock_timestamp() from generate_series(1, 366) n
    where n <> all(${daysAgo}::int[])`.execute(db);
  await replayHealth();
}

async function givenCustomer(): Promise<{ id: string }> {
  const account = await givenAccount({ created_at: longAgo() });
  await givenContact({ account });
  await givenContact({ account });
  const license = await givenLicense({ account, support_until: day(300) });
  await sql`update licenses set purchased_on = ${day(-430)}, seats = 4 where id = ${license.id}`.execute(db);
  return account;
}

test('a past day is judged by what was known then: nothing that came later changes it', async () => {
  const account = await givenCustomer();
  await givenUsage({ account, days: [-40, -39, -38, -37, -36, -35] });
  await givenOpportunity({
    account,
    type: 'Renewal',
    is_closed: true,
    is_won: true,
    close_on: day(-65),
    amount_minor: 500,
  });
  await replay(29, 30);
  const before = await readingsOn(day(-30));
  expect(before).toMatchObject([{ rank: 'good', days_active: 6, open_cases: 0, is_replayed: true }]);

  const late = new Date(now().getTime() - 29 * DAY);
  await givenCase({ account, priority: 'High', created_at: late });
  await givenUsage({ account, days: [-29, -28, -1, 0], email: 'late@northgate.example' });
  await givenLicense({ account, support_until: day(500) }).then(({ id }) =>
    sql`update licenses set purchased_on = ${day(-20)} where id = ${id}`.execute(db),
  );
  await givenOpportunity({
    account,
    type: 'Renewal',
    is_closed: true,
    close_on: day(-10),
    amount_minor: 900,
  });
  await givenContact({ account }).then(({ id }) =>
    sql`update contacts set created_at = ${late} where id = ${id}`.execute(db),
  );
  await replay(29, 30);
  expect(await readingsOn(day(-30))).toEqual(before);
  expect(await readingsOn(day(-29))).toMatchObject([{ urgent_cases: 1, rank: 'poor' }]);
});

test('a renewal that was won later does not tell that there would be one', async () => {
  const account = await givenCustomer();
  await replay(90);
  const before = await readingsOn(day(-90));
  await sql`update licenses set support_until = ${day(665)}`.execute(db);
  await givenOpportunity({
    account,
    type: 'Renewal',
    is_closed: true,
    is_won: true,
    close_on: day(-5),
    amount_minor: 500,
  });
  await replay(90);
  expect(await readingsOn(day(-90))).toEqual(before);
});

test('what was kept on the day itself stays as it was, and other profiles can be tried on it', async () => {
  const account = await givenCustomer();
  await givenUsage({ account, days: [-3, -2, -1] });
  await recomputeAllHealth();
  const today = day(0);
  try {
    moveClock(5 * DAY);
    await sql`update usage_account_days set day = day + 5`.execute(db);
    await recomputeAllHealth();
    await replay(1, 2, 3, 4, 5, 6, 7, 8);
    expect(await readingsOn(today)).toMatchObject([{ days_active: 3, is_replayed: false }]);
    expect((await keptDays()).filter(({ isReplayed }) => !isReplayed).map(({ day }) => day)).toEqual([
      today,
      day(0),
    ]);
    expect(await judgedOn(today)).toMatchObject([{ accountId: account.id, rank: 'average' }]);
    const milder = (await profiles()).map((one) => ({
      ...one,
      settings: {
        ...one.settings,
        indicators: one.settings.indicators.map((each) => ({
          ...each,
          good: each.reading === 'days_active' ? 3 : each.good,
        })),
      },
    }));
    expect(await judgedOn(today, milder)).toMatchObject([{ accountId: account.id, rank: 'good' }]);
  } finally {
    moveClock(-5 * DAY);
  }
});

test('a day of which nothing was kept is found out without writing anything', async () => {
  const account = await givenCustomer();
  await givenUsage({ account, days: [-210, -200, -195] });
  expect(await judgedOn(day(-194))).toMatchObject([{ accountId: account.id, rank: 'average', profileId: 2 }]);
  expect(await keptDays()).toEqual([]);
});

test('a rank is as old as the days before tell, and the base has its past from the first day on', async () => {
  const account = await givenCustomer();
  await givenUsage({ account, days: [-60, -59, -58, -57, -56] });
  await recomputeAllHealth();
  await replay(...Array.from({ length: 62 }, (_, index) => index + 1));
  const { rows } = await sql<{
    since: string;
  }>`select rank_since::date as since, rank from health where account_id = ${account.id}`.execute(db);
  expect(rows).toEqual([{ since: day(-41), rank: 'poor' }]);
  const days = await sql`select * from health_days where day = ${day(-50)}::date`.execute(db);
  expect(days.rows).toMatchObject([{ good: 1, average: 0, poor: 0 }]);
});

test('past days are asked for once, and again only when a file of past usage came', async () => {
  await givenCustomer();
  const jobs = async () =>
    (await sql`select 1 from graphile_worker.jobs where key = 'replay_health'`.execute(db)).rows.length;
  const clear = () => sql`delete from graphile_worker._private_jobs`.execute(db);
  await clear();
  await requestReplay();
  expect(await jobs()).toBe(1);
  await replayHealth();
  await clear();
  await requestReplay();
  expect(await jobs()).toBe(0);
  const source = await sql<{ id: number }>`
    insert into usage_sources (name, created_at) values ('Past', now()) returning id`.execute(db);
  await sql`insert into usage_imports (id, source_id, name, started_at, received_at)
    values (gen_random_uuid(), ${source.rows[0]?.id}, 'past.csv', clock_timestamp(), clock_timestamp())`.execute(
    db,
  );
  await requestReplay();
  expect(await jobs()).toBe(1);
});
