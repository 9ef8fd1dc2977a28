import { randomUUID } from 'node:crypto';

import request from 'supertest';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';

import type { StaffRole, StaffViewer } from '../../src/access/viewer.ts';
import { createApp } from '../../src/app.ts';
import { activateCampaign } from '../../src/campaigns/runs/activation.ts';
import {
  approvalsOf,
  decideApproval,
  requestApproval,
  withdrawApproval,
} from '../../src/campaigns/definition/approvals.ts';
import {
  archiveCampaign, campaignSeenBy, campaignsSeenBy, type CampaignChange, changeCampaign, createCampaign, deactivateCampaign, duplicateCampaign,
} from '../../src/campaigns/definition/campaigns.ts'; // prettier-ignore
import { makeDemoCampaigns } from '../../src/campaigns/demo.ts';
import { whyFor } from '../../src/campaigns/audience/explanation.ts';
import { createCampaignKey, revokeCampaignKey, campaignKeys } from '../../src/campaigns/definition/keys.ts';
import { ledgerOf } from '../../src/campaigns/runs/ledger.ts';
import { planRun } from '../../src/campaigns/audience/planning.ts';
import { previewAudience } from '../../src/campaigns/audience/previews.ts';
import { Policy } from '../../src/campaigns/definition/policy.ts';
import { checksOf } from '../../src/campaigns/definition/readiness.ts';
import { runSeenBy, runsSeenBy } from '../../src/campaigns/runs/runs.ts';
import {
  campaignSettings,
  changeCampaignSettings,
  deliveredSettings,
} from '../../src/campaigns/definition/settings.ts';
import { nextTickOf, ticksOf } from '../../src/campaigns/runs/ticks.ts';
import {
  triggerCampaigns,
  triggerOnSegments,
  triggerOnSignals,
} from '../../src/campaigns/runs/triggering.ts';
import type { Trigger } from '../../src/campaigns/definition/triggers.ts';
import { noteWords } from '../../src/consent/consent.ts';
import { suppress } from '../../src/consent/suppression.ts';
import { createMessage } from '../../src/content/messages.ts';
import { DAY, HOUR, moveClock, now } from '../../src/platform/clock.ts';
import { db, pool, sql, transaction } from '../../src/platform/db.ts';
import { Conflict, Forbidden, Invalid, NotFound } from '../../src/platform/errors.ts';
import type { Rule } from '../../src/rules/rules.ts';
import { createSegment } from '../../src/segments/segments.ts';
import { givenAccount } from '../support/mirror.ts';
import { givenStaff } from '../support/people.ts';

let csm: StaffViewer;
let other: StaffViewer;
let admin: StaffViewer;
let rep: StaffViewer;
let messageId: string;
/** What is said of addresses stays for ever: each test has its own. */
let domain: string;

async function staff(role: StaffRole, name: string): Promise<StaffViewer> {
  const { id, email, userId } = await givenStaff({ roles: [role], name });
  return { kind: 'staff', personId: id, name, email, locale: 'en', timeZone: 'UTC', userId, roles: [role] };
}

const retail: Rule = { field: 'account.industry', op: 'is', value: ['Retail'] };
const unlimited = Policy.parse({ quietHours: 'none', again: 'always' });

beforeAll(async () => {
  [csm, other, admin, rep] = [
    await staff('csm', 'Clara Mendes'), await staff('csm', 'Otto Berg'), await staff('admin', 'Ada Lund'), await staff('rep', 'Ruth Calloway'),
  ]; // prettier-ignore
  messageId = await createMessage(csm, {
    name: 'Release 5', description: '',
    content: {
      format: 'text', defaultLocale: 'en', weights: [1], tables: {},
      variants: [{ locale: 'en', variant: 0, subject: 'Release 5 is there', preheader: '', body: 'Hello' }],
    },
  }); // prettier-ignore
});

beforeEach(async () => {
  domain = `${randomUUID().slice(0, 8)}.example`;
  await sql`truncate accounts, account_people, account_engagement, runs, deliveries, batches, run_statistics, campaigns, consent_states,
    suppressed_addresses, segments, segment_members, segment_changes, signals, campaign_settings, events cascade`.execute(
    db,
  );
});
afterAll(() => pool.end());

