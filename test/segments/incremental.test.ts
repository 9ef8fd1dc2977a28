import { beforeAll, expect, test } from 'vitest';

import '../../src/health/events.ts';
import '../../src/usage/events.ts';
import type { StaffViewer } from '../../src/access/viewer.ts';
import { removeAccount, restoreAccount } from '../../src/accounts/removals.ts';
import { DAY, moveClock, now } from '../../src/platform/clock.ts';
import { db, sql, transaction } from '../../src/platform/db.ts';
import { record } from '../../src/platform/events.ts';
import { recordChanges } from '../../src/platform/salesforce/mirror/changes.ts';
import type { Rule } from '../../src/rules/rules.ts';
import { compareSegments } from '../../src/segments/comparison.ts';
import { refreshSegments } from '../../src/segments/refresh.ts';
import { addRiskRule } from '../../src/segments/risk-rules.ts';
import { clearRisk, riskLevels, setRisk } from '../../src/segments/risk.ts';
import { changeSegment, createSegment } from '../../src/segments/segments.ts';
import { addTrigger } from '../../src/segments/tag-triggers.ts';
import { tagAccounts, untagAccounts } from '../../src/segments/tags.ts';
import { givenAccount, givenCase, givenContact } from '../support/mirror.ts';
import { givenStaff } from '../support/people.ts';
import { differences, settleSegments } from '../support/segments.ts';

/*
 * Random histories of accounts, their people, usage, health, relatives, tags, risk and rules. After each of them every list holds
 * just who a full look finds, although only what changed was looked at.
 */
const SEED = Number(process.env.SEED ?? Date.now() % 1_000_000);
const STEPS = Number(process.env.STEPS ?? 70);

let state = SEED;
/** Mulberry32: the same history for the same seed. */
function random(below: number): number {
  state = (state + 0x6d2b79f5) | 0;
  let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
  mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
  return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
}
const pick = <T>(some: readonly T[]): T => some[random(some.length)] as T;
const day = (fromToday: number) => new Date(now().getTime() + fromToday * DAY).toISOString().slice(0, 10);

let csm: StaffViewer;
const accounts: string[] = [];
const lists: string[] = [];
const tags = ['Onboarding', 'Established', 'Watched'];
const industries = ['Retail', 'Energy', 'Media'];

const rules: Rule[] = [
  { field: 'account.industry', op: 'is', value: ['Retail'] },
  { not: { field: 'account.industry', op: 'is', value: ['Retail', 'Energy'] } },
  { all: [{ field: 'account.tags', op: 'hasAny', value: ['Watched'] }, { field: 'account.employees', op: 'atLeast', value: 50 }] },
  { field: 'account.risk', op: 'is', value: ['red', 'yellow'] },
  { field: 'account.daysActive', op: 'atLeast', value: 5 },
  { field: 'account.customerSince', op: 'withinPast', value: 20 },
  { field: 'account.children', with: { where: { field: 'account.industry', op: 'is', value: ['Media'] } }, op: 'atLeast', value: 1 },
  { field: 'account.ancestors', with: { where: { field: 'account.tags', op: 'hasAny', value: ['Watched'] } }, op: 'atLeast', value: 1 },
  { field: 'account.openCases', op: 'atLeast', value: 2 },
  { field: 'account.people', with: { where: { field: 'person.daysActive', op: 'atLeast', value: 3 } }, op: 'atLeast', value: 1 },
  { field: 'account.name', op: 'contains', value: 'a' },
]; // prettier-ignore
const peopleRules: Rule[] = [
  { field: 'person.daysActive', op: 'atLeast', value: 3 },
  {
    all: [
      { field: 'account.industry', op: 'is', value: ['Energy'] },
      { field: 'person.name', op: 'known' },
    ],
  },
];

