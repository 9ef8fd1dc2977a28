import { randomUUID } from 'node:crypto';

import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { createApp } from '../../src/app.ts';
import { countGoals, noteGoals } from '../../src/campaigns/results/goal-counting.ts';
import type { Goal } from '../../src/campaigns/definition/goals.ts';
import { difference, effective, newcombe, verdictOf, wilson } from '../../src/campaigns/results/intervals.ts';
import { messageGoal, setMessageGoal } from '../../src/campaigns/definition/message-goals.ts';
import { flagOf } from '../../src/campaigns/outcomes/outcomes.ts';
import { goalsOfRun, reachedByDay, resultsOf } from '../../src/campaigns/results/results.ts';
import { judgeVariants } from '../../src/campaigns/results/variants.ts';
import { DAY, moveClock, now } from '../../src/platform/clock.ts';
import { db, pool, sql } from '../../src/platform/db.ts';
import { Forbidden, Invalid } from '../../src/platform/errors.ts';
import { expectAccessible, looks, screenshot, useBrowser } from '../support/browser.ts';
import { givenMessage, givenOwner } from '../support/campaigns.ts';
import { givenAccount } from '../support/mirror.ts';
import { givenStaff, signedIn, staffViewer } from '../support/people.ts';

let owner: Awaited<ReturnType<typeof givenOwner>>;
let messageId: string;
const app = createApp();
const browser = useBrowser(() => app);

beforeAll(async () => {
  owner = await givenOwner();
  messageId = await givenMessage(owner.viewer);
});
afterAll(() => pool.end());

const titled = (title: string, days = 14): Goal => ({
  name: 'Came to be a champion', days, entity: 'person', rule: { field: 'person.title', op: 'is', value: [title] },
}); // prettier-ignore

interface Row {
  state: 'sent' | 'failed' | 'skipped' | 'planned';
  reason?: string;
  variant?: number;
  flags?: number;
}

/** A run whose rows are as given, the people of so many accounts by turns; planned and settled now. */
async function givenRun(
  rows: readonly Row[],
  { goal, accounts = 1, campaign }: { goal?: Goal | null; accounts?: number; campaign?: string } = {},
) {
  const at = now();
  const campaignId = campaign ?? randomUUID();
  await sql`
    insert into campaigns (id, name, message_class, topic, channel, status, owner_id, goal, created_at, changed_at)
    values (${campaignId}, 'News of the harbour', 'success', 'onboarding', 'email', 'active', ${owner.id},
      ${goal ? JSON.stringify(goal) : null}, ${at}, ${at}) on conflict do nothing`.execute(db);
  const fixed = {
    name: 'News of the harbour',
    messageId,
    messageVersion: 1,
    messageClass: 'success',
    topic: 'onboarding',
    channel: 'email',
    policy: {},
    trigger: { kind: 'manual' },
  };
  const { rows: runs } = await sql<{ id: number }>`
    insert into runs (campaign_id, revision, trigger_key, triggered_at, state, fixed, planned_at, audience_count)
    values (${campaignId}, 1, ${randomUUID()}, ${at}, 'sending', ${JSON.stringify(fixed)}, ${at}, ${rows.length}) returning id`.execute(
    db,
  );
  const runId = runs[0]?.id ?? 0;
  const accountIds: string[] = [];
  for (let i = 0; i < accounts; i++) accountIds.push((await givenAccount()).id);
  const given = rows.map((row, i) => ({
    reason: null,
    variant: 0,
    flags: 0,
    ...row,
    n: i + 1,
    account: accountIds[i % accounts],
  }));
  await sql`
    with given as (select * from json_to_recordset(${JSON.stringify(given)}::json) as g (n int, account text, state text, reason text, variant smallint, flags int)),
    people as (
      insert into account_people (account_id, contact_id, email_normalized, name, title)
      select account, ${`${String(runId)}-`} || n, 'p' || n || ${`.${String(runId)}@harbour.example`}, 'Person ' || n, 'Mate' from given returning id, contact_id)
    insert into deliveries (run_id, n, person_id, account_id, address, locale, variant, flags, batch, state, reason, settled_at)
    select ${runId}, n, p.id, account, 'p' || n || ${`.${String(runId)}@harbour.example`}, 'en', variant, flags,
      case when state <> 'skipped' then 1 end, state, reason, case when state <> 'planned' then ${at}::timestamptz end
    from given join people p on p.contact_id = ${`${String(runId)}-`} || n`.execute(db);
  await sql`insert into batches (run_id, batch, size, state, due_at) values (${runId}, 1, ${rows.length}, 'sent', ${at})`.execute(
    db,
  );
  const sent = rows.filter(({ state }) => state === 'sent').length;
  const held = rows.filter(({ reason }) => reason === 'holdout').length;
  await sql`
    insert into run_statistics (run_id, counts, changed_at)
    values (${runId}, ${JSON.stringify({ total: rows.length, sent, skipped: rows.length - sent, 'skipped:holdout': held })}, ${at})`.execute(
    db,
  );
  return { runId, campaignId, accountIds };
}