async function people(count: number, { account, at = domain }: { account?: string; at?: string } = {}) {
  const accountId = account ?? (await givenAccount({ industry: 'Retail' })).id;
  const { rows } = await sql<{ id: number; email: string }>`
    insert into account_people (account_id, contact_id, email_normalized, name, engagement)
    select ${accountId}, ${randomUUID()} || i, 'person-' || i || '@' || ${at}::text, 'Robin ' || i, 100 - i
    from generate_series(1, ${count}::int) i returning id, email_normalized as email`.execute(db);
  return rows.map((row) => ({ ...row, accountId })).toSorted((a, b) => a.id - b.id);
}

const list = (rule: Rule = retail, entity: 'account' | 'person' = 'account') =>
  createSegment(csm, {
    name: `List ${randomUUID()}`,
    description: '',
    folder: null,
    entity,
    rule,
    isShared: true,
  });

async function draft(change: CampaignChange = {}): Promise<string> {
  const id = await createCampaign(csm, {
    name: 'Release 5',
    messageClass: 'marketing',
    channel: 'email',
    topic: 'product-news',
  });
  await changeCampaign(csm, id, { segmentId: await list(), messageId, policy: unlimited, ...change });
  return id;
}

async function approve(id: string): Promise<void> {
  await decideApproval(other, id, {
    approvalId: await requestApproval(csm, id),
    decision: 'approved',
    comment: '',
  });
}

async function approved(change: CampaignChange = {}): Promise<string> {
  const id = await draft(change);
  await approve(id);
  return id;
}

const activate = (id: string, key: string = randomUUID()) => activateCampaign(csm, id, { key });

async function run(id: string): Promise<number> {
  const runId = (await activate(id)) ?? 0;
  await planRun({ runId });
  return runId;
}

async function statesOf(runId: number): Promise<Record<string, number>> {
  const { rows } = await sql<{ what: string; count: number }>`
    select coalesce(reason, state) as what, count(*) from deliveries where run_id = ${runId} group by 1`.execute(
    db,
  );
  return Object.fromEntries(rows.map(({ what, count }) => [what, count]));
}

/** As the mailing stage leaves it. */
async function send(runId: number): Promise<void> {
  await sql`update deliveries set state = 'sent', settled_at = ${now()} where run_id = ${runId} and state = 'planned'`.execute(
    db,
  );
  await sql`update batches set state = 'sent', posted_at = ${now()} where run_id = ${runId}`.execute(db);
  await sql`update runs set state = 'completed', ended_at = ${now()} where id = ${runId}`.execute(db);
}

const runIds = async () =>
  (await sql<{ id: number }>`select id from runs order by id`.execute(db)).rows.map(({ id }) => id);

describe('who may', () => {
  test('reps and support read; success managers and administrators write; one person never approves what they asked for', async () => {
    await people(2);
    const id = await draft();
    await expect(
      createCampaign(rep, { name: 'No', messageClass: 'marketing', channel: 'email' }),
    ).rejects.toThrow(Forbidden);
    for (const act of [
      () => changeCampaign(rep, id, { name: 'Mine' }), () => requestApproval(rep, id), () => activateCampaign(rep, id, { key: '1' }),
      () => archiveCampaign(rep, id), () => duplicateCampaign(rep, id, 'Mine'), () => createCampaignKey(rep, id), () => deactivateCampaign(rep, id),
    ]) await expect(act()).rejects.toThrow(Forbidden); // prettier-ignore
    const approvalId = await requestApproval(csm, id);
    await expect(decideApproval(csm, id, { approvalId, decision: 'approved', comment: '' })).rejects.toThrow(
      Forbidden,
    );
    await expect(decideApproval(rep, id, { approvalId, decision: 'approved', comment: '' })).rejects.toThrow(
      Forbidden,
    );
    await expect(changeCampaignSettings(csm, deliveredSettings)).rejects.toThrow(Forbidden);
    expect((await campaignSeenBy(rep, id)).name).toBe('Release 5');
    await expect(campaignSeenBy({ kind: 'visitor' }, id)).rejects.toThrow(NotFound);
    expect(
      (await campaignsSeenBy({ kind: 'visitor' }, {}, { sort: 'name', direction: 'asc', page: 1 })).total,
    ).toBe(0);
  });
});

