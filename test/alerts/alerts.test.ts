import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';

import { noteCase, noteDaily, noteHealth, noteMirrored } from '../../src/alerts/signals.ts';
import { acknowledge, inboxOf, mute, reopen, snooze, told, unread } from '../../src/alerts/inbox.ts';
import { follow } from '../../src/alerts/follows.ts';
import { raiseAlerts } from '../../src/alerts/raising.ts';
import {
  changeRule,
  createRule,
  type RuleForm,
  rulesSeenBy,
  setRuleEnabled,
} from '../../src/alerts/rules.ts';
import { plantSeeds, seeds } from '../../src/alerts/seeds.ts';
import { watchAlerts } from '../../src/alerts/watch.ts';
import type { StaffViewer } from '../../src/access/viewer.ts';
import { now } from '../../src/platform/clock.ts';
import { db, pool, sql, transaction } from '../../src/platform/db.ts';
import { issuesOf } from '../../src/rules/schema.ts';
import { wholeCatalog } from '../../src/segments/catalog.ts';
import { recomputeAllHealth } from '../../src/health/health.ts';
import { setRisk } from '../../src/segments/risk.ts';
import { day, givenUsage } from '../support/days-of-use.ts';
import { givenAccount, givenCase, givenContact, givenLicense, givenOpportunity } from '../support/mirror.ts';
import { givenStaff, staffViewer } from '../support/people.ts';
import { statementsOf } from '../support/statements.ts';

let csm: StaffViewer;
let other: StaffViewer;
let rep: StaffViewer;
let admin: StaffViewer;

beforeAll(async () => {
  csm = await staffViewer(await givenStaff({ roles: ['csm'], name: 'Clara Mendes' }));
  other = await staffViewer(await givenStaff({ roles: ['csm'], name: 'Oda Lind' }));
  rep = await staffViewer(await givenStaff({ roles: ['rep'], name: 'Ruth Calloway' }));
  admin = await staffViewer(await givenStaff({ roles: ['admin'], name: 'Ada Thornton' }));
});

beforeEach(async () => {
  await sql`truncate alert_rules, signals, alert_mutes, follows, health_history, account_engagement, events, clock_ticks cascade`.execute(
    db,
  );
});

afterAll(() => pool.end());

let batch = 1000;

interface Change {
  account: { id: string };
  from?: string | null;
  to?: string;
  scores?: [number | null, number];
  statuses?: [string | null, string];
}

/** Rows as a recomputation of health leaves them. @returns their batch */
async function givenHealthChanges(...changes: Change[]): Promise<number> {
  batch += 1;
  for (const {
    account,
    from = 'good',
    to = 'poor',
    scores = [80, 20],
    statuses = ['paying', 'paying'],
  } of changes)
    await sql`
      insert into health_history (batch, account_id, status, rank, score, reasons, previous_status, previous_rank, previous_score, occurred_at)
      values (${batch}, ${account.id}, ${statuses[1]}, ${to}, ${scores[1]},
        '[{"kind":"primary","code":"days_active","grade":"poor","facts":[{"reading":"days_active","value":0}]}]',
        ${statuses[0]}, ${from}, ${scores[0]}, ${now()})`.execute(db);
  return batch;
}

/** Carries out what has been noted, as the worker would; each event as often as asked. */
async function raiseNoted(times = 1): Promise<void> {
  const { rows } = await sql<{ batch: number }>`
    delete from events where name = 'signals.noted' returning (data ->> 'batch')::bigint as batch`.execute(
    db,
  );
  for (const { batch } of rows) for (let time = 0; time < times; time += 1) await raiseAlerts({ batch });
}

const form = (given: Partial<RuleForm> = {}): RuleForm => ({
  name: 'Mine', trigger: 'health.changed', filter: {}, condition: null, scope: 'all', isForTeam: false, roles: [],
  toInbox: true, toMail: false, webhookId: null, restHours: 0, ...given,
}); // prettier-ignore

const open = async (viewer: StaffViewer) =>
  (await inboxOf(viewer, { state: 'open' }, 1)).alerts.map((alert) => told(alert, 'UTC'));
const titles = async (viewer: StaffViewer) => (await open(viewer)).map(({ title }) => title);