const many = (count: number, row: Row): Row[] => Array.from({ length: count }, () => row);
const sent = (count: number) => many(count, { state: 'sent' });
const held = (count: number) => many(count, { state: 'skipped', reason: 'holdout' });

/** These rows' people come to bear a title. */
async function promote(runId: number, title: string, ns: readonly number[]): Promise<void> {
  await sql`
    update account_people p set title = ${title} from deliveries d
    where d.run_id = ${runId} and d.n = any(${[...ns]}::int[]) and p.id = d.person_id`.execute(db);
}

const upTo = (last: number, first = 1) => Array.from({ length: last - first + 1 }, (_, i) => first + i);

async function converted(runId: number): Promise<{ rows: number[]; counter: number }> {
  const { rows } = await sql<{ n: number }>`
    select n from deliveries where run_id = ${runId} and flags & ${flagOf('converted')}::int <> 0 order by n`.execute(
    db,
  );
  const { rows: counts } = await sql<{ counts: Record<string, number> }>`
    select counts from run_statistics where run_id = ${runId}`.execute(db);
  return { rows: rows.map(({ n }) => n), counter: counts[0]?.counts.converted ?? 0 };
}

async function signal(accountId: string, at: Date, personId: number | null = null): Promise<void> {
  await sql`
    insert into signals (batch, cause, kind, account_id, person, occurred_at, noted_at)
    values (1, ${randomUUID()}, 'opportunity.won', ${accountId}, ${personId}, ${at}, ${now()})`.execute(db);
}

describe('intervals', () => {
  test('are those that Wilson and Newcombe published', () => {
    const share = wilson({ count: 81, of: 263 });
    expect([share.low, share.high].map((bound) => bound.toFixed(4))).toEqual(['0.2553', '0.3662']);
    const rise = newcombe({ count: 56, of: 70 }, { count: 48, of: 80 });
    expect([rise.value, rise.low, rise.high].map((bound) => bound.toFixed(4))).toEqual([
      '0.2000',
      '0.0524',
      '0.3339',
    ]);
    const none = newcombe({ count: 10, of: 10 }, { count: 0, of: 10 });
    expect([none.low, none.high].map((bound) => bound.toFixed(4))).toEqual(['0.6075', '1.0000']);
  });

  test('leave nought out of a difference only where it is beyond chance', () => {
    expect(verdictOf(newcombe({ count: 56, of: 70 }, { count: 48, of: 80 }))).toBe('more');
    expect(verdictOf(newcombe({ count: 48, of: 80 }, { count: 56, of: 70 }))).toBe('less');
    expect(verdictOf(newcombe({ count: 50, of: 100 }, { count: 45, of: 100 }))).toBe('no_difference');
  });

  test('count people of few accounts for less than as many of several', () => {
    const spread = effective({ of: 1000, sum: 500, accounts: 1000, variance: 0.25 / 1000 });
    const bunched = effective({ of: 1000, sum: 500, accounts: 20, variance: 0.25 / 20 });
    expect([spread.of, bunched.of].map(Math.round)).toEqual([1000, 20]);
    expect(effective({ of: 1000, sum: 0, accounts: 20, variance: 0 }).of).toBe(20);
    const moved = difference(
      { of: 100, sum: 200, accounts: 50, variance: 0.25 },
      { of: 50, sum: 50, accounts: 40, variance: 0.75 },
    );
    expect([moved.value, moved.low, moved.high].map((bound) => bound.toFixed(2))).toEqual([
      '1.00',
      '-0.96',
      '2.96',
    ]);
  });
});