describe('approval', () => {
  test('is of what was seen: a change makes it a draft again, and nothing runs without it', async () => {
    await people(3);
    const id = await draft();
    await expect(activate(id)).rejects.toThrow(Conflict);
    await approve(id);
    expect((await approvalsOf(rep, id))[0]).toMatchObject({
      decision: 'approved',
      audienceCount: 3,
      decidedByName: 'Otto Berg',
    });
    await changeCampaign(csm, id, { description: 'Words about it need no approval' });
    expect((await campaignSeenBy(csm, id)).status).toBe('approved');
    await changeCampaign(csm, id, { policy: { ...unlimited, holdoutPercent: 10 } });
    expect(await campaignSeenBy(csm, id)).toMatchObject({ status: 'draft' });
    await expect(activate(id)).rejects.toThrow(Conflict);
    await requestApproval(csm, id);
    await withdrawApproval(csm, id);
    await expect(withdrawApproval(csm, id)).rejects.toThrow(Conflict);
    expect((await approvalsOf(csm, id)).map(({ decision }) => decision)).toEqual(['withdrawn', 'approved']);
  });

  test('of an audience that has changed by more than the campaign allows has to be given anew (A10)', async () => {
    const { id: account } = await givenAccount({ industry: 'Retail' });
    await people(20, { account });
    const id = await approved();
    await people(1, { account, at: 'new.example' });
    const small = await run(id);
    expect((await runSeenBy(csm, small)).state).toBe('planned');
    await send(small);
    await people(5, { account, at: 'newer.example' });
    await sql`delete from account_people where email_normalized like '%@new.example'`.execute(db);
    const large = await run(id);
    expect(await runSeenBy(csm, large)).toMatchObject({
      state: 'cancelled',
      pauseReason: 'audience_changed',
      audienceCount: 25,
    });
    expect(await statesOf(large)).toEqual({});
    expect((await campaignSeenBy(csm, id)).status).toBe('draft');
    await approve(id);
    expect((await runSeenBy(csm, await run(id))).state).toBe('planned');
  });

  test('is not asked for while something is missing', async () => {
    const id = await createCampaign(csm, { name: 'Empty', messageClass: 'marketing', channel: 'email' });
    const missing = async () => (await checksOf(csm, id)).filter(({ isOk }) => !isOk).map(({ code }) => code);
    expect(await missing()).toEqual(['audience', 'content', 'topic']);
    await expect(requestApproval(csm, id)).rejects.toThrow(Conflict);
    await changeCampaign(csm, id, {
      trigger: { kind: 'once', date: '2020-01-01', time: '09:00', zone: 'UTC' },
    });
    expect(await missing()).toContain('schedule');
  });

  test('sends the list and the message that were approved, whatever they are now', async () => {
    await people(2);
    const id = await approved();
    const { segmentId } = await campaignSeenBy(csm, id);
    await sql`update segments set rule = '{"all":[]}' where id = ${segmentId}`.execute(db);
    const elsewhere = await givenAccount({ industry: 'Energy' });
    await people(30, { account: elsewhere.id, at: 'energy.example' });
    expect(await statesOf(await run(id))).toEqual({ planned: 2 });
  });
});

test('a campaign refuses what does not fit, by field', async () => {
  const id = await draft();
  const wrong = async (change: CampaignChange) =>
    await changeCampaign(csm, id, change).then(() => ({}), (error: unknown) => (error instanceof Invalid ? error.fields : error)); // prettier-ignore
  expect(await wrong({ topic: 'renewal' })).toEqual({ topic: 'campaigns.errors.topic' });
  expect(await wrong({ segmentId: randomUUID() })).toEqual({ segmentId: 'campaigns.errors.segment' });
  expect(await wrong({ trigger: { kind: 'once', date: '2026-13-01', time: '25:00', zone: 'Mars/Olympus' } })).toMatchObject({
    'trigger.zone': 'campaigns.errors.zone', 'trigger.time': 'campaigns.errors.time', 'trigger.date': 'campaigns.errors.date',
  }); // prettier-ignore
  /* A5: no cap is none at all; nought is refused, and does not cap everybody. */
  expect(await wrong({ policy: { ...unlimited, personCap: { messages: 0, days: 7 } } })).toEqual({
    'policy.personCap.messages': 'campaigns.errors.cap',
  });
  expect((await campaignSeenBy(csm, id)).topic).toBe('product-news');
});

