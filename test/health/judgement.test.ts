import { afterAll, beforeEach, expect, test } from 'vitest';

import '../../src/licenses/tables.ts';
import type { StaffViewer } from '../../src/access/viewer.ts';
import { maybeHealth, recomputeAllHealth } from '../../src/health/health.ts';
import { judge } from '../../src/health/judge.ts';
import { judgement } from '../../src/health/judgement.queries.ts';
import { BANDS, RANKS, type Reason } from '../../src/health/ranks.ts';
import { isDate, kindOf, type Reading, readingNames, type Readings } from '../../src/health/readings.ts';
import type { Indicator, Settings } from '../../src/health/settings.ts';
import { now } from '../../src/platform/clock.ts';
import { db, pool, sql } from '../../src/platform/db.ts';
import { givenAccount, givenCase, givenContact, givenLicense } from '../support/mirror.ts';
import { day, givenUsage } from '../support/days-of-use.ts';

afterAll(() => pool.end());

const csm: StaffViewer = {
  kind: 'staff', personId: 'p', name: 'Clara Mendes', email: 'csm@rapport.example', locale: 'en', timeZone: 'UTC', userId: null,
  roles: ['csm'],
}; // prettier-ignore

beforeEach(async () => {
  await sql`truncate accounts, contacts, cases, licenses, opportunities, health, health_history, health_readings, health_markers, events,
    usage_accounts, usage_people, usage_account_days, usage_person_days, usage_members, account_engagement, account_people cascade`.execute(
    db,
  );
});

async function givenPayingAccount(created = now()): Promise<{ id: string }> {
  const account = await givenAccount({ created_at: created });
  await givenContact({ account });
  await givenContact({ account });
  await givenLicense({ account, support_until: day(200) });
  return account;
}

async function healthOf({ id }: { id: string }) {
  const health = await maybeHealth(csm, id);
  if (health === undefined) throw new Error('it has no health yet');
  return health;
}

const lately = (count: number) => Array.from({ length: count }, (_, index) => -1 - index);

test('by default good is paying and used on 5 of the last 14 days, poor is used on none, average is the rest (HE2 to HE4)', async () => {
  const ranks: Record<number, string> = { 0: 'poor', 1: 'average', 4: 'average', 5: 'good', 14: 'good' };
  const accounts = new Map<number, { id: string }>();
  for (const count of Object.keys(ranks).map(Number)) {
    const account = await givenPayingAccount();
    await givenUsage({ account, days: [-60, ...lately(count)] });
    accounts.set(count, account);
  }
  await recomputeAllHealth();
  for (const [count, account] of accounts) {
    const health = await healthOf(account);
    expect(health.rank, `${String(count)} days`).toBe(ranks[count]);
    expect(health.readings.days_active).toBe(count);
  }
});

test('a red flag makes an account poor however much it is used, and each further one takes ten points more', async () => {
  const account = await givenPayingAccount();
  await givenUsage({ account, days: lately(14) });
  await givenCase({ account, priority: 'High', created_at: now() });
  await recomputeAllHealth();
  expect(await healthOf(account)).toMatchObject({ rank: 'poor', score: 35 });
  expect((await healthOf(account)).reasons[0]).toEqual({
    kind: 'flag', code: 'urgent', grade: 'poor', facts: [{ reading: 'urgent_cases', value: 1 }],
  }); // prettier-ignore
  await givenLicense({ account, support_until: day(-3) });
  await recomputeAllHealth();
  expect(await healthOf(account)).toMatchObject({ rank: 'poor', score: 25 });
});

test('what nobody told is not held against an account: it is named, and its weight goes to what is known', async () => {
  const account = await givenPayingAccount();
  await recomputeAllHealth();
  const health = await healthOf(account);
  expect(health.missing).toEqual(expect.arrayContaining(['days_active', 'usage_change', 'utilization']));
  expect(health).toMatchObject({ rank: 'good', readings: { days_active: null } });
  expect(health.reasons.map(({ code }) => code)).not.toContain('days_active');
});