describe('the rules that come along (FA3 to FA9)', () => {
  beforeEach(() => transaction(plantSeeds));

  test('ask only for what can be asked, and are planted once', async () => {
    await transaction(plantSeeds);
    expect(await rulesSeenBy(csm)).toHaveLength(seeds.length);
    const catalog = await wholeCatalog();
    for (const { code, condition, filter } of seeds)
      if (condition !== undefined)
        expect([code, issuesOf(condition, catalog, filter?.entity ?? 'account')]).toEqual([code, []]);
  });

  test('FA3: a new paying customer is told to all of customer success and the administrators, and to nobody else', async () => {
    const account = await givenAccount({ name: 'Aldgate Printing' });
    await noteHealth({
      batch: await givenHealthChanges({
        account,
        from: null,
        to: 'good',
        scores: [null, 90],
        statuses: ['free', 'paying'],
      }),
    });
    await raiseNoted();
    expect(await titles(csm)).toEqual(['New paying customer']);
    expect(await titles(admin)).toEqual(['New paying customer']);
    expect(await titles(rep)).toEqual([]);
  });

  test('FA4: a changed health comes with the reasons why, to whoever looks after the account', async () => {
    const account = await givenAccount({ name: 'Bergen Foods', owner_id: csm.userId ?? '' });
    await noteHealth({ batch: await givenHealthChanges({ account }) });
    await raiseNoted();
    const [alert] = (await open(csm)).filter(({ title }) => title === 'Health changed');
    expect(alert?.items[0]).toMatchObject({
      accountName: 'Bergen Foods',
      sentence: 'Health went from Good to Poor, score 20',
      reasons: ['Used on 0 of the last 14 days'],
      tone: 'danger',
    });
    expect(await titles(other)).toEqual([]);
  });

  test('FA9: a score that fell by 15 or more', async () => {
    const account = await givenAccount({ owner_id: csm.userId ?? '' });
    await noteHealth({
      batch: await givenHealthChanges({ account, from: 'good', to: 'good', scores: [95, 80] }),
    });
    await noteHealth({
      batch: await givenHealthChanges({ account, from: 'good', to: 'good', scores: [80, 70] }),
    });
    await raiseNoted();
    expect(await titles(csm)).toEqual(['Health score fell']);
  });
});

test('FA5 to FA9: from use, licenses and what people say, each rule that comes along finds whom it is about and nobody else', async () => {
  await transaction(plantSeeds);
  const paying = async (name: string, since: number, license: object = {}) => {
    const account = await givenAccount({ name, owner_id: csm.userId ?? '', created_at: now() });
    await givenLicense({ account, purchased_on: day(since), support_until: day(200), seats: 50, ...license });
    return account;
  };
  const daysFrom = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => from + index);
  const [stalled, , silent, growing, full, , board, red] = [
    await paying('Stalled Start', -20), await paying('Fresh Start', -5), await paying('Went Silent', -400), await paying('Growing', -400),
    await paying('Full House', -400, { seats: 2 }), await paying('Renews Soon', -400, { support_until: day(25) }), await paying('Boardroom', -400),
    await paying('Red Alert', -400),
  ]; // prettier-ignore
  await givenUsage({ account: stalled, days: [-19, -3] });
  await givenUsage({ account: silent, days: daysFrom(-20, -9) });
  await givenUsage({ account: growing, days: daysFrom(-27, -16), events: 10 });
  await givenUsage({ account: growing, days: daysFrom(-12, -1), events: 40, email: 'busy@growing.example' });
  for (const email of ['one@full.example', 'two@full.example']) await givenUsage({ account: full, days: daysFrom(-27, -1), email });
  await givenContact({ account: board, name: 'Ines Duarte', email: 'ines@board.example' });
  await givenUsage({ account: board, days: daysFrom(-40, -36), email: 'ines@board.example' });
  await givenContact({ account: board, name: 'Tom Clerk', email: 'tom@board.example' });
  await givenUsage({ account: board, days: daysFrom(-40, -36), email: 'tom@board.example' });
  await givenUsage({ account: growing, days: [-2], events: 1, email: 'lost@growing.example' });
  await sql`update contacts set title = case name when 'Ines Duarte' then 'Chief Information Officer' else 'Clerk' end`.execute(db);
  await sql`update usage_people p set contact_id = c.id from contacts c where c.email_normalized = p.email`.execute(db);
  await setRisk(csm, [red.id], { level: 'red', reason: 'Their sponsor left' });
  await recomputeAllHealth();
  await noteDaily();
  await watchAlerts();
  await raiseNoted();
  const found = new Map<string, Set<string>>();
  for (const { title, items } of await open(csm))
    for (const { accountName } of items) found.set(title, (found.get(title) ?? new Set()).add(accountName));
  const of = (title: string) => [...(found.get(title) ?? [])].sort();
  expect(of('Falling behind in onboarding')).toEqual(['Stalled Start']);
  expect(of('People who need training')).toEqual(['Growing', 'Stalled Start']);
  expect(of('Executive champion tuned out')).toEqual(['Boardroom']);
  expect(of('At risk of going bad')).toEqual(['Red Alert', 'Renews Soon']);
  expect(of('Use has stopped')).toEqual(['Went Silent']);
  expect(of('Rising usage')).toEqual(['Growing']);
  expect(of('Near capacity')).toEqual(['Full House']);
  expect(of('Renewal is near')).toEqual(['Renews Soon']);
  const [champion] = (await open(csm)).filter(({ title }) => title === 'Executive champion tuned out');
  expect(champion?.items.map(({ sentence }) => sentence)).toEqual([expect.stringContaining('Ines Duarte')]);
}); // prettier-ignore