describe('activating', () => {
  test('twenty times at once begins one run (F11)', async () => {
    await people(4);
    const id = await approved();
    const runs = await Promise.all(Array.from({ length: 20 }, () => activate(id, 'the form')));
    expect(new Set(runs).size).toBe(1);
    await Promise.all(Array.from({ length: 5 }, () => planRun({ runId: runs[0] ?? 0 })));
    expect(await statesOf(runs[0] ?? 0)).toEqual({ planned: 4 });
    expect((await sql`select 1 from events where name = 'run.triggered'`.execute(db)).rows).toHaveLength(1);
    expect((await sql`select 1 from events where name = 'run.planned'`.execute(db)).rows).toHaveLength(1);
    await expect(activate(id, 'another form')).rejects.toThrow(Conflict);
  });

  test('freezes the audience: it is counted, hashed, and stays as it was', async () => {
    const [first] = await people(3);
    const id = await approved();
    const preview = await previewAudience(csm, id);
    const runId = await run(id);
    expect(preview).toMatchObject({ count: 3, audience: 3, skipped: {} });
    await people(5, { account: first?.accountId ?? '', at: 'late.example' });
    await planRun({ runId });
    expect(await runSeenBy(csm, runId)).toMatchObject({
      audienceCount: 3, audienceHash: preview.hash, counts: { total: 3, planned: 3 }, batches: { ready: 1 },
    }); // prettier-ignore
    expect((await ledgerOf(rep, runId, { search: 'robin 2' }, 1)).deliveries).toMatchObject([
      { address: `person-2@${domain}`, n: 2 },
    ]);
  });

  test('a worker that dies while it plans leaves a run that waits, and nothing of its ledger', async () => {
    await people(4);
    const id = await approved();
    const runId = (await activate(id)) ?? 0;
    await transaction(async (tx) => {
      await sql`select pg_advisory_xact_lock(hashtextextended(${`campaign:${id}`}, 0))`.execute(tx);
      const dying = expect(planRun({ runId })).rejects.toThrow(/terminat/i);
      /* By another connection: within one transaction, activity stands still. */
      const killed = async () => {
        const { rows } = await sql`
          select pg_terminate_backend(pid) from pg_stat_activity
          where wait_event_type = 'Lock' and query like '%pg_advisory_xact_lock%' and datname = current_database()`.execute(
          db,
        );
        return rows.length;
      };
      await expect.poll(killed, { timeout: 10_000 }).toBe(1);
      await dying;
    });
    expect(await runSeenBy(csm, runId)).toMatchObject({ state: 'triggered', counts: {} });
    expect(await statesOf(runId)).toEqual({});
    await planRun({ runId });
    expect(await statesOf(runId)).toEqual({ planned: 4 });
  });

  test('a dry run explains everybody and sends nothing', async () => {
    const [one] = await people(3);
    await transaction((tx) =>
      suppress(tx, [{ address: one?.email ?? '', channel: 'email', reason: 'bounced', at: now() }]),
    );
    const id = await draft();
    const runId = (await activateCampaign(csm, id, { key: 'try', isDry: true })) ?? 0;
    await planRun({ runId });
    expect(await statesOf(runId)).toEqual({ suppressed: 1, dry_run: 2 });
    expect(await runSeenBy(csm, runId)).toMatchObject({
      state: 'completed',
      counts: { total: 3, skipped: 3 },
      batches: {},
    });
    expect((await campaignSeenBy(csm, id)).status).toBe('draft');
  });

  test('a list whose rule the database cannot follow any more ends the run, and says so', async () => {
    const id = await approved({
      segmentId: await list({ field: 'person.name', op: 'is', value: ['x'] }, 'person'),
    });
    const runId = (await activate(id)) ?? 0;
    await sql`alter table account_people rename column name to called`.execute(db);
    await planRun({ runId }).finally(() =>
      sql`alter table account_people rename column called to name`.execute(db),
    );
    expect(await runSeenBy(csm, runId)).toMatchObject({ state: 'cancelled', pauseReason: 'audience_broken' });
  });
});

