import { randomUUID } from 'node:crypto';

import request from 'supertest';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';

import {
  approve, countersOf, givenEditors, givenPeople, givenText, givenTrack, ofIndustry, rowsOf, sandbox, type Viewer,
} from './world.ts'; // prettier-ignore

const { DAY, HOUR, MINUTE, moveClock, now } = await import('../../src/platform/clock.ts');
const { db, pool, sql, transaction } = await import('../../src/platform/db.ts');
const { Conflict, Forbidden, Invalid, NotFound } = await import('../../src/platform/errors.ts');
const { campaignSeenBy, campaignsSeenBy } = await import('../../src/campaigns/definition/campaigns.ts');
const { planRun } = await import('../../src/campaigns/audience/planning.ts');
const { suppress } = await import('../../src/consent/suppression.ts');
const { createSegment } = await import('../../src/segments/segments.ts');
const { saveTag, tagAccounts, tagsOf } = await import('../../src/segments/tags.ts');
const { createApp } = await import('../../src/app.ts');
const { createTrackKey, revokeTrackKey, trackKeys } = await import('../../src/tracks/keys.ts');
const { addPeople, previewAdding } = await import('../../src/tracks/adding.ts');
const { advance, advanceTracks } = await import('../../src/tracks/advancing.ts');
const {
  countTrackApproval, decideTrackApproval, requestTrackApproval, trackApprovals, withdrawTrackApproval,
} = await import('../../src/tracks/approvals.ts'); // prettier-ignore
const { trackChecks } = await import('../../src/tracks/checks.ts');
const { activateTrack, archiveTrack, pauseTrack, resumeTrack } = await import('../../src/tracks/control.ts');
const { dryRun } = await import('../../src/tracks/dry-run.ts');
const { stepFunnel } = await import('../../src/tracks/figures.ts');
const { everyPersonInTrack, peopleInTrack, removePerson } = await import('../../src/tracks/people.ts');
const { pathOf, tracksOfPerson } = await import('../../src/tracks/paths.ts');
const { changeTrack, createTrack, duplicateTrack, trackSeenBy, tracksSeenBy } =
  await import('../../src/tracks/tracks.ts');
const { enterOnSegments, enterOnSignals, enterOnTags, watchTracks } =
  await import('../../src/tracks/watching.ts');
const { wholeCatalog } = await import('../../src/segments/catalog.ts');
const { campaignSettings } = await import('../../src/campaigns/definition/settings.ts');

let editors: { author: Viewer; second: Viewer };
let author: Viewer;
let messageId: string;
const made: string[] = [];

beforeAll(async () => {
  editors = await givenEditors();
  author = editors.author;
  messageId = await givenText(author, 'Hello');
});
afterAll(async () => {
  await pool.end();
  await sandbox.close();
});
/* Whatever a test does, the counters of its tracks are the counts of their rows. */
afterEach(async () => {
  for (const id of made.splice(0)) {
    expect(await countersOf(id)).toEqual(await rowsOf(id));
    await sql`update tracks set status = 'archived' where id = ${id}`.execute(db);
  }
});

async function track(definition: Record<string, unknown>): Promise<string> {
  const id = await givenTrack(editors, definition);
  made.push(id);
  return id;
}

/** What the clock does every minute, and a while later again. */
async function tick(milliseconds = 0): Promise<void> {
  moveClock(milliseconds);
  await watchTracks();
  await advanceTracks();
}

const titled = (title: string) => ({ field: 'person.title', op: 'is', value: [title] });
const title = (id: number | undefined, to: string) =>
  sql`update account_people set title = ${to} where id = ${id}`.execute(db);
const send = (key: string) => ({ key, kind: 'send', channel: 'email', messageId });
const days = (key: string, amount: number) => ({ key, kind: 'wait', span: { amount, unit: 'days' } });
const byRule = (industry: string) => ({ kind: 'rule', rule: ofIndustry(industry) });

/** What somebody passed, in order, and where they are or how they ended. */
async function wayOf(id: string, personId: number | undefined): Promise<string[]> {
  const { entries } = await pathOf(author, id, personId ?? 0);
  return entries.flatMap(({ steps, now: here, state, reason }) => [
    ...steps.map(({ key, outcome }) => `${key}:${outcome}`),
    here === null ? [state, reason ?? ''].join(' ').trim() : `@${here.key}`,
  ]);
}

/** Has the database end the connection on which this works, as when its process is killed. */
async function breaksOff(work: () => Promise<unknown>): Promise<void> {
  const table = 'account_people';
  await transaction(async (tx) => {
    await sql`lock table ${sql.table(table)} in access exclusive mode`.execute(tx);
    const ended = expect(work()).rejects.toThrow();
    await expect
      .poll(async () => {
        const { rows } = await sql`
          select pg_terminate_backend(pid) from pg_locks
          where relation = ${table}::regclass and not granted`.execute(db);
        return rows.length;
      })
      .toBeGreaterThan(0);
    await ended;
  });
}

