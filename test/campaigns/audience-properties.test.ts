import { randomUUID } from 'node:crypto';

import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';

import type { Cap, Policy } from '../../src/campaigns/policy.ts';
import { planRun } from '../../src/campaigns/planning.ts';
import type { Fixed } from '../../src/campaigns/runs.ts';
import { noteWords } from '../../src/consent/consent.ts';
import { suppress } from '../../src/consent/suppression.ts';
import { now } from '../../src/platform/clock.ts';
import { db, pool, sql, transaction } from '../../src/platform/db.ts';

import { afterQuiet, type Send, verdicts, type World } from './audience-reference.ts';

const DAY = 86_400_000;
const zones = { Germany: 'Europe/Berlin', 'United States': 'America/New_York', Japan: 'Asia/Tokyo', India: 'Asia/Kolkata' };
const countries = Object.keys(zones) as (keyof typeof zones)[];
const addresses = Array.from({ length: 9 }, (_, i) => `person-${String(i)}@customer.example`);
const campaigns = Array.from({ length: 3 }, () => randomUUID());

const cap: fc.Arbitrary<Cap | null> = fc.option(
  fc.record({ messages: fc.integer({ min: 1, max: 3 }), days: fc.integer({ min: 1, max: 10 }) }),
);
const quietHours = fc
  .record({ from: fc.integer({ min: 0, max: 23 }), until: fc.integer({ min: 0, max: 23 }) })
  .filter(({ from, until }) => from !== until);
const some = fc.subarray(addresses, { maxLength: 3 });

const worlds = fc.record({
  accounts: fc.array(
    fc.record({
      isPaying: fc.boolean(),
      value: fc.option(fc.integer({ min: 0, max: 3 })),
      country: fc.constantFrom(...countries),
    }),
    { minLength: 1, maxLength: 4 },
  ),
  people: fc.array(
    fc.record({
      account: fc.nat(3),
      address: fc.oneof({ weight: 9, arbitrary: fc.constantFrom(...addresses) }, { weight: 1, arbitrary: fc.constantFrom(null, 'nobody') }),
      engagement: fc.option(fc.integer({ min: 0, max: 4 })),
    }),
    { minLength: 1, maxLength: 14 },
  ),
  suppressed: some,
  erased: fc.subarray(addresses, { maxLength: 1 }),
  refused: some,
  refusedAll: fc.subarray(addresses, { maxLength: 1 }),
  granted: fc.subarray(addresses, { minLength: 5 }),
  sends: fc.array(
    fc.record({
      campaign: fc.nat(2),
      address: fc.constantFrom(...addresses),
      account: fc.nat(3),
      isSameClass: fc.boolean(),
      isSameChannel: fc.boolean(),
      /** Minutes from now; those ahead are planned. */
      minutes: fc.integer({ min: -14 * 1440, max: 4 * 1440 }),
      state: fc.constantFrom('sent', 'sent', 'sent', 'failed', 'skipped', 'doubt'),
    }),
    { maxLength: 25 },
  ),
  messageClass: fc.constantFrom('marketing', 'success', 'transactional'),
  isOptIn: fc.boolean(),
  limits: fc.record({ personCap: cap, accountCap: cap, quietHours: fc.option(quietHours) }),
  policy: fc.record({
    again: fc.constantFrom('never', 'always', 1, 5),
    personCap: cap,
    accountCap: cap,
    waitDays: fc.constantFrom(0, 0, 2, 9),
    quietHours: fc.oneof(fc.constantFrom('house' as const, 'none' as const), quietHours),
    holdoutPercent: fc.constantFrom(0, 0, 20, 50),
    tolerancePercent: fc.constant(5),
    failurePercent: fc.constant(10),
  }),
});
type Drawn = typeof worlds extends fc.Arbitrary<infer T> ? T : never;

afterAll(() => pool.end());

async function clear(): Promise<void> {
  await sql`truncate accounts, account_people, account_engagement, runs, deliveries, batches, run_statistics, campaigns, erased_identities,
    consent_states, suppressed_addresses cascade`.execute(db);
}