describe('caps', () => {
  const capped = Policy.parse({ quietHours: 'none' });

  test('hold between campaigns that are planned at the same moment, and are free again when a run is cancelled', async () => {
    await changeCampaignSettings(admin, { ...deliveredSettings, limits: { ...deliveredSettings.limits, marketing: {
      ...deliveredSettings.limits.marketing, email: { personCap: { messages: 2, days: 7 }, accountCap: null, quietHours: null },
    } } }); // prettier-ignore
    await people(40);
    const ids = await Promise.all(Array.from({ length: 5 }, () => approved({ policy: capped })));
    const runs = await Promise.all(ids.map((id) => run(id)));
    const { rows } = await sql<{ most: number; sum: number }>`
      select max(count)::int as most, sum(count)::int as sum from (
        select address, count(*) from deliveries where state = 'planned' group by address) c`.execute(db);
    expect(rows[0]).toEqual({ most: 2, sum: 80 });
    const [sent] = runs;
    await sql`update deliveries set state = 'skipped', reason = 'cancelled' where state = 'planned' and run_id <> ${sent ?? 0}`.execute(
      db,
    );
    expect(await statesOf(await run(await approved({ policy: capped })))).toEqual(
      (await statesOf(sent ?? 0)).planned === 40 ? { planned: 40 } : expect.objectContaining({ planned: 40 }),
    );
  });

  test('count what was sent, and name the next free slot from that (A4, A5)', async () => {
    const [person] = await people(1);
    const first = await run(
      await approved({ policy: Policy.parse({ quietHours: 'none', personCap: { messages: 1, days: 3 } }) }),
    );
    moveClock(10 * HOUR);
    await send(first);
    const sentAt = now().getTime();
    moveClock(DAY);
    const waiting = { quietHours: 'none' as const, personCap: { messages: 1, days: 3 }, waitDays: 5 };
    const second = await run(await approved({ policy: Policy.parse(waiting) }));
    const due = (await ledgerOf(csm, second, {}, 1)).deliveries[0]?.dueAt?.getTime() ?? 0;
    expect(due).toBeGreaterThanOrEqual(sentAt + 3 * DAY);
    expect(due).toBeLessThanOrEqual(sentAt + 3 * DAY + 15 * 60_000);
    /* One that waits already is counted for when it is due. */
    const third = await run(await approved({ policy: Policy.parse({ ...waiting, waitDays: 4 }) }));
    expect(await statesOf(third)).toEqual({ capped: 1 });
    const transactional = await approved({
      messageClass: 'transactional',
      topic: 'service',
      policy: unlimited,
    });
    expect(await statesOf(await run(transactional))).toEqual({ planned: 1 });
    expect(person).toBeDefined();
  });
});