let batch = 1_000_000;
async function signal(kind: string, accountId: string, person: number | null = null): Promise<void> {
  batch += 1;
  await sql`
    insert into signals (batch, cause, kind, account_id, person, occurred_at, noted_at)
    values (${batch}, ${randomUUID()}, ${kind}, ${accountId}, ${person}, ${now()}, ${now()})`.execute(db);
  await enterOnSignals({ batch });
}

describe('entering', () => {
  test('a human enters once, by the row of the paying account, however many of their rows the entry brings', async () => {
    const { industry, ids, emails } = await givenPeople(2);
    const twin = await givenPeople(1, { industry });
    await sql`update account_people set email_normalized = ${emails[0]} where id = ${twin.ids[0]}`.execute(
      db,
    );
    const id = await track({ entry: byRule(industry), steps: [days('a', 5)] });
    expect((await dryRun(author, id)).entering).toMatchObject({ count: 2, skipped: { duplicate: 1 } });
    await tick();
    await tick(2 * HOUR);
    const { people } = await peopleInTrack(author, id, {}, 1);
    expect(people.map(({ personId }) => personId).sort()).toEqual([...ids].sort());
    expect((await tracksOfPerson(author, twin.ids[0] ?? 0)).map(({ trackId }) => trackId)).toEqual([id]);
  });

  test('nobody enters a second time, unless the track allows it so many days after they left', async () => {
    const { industry, ids } = await givenPeople(1);
    const once = await track({ entry: byRule(industry), steps: [days('a', 1)] });
    const again = await track({ entry: byRule(industry), again: 3, steps: [days('a', 1)] });
    await tick();
    await tick(DAY + MINUTE);
    expect(await wayOf(again, ids[0])).toEqual(['a:waited', 'done']);
    await tick(2 * DAY);
    expect((await trackSeenBy(author, again)).counts.entered).toBe(1);
    await tick(DAY + HOUR);
    expect((await trackSeenBy(author, again)).counts).toMatchObject({ entered: 2, here: 1 });
    expect((await trackSeenBy(author, once)).counts).toMatchObject({ entered: 1, here: 0 });
    expect(await wayOf(again, ids[0])).toEqual(['a:waited', 'done', '@a']);
  });

  test('a signal brings the person whom it is about, or all people of the account, and who of them meets the rule', async () => {
    const { accountId, ids } = await givenPeople(3);
    await title(ids[2], 'Captain');
    const id = await track({ entry: { kind: 'signal', signal: 'case.opened' }, steps: [days('a', 1)] });
    const captains = await track({
      entry: { kind: 'signal', signal: 'case.opened' },
      who: titled('Captain'),
      steps: [days('a', 1)],
    });
    await signal('case.opened', accountId, ids[0]);
    expect((await trackSeenBy(author, id)).counts.entered).toBe(1);
    await signal('case.opened', accountId);
    expect((await trackSeenBy(author, id)).counts.entered).toBe(3);
    expect((await trackSeenBy(author, captains)).counts.entered).toBe(1);
    await enterOnSignals({ batch });
    expect((await trackSeenBy(author, id)).counts.entered).toBe(3);
  });

  test('a tag that is set brings all people of the account', async () => {
    const { accountId } = await givenPeople(2);
    const tag = `Sailing ${randomUUID().slice(0, 8)}`;
    await saveTag(author, { name: tag, description: '', tone: 'info' });
    const id = await track({ entry: { kind: 'tag', tag, act: 'added' }, steps: [days('a', 1)] });
    await tagAccounts(author, [accountId], tag);
    const { rows } = await sql<{ batch: number }>`
      select max(batch) as batch from account_tag_changes`.execute(db);
    await enterOnTags({ batch: rows[0]?.batch ?? 0, changes: 1 });
    expect((await trackSeenBy(author, id)).counts.entered).toBe(2);
  });

  test('who enters a list enters the track, and who is in it because its rule was edited does not', async () => {
    const { ids, accountId, industry } = await givenPeople(2);
    const segmentId = await createSegment(author, {
      name: `Of ${industry}`, description: '', folder: null, entity: 'person', rule: ofIndustry(industry), isShared: true,
    }); // prettier-ignore
    const id = await track({
      entry: { kind: 'segment', segmentId, moment: 'entered' },
      steps: [days('a', 1)],
    });
    const change = async (personId: number | undefined, cause: string) => {
      batch += 1;
      await sql`
        insert into segment_changes (batch, segment_id, entity_id, account_id, change, cause, occurred_at)
        values (${batch}, ${segmentId}, ${String(personId)}, ${accountId}, 'entered', ${cause}, ${now()})`.execute(
        db,
      );
      await enterOnSegments({ batch, changes: 1 });
    };
    await change(ids[0], 'rule');
    expect((await trackSeenBy(author, id)).counts.entered).toBe(0);
    await change(ids[1], 'data');
    expect(await wayOf(id, ids[1])).toEqual(['@a']);
    expect((await trackSeenBy(author, id)).counts.entered).toBe(1);
  });

  test('people are added by hand after they were counted, whoever may; asked twice it is once', async () => {
    const { ids, accountId } = await givenPeople(3);
    const id = await track({ entry: { kind: 'hand' }, steps: [days('a', 1)] });
    await addPeople(author, id, { personIds: [ids[0] ?? 0] });
    expect(await previewAdding(author, id, { accountIds: [accountId] })).toMatchObject({
      count: 2,
      skipped: { already: 1 },
    });
    const key = randomUUID();
    expect(await addPeople(author, id, { accountIds: [accountId] }, { key })).toBe(2);
    expect(await addPeople(author, id, { accountIds: [accountId] }, { key })).toBe(2);
    const { entries } = await pathOf(author, id, ids[1] ?? 0);
    expect(entries[0]?.cause).toMatchObject({ kind: 'hand', byName: author.name });
    await pauseTrack(author, id);
    await expect(addPeople(author, id, { accountIds: [accountId] })).rejects.toThrow(Conflict);
  });
});