test('a cause is told once, however often its batch is noted and raised', async () => {
  await createRule(csm, form());
  const account = await givenAccount();
  const changed = await givenHealthChanges({ account });
  await Promise.all([noteHealth({ batch: changed }), noteHealth({ batch: changed })]);
  await noteHealth({ batch: changed });
  const { rows } = await sql<{ batch: number }>`select distinct batch from signals`.execute(db);
  await Promise.all(rows.flatMap(({ batch }) => [raiseAlerts({ batch }), raiseAlerts({ batch })]));
  await raiseNoted(2);
  expect((await unread(csm)).unread).toBe(1);
  expect((await open(csm))[0]?.signals).toBe(1);
});

test('ten thousand changes of one batch are one alert a person, made in a few statements', async () => {
  await createRule(csm, form());
  await createRule(rep, form({ scope: 'mine' }));
  await sql`
    insert into accounts (id, name, owner_id, modified_at)
    select 'mass' || n, 'Account ' || n, case when n % 2 = 0 then ${rep.userId} end, now() from generate_series(1, 10000) n`.execute(
    db,
  );
  batch += 1;
  await sql`
    insert into health_history (batch, account_id, status, rank, score, reasons, previous_status, previous_rank, previous_score, occurred_at)
    select ${batch}, 'mass' || n, 'paying', 'poor', 10, '[]', 'paying', 'good', 90, now() from generate_series(1, 10000) n`.execute(
    db,
  );
  expect(await statementsOf(() => noteHealth({ batch }))).toBeLessThan(8);
  const { rows } = await sql<{
    batch: number;
  }>`delete from events where name = 'signals.noted' returning (data ->> 'batch')::int as batch`.execute(db);
  const at = performance.now();
  expect(await statementsOf(() => raiseAlerts({ batch: rows[0]?.batch ?? 0 }))).toBeLessThan(12);
  expect(performance.now() - at).toBeLessThan(10_000);
  expect((await open(csm)).map(({ signals, items, left }) => [signals, items.length, left])).toEqual([
    [10_000, 5, 9_995],
  ]);
  expect((await open(rep)).map(({ signals }) => signals)).toEqual([5_000]);
});