describe('schedules', () => {
  const daily = (time: string, zone: string): Trigger => ({
    kind: 'recurring',
    every: 'day',
    weekdays: [],
    day: 1,
    time,
    zone,
    until: null,
  });
  const at = (text: string) => new Date(text);

  test('keep the clock on the wall, and name each day once when clocks change (F9)', () => {
    const berlin = daily('02:30', 'Europe/Berlin');
    const ticks = (from: string, until: string, trigger = berlin) =>
      ticksOf(trigger, at(from), at(until)).map((tick) => [tick.name, tick.at.toISOString()]);
    /* The hour that is left out begins where it would have. */
    expect(ticks('2026-03-28T12:00:00Z', '2026-03-30T12:00:00Z')).toEqual([
      ['2026-03-29T02:30', '2026-03-29T01:30:00.000Z'], ['2026-03-30T02:30', '2026-03-30T00:30:00.000Z'],
    ]); // prettier-ignore
    /* Of the hour that comes twice, the first. */
    expect(ticks('2026-10-24T12:00:00Z', '2026-10-26T12:00:00Z')).toEqual([
      ['2026-10-25T02:30', '2026-10-25T00:30:00.000Z'], ['2026-10-26T02:30', '2026-10-26T01:30:00.000Z'],
    ]); // prettier-ignore
    expect(ticks('2026-03-07T00:00:00Z', '2026-03-09T23:00:00Z', daily('02:30', 'America/New_York'))).toEqual([
      ['2026-03-07T02:30', '2026-03-07T07:30:00.000Z'], ['2026-03-08T02:30', '2026-03-08T07:30:00.000Z'], ['2026-03-09T02:30', '2026-03-09T06:30:00.000Z'],
    ]); // prettier-ignore
    for (const zone of [
      'Europe/Berlin',
      'Australia/Lord_Howe',
      'America/Sao_Paulo',
      'Asia/Kathmandu',
      'Africa/Cairo',
      'Europe/Kiev',
    ]) {
      const year = ticksOf(daily('02:30', zone), at('2025-12-31T12:00:00Z'), at('2026-12-31T12:00:00Z'));
      expect(new Set(year.map(({ name }) => name)).size, zone).toBe(365);
      expect(
        year.every((tick, i) => i === 0 || tick.at > (year[i - 1]?.at ?? tick.at)),
        zone,
      ).toBe(true);
    }
  });

  test('by the week and by the month, until a day', () => {
    const zone = 'Europe/Berlin';
    const weekly: Trigger = {
      kind: 'recurring',
      every: 'week',
      weekdays: [1, 4],
      day: 1,
      time: '09:00',
      zone,
      until: '2026-06-11',
    };
    expect(ticksOf(weekly, at('2026-06-01T00:00:00Z'), at('2026-07-01T00:00:00Z')).map(({ name }) => name)).toEqual([
      '2026-06-01T09:00', '2026-06-04T09:00', '2026-06-08T09:00', '2026-06-11T09:00',
    ]); // prettier-ignore
    const monthly: Trigger = {
      kind: 'recurring',
      every: 'month',
      weekdays: [],
      day: 31,
      time: '09:00',
      zone,
      until: null,
    };
    expect(ticksOf(monthly, at('2026-01-15T00:00:00Z'), at('2026-05-01T00:00:00Z')).map(({ name }) => name)).toEqual([
      '2026-01-31T09:00', '2026-02-28T09:00', '2026-03-31T09:00', '2026-04-30T09:00',
    ]); // prettier-ignore
    expect(nextTickOf(monthly, at('2026-02-01T00:00:00Z'))?.toISOString()).toBe('2026-02-28T08:00:00.000Z');
  });

  test('begin one run a tick, however many look, and the latest alone of those that were missed', async () => {
    await people(2);
    const later = new Date(now().getTime() + 2 * HOUR).toISOString();
    const id = await approved({ trigger: daily(later.slice(11, 16), 'UTC') });
    expect(await activate(id)).toBeNull();
    expect((await campaignSeenBy(csm, id)).nextAt?.toISOString().slice(0, 16)).toBe(later.slice(0, 16));
    await triggerCampaigns();
    expect(await runIds()).toEqual([]);
    moveClock(3 * HOUR);
    await Promise.all([triggerCampaigns(), triggerCampaigns(), triggerCampaigns()]);
    await triggerCampaigns();
    expect(await runIds()).toHaveLength(1);
    moveClock(3 * DAY);
    await triggerCampaigns();
    await triggerCampaigns();
    expect(await runIds()).toHaveLength(2);
    await deactivateCampaign(csm, id);
    moveClock(DAY);
    await triggerCampaigns();
    expect(await runIds()).toHaveLength(2);
  });

  test('once is once: then the campaign has ended', async () => {
    await people(1);
    const soon = new Date(now().getTime() + HOUR).toISOString();
    const id = await approved({
      trigger: { kind: 'once', date: soon.slice(0, 10), time: soon.slice(11, 16), zone: 'UTC' },
    });
    await activate(id);
    moveClock(2 * HOUR);
    await triggerCampaigns();
    const [runId = 0] = await runIds();
    await planRun({ runId });
    await send(runId);
    moveClock(DAY);
    await triggerCampaigns();
    expect(await runIds()).toHaveLength(1);
    expect((await campaignSeenBy(csm, id)).status).toBe('ended');
  });
});