test('another system has people enter with the key of the track, once for each idempotency key', async () => {
  const { ids, emails } = await givenPeople(3);
  const id = await track({ entry: { kind: 'api' }, steps: [days('a', 1)] });
  const key = await createTrackKey(author, id);
  const app = createApp();
  const post = (body: object, headers: Record<string, string> = {}) =>
    request(app).post(`/v1/tracks/${id}/people`).set({ Authorization: `Bearer ${key}`, 'Idempotency-Key': 'order 7', ...headers }).send(body);
  const answers = await Promise.all(Array.from({ length: 5 }, () => post({ people: [emails[0]?.toUpperCase(), emails[1]] })));
  expect(answers.map(({ status, body }) => [status, (body as { entered: number }).entered])).toEqual(Array.from({ length: 5 }, () => [202, 2]));
  expect((await trackSeenBy(author, id)).counts.entered).toBe(2);
  expect((await pathOf(author, id, ids[0] ?? 0)).entries[0]?.cause.kind).toBe('api');
  expect((await post({ people: emails }, { Authorization: 'Bearer rck_made-up' })).status).toBe(401);
  expect((await post({}, { 'Idempotency-Key': 'x' })).status).toBe(400);
  expect((await post({ people: emails }, { 'Idempotency-Key': '' })).status).toBe(400);
  const other = await track({ entry: { kind: 'hand' }, steps: [days('a', 1)] });
  expect((await request(app).post(`/v1/tracks/${other}/people`).set('Authorization', `Bearer ${key}`).send({})).status).toBe(404);
  await pauseTrack(author, id);
  expect((await post({ people: emails }, { 'Idempotency-Key': 'y' })).status).toBe(409);
  await revokeTrackKey(author, id, (await trackKeys(author, id))[0]?.id ?? 0);
  expect((await post({ people: emails })).status).toBe(401);
}); // prettier-ignore