describe('a goal', () => {
  test('is reached by whoever comes to meet it after the message, within its window, once', async () => {
    const { runId } = await givenRun(sent(6), { goal: titled('Champion') });
    await promote(runId, 'Champion', [1]);
    await noteGoals({ runId });
    await promote(runId, 'Champion', [2, 3]);
    await countGoals();
    expect(await converted(runId)).toEqual({ rows: [2, 3], counter: 2 });
    await promote(runId, 'Mate', [2]);
    await countGoals();
    moveClock(15 * DAY);
    await promote(runId, 'Champion', [4]);
    await countGoals();
    expect(await converted(runId)).toEqual({ rows: [2, 3], counter: 2 });
    const [goal] = await goalsOfRun(owner.viewer, runId);
    expect(goal).toMatchObject({
      isMain: true,
      before: 1,
      sent: { count: 2, of: 5 },
      held: { count: 0, of: 0 },
    });
  });

  test('waits for the message of whoever has not got it yet', async () => {
    const { runId } = await givenRun([{ state: 'planned' }, { state: 'sent' }], { goal: titled('Bosun') });
    await noteGoals({ runId });
    await promote(runId, 'Bosun', [1, 2]);
    await countGoals();
    expect((await converted(runId)).rows).toEqual([2]);
    await sql`update deliveries set state = 'sent', settled_at = ${now()} where run_id = ${runId} and n = 1`.execute(
      db,
    );
    await countGoals();
    expect((await converted(runId)).rows).toEqual([1, 2]);
  });

  test('is counted once for all when several count it at the same time', async () => {
    const { runId } = await givenRun(sent(40), { goal: titled('Purser') });
    await noteGoals({ runId });
    await promote(runId, 'Purser', upTo(25));
    await Promise.all([countGoals(), countGoals(), countGoals()]);
    await countGoals();
    expect(await converted(runId)).toEqual({ rows: upTo(25), counter: 25 });
  });

  test('that is something that happens counts from the message to the end of the window alone', async () => {
    const goal: Goal = { name: 'Bought', days: 10, signal: 'opportunity.won' };
    const { runId, accountIds } = await givenRun(sent(4), { goal, accounts: 4 });
    const [early, within, late, ofOther] = accountIds as [string, string, string, string];
    await noteGoals({ runId });
    await signal(early, new Date(now().getTime() - DAY));
    await signal(within, new Date(now().getTime() + 3 * DAY));
    await signal(late, new Date(now().getTime() + 10.5 * DAY));
    await signal(ofOther, new Date(now().getTime() + DAY), 999_999_999);
    moveClock(11 * DAY);
    await countGoals();
    expect((await converted(runId)).rows).toEqual([2]);
  });

  test('that was named after the run is counted from then on, for those who did not meet it', async () => {
    const { runId, campaignId } = await givenRun(sent(3));
    await noteGoals({ runId });
    await promote(runId, 'Cook', [1]);
    await sql`update campaigns set goal = ${JSON.stringify(titled('Cook'))} where id = ${campaignId}`.execute(
      db,
    );
    await countGoals();
    await promote(runId, 'Cook', [2]);
    await countGoals();
    expect((await converted(runId)).rows).toEqual([2]);
  });

  test('whose rule cannot be asked any more counts nobody, and keeps no other from being counted', async () => {
    const broken = { ...titled('x'), rule: { field: 'person.noSuchField', op: 'is', value: ['x'] } };
    const lost = await givenRun(sent(2), { goal: broken });
    const fine = await givenRun(sent(2), { goal: titled('Pilot') });
    for (const { runId } of [lost, fine]) await noteGoals({ runId });
    await promote(fine.runId, 'Pilot', [1]);
    await countGoals();
    expect((await converted(lost.runId)).rows).toEqual([]);
    expect((await converted(fine.runId)).rows).toEqual([1]);
  });

  test('of a message counts in each campaign that sends it, beside the campaign’s own', async () => {
    await setMessageGoal(owner.viewer, messageId, titled('Reader'));
    const own = await givenRun(sent(2), { goal: titled('Owner') });
    const without = await givenRun(sent(2));
    for (const { runId } of [own, without]) {
      await noteGoals({ runId });
      await promote(runId, 'Reader', [1]);
      await promote(runId, 'Owner', [2]);
    }
    await countGoals();
    expect((await converted(own.runId)).rows).toEqual([2]);
    expect((await converted(without.runId)).rows).toEqual([1]);
    const goals = await goalsOfRun(owner.viewer, own.runId);
    expect(goals.map(({ definition, sent: share }) => [definition.name, share.count])).toEqual([
      ['Came to be a champion', 1], ['Came to be a champion', 1],
    ]); // prettier-ignore
    expect(goals.map(({ isMain, isOfMessage }) => [isMain, isOfMessage])).toEqual([[true, false], [false, true]]); // prettier-ignore
    await setMessageGoal(owner.viewer, messageId, null);
    expect(await messageGoal(owner.viewer, messageId)).toBeNull();
  });

  test('of a message is named by success managers alone, and can be asked', async () => {
    const rep = await staffViewer(await givenStaff({ roles: ['rep'] }));
    await expect(setMessageGoal(rep, messageId, titled('Reader'))).rejects.toThrow(Forbidden);
    const unaskable = { ...titled('x'), rule: { field: 'person.noSuchField', op: 'is', value: ['x'] } };
    await expect(setMessageGoal(owner.viewer, messageId, unaskable)).rejects.toThrow(Invalid);
  });
});