describe('what happens', () => {
  test('who enters a list gets what waits for that; who comes by an edited rule does not', async () => {
    const [one, two, three] = await people(3);
    const watched = await list({ all: [] }, 'person');
    const id = await approved({
      segmentId: null,
      trigger: { kind: 'segment', segmentId: watched, moment: 'entered' },
    });
    await activate(id);
    const change = (person: typeof one, batch: number, cause: string, what = 'entered') =>
      sql`
      insert into segment_changes (batch, segment_id, entity_id, account_id, change, cause, occurred_at)
      values (${batch}, ${watched}, ${String(person?.id)}, ${person?.accountId}, ${what}, ${cause}, ${now()})`.execute(
        db,
      );
    await change(one, 71, 'data');
    await change(two, 71, 'rule');
    await change(three, 71, 'data', 'left');
    await change(three, 72, 'rule');
    for (const batch of [71, 71, 72, 73]) await triggerOnSegments({ batch, changes: 1 });
    const [runId = 0, ...others] = await runIds();
    expect(others).toEqual([]);
    await planRun({ runId });
    expect((await ledgerOf(csm, runId, {}, 1)).deliveries.map(({ personId }) => personId)).toEqual([one?.id]);
  });

  test('a signal of an account reaches its people, as far as the list has them; one of a person them alone', async () => {
    const inside = await people(2);
    const outside = await people(2, {
      account: (await givenAccount({ industry: 'Energy' })).id,
      at: 'energy.example',
    });
    const id = await approved({ trigger: { kind: 'event', signal: 'renewal.near' } });
    await activate(id);
    const signal = (
      batch: number,
      kind: string,
      person: (typeof inside)[number] | undefined,
      isOfPerson: boolean,
    ) =>
      sql`
      insert into signals (batch, cause, kind, account_id, person, occurred_at, noted_at)
      values (${batch}, ${randomUUID()}, ${kind}, ${person?.accountId}, ${isOfPerson ? (person?.id ?? null) : null}, ${now()}, ${now()})`.execute(
        db,
      );
    await signal(5, 'renewal.near', inside[0], false);
    await signal(5, 'renewal.near', outside[0], false);
    await signal(6, 'renewal.near', inside[1], true);
    await signal(7, 'case.urgent', inside[0], false);
    for (const batch of [5, 6, 7, 5]) await triggerOnSignals({ batch });
    const runs = await runIds();
    for (const runId of runs) await planRun({ runId });
    const reached = await Promise.all(
      runs.map(async (runId) =>
        (await ledgerOf(csm, runId, {}, 1)).deliveries.map(({ personId }) => personId),
      ),
    );
    expect(reached).toEqual([inside.map((person) => person.id), [inside[1]?.id]]);
  });

  test('another system sets a campaign off with its key, once for each idempotency key (F11)', async () => {
    const [one, two] = await people(3);
    const id = await approved({ segmentId: null, trigger: { kind: 'api' } });
    await activate(id);
    const key = await createCampaignKey(csm, id);
    const app = createApp();
    const post = (body: object, headers: Record<string, string> = {}) =>
      request(app).post(`/v1/campaigns/${id}/runs`).set({ Authorization: `Bearer ${key}`, 'Idempotency-Key': 'order 12', ...headers }).send(body); // prettier-ignore
    const named = { people: [one?.email.toUpperCase(), two?.email] };
    const answers = await Promise.all(Array.from({ length: 20 }, () => post(named)));
    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 20 }, () => 202));
    expect(new Set(answers.map(({ body }) => (body as { run: number }).run)).size).toBe(1);
    const [runId = 0] = await runIds();
    await planRun({ runId });
    expect((await ledgerOf(csm, runId, {}, 1)).deliveries.map(({ personId }) => personId)).toEqual([
      one?.id,
      two?.id,
    ]);

    expect((await post(named, { Authorization: 'Bearer rck_made-up' })).status).toBe(401);
    expect((await post(named, { Authorization: '' })).status).toBe(401);
    expect((await post(named, { 'Idempotency-Key': '' })).status).toBe(400);
    expect((await post({ people: 'everybody' }, { 'Idempotency-Key': 'x' })).status).toBe(400);
    const another = await approved({ trigger: { kind: 'api' } });
    const elsewhere = await request(app)
      .post(`/v1/campaigns/${another}/runs`)
      .set('Authorization', `Bearer ${key}`)
      .send({});
    expect(elsewhere.status).toBe(404);
    await deactivateCampaign(csm, id);
    expect((await post(named, { 'Idempotency-Key': 'y' })).status).toBe(409);
    expect((await post(named)).status).toBe(202);
    await revokeCampaignKey(csm, id, (await campaignKeys(csm, id))[0]?.id ?? 0);
    expect((await post(named)).status).toBe(401);
    expect(await runIds()).toHaveLength(1);
  });
});