describe('steps', () => {
  test('branches and waits go by what is so at that moment, and after an arm the track goes on behind it', async () => {
    const { industry, ids } = await givenPeople(3);
    await title(ids[0], 'Captain');
    const id = await track({
      entry: byRule(industry),
      steps: [
        {
          key: 'captain', kind: 'branch', rule: titled('Captain'),
          then: [days('short', 1)],
          otherwise: [
            {
              key: 'becomes', kind: 'waitFor', awaited: { kind: 'rule', rule: titled('Captain') }, limit: { amount: 2, unit: 'days' },
              then: [], otherwise: [{ key: 'no', kind: 'exit' }],
            },
          ],
        },
        days('after', 1),
      ],
    }); // prettier-ignore
    await tick();
    expect(await wayOf(id, ids[0])).toEqual(['captain:then', '@short']);
    expect(await wayOf(id, ids[1])).toEqual(['captain:otherwise', '@becomes']);
    await title(ids[1], 'Captain');
    await tick(HOUR);
    expect(await wayOf(id, ids[1])).toEqual(['captain:otherwise', 'becomes:held', '@after']);
    await tick(2 * DAY);
    expect(await wayOf(id, ids[2])).toEqual(['captain:otherwise', 'becomes:timed_out', 'no:exit', 'done']);
    expect(await wayOf(id, ids[0])).toEqual(['captain:then', 'short:waited', '@after']);
    const steps = await stepFunnel(author, await trackSeenBy(author, id));
    expect(steps.find(({ key }) => key === 'captain')).toMatchObject({
      entered: 3, here: 0, passed: 3, outcomes: { then: 1, otherwise: 2 },
    }); // prettier-ignore
  });

  test('a wait until a time ends when it is that late where the person is, on a day that is named', async () => {
    const { rows } = await sql<{ at: string; zone: string; clock: string; days: string; next: Date }>`
      select c.*, next_local_time(at::timestamptz, zone, clock::time, days::int[]) as next from (values
        ('2026-11-20T08:00Z', 'Europe/Berlin', '09:00', '{}'), ('2026-11-20T07:59Z', 'Europe/Berlin', '09:00', '{}'),
        ('2026-11-20T08:00Z', 'Europe/Berlin', '09:00', '{1,2}'), ('2026-11-20T23:30Z', 'Pacific/Auckland', '08:15', '{6}'),
        ('2026-03-28T12:00Z', 'Europe/Berlin', '02:30', '{}'), ('2026-10-24T12:00Z', 'Europe/Berlin', '02:30', '{}'),
        ('2026-10-25T00:45Z', 'Europe/Berlin', '02:30', '{}'), ('2026-11-20T08:00Z', 'Nowhere/Land', '09:00', '{}')
      ) c (at, zone, clock, days)`.execute(db);
    expect(rows.map(({ next }) => next.toISOString().slice(0, 16))).toEqual([
      '2026-11-21T08:00', '2026-11-20T08:00', '2026-11-23T08:00', '2026-11-27T19:15',
      '2026-03-29T01:30', '2026-10-25T00:30', '2026-10-26T01:30', '2026-11-20T09:00',
    ]); // prettier-ignore
    const [here, there] = [
      await givenPeople(1, { zone: 'Asia/Tokyo' }),
      await givenPeople(1, { zone: 'America/New_York' }),
    ];
    const id = await track({
      entry: { kind: 'hand' }, steps: [{ key: 'morning', kind: 'waitUntil', time: '09:00', weekdays: [] }],
    }); // prettier-ignore
    await addPeople(author, id, { personIds: [...here.ids, ...there.ids] });
    const due = async (personId: number | undefined) =>
      (await pathOf(author, id, personId ?? 0)).entries[0]?.now?.dueAt;
    const clock = (at: Date | undefined, timeZone: string) =>
      at && new Intl.DateTimeFormat('en-GB', { timeZone, hour: '2-digit', minute: '2-digit' }).format(at);
    expect(clock(await due(here.ids[0]), 'Asia/Tokyo')).toBe('09:00');
    expect(clock(await due(there.ids[0]), 'America/New_York')).toBe('09:00');
    await tick(DAY + MINUTE);
    expect((await trackSeenBy(author, id)).counts.done).toBe(2);
  });

  test('a wait for a signal is over when it comes to them or their account, not by one that came before', async () => {
    const { ids, accountId } = await givenPeople(2);
    const id = await track({
      entry: { kind: 'hand' },
      steps: [{
        key: 'case', kind: 'waitFor', awaited: { kind: 'signal', signal: 'case.opened' }, limit: { amount: 5, unit: 'days' },
        then: [days('then', 1)], otherwise: [days('else', 1)],
      }],
    }); // prettier-ignore
    await signal('case.opened', accountId);
    moveClock(MINUTE);
    await addPeople(author, id, { accountIds: [accountId] });
    await tick(MINUTE);
    expect(await wayOf(id, ids[0])).toEqual(['@case']);
    await signal('case.opened', accountId, ids[0]);
    await advanceTracks();
    expect(await wayOf(id, ids[0])).toEqual(['case:held', '@then']);
    await tick(5 * DAY);
    expect(await wayOf(id, ids[1])).toEqual(['case:timed_out', '@else']);
  });

  test('a tag step tags the account; a task goes to its owner through the outbox, one an account where that is meant', async () => {
    const { ids, accountId } = await givenPeople(3);
    await sql`update accounts set owner_id = '005000000000001' where id = ${accountId}`.execute(db);
    const tag = `Onboarded ${randomUUID().slice(0, 8)}`;
    await saveTag(author, { name: tag, description: '', tone: 'info' });
    const id = await track({
      entry: { kind: 'hand' },
      steps: [
        { key: 'tag', kind: 'tag', act: 'add', tag },
        { key: 'call', kind: 'task', assignee: 'owner', subject: 'Call them', text: 'About the trial', dueDays: 2, each: 'account' },
        { key: 'each', kind: 'task', assignee: 'manager', subject: 'Write to them', each: 'person' },
        {
          key: 'called', kind: 'waitFor', awaited: { kind: 'task', step: 'call' }, limit: { amount: 3, unit: 'days' },
          then: [days('then', 1)], otherwise: [],
        },
      ],
    }); // prettier-ignore
    await addPeople(author, id, { accountIds: [accountId] });
    await tick();
    expect((await tagsOf(author, accountId)).map(({ name }) => name)).toEqual([tag]);
    const { rows } = await sql<{ subject: string; owner: string; rapportId: string }>`
      select fields ->> 'Subject' as subject, fields ->> 'OwnerId' as owner, rapport_id as "rapportId" from outbox
      where sobject = 'Task' and parent ->> 'salesforceId' = ${accountId} order by subject`.execute(db);
    expect(rows.map(({ subject }) => subject)).toEqual([
      'Call them',
      'Write to them',
      'Write to them',
      'Write to them',
    ]);
    expect(rows[0]?.owner).toBe('005000000000001');
    const { entries } = await pathOf(author, id, ids[2] ?? 0);
    expect(entries[0]?.steps.find(({ key }) => key === 'call')?.taskId).toBe(rows[0]?.rapportId);
    await sql`
      insert into salesforce_tasks (id, rapport_id, is_closed, modified_at) values (${randomUUID().slice(0, 18)}, ${rows[0]?.rapportId}, true, now())`.execute(
      db,
    );
    await tick(HOUR);
    expect((await trackSeenBy(author, id)).waiting).toEqual({ then: 3 });
  });

  test('what a step sends is a run over those who stand there: its ledger says which step and time around, and who was left out', async () => {
    const { industry, ids, emails } = await givenPeople(3);
    const id = await track({
      entry: byRule(industry),
      steps: [days('first', 1), send('hello'), days('after', 1)],
    });
    await transaction((tx) =>
      suppress(tx, [{ address: emails[0] ?? '', channel: 'email', reason: 'bounced', at: now() }]),
    );
    await tick();
    await tick(DAY + MINUTE);
    const { rows } = await sql<{ id: number }>`select id from runs where campaign_id = ${id}`.execute(db);
    expect(rows).toHaveLength(1);
    await planRun({ runId: rows[0]?.id ?? 0 });
    const { rows: ledger } = await sql<{ person: number; step: number; entry: number; state: string }>`
      select person_id as person, step, entry, state from deliveries where run_id = ${rows[0]?.id} order by person_id`.execute(
      db,
    );
    expect(ledger.map(({ person, state }) => [person, state])).toEqual([
      [ids[0], 'skipped'], [ids[1], 'planned'], [ids[2], 'planned'],
    ]); // prettier-ignore
    expect(ledger.every(({ step, entry }) => step === 2 && entry === 1)).toBe(true);
    const { entries } = await pathOf(author, id, ids[1] ?? 0);
    expect(entries[0]?.steps.find(({ key }) => key === 'hello')).toMatchObject({
      outcome: 'handed_over', runId: rows[0]?.id, delivery: { state: 'planned' },
    }); // prettier-ignore
    expect((await trackSeenBy(author, id)).waiting).toEqual({ after: 3 });
  });
});