/** Lists over lists: of the first, of the others before them, and of relatives in lists. */
const nested = (of: string[]): Rule[] => [
  { field: 'account.segments', op: 'hasAny', value: [of[0] ?? '', of[4] ?? ''] },
  {
    all: [
      { field: 'account.segments', op: 'hasNone', value: [of[1] ?? ''] },
      { field: 'account.segments', op: 'hasAny', value: [of[6] ?? '', of[7] ?? '', of[2] ?? ''] },
    ],
  },
  {
    field: 'account.parents',
    with: { where: { field: 'account.segments', op: 'hasAny', value: [of[4] ?? '', of[6] ?? ''] } },
    op: 'atLeast',
    value: 1,
  },
];

const changedRow = (table: string, id: string) =>
  transaction((tx) => recordChanges(tx, table, [{ row_id: id, change: 'updated' }]));

async function changeAccount(id: string): Promise<void> {
  await sql`
    update accounts set industry = ${pick(industries)}, employees = ${random(100)}, name = ${pick(['Alpha', 'Bory', 'Ceta', 'Dohm'])},
      parent_id = ${pick([null, null, ...accounts.filter((each) => each < id)])}, deleted_at = ${random(8) === 0 ? now() : null}
    where id = ${id}`.execute(db);
  await changedRow('accounts', id);
}

async function useProduct(id: string): Promise<void> {
  await sql`
    insert into account_engagement (account_id, status, tracked_since, days_active_14, customer_since, refreshed_on)
    values (${id}, 'paying', ${day(-90)}, ${random(10)}, ${day(-random(40))}, ${day(0)})
    on conflict (account_id) do update set
      (days_active_14, customer_since) = (excluded.days_active_14, excluded.customer_since)`.execute(db);
  await sql`update account_people set days_active_14 = ${random(6)} where account_id = ${id} and id % 2 = ${random(2)}`.execute(
    db,
  );
  await transaction((tx) => record(tx, 'engagement.refreshed', { accounts: [id] }));
}

async function changePeople(id: string): Promise<void> {
  if (random(3) === 0)
    await sql`delete from account_people where id = (select min(id) from account_people where account_id = ${id})`.execute(
      db,
    );
  else {
    const contact = await givenContact({ account: { id } });
    await sql`
      insert into account_people (account_id, contact_id, name, days_active_14)
      values (${id}, ${contact.id}, ${contact.name}, ${random(6)})`.execute(db);
  }
  await transaction((tx) => record(tx, 'engagement.refreshed', { accounts: [id] }));
}

async function openCase(id: string): Promise<void> {
  const opened = await givenCase({ account: { id }, is_closed: random(2) === 0 });
  await transaction((tx) => recordChanges(tx, 'cases', [{ row_id: opened.id, change: 'created' }]));
}

async function removeOrRestore(id: string): Promise<void> {
  const { rows } = await sql`select 1 from accounts where id = ${id} and deleted_at is null`.execute(db);
  if (rows.length === 0) return;
  if (random(3) === 0) await removeAccount(csm, id, 'A test');
  else await restoreAccount(csm, id);
}

async function changeRule(): Promise<void> {
  const at = random(3);
  const rule = pick(rules.slice(0, 2));
  await changeSegment(csm, lists[at] ?? '', { name: `List ${String(at)}`, description: '', folder: null, isShared: true, rule });
  await refreshSegments();
} // prettier-ignore

const steps: ((id: string) => Promise<unknown>)[] = [
  changeAccount, changeAccount, changeAccount, useProduct, useProduct, changePeople, openCase, removeOrRestore, changeRule,
  (id) => tagAccounts(csm, [id], pick(tags)),
  (id) => untagAccounts(csm, [id], pick(tags)),
  (id) => setRisk(csm, [id], { level: pick(riskLevels), reason: 'So it seems' }),
  (id) => clearRisk(csm, [id]),
]; // prettier-ignore