async function givenWorld(drawn: Drawn): Promise<World> {
  await clear();
  const at = now().getTime();
  const accounts = drawn.accounts.map((account, i) => ({ ...account, id: `00100000000000000${String(i)}`, zone: zones[account.country] }));
  const accountOf = (i: number) => accounts[i % accounts.length]?.id ?? '';
  for (const { id, isPaying, value, country } of accounts) {
    await sql`insert into accounts (id, name, billing_country, modified_at) values (${id}, 'Northgate', ${country}, now())`.execute(db);
    await sql`insert into account_engagement (account_id, status, contract_value_minor, refreshed_on)
      values (${id}, ${isPaying ? 'paying' : 'free'}, ${value}, current_date)`.execute(db);
  }
  const people = [];
  for (const [i, { account, address, engagement }] of drawn.people.entries()) {
    const { rows } = await sql<{ id: number }>`
      insert into account_people (account_id, contact_id, email_normalized, name, engagement)
      values (${accountOf(account)}, ${`003${String(i)}`}, ${address}, 'Robin', ${engagement}) returning id`.execute(db);
    people.push({ id: rows[0]?.id ?? 0, accountId: accountOf(account), address, engagement });
  }
  const topic = drawn.messageClass === 'marketing' && drawn.isOptIn ? 'events' : drawn.messageClass === 'marketing' ? 'product-news' : 'onboarding';
  await givenWords(drawn, topic, at);
  for (const [i, id] of campaigns.entries()) await sql`
    insert into campaigns (id, name, message_class, channel, owner_id, created_at, changed_at)
    values (${id}, ${`Campaign ${String(i)}`}, ${drawn.messageClass}, 'email', ${randomUUID()}, now(), now())`.execute(db); // prettier-ignore
  const sends = await givenSends(drawn, accountOf, at);
  return {
    ...drawn, accounts, people, sends, campaignId: campaigns[0] ?? '', channel: 'email',
    isOptIn: topic === 'events', now: at, policy: drawn.policy as Policy, messageClass: drawn.messageClass as World['messageClass'],
  }; // prettier-ignore
}

async function givenWords({ suppressed, erased, refused, refusedAll, granted }: Drawn, topic: string, at: number): Promise<void> {
  const saidAt = new Date(at - DAY);
  const say = (list: readonly string[], about: string, isGranted: boolean) =>
    list.map((address) => ({ address, topic: about, isGranted, source: 'page' as const, saidAt }));
  await transaction(async (tx) => {
    await suppress(tx, suppressed.map((address) => ({ address, channel: 'email' as const, reason: 'bounced' as const, at: saidAt }))); // prettier-ignore
    await noteWords(tx, say(granted, topic, true));
    await noteWords(tx, say(refused, topic, false));
    await noteWords(tx, say(refusedAll, '*', false));
    if (erased.length > 0) {
      const { rows } = await sql<{ id: string }>`select gen_random_uuid() as id`.execute(tx);
      await sql`set local session_replication_role = replica`.execute(tx);
      for (const address of erased)
        await sql`insert into erased_identities (hash, erasure_id) values (erasure_hash(${address}), ${rows[0]?.id})`.execute(tx);
    }
  });
}

async function givenSends(drawn: Drawn, accountOf: (i: number) => string, at: number): Promise<Send[]> {
  const sends: Send[] = [];
  for (const [i, { campaign, address, account, isSameClass, isSameChannel, minutes, state }] of drawn.sends.entries()) {
    const moment = at + minutes * 60_000;
    const isAhead = moment > at;
    const own = isAhead ? 'planned' : state;
    const messageClass = isSameClass ? drawn.messageClass : drawn.messageClass === 'success' ? 'marketing' : 'success';
    const channel = isSameChannel ? 'email' : 'chat';
    const { rows } = await sql<{ id: number }>`
      insert into runs (campaign_id, revision, trigger_key, triggered_at, state, fixed, planned_at, audience_count, ended_at)
      values (${campaigns[campaign]}, 1, ${`earlier ${String(i)}`}, ${new Date(moment)}, 'sending', ${JSON.stringify({ messageClass, channel })},
        ${new Date(moment)}, 1, ${isAhead || own === 'doubt' ? null : new Date(moment + 1)}) returning id`.execute(db);
    const runId = rows[0]?.id ?? 0;
    await sql`insert into deliveries (run_id, n, person_id, account_id, address, locale, batch, state, settled_at)
      values (${runId}, 1, ${900_000 + i}, ${accountOf(account)}, ${address}, 'en', 1, ${own}, ${own === 'sent' ? new Date(moment) : null})`.execute(db);
    await sql`insert into batches (run_id, batch, size, state, due_at, posted_at)
      values (${runId}, 1, 1, ${isAhead ? 'ready' : own === 'doubt' ? 'doubt' : 'sent'}, ${new Date(moment)}, ${isAhead ? null : new Date(moment)})`.execute(db);
    /* What is in doubt may still turn out to have gone: it counts as of now. */
    if (own === 'sent' || isAhead || own === 'doubt')
      sends.push({
        campaignId: campaigns[campaign] ?? '', messageClass: messageClass as Send['messageClass'], channel, address,
        accountId: accountOf(account), at: own === 'doubt' ? at : moment,
      }); // prettier-ignore
  }
  return sends;
}