describe('whom a rule tells', () => {
  test('of their own accounts, of those that they follow, of both', async () => {
    await createRule(csm, form({ name: 'own', scope: 'mine' }));
    await createRule(csm, form({ name: 'followed', scope: 'followed' }));
    await createRule(csm, form({ name: 'both', scope: 'mine_or_followed' }));
    const [owned, watched, neither] = [
      await givenAccount({ owner_id: csm.userId ?? '' }), await givenAccount(), await givenAccount(),
    ]; // prettier-ignore
    await follow(csm, 'account', watched.id);
    await noteHealth({
      batch: await givenHealthChanges({ account: owned }, { account: watched }, { account: neither }),
    });
    await raiseNoted();
    const counts = Object.fromEntries((await open(csm)).map(({ title, signals }) => [title, signals]));
    expect(counts).toEqual({ own: 1, followed: 1, both: 2 });
  });

  test('only when the filter and the condition hold', async () => {
    await createRule(csm, form({ name: 'up', filter: { direction: 'up' } }));
    await createRule(csm, form({ name: 'poor', filter: { ranks: ['poor'] } }));
    await createRule(
      csm,
      form({ name: 'retail', condition: { field: 'account.industry', op: 'is', value: ['Retail'] } }),
    );
    const [retail, foods] = [
      await givenAccount({ industry: 'Retail' }),
      await givenAccount({ industry: 'Food' }),
    ];
    await noteHealth({
      batch: await givenHealthChanges(
        { account: retail, from: 'poor', to: 'good', scores: [10, 90] },
        { account: foods },
      ),
    });
    await raiseNoted();
    expect(new Set(await titles(csm))).toEqual(new Set(['up', 'poor', 'retail']));
  });

  test('not who muted the rule or the account, nor again within its rest', async () => {
    const id = await createRule(csm, form({ name: 'rests', restHours: 24 }));
    const [loud, quiet] = [await givenAccount(), await givenAccount()];
    await mute(csm, { accountId: quiet.id });
    await noteHealth({ batch: await givenHealthChanges({ account: loud }, { account: quiet }) });
    await raiseNoted();
    await noteHealth({
      batch: await givenHealthChanges({ account: loud, from: 'poor', to: 'average', scores: [20, 50] }),
    });
    await raiseNoted();
    expect((await open(csm)).map(({ signals }) => signals)).toEqual([1]);
    await mute(csm, { ruleId: id });
    await noteHealth({ batch: await givenHealthChanges({ account: await givenAccount() }) });
    await raiseNoted();
    expect((await unread(csm)).unread).toBe(1);
  });

  test('nobody who has left, and no rule that is switched off', async () => {
    const leaver = await staffViewer(await givenStaff({ roles: ['csm'] }));
    await createRule(leaver, form());
    const id = await createRule(csm, form());
    await setRuleEnabled(csm, id, 'off');
    await sql`update users set is_active = false where id = ${leaver.userId}`.execute(db);
    await noteHealth({ batch: await givenHealthChanges({ account: await givenAccount() }) });
    await raiseNoted();
    expect([(await unread(leaver)).unread, (await unread(csm)).unread]).toEqual([0, 0]);
  });
});

test('an account that was taken off the lists is told of no more', async () => {
  await createRule(csm, form());
  const account = await givenAccount();
  await sql`insert into removed_accounts (account_id, removed_at) values (${account.id}, now())`.execute(db);
  await noteHealth({ batch: await givenHealthChanges({ account }) });
  await raiseNoted();
  expect((await unread(csm)).unread).toBe(0);
});

test('what changed while the past was imported is no news', async () => {
  await createRule(csm, form());
  await sql`insert into usage_sources (name, created_at) values ('Product', now()) on conflict do nothing`.execute(
    db,
  );
  await sql`
    insert into usage_imports (id, source_id, name, started_at, received_at)
    select gen_random_uuid(), id, 'The past', ${now()}::timestamptz - interval '10 minutes', ${now()}::timestamptz - interval '1 minute'
    from usage_sources limit 1`.execute(db);
  const account = await givenAccount();
  await noteHealth({ batch: await givenHealthChanges({ account }) });
  await raiseNoted();
  expect((await unread(csm)).unread).toBe(0);
  await sql`update usage_imports set received_at = ${now()}::timestamptz - interval '5 minutes'`.execute(db);
  await noteHealth({ batch: await givenHealthChanges({ account }) });
  await raiseNoted();
  expect((await unread(csm)).unread).toBe(1);
});