beforeAll(async () => {
  await sql`truncate sync_states`.execute(db);
  const { id, userId } = await givenStaff({ roles: ['csm'] });
  const person = { name: 'Clara', email: 'c@tidewater.example', locale: 'en', timeZone: 'UTC' } as const;
  csm = { ...person, kind: 'staff', personId: id, userId, roles: ['csm'] };
  for (let count = 0; count < 14; count++)
    accounts.push((await givenAccount({ industry: pick(industries) })).id);
  await sql`
    insert into health (account_id, status, open_cases, urgent_cases, contacts, changed_at)
    select id, 'unknown', 0, 0, 0, ${now()} from accounts`.execute(db);
  await refreshSegments();
  const make = async (rule: Rule, entity: 'account' | 'person' = 'account') =>
    lists.push(await createSegment(csm, { name: `List ${String(lists.length)}`, description: '', folder: null, entity, rule, isShared: true })); // prettier-ignore
  for (const rule of rules) await make(rule);
  for (const rule of peopleRules) await make(rule, 'person');
  for (const rule of nested(lists)) await make(rule);
  await refreshSegments();
  await addTrigger(csm, { segmentId: lists[4] ?? '', moment: 'entered', act: 'add', tag: 'Watched' });
  await addTrigger(csm, { segmentId: lists[4] ?? '', moment: 'left', act: 'remove', tag: 'Watched' });
  await addRiskRule(csm, { segmentId: lists[8] ?? '', level: 'red', reason: 'Many cases' });
  await settleSegments();
});

test(`after every step of a random history each list holds who a full look finds (seed ${String(SEED)})`, async () => {
  for (let step = 0; step < STEPS; step++) {
    await pick(steps)(pick(accounts));
    if (random(3) > 0) continue;
    await settleSegments();
    expect(await differences(), `seed ${String(SEED)}, step ${String(step)}`).toEqual([]);
  }
  const { rows } = await sql<{
    trouble: string;
  }>`select trouble from segments where trouble is not null`.execute(db);
  expect(rows).toEqual([]);
});

test('entries and leaves add up to who is in each list, and the kept sizes are right', async () => {
  await settleSegments();
  const { rows } = await sql`
    select s.name from segments s
    where s.members <> (select count(*) from segment_members m where m.segment_id = s.id)
       or exists (
         select from (
           select entity_id, sum(case change when 'entered' then 1 else -1 end) as net from segment_changes
           where segment_id = s.id group by entity_id) told
         full join (select entity_id, 1 as is_in from segment_members where segment_id = s.id) m using (entity_id)
         where coalesce(net, 0) <> coalesce(is_in, 0))`.execute(db);
  expect(rows).toEqual([]);
});

test('a new day has windows of days move on', async () => {
  await sql`update account_engagement set customer_since = ${day(-20)}`.execute(db);
  await transaction((tx) => record(tx, 'engagement.refreshed', { accounts: 'all' }));
  await settleSegments();
  await refreshSegments();
  const recent = async () =>
    (await sql`select 1 from segment_members where segment_id = ${lists[5]}`.execute(db)).rows.length;
  expect(await recent()).toBeGreaterThan(0);
  moveClock(DAY);
  await refreshSegments();
  await settleSegments();
  expect(await recent()).toBe(0);
  const { rows } = await sql`
    select cause from segment_changes where segment_id = ${lists[5]} order by id desc limit 1`.execute(db);
  expect(rows).toEqual([{ cause: 'time' }]);
  expect(await differences()).toEqual([]);
});

test('the nightly comparison finds nothing where nothing was lost, and reports and mends what was', async () => {
  await compareSegments(0);
  const found = () =>
    sql<{ missing: number; surplus: number }>`
      select missing, surplus from segment_comparisons where missing + surplus > 0 order by id`.execute(db);
  expect((await found()).rows).toEqual([]);

  const [list = ''] = lists;
  await sql`delete from segment_members where segment_id = ${lists[10]}`.execute(db);
  await sql`insert into segment_members (segment_id, entity_id, account_id, entered_at) values (${list}, 'nobody', 'nobody', ${now()})`.execute(
    db,
  );
  await compareSegments(0);
  const { rows } = await found();
  expect(rows.map(({ missing, surplus }) => [missing > 0, surplus])).toEqual(
    expect.arrayContaining([
      [false, 1],
      [true, 0],
    ]),
  );
  expect(rows).toHaveLength(2);
  await settleSegments();
  expect(await differences()).toEqual([]);
});