describe('the effect of a message', () => {
  test('is the goal’s share among those meant to get it above that of those held out', async () => {
    const rows = [
      ...sent(80),
      ...many(20, { state: 'skipped', reason: 'capped' }),
      ...held(100),
      { state: 'skipped' as const, reason: 'suppressed' },
    ];
    const { runId, campaignId } = await givenRun(rows, { goal: titled('Skipper'), accounts: 20 });
    await noteGoals({ runId });
    await promote(runId, 'Skipper', [...upTo(40), ...upTo(85, 81), ...upTo(110, 101), 201]);
    await countGoals();
    const results = await resultsOf(owner.viewer, campaignId);
    expect(results?.goal?.sent).toEqual({ count: 40, of: 80 });
    expect(results?.goal?.effect).toMatchObject({
      meant: { count: 45, of: 100 },
      held: { count: 10, of: 100 },
      verdict: 'more',
    });
    const expected = newcombe({ count: 45, of: 100 }, { count: 10, of: 100 });
    expect(results?.goal?.effect?.estimate.low).toBeCloseTo(expected.low, 9);
    const [goal] = await goalsOfRun(owner.viewer, runId);
    expect([goal?.sent, goal?.held]).toEqual([{ count: 40, of: 80 }, { count: 10, of: 100 }]); // prettier-ignore
    expect((await reachedByDay(owner.viewer, 30, campaignId)).at(-1)).toMatchObject({ count: 40, total: 40 });
  });

  test('is not told of few', async () => {
    const { runId, campaignId } = await givenRun([...sent(200), ...held(10)], {
      goal: titled('Stoker'),
      accounts: 5,
    });
    await noteGoals({ runId });
    await promote(runId, 'Stoker', upTo(150));
    await countGoals();
    expect((await resultsOf(owner.viewer, campaignId))?.goal?.effect?.verdict).toBe('too_few');
  });

  test('counts each human once, however often the campaign ran', async () => {
    const first = await givenRun([...sent(40), ...held(40)], { goal: titled('Diver'), accounts: 4 });
    await noteGoals({ runId: first.runId });
    const { rows } = await sql<{ id: number }>`
      insert into runs (campaign_id, revision, trigger_key, triggered_at, state, fixed, planned_at)
      select campaign_id, 1, 'again', triggered_at, state, fixed, planned_at from runs where id = ${first.runId} returning id`.execute(
      db,
    );
    const again = rows[0]?.id ?? 0;
    await sql`
      insert into deliveries (run_id, n, person_id, account_id, address, locale, batch, state, reason, settled_at)
      select ${again}, n, person_id, account_id, address, locale, batch, state, reason, settled_at from deliveries where run_id = ${first.runId}`.execute(
      db,
    );
    await countGoals();
    const results = await resultsOf(owner.viewer, first.campaignId);
    expect([results?.goal?.effect?.meant.of, results?.goal?.effect?.held.of]).toEqual([40, 40]);
  });

  test('on health is how scores moved since the run was planned, on renewals how many were won of those decided', async () => {
    const { runId, campaignId, accountIds } = await givenRun([...sent(60), ...held(60)], { accounts: 120 });
    const judge = (ids: string[], score: number, days: number) =>
      sql`
      insert into health_history (batch, account_id, status, rank, score, reasons, occurred_at)
      select 1, id, 'paying', 'good', ${score}, '[]', ${new Date(now().getTime() + days * DAY)} from unnest(${ids}::text[]) id`.execute(
        db,
      );
    const [meant, control] = [accountIds.slice(0, 60), accountIds.slice(60)];
    await judge(accountIds, 50, -1);
    await judge(meant.slice(0, 50), 70, 2);
    await judge(control.slice(0, 5), 70, 2);
    await judge(control.slice(5), 95, 40);
    const renew = (ids: string[], isWon: boolean) =>
      sql`
      insert into opportunities (id, account_id, name, type, stage, is_closed, is_won, close_on, modified_at)
      select '006' || substr(md5(id), 1, 15), id, 'Renewal', 'Renewal', 'Closed', true, ${isWon}, ${new Date(now().getTime() + 5 * DAY)}::date, now()
      from unnest(${ids}::text[]) id`.execute(db);
    await renew(meant.slice(0, 48), true);
    await renew(meant.slice(48, 52), false);
    await renew(control.slice(0, 25), true);
    await renew(control.slice(25, 50), false);
    moveClock(41 * DAY);
    await countGoals();
    const results = await resultsOf(owner.viewer, campaignId);
    expect(results?.goal).toBeNull();
    expect(results?.health?.estimate.value).toBeCloseTo((50 * 20) / 60 - (5 * 20) / 60, 6);
    expect(results?.health?.verdict).toBe('more');
    expect(results?.renewal).toMatchObject({
      meant: { count: 48, of: 52 },
      held: { count: 25, of: 50 },
      verdict: 'more',
    });
    expect(runId).toBeGreaterThan(0);
  });
});