describe('why', () => {
  test('is told for everybody, before and after, with what it rests on', async () => {
    const [plain, bounced, unwilling] = await people(3);
    const [stranger] = await people(1, {
      account: (await givenAccount({ industry: 'Energy' })).id,
      at: 'energy.example',
    });
    const [twin] = await people(1);
    await transaction(async (tx) => {
      await suppress(tx, [{ address: bounced?.email ?? '', channel: 'email', reason: 'bounced', at: now() }]);
      await noteWords(tx, [
        {
          address: unwilling?.email ?? '',
          topic: 'product-news',
          isGranted: false,
          source: 'page',
          saidAt: now(),
        },
      ]);
    });
    const id = await approved({
      policy: Policy.parse({ quietHours: 'none', personCap: { messages: 1, days: 7 }, again: 'always' }),
    });
    const why = async (person: { id: number } | undefined) => await whyFor(rep, id, person?.id ?? 0);
    const failing = (told: Awaited<ReturnType<typeof why>>) =>
      told.checks.filter(({ isOk }) => isOk === false).map(({ code, values }) => ({ code, values }));

    const before = await Promise.all([plain, bounced, unwilling, stranger, twin].map(why));
    expect(before.map(({ verdict, reason }) => [verdict, reason])).toEqual([
      ['would', null], ['wouldNot', 'suppressed'], ['wouldNot', 'no_consent'], ['wouldNot', 'not_in_audience'], ['wouldNot', 'duplicate'],
    ]); // prettier-ignore
    expect(failing(before[1] ?? (await why(bounced)))).toMatchObject([
      { code: 'suppressed', values: { reason: 'bounced' } },
    ]);
    expect(failing(before[2] ?? (await why(bounced)))).toMatchObject([
      { code: 'consent', values: { isGranted: false, source: 'page' } },
    ]);
    expect(failing(before[4] ?? (await why(bounced)))).toMatchObject([
      { code: 'duplicate', values: { personId: plain?.id } },
    ]);
    expect(before[3]?.rule).toMatchObject({ holds: false, value: 'Energy' });

    const runId = await run(id);
    expect((await why(plain)).verdict).toBe('will');
    moveClock(1000);
    await send(runId);
    /* What comes later changes nothing of why it was so. */
    await transaction((tx) =>
      suppress(tx, [{ address: plain?.email ?? '', channel: 'email', reason: 'complained', at: now() }]),
    );
    const after = await Promise.all([plain, bounced, unwilling, stranger, twin].map(why));
    expect(after.map(({ verdict, reason }) => [verdict, reason])).toEqual([
      ['did', null], ['didNot', 'suppressed'], ['didNot', 'no_consent'], ['didNot', 'not_in_audience'], ['didNot', 'duplicate'],
    ]); // prettier-ignore
    expect(after[0]?.checks.find(({ code }) => code === 'suppressed')).toMatchObject({
      isOk: true,
      values: { reason: null },
    });
    expect(after[0]?.deliveries).toMatchObject([
      { runId, state: 'sent' },
      { state: 'skipped', reason: 'duplicate' },
    ]);

    const second = await run(id);
    expect(await statesOf(second)).toMatchObject({ suppressed: 2 });
    await sql`delete from suppressed_addresses`.execute(db);
    moveClock(1000);
    await send(second);
    await run(id);
    const capped = await why(plain);
    expect([capped.verdict, capped.reason]).toEqual(['didNot', 'capped']);
    expect(failing(capped)).toMatchObject([{ code: 'personCap', values: { messages: 1, days: 7, used: 1 } }]);
    expect(capped.sends).toMatchObject([{ runId, campaignName: 'Release 5' }]);
    await expect(whyFor(rep, id, 999_999)).rejects.toThrow(NotFound);
  });
});

test('the demo has a campaign that is sent, one that waits for its day and one that waits for approval, made once', async () => {
  await people(3);
  await sql`update account_people set days_active_14 = 5`.execute(db);
  await makeDemoCampaigns();
  expect(await runIds()).toEqual([]);
  for (const role of ['csm', 'admin'] as const) {
    const { id } = await givenStaff({ roles: [role], email: `${role}@rapport.example` });
    await sql`update people set is_demo = true where id = ${id}`.execute(db);
  }
  await Promise.all([makeDemoCampaigns(), makeDemoCampaigns()]);
  await makeDemoCampaigns();
  const { campaigns } = await campaignsSeenBy(rep, {}, { sort: 'name', direction: 'asc', page: 1 });
  expect(campaigns.map(({ status, trigger }) => [status, trigger.kind])).toEqual([
    ['in_review', 'manual'],
    ['active', 'manual'],
    ['active', 'recurring'],
  ]);
  expect(await runIds()).toHaveLength(1);
});

test('settings that were never chosen are as delivered, and runs are listed with their figures', async () => {
  expect(await campaignSettings()).toEqual(deliveredSettings);
  await people(2);
  const runId = await run(await approved());
  expect((await runsSeenBy(rep, {}, 1)).runs).toMatchObject([
    { id: runId, campaignName: 'Release 5', counts: { planned: 2 } },
  ]);
});