async function planned({ policy, limits, messageClass, campaignId }: World, topic: string | null) {
  const fixed: Fixed = {
    name: 'Campaign', messageId: null, messageVersion: null, messageClass, topic, channel: 'email', policy, limits,
    trigger: { kind: 'manual' }, source: { kind: 'list' }, audience: { segmentId: randomUUID(), entity: 'person', rule: { all: [] } },
  }; // prettier-ignore
  const { rows } = await sql<{ id: number }>`
    insert into runs (campaign_id, revision, trigger_key, triggered_at, state, fixed)
    values (${campaignId}, 1, ${randomUUID()}, now(), 'triggered', ${JSON.stringify(fixed)}) returning id`.execute(db);
  const runId = rows[0]?.id ?? 0;
  const from = now().getTime();
  await planRun({ runId });
  return { runId, from, until: now().getTime() };
}

test('whom a run reaches, and when, is what one finds by asking person by person', async () => {
  const seed = Number(process.env.SEED ?? Date.now() % 1_000_000);
  await fc.assert(
    fc.asyncProperty(worlds, async (drawn) => {
      const world = await givenWorld(drawn);
      const topic = world.messageClass === 'transactional' ? null : world.messageClass === 'success' ? 'onboarding' : world.isOptIn ? 'events' : 'product-news';
      const { runId, from, until } = await planned(world, topic);
      const { rows } = await sql<{ personId: number; state: string; reason: string | null; dueAt: Date | null }>`
        select d.person_id as "personId", d.state, d.reason, b.due_at as "dueAt"
        from deliveries d left join batches b on b.run_id = d.run_id and b.batch = d.batch where d.run_id = ${runId} order by d.person_id`.execute(db);
      const expected = verdicts(world);
      const shown = rows.map(({ personId, reason, state }) => [personId, reason ?? state]);
      expect(shown).toEqual(
        [...expected].sort(([a], [b]) => a - b).map(([id, verdict]) => [id, 'reason' in verdict ? verdict.reason : 'planned']),
      );
      for (const { personId, dueAt } of rows) {
        const verdict = expected.get(personId);
        if (verdict === undefined || 'reason' in verdict || dueAt === null) continue;
        /* The clock went on a little while it was planned. */
        const slack = until - from + 60_000 + (from - world.now);
        expect(Math.abs(dueAt.getTime() - verdict.due), `due ${dueAt.toISOString()}, not ${new Date(verdict.due).toISOString()}`).toBeLessThan(slack);
      }
    }),
    { seed, numRuns: Number(process.env.RUNS ?? 60) },
  );
});

test('quiet hours end when the clock on the wall says so, on days on which clocks change, too', async () => {
  const somewhere = ['Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'Africa/Cairo', 'Asia/Kathmandu', 'America/St_Johns', 'Europe/Kiev'];
  const around = fc.constantFrom('2026-03-29T01:00:00Z', '2026-10-25T01:00:00Z', '2026-03-08T07:00:00Z', '2026-11-01T06:00:00Z', '2026-04-05T15:00:00Z');
  const moments = fc
    .tuple(around, fc.integer({ min: -2880, max: 2880 }))
    .map(([at, minutes]) => new Date(at).getTime() + minutes * 60_000);
  await fc.assert(
    fc.asyncProperty(moments, fc.constantFrom(...somewhere), quietHours, async (at, zone, { from, until }) => {
      const { rows } = await sql<{ due: Date }>`
        select after_quiet_hours(${new Date(at)}, ${zone}, ${from}::int, ${until}::int) as due`.execute(db);
      const due = rows[0]?.due.getTime() ?? 0;
      const expected = afterQuiet(at, zone, { from, until });
      /* Of an hour that comes twice the second is waited for: nobody is woken by either. */
      expect([0, 30 * 60_000, 60 * 60_000]).toContain(due - expected);
      expect(afterQuiet(due, zone, { from, until })).toBe(due);
      if (due - expected > 0) expect(afterQuiet(expected, zone, { from, until })).toBe(expected);
    }),
    { numRuns: 300 },
  );
});