describe('variants', () => {
  const wording = (variant: number, size: number, clicked: number) => ({
    variant, sent: size, delivered: size, opened: 0, clicked, machineOpened: 0, machineClicked: 0, unsubscribed: 0, converted: 0,
  }); // prettier-ignore

  test('have a winner where one is ahead of each other beyond chance, and none before', () => {
    expect(judgeVariants([wording(0, 500, 20), wording(1, 500, 60)], 'clicked')).toMatchObject({
      verdict: 'winner',
      leader: 1,
    });
    expect(judgeVariants([wording(0, 500, 50), wording(1, 500, 60)], 'clicked')).toMatchObject({
      verdict: 'no_difference',
      leader: 1,
    });
    expect(judgeVariants([wording(0, 20, 1), wording(1, 20, 19)], 'clicked').verdict).toBe('too_few');
    const three = [wording(0, 500, 20), wording(1, 500, 60), wording(2, 500, 58)];
    expect(judgeVariants(three, 'clicked').verdict).toBe('no_difference');
    expect(judgeVariants([wording(0, 100, 5)], 'clicked')).toMatchObject({
      verdict: 'too_few',
      leader: undefined,
    });
  });

  test('tell people from machines', async () => {
    const rows = [
      ...many(3, {
        state: 'sent',
        variant: 0,
        flags: flagOf('delivered') | flagOf('opened') | flagOf('clicked'),
      }),
      ...many(2, {
        state: 'sent',
        variant: 1,
        flags: flagOf('delivered') | flagOf('machine_opened') | flagOf('machine_clicked'),
      }),
      { state: 'failed' as const, variant: 1 },
    ];
    const { runId, campaignId } = await givenRun(rows, { goal: titled('Rigger') });
    await noteGoals({ runId });
    await countGoals();
    const results = await resultsOf(owner.viewer, campaignId);
    expect(results?.variants).toMatchObject([
      { variant: 0, sent: 3, delivered: 3, opened: 3, clicked: 3, machineOpened: 0, machineClicked: 0 },
      { variant: 1, sent: 2, delivered: 2, opened: 0, clicked: 0, machineOpened: 2, machineClicked: 2 },
    ]);
  });
});