test('urgent cases and opportunities become signals; old ones that the sync touches are no news', async () => {
  await createRule(csm, form({ name: 'urgent', trigger: 'case.urgent' }));
  await createRule(csm, form({ name: 'won', trigger: 'opportunity.won' }));
  const account = await givenAccount();
  const contact = await givenContact({ account });
  const fresh = await givenCase({
    account,
    contact,
    priority: 'High',
    created_at: now(),
    subject: 'Nothing restores',
  });
  const old = await givenCase({ account, contact, priority: 'High', created_at: new Date('2020-01-01') });
  const today = now().toISOString().slice(0, 10);
  const won = await givenOpportunity({
    account,
    is_closed: true,
    is_won: true,
    close_on: today,
    amount_minor: 1_200_000,
  });
  const former = await givenOpportunity({ account, is_closed: true, is_won: true, close_on: '2020-01-01' });
  for (const [table, ids] of [
    ['cases', [fresh.id, old.id]],
    ['opportunities', [won.id, former.id]],
  ] as const)
    await sql`
      insert into mirror_changes (batch, table_name, row_id, change)
      select 7, ${table}, id, 'updated' from unnest(${[...ids]}::text[]) id`.execute(db);
  await noteCase({ caseId: fresh.id });
  await noteMirrored({ table: 'cases', batch: 7 });
  await noteMirrored({ table: 'opportunities', batch: 7 });
  await raiseNoted();
  const alerts = await open(csm);
  expect(alerts.map(({ title, signals }) => [title, signals]).sort()).toEqual([
    ['urgent', 1],
    ['won', 1],
  ]);
  expect(alerts.flatMap(({ items }) => items.map(({ sentence }) => sentence)).sort()).toEqual([
    'Urgent case : Nothing restores',
    'Won: Support 2026, $12,000.00',
  ]);
});

describe('a watched condition (FA5 to FA9)', () => {
  const late = {
    trigger: 'condition.met' as const,
    condition: { field: 'account.daysActive', op: 'lessThan', value: 3 },
  };
  const engaged = (account: { id: string }, days: number) =>
    sql`
      insert into account_engagement (account_id, status, tracked_since, days_active_14, refreshed_on)
      values (${account.id}, 'paying', '2026-01-01', ${days}, '2026-01-01')
      on conflict (account_id) do update set days_active_14 = excluded.days_active_14`.execute(db);

  test('tells who comes to meet it, once; again when they come back; those who met it before only where asked', async () => {
    await createRule(csm, form({ ...late, name: 'from now on' }));
    await createRule(csm, form({ ...late, name: 'all', filter: { includesPresent: true } }));
    const [first, second] = [await givenAccount({ name: 'First' }), await givenAccount({ name: 'Second' })];
    await engaged(first, 1);
    await engaged(second, 9);
    const look = async () => {
      await watchAlerts();
      await watchAlerts();
      await raiseNoted();
      const found = (await open(csm)).filter(({ code }) => code === null);
      await acknowledge(
        csm,
        found.map(({ id }) => id),
      );
      return found
        .map(({ title, items }) => `${title}: ${items.map(({ accountName }) => accountName).join()}`)
        .sort();
    };
    expect(await look()).toEqual(['all: First']);
    await engaged(second, 2);
    expect(await look()).toEqual(['all: Second', 'from now on: Second']);
    expect(await look()).toEqual([]);
    await engaged(second, 9);
    expect(await look()).toEqual([]);
    await engaged(second, 0);
    expect(await look()).toEqual(['all: Second', 'from now on: Second']);
  });

  test('is looked at anew when it is changed', async () => {
    const id = await createRule(csm, form({ ...late, filter: { includesPresent: true } }));
    await engaged(await givenAccount(), 5);
    await watchAlerts();
    await raiseNoted();
    expect(await titles(csm)).not.toContain('Mine');
    await changeRule(csm, id, form({
      ...late, filter: { includesPresent: true }, condition: { field: 'account.daysActive', op: 'lessThan', value: 8 },
    })); // prettier-ignore
    await watchAlerts();
    await raiseNoted();
    expect(await titles(csm)).toContain('Mine');
  });
});

test('an inbox is settled by its owner alone: acknowledged, put back, snoozed until later', async () => {
  await createRule(csm, form());
  await noteHealth({ batch: await givenHealthChanges({ account: await givenAccount() }) });
  await raiseNoted();
  const [alert] = await open(csm);
  const ids = [alert?.id ?? 0];
  expect(await acknowledge(other, ids)).toBe(0);
  expect(await snooze(other, ids, 'hour')).toBe(0);
  expect(await acknowledge(csm, ids)).toBe(1);
  expect((await unread(csm)).unread).toBe(0);
  expect((await inboxOf(csm, { state: 'done' }, 1)).total).toBe(1);
  expect(await reopen(csm, ids)).toBe(1);
  expect(await snooze(csm, ids, 'tomorrow')).toBe(1);
  expect([(await unread(csm)).unread, (await inboxOf(csm, { state: 'snoozed' }, 1)).total]).toEqual([0, 1]);
});
