import { afterAll, beforeEach, describe, expect, test } from 'vitest';

import '../../src/cases/tables.ts';
import type { StaffViewer } from '../../src/access/viewer.ts';
import {
  definitions,
  deleteDefinition,
  pauseDefinition,
  resumeDefinition,
  saveDefinition,
} from '../../src/insights/definitions.ts';
import { milestonesOf, noteMilestones, noteMilestonesAfter } from '../../src/insights/milestones.ts';
import { seeds } from '../../src/insights/seeded.ts';
import { receiptsOf } from '../../src/insights/receipts.ts';
import { now } from '../../src/platform/clock.ts';
import { db, pool, sql } from '../../src/platform/db.ts';
import { Forbidden } from '../../src/platform/errors.ts';
import type { Rule } from '../../src/rules/rules.ts';
import { issuesOf } from '../../src/rules/schema.ts';
import { wholeCatalog } from '../../src/segments/catalog.ts';
import { givenAccount, givenCase } from '../support/mirror.ts';
import { givenStaff, staffViewer } from '../support/people.ts';
import { launch } from '../support/processes.ts';

const csm: StaffViewer = await staffViewer(await givenStaff({ roles: ['csm'] }));

const threeCases: Rule = { field: 'account.openCases', op: 'atLeast', value: 3 };

const draft = (changes: object = {}) => ({
  name: 'Three open cases',
  headline: 'Three cases are open at once',
  rule: threeCases,
  repeats: false,
  tellsPast: false,
  ...changes,
});

interface Row {
  sobject: string;
  rapport_id: string | null;
  salesforce_id: string | null;
  fields: Record<string, unknown>;
}

async function outbox(): Promise<Row[]> {
  const { rows } = await sql<Row>`
    select sobject, rapport_id, salesforce_id, fields from outbox order by id`.execute(db);
  return rows;
}

const told = async () => (await outbox()).filter(({ sobject }) => sobject === 'Rapport_Insight__c');

async function givenAccountWithCases(count: number) {
  const account = await givenAccount();
  for (let each = 0; each < count; each += 1) await givenCase({ account });
  return account;
}

const closeAll = (account: { id: string }) =>
  sql`update cases set is_closed = true, status = 'Closed' where account_id = ${account.id}`.execute(db);

/* The seeded ones are held against accounts beside; none of these accounts has any use, licenses or opportunities. */
beforeEach(async () => {
  await sql`truncate accounts, cases, insights, outbox, milestones, insight_definitions, health_history cascade`.execute(
    db,
  );
});

afterAll(() => pool.end());

test('who was there before is noted without a word; who gets there is told of once, however often anybody looks', async () => {
  const before = await givenAccountWithCases(3);
  const later = await givenAccountWithCases(2);
  await saveDefinition(csm, draft());
  await noteMilestones();
  expect(await told()).toEqual([]);
  expect(await milestonesOf(csm, before.id)).toMatchObject([{ name: 'Three open cases', wasThere: true }]);

  await givenCase({ account: later });
  await noteMilestones();
  await noteMilestones();
  const rows = await told();
  expect(rows).toHaveLength(1);
  const [receipt] = await receiptsOf(csm, later.id);
  expect(rows[0]).toMatchObject({
    rapport_id: receipt?.id,
    fields: {
      Rapport_Kind__c: 'milestone.reached',
      Rapport_Headline__c: 'Three cases are open at once',
      Rapport_URL__c: `http://localhost:3000/console/accounts/${later.id}`,
    },
  });
  expect(rows[0]?.fields.Rapport_Body__c).toMatch(/^Three open cases, reached on .*\nOpen cases at least 3 \(found: 3\)$/i);
  expect(receipt).toMatchObject({ kind: 'milestone.reached', standing: 'waiting', headline: 'Three cases are open at once' });
  const [line] = (await outbox()).filter(({ sobject }) => sobject === 'Account');
  expect(line).toMatchObject({
    salesforce_id: later.id,
    fields: { Rapport_Latest_Insight__c: 'Three cases are open at once' },
  });
}); // prettier-ignore

test('a definition that says so tells of those who were there before, too', async () => {
  const account = await givenAccountWithCases(3);
  await saveDefinition(csm, draft({ tellsPast: true }));
  await noteMilestones();
  expect(await receiptsOf(csm, account.id)).toHaveLength(1);
});

test('what lapsed and is reached again is told again only where the definition says so', async () => {
  const account = await givenAccountWithCases(0);
  const once = await saveDefinition(csm, draft({ name: 'Once' }));
  const again = await saveDefinition(csm, draft({ name: 'Again', repeats: true }));
  await noteMilestones();
  for (let round = 0; round < 2; round += 1) {
    for (let each = 0; each < 3; each += 1) await givenCase({ account });
    await noteMilestones();
    await closeAll(account);
    await noteMilestones();
  }
  const { rows } = await sql<{ id: string; count: number }>`
    select definition_id as id, count(*) as count from insights group by 1`.execute(db);
  expect(new Map(rows.map(({ id, count }) => [id, count]))).toEqual(new Map([[once, 1], [again, 2]]));
  const reached = await milestonesOf(csm, account.id);
  expect(reached.find(({ name }) => name === 'Again')).toMatchObject({ times: 2, lapsedAt: expect.any(Date) as Date });
  expect(reached.find(({ name }) => name === 'Once')).toMatchObject({ times: 1, lapsedAt: null });
}); // prettier-ignore