describe('the pages of results', () => {
  test('tell all staff what campaigns came to, in words', async () => {
    const rows = [...sent(60), ...held(60)];
    const { runId, campaignId } = await givenRun(rows, { goal: titled('Admiral'), accounts: 3 });
    await noteGoals({ runId });
    await promote(runId, 'Admiral', [...upTo(30), 61, 62]);
    await countGoals();
    const rep = await signedIn(app, await givenStaff({ roles: ['rep'] }));
    const get = async (path: string) => (await rep.get(path).expect(200)).text;
    const one = await get(`/console/campaigns/${campaignId}/results`);
    expect(one).toContain('30 of 60 people to whom it was sent reached the goal within 14 days.');
    expect(one).toContain('More, beyond chance.');
    expect(await get('/console/campaigns/results?days=30')).toContain(
      `/console/campaigns/${campaignId}/results`,
    );
    expect(await get(`/console/runs/${String(runId)}`)).toContain('30 of 60');
  });

  test('can be read by everybody, on a desk and in a hand', async () => {
    const wordings = [
      ...many(60, { state: 'sent', flags: flagOf('clicked') }),
      ...many(60, { state: 'sent', variant: 1, flags: flagOf('machine_opened') }),
    ];
    const { runId, campaignId } = await givenRun([...wordings, ...held(60)], {
      goal: titled('Commodore'),
      accounts: 60,
    });
    await noteGoals({ runId });
    await promote(runId, 'Commodore', upTo(50));
    await countGoals();
    for (const look of looks) {
      const context = await browser.signedIn(owner, look);
      const page = await context.newPage();
      for (const path of [
        'campaigns/results',
        `campaigns/${campaignId}/results`,
        `campaigns/${campaignId}/goal?entity=signal`,
        `runs/${String(runId)}`,
      ]) {
        await page.goto(`${browser.url}/console/${path}`);
        await expectAccessible(page);
        await screenshot(
          page,
          `goals-${path.replace(/\W+/g, '-').slice(0, 12)}-${String(path.length)}-${String(look.width)}-${look.scheme}`,
        );
      }
      await context.close();
    }
  }, 60_000);

  test('let success managers name a goal by what happens, and keep what was typed', async () => {
    const { campaignId } = await givenRun(sent(1));
    const manager = await signedIn(app, owner);
    const post = (path: string, body: object) => manager.post(path).type('form').send(body);
    const path = `/console/campaigns/${campaignId}/goal`;
    const refused = await post(path, { name: 'Bought more', days: '10', entity: 'signal', signal: '' });
    expect([refused.status, refused.text.includes('Bought more')]).toEqual([422, true]);
    await post(path, { name: 'Bought more', days: '10', entity: 'signal', signal: 'opportunity.won' }).expect(
      303,
    );
    const { rows } = await sql<{ goal: Goal }>`select goal from campaigns where id = ${campaignId}`.execute(
      db,
    );
    expect(rows[0]?.goal).toEqual({ name: 'Bought more', days: 10, signal: 'opportunity.won' });
    const ofMessage = `/console/messages/${messageId}/goal`;
    await post(ofMessage, { name: 'Bought', days: '5', entity: 'signal', signal: 'opportunity.won' }).expect(
      303,
    );
    const shown = await manager.get(ofMessage).expect(200);
    expect(shown.text).toContain('value="Bought"');
    await setMessageGoal(owner.viewer, messageId, null);
  });
});