describe('leaving', () => {
  test('whoever reaches the goal, or meets the rule of the track no longer, leaves before anything more is done', async () => {
    const { industry, ids } = await givenPeople(4);
    for (const each of ids) await title(each, 'Mate');
    await title(ids[3], 'Captain');
    const goal = { name: 'Captain', days: 30, entity: 'person', rule: titled('Captain') };
    const id = await track({
      entry: byRule(industry), goal,
      exits: { atGoal: true, while: { not: titled('Gone') } },
      steps: [days('wait', 10), send('late')],
    }); // prettier-ignore
    expect((await dryRun(author, id)).entering).toMatchObject({ count: 3, skipped: { goal: 1 } });
    await tick();
    await title(ids[0], 'Captain');
    await title(ids[1], 'Gone');
    await tick(HOUR);
    expect(await wayOf(id, ids[0])).toEqual(['left goal']);
    expect(await wayOf(id, ids[1])).toEqual(['left rule']);
    expect(await wayOf(id, ids[2])).toEqual(['@wait']);
    expect((await trackSeenBy(author, id)).counts).toMatchObject({
      here: 1,
      left: 2,
      leftBy: { goal: 1, rule: 1 },
    });
  });

  test('whoever is looked at to leave, and has a reason to stay by then, waits as long as they would have', async () => {
    const { industry, ids } = await givenPeople(1);
    await title(ids[0], 'Mate');
    const id = await track({
      entry: byRule(industry), exits: { atGoal: false, while: { not: titled('Gone') } }, steps: [days('wait', 3), days('after', 3)],
    }); // prettier-ignore
    await tick();
    await tick(DAY);
    await title(ids[0], 'Gone');
    await watchTracks();
    await title(ids[0], 'Back');
    await tick();
    expect(await wayOf(id, ids[0])).toEqual(['@wait']);
    await tick(2 * DAY - HOUR);
    expect(await wayOf(id, ids[0])).toEqual(['@wait']);
    await tick(HOUR + MINUTE);
    expect(await wayOf(id, ids[0])).toEqual(['wait:waited', '@after']);
  });

  test('who is removed, erased or on a removed account leaves; their way stays to be seen', async () => {
    const { industry, ids } = await givenPeople(2);
    const other = await givenPeople(1, { industry });
    const id = await track({ entry: byRule(industry), steps: [days('wait', 10)] });
    await tick();
    await removePerson(author, id, ids[0] ?? 0);
    await expect(removePerson(author, id, ids[0] ?? 0)).rejects.toThrow(Conflict);
    await sql`delete from account_people where id = ${ids[1]}`.execute(db);
    await sql`update accounts set deleted_at = now() where id = ${other.accountId}`.execute(db);
    await tick(MINUTE);
    expect(await wayOf(id, ids[0])).toEqual(['left removed']);
    expect(await wayOf(id, ids[1])).toEqual(['left gone']);
    expect(await wayOf(id, other.ids[0])).toEqual(['left gone']);
    expect((await pathOf(author, id, ids[1] ?? 0)).person.name).toBeNull();
    await expect(pathOf(author, id, 1)).rejects.toThrow(NotFound);
  });
});

