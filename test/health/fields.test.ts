import { afterAll, expect, test } from 'vitest';

import { recomputeAllHealth } from '../../src/health/health.ts';
import { db, pool, sql } from '../../src/platform/db.ts';
import { selecting } from '../../src/rules/compile.ts';
import type { Condition } from '../../src/rules/rules.ts';
import { wholeCatalog } from '../../src/segments/catalog.ts';
import { givenAccount, givenCase, givenContact, givenLicense } from '../support/mirror.ts';
import { day, givenUsage } from '../support/days-of-use.ts';

afterAll(() => pool.end());

test('rules can ask for rank, score, red flags and for what they were some days ago', async () => {
  const account = await givenAccount({ created_at: new Date(`${day(-200)}T00:00:00Z`) });
  await givenContact({ account });
  await givenLicense({ account, support_until: day(100) });
  await givenUsage({ account, days: [-5, -4, -3, -2, -1] });
  await givenCase({ account, priority: 'High' });
  await recomputeAllHealth();
  await sql`create table health_readings_past partition of health_readings for values from (${sql.lit('2020-01-01')}) to (${sql.lit(`${day(-1).slice(0, 7)}-01`)})`.execute(
    db,
  );
  await sql`insert into health_readings (day, account_id, status, rank, score, open_cases, urgent_cases, contacts)
    values (${day(-32)}, ${account.id}, 'paying', 'good', 80, 0, 0, 1)`.execute(db);
  const catalog = await wholeCatalog();
  const holds = async (rule: Condition) => {
    const { rows } = await selecting(rule, { entity: 'account', catalog, today: day(0) }).execute(db);
    return rows.length === 1;
  };
  expect(await holds({ field: 'account.rank', op: 'is', value: ['poor'] })).toBe(true);
  expect(await holds({ field: 'account.rank', op: 'is', value: ['good'] })).toBe(false);
  expect(await holds({ field: 'account.rankBefore', with: { ago: 30 }, op: 'is', value: ['good'] })).toBe(
    true,
  );
  expect(await holds({ field: 'account.scoreChange', with: { ago: 30 }, op: 'atMost', value: -40 })).toBe(
    true,
  );
  expect(await holds({ field: 'account.scoreChange', with: { ago: 90 }, op: 'atMost', value: 0 })).toBe(
    false,
  );
  expect(await holds({ field: 'account.redFlags', op: 'atLeast', value: 1 })).toBe(true);
  expect(await holds({ field: 'account.rankSince', op: 'withinPast', value: 3 })).toBe(true);
});