test('a changed rule is looked at anew: who meets it already has reached nothing now', async () => {
  const account = await givenAccountWithCases(2);
  const id = await saveDefinition(csm, draft());
  await noteMilestones();
  await saveDefinition(csm, draft({ rule: { ...threeCases, value: 2 } }), id);
  await noteMilestones();
  expect(await told()).toEqual([]);
  expect(await milestonesOf(csm, account.id)).toMatchObject([{ wasThere: true }]);
});

test('what files of the past bring is no news', async () => {
  const account = await givenAccountWithCases(0);
  await saveDefinition(csm, draft());
  await noteMilestones();
  const { rows } = await sql<{ id: number }>`
    insert into usage_sources (name, created_at) values ('Past', now()) returning id`.execute(db);
  await sql`
    insert into usage_imports (id, source_id, name, started_at) values (gen_random_uuid(), ${rows[0]?.id}, 'x.csv', ${now()})`.execute(
    db,
  );
  for (let each = 0; each < 3; each += 1) await givenCase({ account });
  await noteMilestones();
  expect(await told()).toEqual([]);
  await sql`truncate usage_imports`.execute(db);
});

test('a paused definition says nothing, and then of what was reached meanwhile; a deleted one is gone', async () => {
  const account = await givenAccountWithCases(0);
  const id = await saveDefinition(csm, draft());
  await noteMilestones();
  await pauseDefinition(csm, id);
  for (let each = 0; each < 3; each += 1) await givenCase({ account });
  await noteMilestones();
  expect(await told()).toEqual([]);
  await resumeDefinition(csm, id);
  await noteMilestones();
  expect(await told()).toHaveLength(1);
  await deleteDefinition(csm, id);
  expect((await definitions(csm)).map((each) => each.id)).not.toContain(id);
  expect(await receiptsOf(csm, account.id), 'what it told stays told').toHaveLength(1);
});

test('accounts whose health has just changed are looked at at once, and no others', async () => {
  const [touched, untouched] = [await givenAccountWithCases(0), await givenAccountWithCases(0)];
  await saveDefinition(csm, draft());
  await noteMilestones();
  for (const account of [touched, untouched])
    for (let each = 0; each < 3; each += 1) await givenCase({ account });
  await sql`
    insert into health_history (batch, account_id, status, reasons, occurred_at)
    values (77, ${touched.id}, 'unknown', '[]', now())`.execute(db);
  await noteMilestonesAfter({ batch: 77, accounts: 1 });
  expect(await receiptsOf(csm, touched.id)).toHaveLength(1);
  expect(await receiptsOf(csm, untouched.id)).toHaveLength(0);
});

test('a rule that can no longer be asked holds for nobody, and keeps no other from being looked at', async () => {
  const account = await givenAccountWithCases(3);
  await saveDefinition(csm, draft({ name: 'Gone', rule: { field: 'account.gone', op: 'is', value: 1 } }));
  await saveDefinition(csm, draft({ tellsPast: true }));
  await noteMilestones();
  expect(await receiptsOf(csm, account.id)).toHaveLength(1);
});

describe('the milestones that come with the product', () => {
  test('are rules that can be asked, made once, and stay deleted', async () => {
    const catalog = await wholeCatalog();
    for (const { code, rule } of seeds) expect(issuesOf(rule, catalog, 'account'), code).toEqual([]);
    await noteMilestones();
    const made = await definitions(csm);
    expect(made.map(({ name }) => name)).toEqual(expect.arrayContaining(seeds.map(({ name }) => name)));
    await deleteDefinition(csm, made[0]?.id ?? '');
    await noteMilestones();
    expect(await definitions(csm)).toHaveLength(made.length - 1);
  });
});

test('reps and support read milestones but define none', async () => {
  for (const role of ['rep', 'support'] as const) {
    const viewer = await staffViewer(await givenStaff({ roles: [role] }));
    await expect(saveDefinition(viewer, draft())).rejects.toThrow(Forbidden);
    expect(await definitions(viewer)).toEqual([]);
  }
});

test('a worker that is killed at any moment tells of no milestone twice, and in the end of each', async () => {
  const ACCOUNTS = 2_000;
  await sql`
    insert into accounts (id, name, modified_at) select '001K' || lpad(n::text, 14, '0'), 'Account ' || n, now()
    from generate_series(1, ${ACCOUNTS}::int) n`.execute(db);
  const rule: Rule = { field: 'account.name', op: 'startsWith', value: 'Account' };
  await saveDefinition(csm, draft({ rule, tellsPast: true }));
  const seed = Number(process.env.SEED ?? Date.now() % 1_000_000);
  let random = seed;
  for (let round = 0; round < 3 * Number(process.env.SEEDS ?? 1); round += 1) {
    random = (random * 1_103_515_245 + 12_345) % 2 ** 31;
    const { child, ended } = await launch(['test/insights/noter.ts'], { DATABASE_URL: process.env.DATABASE_URL ?? '' });
    child.send('go');
    await new Promise((wait) => setTimeout(wait, random % 700));
    child.kill('SIGKILL');
    await ended;
    const { rows } = await sql<{ insights: number; written: number; most: number }>`
      select (select count(*) from insights) as insights, count(*) as written, coalesce(max(n), 0) as most
      from (select count(*) as n from outbox where sobject = 'Rapport_Insight__c' group by rapport_id) each`.execute(db);
    expect(rows[0]?.written, `seed ${String(seed)}`).toBe(rows[0]?.insights);
    expect(rows[0]?.most, `seed ${String(seed)}`).toBeLessThanOrEqual(1);
  }
  await noteMilestones();
  expect((await told()).length, `seed ${String(seed)}`).toBe(ACCOUNTS);
}, 120_000); // prettier-ignore