describe('control', () => {
  test('while it is paused nobody enters or goes on, and a wait that ends meanwhile is over as soon as it is resumed', async () => {
    const { industry, ids } = await givenPeople(2);
    const id = await track({
      entry: byRule(industry),
      steps: [days('wait', 2), send('hello'), days('after', 9)],
    });
    await tick();
    const before = (await pathOf(author, id, ids[0] ?? 0)).entries[0]?.now?.dueAt;
    await pauseTrack(author, id);
    const late = await givenPeople(1, { industry });
    await tick(3 * DAY);
    expect((await pathOf(author, id, ids[0] ?? 0)).entries[0]?.now).toMatchObject({
      key: 'wait',
      dueAt: before,
    });
    expect((await trackSeenBy(author, id)).counts.entered).toBe(2);
    await resumeTrack(author, id);
    await tick();
    expect((await trackSeenBy(author, id)).waiting).toEqual({ after: 2, wait: 1 });
    expect(await wayOf(id, late.ids[0])).toEqual(['@wait']);
    await expect(resumeTrack(author, id)).rejects.toThrow(Conflict);
  });

  test('pausing holds the messages that were handed over, resuming lets them go on, archiving ends them', async () => {
    const { industry } = await givenPeople(2);
    const id = await track({ entry: byRule(industry), steps: [send('hello'), days('after', 9)] });
    await tick();
    const run = async () => {
      const { rows } = await sql<{ state: string; held: string | null }>`
        select state, pause_reason as held from runs where campaign_id = ${id}`.execute(db);
      return rows[0];
    };
    await pauseTrack(author, id);
    expect(await run()).toEqual({ state: 'triggered', held: 'track_paused' });
    await resumeTrack(author, id);
    expect(await run()).toEqual({ state: 'triggered', held: null });
    await archiveTrack(author, id);
    expect(await run()).toEqual({ state: 'cancelled', held: null });
    expect((await trackSeenBy(author, id)).counts).toMatchObject({ here: 0, leftBy: { archived: 2 } });
    await expect(changeTrack(author, id, { name: 'Other' })).rejects.toThrow(Conflict);
  });

  test('two processes share the people of a track, and nobody is done twice', async () => {
    const { industry } = await givenPeople(90);
    const id = await track({
      entry: byRule(industry),
      steps: [
        send('one'),
        { key: 'b', kind: 'branch', rule: titled('X'), then: [], otherwise: [send('two')] },
      ],
    });
    await watchTracks();
    const known = { wave: 4, catalog: await wholeCatalog(), settings: await campaignSettings() };
    const worker = async () => {
      let waves = 0;
      while ((await advance(id, known)) > 0) waves += 1;
      return waves;
    };
    const waves = await Promise.all([worker(), worker(), worker()]);
    expect(waves.filter((each) => each > 3).length).toBeGreaterThan(1);
    await advanceTracks();
    const { rows } = await sql<{ step: string; people: number; rows: number }>`
      select step, count(distinct person_id) as people, count(*) as rows from track_path where track_id = ${id} group by step order by step`.execute(
      db,
    );
    expect(rows).toEqual([
      { step: 'b', people: 90, rows: 90 }, { step: 'one', people: 90, rows: 90 }, { step: 'two', people: 90, rows: 90 },
    ]); // prettier-ignore
  });
});