test('the score moves within its rank with the secondary indicators, and never out of it', async () => {
  const [calm, troubled] = [await givenPayingAccount(), await givenPayingAccount()];
  for (const account of [calm, troubled]) await givenUsage({ account, days: lately(5) });
  for (let count = 0; count < 6; count += 1) await givenCase({ account: troubled, created_at: now() });
  await recomputeAllHealth();
  const [better, worse] = [await healthOf(calm), await healthOf(troubled)];
  expect([better.rank, worse.rank]).toEqual(['good', 'good']);
  expect(better.score).toBeGreaterThan(worse.score ?? 100);
  expect(worse.score).toBeGreaterThanOrEqual(RANKS.good);
});

test('for any profile and any readings, the statement for all accounts and the one for a single account agree', async () => {
  const random = randomFrom(20_261_122);
  const today = '2026-03-15';
  for (let round = 0; round < 25; round += 1) {
    const settings = anySettings(random);
    const all = Array.from({ length: 40 }, () => anyReadings(random, settings, today));
    const rows = all.map((one, index) => ({ account_id: String(index).padStart(4, '0'), ...one }));
    const columns = readingNames.map((name) => `${name} ${isDate(name) ? 'date' : 'int'}`).join(', ');
    const judged = await sql<{
      account_id: string;
      rank: string;
      score: number;
      reasons: Reason[];
      missing: Reading[];
    }>`
      with profiled as materialized (
        select *, 'paying' as status, null::text as stage, null::bigint as contract_minor, null::date as renewal_on, 1 as profile_id
        from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as each (account_id text, ${sql.raw(columns)})
      ), ${judgement([{ id: 1, version: 1, settings }], today)}
      select account_id, rank, score, reasons, missing from judged order by account_id`.execute(db);
    for (const [index, readings] of all.entries()) {
      const { rank, score, reasons, missing } = judge(settings, readings, today);
      const found = judged.rows[index];
      expect(found, JSON.stringify({ round, settings, readings })).toMatchObject({
        rank,
        score,
        reasons,
        missing,
      });
      const { from, to } = BANDS[rank];
      expect(score >= from && score <= to).toBe(true);
    }
  }
});

type Random = () => number;

/** Mulberry32: the same numbers for the same seed. */
function randomFrom(seed: number): Random {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const upTo = (random: Random, most: number) => Math.floor(random() * (most + 1));

function anySettings(random: Random): Settings {
  const names = readingNames.filter(() => random() < 0.5);
  const indicators = names.map((reading): Indicator => {
    const { least = -50, most = 60 } = kindOf(reading);
    const good = least + upTo(random, most - least);
    const poor = least + upTo(random, most - least);
    const kind = random() < 0.3 ? 'primary' : 'secondary';
    return { reading, kind, good, poor: poor === good ? poor + 1 : poor, weight: 1 + upTo(random, 9) };
  });
  const flags = Array.from({ length: upTo(random, 3) }, (_, index) => ({
    code: `flag-${String(index)}`,
    name: 'A flag',
    conditions: readingNames
      .filter(() => random() < 0.1)
      .concat('urgent_cases')
      .map((reading) => ({
        reading,
        op: random() < 0.5 ? ('at_least' as const) : ('at_most' as const),
        value: upTo(random, 20),
      })),
  }));
  return { shift: upTo(random, 30), indicators, flags };
}

/** Values around the thresholds, so that their very edges are met; some are not known. */
function anyReadings(random: Random, { indicators }: Settings, today: string): Readings {
  const value = (reading: Reading) => {
    if (random() < 0.2) return null;
    const own = indicators.find((one) => one.reading === reading);
    const near = [own?.good ?? 5, own?.poor ?? 2][upTo(random, 1)] ?? 0;
    const number = Math.round(near + upTo(random, 6) - 3);
    if (!isDate(reading)) return number;
    const way = kindOf(reading).unit === 'ahead' ? 1 : -1;
    return new Date(Date.parse(today) + way * number * 86_400_000).toISOString().slice(0, 10);
  };
  return Object.fromEntries(readingNames.map((name) => [name, value(name)])) as Readings;
}