describe('versions and approval', () => {
  test('a track goes only as a second person approved it, and what is changed has to be approved anew', async () => {
    const { second } = editors;
    const { industry } = await givenPeople(2);
    const definition = {
      messageClass: 'transactional',
      entry: byRule(industry),
      steps: [{ ...send('hello'), messageId: null }],
    };
    const id = await createTrack(author, { name: 'Welcome aboard', definition });
    expect(await trackChecks(author, id)).toEqual([{ code: 'content', key: 'hello' }]);
    await expect(requestTrackApproval(author, id)).rejects.toThrow(Conflict);
    await changeTrack(author, id, { definition: { ...definition, steps: [send('hello')] } });
    const approvalId = await requestTrackApproval(author, id);
    expect((await trackSeenBy(author, id)).status).toBe('in_review');
    await expect(
      decideTrackApproval(author, id, { approvalId, decision: 'approved', comment: '' }),
    ).rejects.toThrow(Forbidden);
    await withdrawTrackApproval(author, id);
    await expect(activateTrack(author, id)).rejects.toThrow(Conflict);
    await approve(editors, id);
    expect((await trackApprovals(author, id))[0]).toMatchObject({
      people: 2,
      version: 1,
      decision: 'approved',
      decidedByName: second.name,
    });
    await changeTrack(author, id, { definition: { ...definition, steps: [send('hello'), days('wait', 1)] } });
    expect((await trackSeenBy(author, id)).status).toBe('draft');
    await expect(activateTrack(author, id)).rejects.toThrow(Conflict);
    await approve(editors, id);
    await sql`update track_versions set definition = definition || '{"again": 5}' where track_id = ${id}`.execute(
      db,
    );
    await expect(activateTrack(author, id)).rejects.toThrow(Conflict);
  });

  test('whom it is for is counted by a job: nobody decides before, what is edited meanwhile is void, and a count that breaks off is taken up again', async () => {
    const { second } = editors;
    const { industry, ids } = await givenPeople(3);
    await title(ids[0], 'Captain');
    const definition = {
      messageClass: 'transactional', entry: byRule(industry), exits: { atGoal: false, while: titled('Captain') }, steps: [send('hello')],
    }; // prettier-ignore
    const id = await createTrack(author, { name: 'Counted', definition });
    const newest = async () => (await trackApprovals(author, id))[0];
    const approving = (approvalId: number) =>
      decideTrackApproval(second, id, { approvalId, decision: 'approved', comment: '' });

    const edited = await requestTrackApproval(author, id);
    expect(await newest()).toMatchObject({ id: edited, people: null, forecast: null, decision: null });
    await expect(approving(edited)).rejects.toThrow('still being counted');
    const { exits, ...open } = definition;
    await changeTrack(author, id, { definition: open });
    await countTrackApproval({ approvalId: edited });
    expect(await newest()).toMatchObject({ id: edited, people: null, decision: 'withdrawn' });
    expect((await trackSeenBy(author, id)).status).toBe('draft');

    await changeTrack(author, id, { definition: { ...open, exits } });
    const asked = await requestTrackApproval(author, id);
    await breaksOff(() => countTrackApproval({ approvalId: asked }));
    expect(await newest()).toMatchObject({ id: asked, people: null, decision: null });
    const { rows: jobs } = await sql<{ job: number }>`
      select id as job from graphile_worker._private_jobs where (payload ->> 'approvalId')::int = ${asked}`.execute(
      db,
    );
    expect(jobs).toHaveLength(1);
    await Promise.all([1, 2].map(() => countTrackApproval({ approvalId: asked })));
    expect(await newest()).toMatchObject({
      people: 1,
      forecast: { skipped: { while: 2 }, steps: { hello: { reached: 1 } } },
    });
    await title(ids[1], 'Captain');
    await countTrackApproval({ approvalId: asked });
    expect((await newest())?.people).toBe(1);
    await approving(asked);
    await activateTrack(author, id);
    await tick();
    expect((await trackSeenBy(author, id)).counts.entered).toBe(2);
  });

  test('what cannot be counted, as the database cannot follow a rule of it, goes back to its author, who reads why', async () => {
    const definition = {
      messageClass: 'transactional', entry: { kind: 'rule', rule: titled('Captain') }, steps: [send('hello')],
    }; // prettier-ignore
    const id = await createTrack(author, { name: 'Broken', definition });
    const approvalId = await requestTrackApproval(author, id);
    await sql`alter table account_people rename column title to called`.execute(db);
    await countTrackApproval({ approvalId }).finally(() =>
      sql`alter table account_people rename column called to title`.execute(db),
    );
    expect((await trackApprovals(author, id))[0]).toMatchObject({
      people: null, decision: 'withdrawn', decidedBy: null, trouble: 'rule_broken',
    }); // prettier-ignore
    expect((await trackSeenBy(author, id)).status).toBe('draft');
    expect(await requestTrackApproval(author, id)).toBeGreaterThan(approvalId);
  });

  test('people go on by a new version from the step at which they are, or by their own where it is gone', async () => {
    const { industry, ids } = await givenPeople(2);
    const rest = { messageClass: 'transactional', policy: { quietHours: 'none' }, entry: byRule(industry) };
    const captain = { key: 'captain', kind: 'branch', rule: titled('Captain') };
    const id = await track({
      ...rest, steps: [{ ...captain, then: [days('gone', 2)], otherwise: [days('stays', 2)] }, days('last', 1)],
    }); // prettier-ignore
    await title(ids[0], 'Captain');
    await tick();
    await changeTrack(author, id, {
      definition: {
        ...rest,
        steps: [
          { ...captain, then: [], otherwise: [days('stays', 5), days('new', 1)] },
          days('last', 1),
          days('end', 1),
        ],
      },
    });
    expect(await trackSeenBy(author, id)).toMatchObject({
      status: 'active',
      version: 1,
      next: { version: 2, state: 'draft' },
    });
    await approve(editors, id);
    await activateTrack(author, id);
    expect(await trackSeenBy(author, id)).toMatchObject({ status: 'active', version: 2, next: null });
    await tick(2 * DAY + MINUTE);
    expect(await wayOf(id, ids[0])).toEqual(['captain:then', 'gone:waited', '@last']);
    expect(await wayOf(id, ids[1])).toEqual(['captain:otherwise', 'stays:waited', '@new']);
    await tick(DAY + MINUTE);
    expect(await wayOf(id, ids[0])).toEqual(['captain:then', 'gone:waited', 'last:waited', '@end']);
    expect((await stepFunnel(author, await trackSeenBy(author, id))).at(-1)).toMatchObject({
      key: 'gone',
      kind: null,
      passed: 1,
      here: 0,
    });
  });

  test('a step may become one of another kind while people stand at it', async () => {
    const { industry, ids } = await givenPeople(1);
    const rest = { messageClass: 'transactional', entry: byRule(industry) };
    const id = await track({
      ...rest,
      steps: [{ key: 'x', kind: 'branch', rule: titled('Y'), then: [], otherwise: [] }, days('end', 1)],
    });
    await watchTracks();
    const awaited = { kind: 'rule', rule: titled('Y') };
    await changeTrack(author, id, {
      definition: {
        ...rest,
        steps: [
          { key: 'x', kind: 'waitFor', awaited, limit: { amount: 2, unit: 'days' }, then: [], otherwise: [] },
          days('end', 1),
        ],
      },
    });
    await approve(editors, id);
    await activateTrack(author, id);
    await tick();
    expect(await wayOf(id, ids[0])).toEqual(['@x']);
    await tick(2 * DAY + MINUTE);
    expect(await wayOf(id, ids[0])).toEqual(['x:timed_out', '@end']);
  });

  test('a step that people come by again in a new order is done once', async () => {
    const { industry, ids } = await givenPeople(1);
    const rest = { messageClass: 'transactional', entry: byRule(industry) };
    const id = await track({ ...rest, steps: [send('a'), days('wait', 2), send('b')] });
    await tick();
    await changeTrack(author, id, {
      definition: { ...rest, steps: [days('wait', 2), send('b'), send('a'), send('c')] },
    });
    await approve(editors, id);
    await activateTrack(author, id);
    await tick(2 * DAY + MINUTE);
    expect((await wayOf(id, ids[0])).sort()).toEqual([
      'a:handed_over',
      'b:handed_over',
      'c:handed_over',
      'done',
      'wait:waited',
    ]);
    const { rows } = await sql<{
      step: string;
    }>`select fixed #>> '{source,step}' as step from runs where campaign_id = ${id} order by 1`.execute(db);
    expect(rows.map(({ step }) => step)).toEqual(['a', 'b', 'c']);
  });
});

describe('what is told', () => {
  test('lists, figures and pages tell who is where; a track is none of the campaigns', async () => {
    const { industry, ids, emails } = await givenPeople(3);
    const id = await track({ entry: byRule(industry), steps: [days('wait', 3)] });
    await tick();
    const { tracks } = await tracksSeenBy(
      author,
      { status: 'active' },
      { sort: 'here', direction: 'desc', page: 1 },
    );
    expect(tracks.find((each) => each.id === id)).toMatchObject({
      counts: { entered: 3, here: 3 },
      entryKind: 'rule',
      status: 'active',
    });
    const { people, total } = await peopleInTrack(
      author,
      id,
      { search: emails[1], state: 'in', step: 'wait' },
      1,
    );
    expect([total, people[0]?.personId, people[0]?.step]).toEqual([1, ids[1], 'wait']);
    const all = [];
    for await (const each of everyPersonInTrack(author, id, {})) all.push(each.personId);
    expect(all.sort()).toEqual([...ids].sort());
    await expect(campaignSeenBy(author, id)).rejects.toThrow(NotFound);
    const { campaigns } = await campaignsSeenBy(author, {}, { sort: 'name', direction: 'asc', page: 1 });
    expect(campaigns.some((each) => each.id === id)).toBe(false);
    const copy = await duplicateTrack(author, id, 'Once more');
    expect(await trackSeenBy(author, copy)).toMatchObject({
      name: 'Once more',
      status: 'draft',
      counts: { entered: 0 },
    });
  });

  test('a dry run tells how many would enter and which way they would go, and keeps nothing', async () => {
    const { industry, ids } = await givenPeople(4);
    await title(ids[0], 'Captain');
    const id = await createTrack(author, {
      name: 'Tried', definition: {
        messageClass: 'transactional', entry: byRule(industry),
        steps: [{ key: 'captain', kind: 'branch', rule: titled('Captain'), then: [send('one'), { key: 'x', kind: 'exit' }], otherwise: [] }, send('two')],
      },
    }); // prettier-ignore
    const { entering, steps } = await dryRun(author, id);
    expect(entering.count).toBe(4);
    expect(entering.sample).toHaveLength(4);
    expect(steps).toEqual({
      captain: { reached: 4, then: 1, otherwise: 3 }, one: { reached: 1 }, x: { reached: 1 }, two: { reached: 3 },
    }); // prettier-ignore
    expect((await trackSeenBy(author, id)).counts.entered).toBe(0);
  });

  test('what cannot be a track is refused at its place, and who may not write tracks may read them', async () => {
    const wrong = (definition: unknown) => createTrack(author, { name: 'Wrong', definition });
    const base = { messageClass: 'success', entry: { kind: 'hand' } };
    await expect(wrong({ ...base, steps: [days('a', 1), days('a', 1)] })).rejects.toMatchObject({
      fields: { 'steps.1.key': 'tracks.errors.keyTwice' },
    });
    await expect(wrong({ ...base, steps: [days('a', 0)] })).rejects.toMatchObject({
      fields: { 'steps.0.span.amount': 'tracks.errors.span' },
    });
    await expect(
      wrong({ ...base, entry: { kind: 'rule', rule: { field: 'no.such', op: 'is' } } }),
    ).rejects.toThrow(Invalid);
    await expect(
      wrong({ ...base, steps: Array.from({ length: 61 }, (_, i) => days(`k${String(i)}`, 1)) }),
    ).rejects.toThrow(Invalid);
    const deep = Array.from({ length: 500 }).reduce<unknown[]>(
      (inner, _, i) => [{ key: `k${String(i)}`, kind: 'branch', rule: null, then: inner, otherwise: [] }],
      [],
    );
    await expect(wrong({ ...base, steps: deep })).rejects.toThrow(Invalid);
    const rep = { ...author, roles: ['rep'] } as Viewer;
    await expect(createTrack(rep, { name: 'Mine', definition: base })).rejects.toThrow(Forbidden);
    const id = await createTrack(author, { name: 'Read', definition: base });
    expect((await trackSeenBy(rep, id)).name).toBe('Read');
  });
});
