import { randomUUID } from 'node:crypto';

import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';

import type { Goal } from '../../src/campaigns/definition/goals.ts';
import type { Rollout } from '../../src/campaigns/definition/rollout.ts';
import { startSink } from '../support/mail-sink.ts';

/* The settings are read when the product is first imported: the provider has to be there before. */
const sink = await startSink();
process.env.SENDGRID_BASE_URL = sink.url;
process.env.SENDGRID_API_KEY = 'SG.test';
process.env.MAIL_FROM = 'news@harbour.example';

const { givenMessage, givenOwner } = await import('../support/campaigns.ts');
const { givenAccount } = await import('../support/mirror.ts');
const { givenStaff, signedIn, staffViewer } = await import('../support/people.ts');
const { createApp } = await import('../../src/app.ts');
const { whyFor } = await import('../../src/campaigns/audience/explanation.ts');
const { previewAudience } = await import('../../src/campaigns/audience/previews.ts');
const { activateCampaign } = await import('../../src/campaigns/runs/activation.ts');
const { nextBegin } = await import('../../src/campaigns/runs/begins.ts');
const { cancelRun, pauseRun, resumeRun } = await import('../../src/campaigns/mailing/control.ts');
const { decideApproval, requestApproval } = await import('../../src/campaigns/definition/approvals.ts');
const { campaignSeenBy, changeCampaign, createCampaign } = await import('../../src/campaigns/definition/campaigns.ts'); // prettier-ignore
const { Policy } = await import('../../src/campaigns/definition/policy.ts');
const { flagOf } = await import('../../src/campaigns/outcomes/outcomes.ts');
const { proveRun } = await import('../../src/campaigns/runs/proof.ts');
const { runSeenBy, runsSeenBy } = await import('../../src/campaigns/runs/runs.ts');
const { cohortsOf } = await import('../../src/campaigns/results/cohort-course.ts');
const { holdCohort, letCohortGo, letCohortsGo, resumeCohort } =
  await import('../../src/campaigns/results/cohorts.ts');
const { countGoals } = await import('../../src/campaigns/results/goal-counting.ts');
const { watchMailing } = await import('../../src/campaigns/mailing/mailing.ts');
const { countWaiting } = await import('../../src/campaigns/waiting.ts');
const { noteWords } = await import('../../src/consent/consent.ts');
const { suppress } = await import('../../src/consent/suppression.ts');
const { DAY, HOUR, MINUTE, moveClock, now } = await import('../../src/platform/clock.ts');
const { Conflict, Forbidden, Invalid, NotFound } = await import('../../src/platform/errors.ts');
const { db, pool, sql, transaction } = await import('../../src/platform/db.ts');
const { drainJobs } = await import('../../src/platform/job-runner.ts');
const { reactions } = await import('../../src/reactions.ts');
const { createSegment } = await import('../../src/segments/segments.ts');
const { jobs } = await import('../../src/worker.ts');

const app = createApp();
let owner: Awaited<ReturnType<typeof givenOwner>>;
let approver: Awaited<ReturnType<typeof staffViewer>>;
let rep: Awaited<ReturnType<typeof staffViewer>>;

beforeAll(async () => {
  owner = await givenOwner();
  approver = await staffViewer(await givenStaff({ roles: ['csm'] }));
  rep = await staffViewer(await givenStaff({ roles: ['rep'] }));
});
beforeEach(async () => {
  await sql`truncate accounts, account_people, runs, deliveries, batches, run_statistics, campaigns, segments cascade`.execute(
    db,
  );
});
afterAll(async () => {
  await pool.end();
  await sink.close();
});

async function drain(): Promise<void> {
  await drainJobs({ reactions, jobs });
  await watchMailing();
  await drainJobs({ reactions, jobs });
}

async function later(milliseconds: number): Promise<void> {
  moveClock(milliseconds);
  await drain();
}

/** Those called “Person 1…” first, then half of the others by lot, then everybody else; a day lies between two. */
const inThree: Rollout = {
  cohorts: [
    { name: 'Pilot', holds: { kind: 'rule', rule: { field: 'person.name', op: 'startsWith', value: 'Person 1' } } },
    { name: 'Half', holds: { kind: 'share', percent: 50 } },
  ],
  rest: 'Everybody else',
  waitHours: 24,
  begins: null,
  gate: { kind: 'limits', failed: 5, bounced: 5, complained: 5, unsubscribed: 100 },
}; // prettier-ignore

/** A campaign to sixty people, approved; “Person 1” and “Person 10” to “Person 19” are eleven of them. */
async function givenCampaign(rollout: Rollout | null, goal: Goal | null = null): Promise<string> {
  const account = await givenAccount({ industry: 'Retail' });
  await sql`
    insert into account_people (account_id, contact_id, email_normalized, name)
    select ${account.id}, ${randomUUID()} || i, 'p' || i || ${`@${randomUUID().slice(0, 8)}.example`}, 'Person ' || i
    from generate_series(1, 60) i`.execute(db);
  const segmentId = await createSegment(owner.viewer, {
    name: `List ${randomUUID()}`, description: '', folder: null, entity: 'account', isShared: true,
    rule: { field: 'account.industry', op: 'is', value: ['Retail'] },
  }); // prettier-ignore
  const id = await createCampaign(owner.viewer, { name: 'News', messageClass: 'success', channel: 'email', topic: 'onboarding' }); // prettier-ignore
  const policy = Policy.parse({ quietHours: 'none', rollout });
  const html = '<p>Dear {{ person.name }}, <a href="{{ links.unsubscribe }}">no more of this</a></p>';
  const messageId = await givenMessage(owner.viewer, { html });
  await changeCampaign(owner.viewer, id, { segmentId, messageId, policy, goal });
  return id;
}

async function sendOut(rollout: Rollout, goal: Goal | null = null): Promise<number> {
  const id = await givenCampaign(rollout, goal);
  const approvalId = await requestApproval(owner.viewer, id);
  await decideApproval(approver, id, { approvalId, decision: 'approved', comment: '' });
  const runId = await activateCampaign(owner.viewer, id, { key: randomUUID() });
  await drain();
  if (runId === null) throw new Error('no run');
  return runId;
}

/** The names of those to whom it went, each once. */
async function gotIt(runId: number): Promise<string[]> {
  const taken = sink.takenOf(runId);
  expect([...taken.values()].filter((times) => times !== 1)).toEqual([]);
  const { rows } = await sql<{ name: string }>`
    select p.name from deliveries d join account_people p on p.id = d.person_id
    where d.run_id = ${runId} and d.n = any(${[...taken.keys()].map(Number)}::int[]) order by p.name`.execute(
    db,
  );
  return rows.map(({ name }) => name);
}

const statesOf = async (runId: number) =>
  (await cohortsOf(await runSeenBy(owner.viewer, runId))).map(({ state }) => state);

const isPilot = (name: string) => name.startsWith('Person 1');

const mailsOf = (subject: RegExp) =>
  sink.posts.filter(({ posted }) => posted.personalizations[0]?.to[0]?.email === owner.email && subject.test(posted.subject)); // prettier-ignore

/** So many of those who have it, of the first cohort, did this. */
const did = (runId: number, flag: Parameters<typeof flagOf>[0], people: number) =>
  sql`update deliveries set flags = flags | ${flagOf(flag)}::int where (run_id, n) in (
    select run_id, n from deliveries where run_id = ${runId} and state = 'sent' order by n limit ${people})`.execute(
    db,
  );

describe('a run that goes out in cohorts', () => {
  test('goes to one after the other, each when its hours are over, and to everybody once', async () => {
    const runId = await sendOut(inThree);
    expect(await statesOf(runId)).toEqual(['out', 'due', 'waiting']);
    const pilot = await gotIt(runId);
    expect(pilot).toHaveLength(11);
    expect(pilot.every(isPilot)).toBe(true);
    await later(DAY - MINUTE);
    expect(await gotIt(runId)).toEqual(pilot);
    await later(2 * MINUTE);
    const two = await gotIt(runId);
    expect(two.length - pilot.length).toBeGreaterThan(10);
    expect(two.length).toBeLessThan(50);
    expect(await statesOf(runId)).toEqual(['out', 'out', 'due']);
    await later(DAY + MINUTE);
    expect(await gotIt(runId)).toHaveLength(60);
    const run = await runSeenBy(owner.viewer, runId);
    expect(run).toMatchObject({ state: 'completed', counts: { sent: 60, planned: 0 } });
    expect((await cohortsOf(run)).map(({ people, figures }) => [people, figures?.sent])).toEqual(
      [11, two.length - 11, 60 - two.length].map((people) => [people, people]),
    );
    expect((await proveRun(runId)).problems).toEqual([]);
    const agent = await signedIn(app, owner);
    const { text } = await agent.get(`/console/runs/${String(runId)}/ledger.csv?cohort=1`).expect(200);
    expect(text.match(/,Pilot,/g)).toHaveLength(11);
    expect(text).not.toContain('Everybody else');
  });

  test('begins a cohort on its days alone, the first one, too', async () => {
    const begins = { weekdays: [7], from: 2, until: 5, zone: 'America/Chicago' };
    const runId = await sendOut({ ...inThree, begins });
    expect(sink.takenOf(runId).size).toBe(0);
    const first = nextBegin(begins, now());
    expect((await cohortsOf(await runSeenBy(owner.viewer, runId)))[0]).toMatchObject({ state: 'due', dueAt: first }); // prettier-ignore
    await later(first.getTime() - now().getTime() - MINUTE);
    expect(sink.takenOf(runId).size).toBe(0);
    await later(2 * MINUTE);
    expect(sink.takenOf(runId).size).toBe(11);
    await later(6 * DAY);
    expect(sink.takenOf(runId).size).toBe(11);
    /* Nobody looked while it could have begun: it does not begin at another time. */
    await later(DAY + 4 * HOUR);
    expect(sink.takenOf(runId).size).toBe(11);
    await later(nextBegin(begins, now()).getTime() - now().getTime());
    expect(sink.takenOf(runId).size).toBeGreaterThan(11);
  });

  test('is held, and its owner told, when the cohort before is over a limit; a person has it go on', async () => {
    const runId = await sendOut(inThree);
    const waiting = await countWaiting();
    await did(runId, 'bounced', 1);
    moveClock(DAY + MINUTE);
    /* Whatever workers look at it at the same time. */
    await Promise.all([letCohortsGo(), letCohortsGo(), letCohortsGo()]);
    await drain();
    expect(await statesOf(runId)).toEqual(['out', 'held', 'waiting']);
    expect(await countWaiting()).toBe(waiting + 1);
    expect((await runsSeenBy(owner.viewer, {}, 1)).runs.map(({ isHeld }) => isHeld)).toEqual([true]);
    const [mail, ...others] = mailsOf(/“Half” waits for you/);
    expect(others).toEqual([]);
    expect(mail?.posted.content[0]?.value).toContain('of the cohort before, 1 of 11 messages bounced, more than the campaign allows.'); // prettier-ignore
    const agent = await signedIn(app, owner);
    const page = `/console/runs/${String(runId)}`;
    const { text } = await agent.get(page).expect(200);
    expect(text).toContain('Of the one before, 1 of 11 bounced');
    await later(2 * DAY);
    expect(sink.takenOf(runId).size).toBe(11);
    await expect(resumeCohort(rep, runId, 2)).rejects.toThrow(Forbidden);
    const again = await signedIn(app, owner);
    await again.post(`${page}/cohorts/2/resumptions`).type('form').send({}).expect(303);
    await drain();
    expect(await statesOf(runId)).toEqual(['out', 'out', 'due']);
    /* The second one has nothing against it. */
    await later(DAY + MINUTE);
    expect(sink.takenOf(runId).size).toBe(60);
    expect(await countWaiting()).toBe(waiting);
    expect((await proveRun(runId)).problems).toEqual([]);
  });

  test('asks a person before each, where its policy says so; who may, may also let one go at once or hold it', async () => {
    const runId = await sendOut({ ...inThree, gate: { kind: 'person' } });
    expect(sink.takenOf(runId).size).toBe(11);
    await holdCohort(owner.viewer, runId, 3);
    await later(DAY + MINUTE);
    expect(await statesOf(runId)).toEqual(['out', 'held', 'held']);
    expect(mailsOf(/“Half” waits for you/).at(-1)?.posted.content[0]?.value).toContain('each cohort goes on with a person’s word.'); // prettier-ignore
    await expect(letCohortGo(rep, runId, 2)).rejects.toThrow(Forbidden);
    await expect(letCohortGo(owner.viewer, runId, 3)).rejects.toThrow(Conflict);
    await expect(letCohortGo(owner.viewer, runId, 4)).rejects.toThrow(NotFound);
    await expect(holdCohort(owner.viewer, runId, 2)).rejects.toThrow(Conflict);
    await pauseRun(owner.viewer, runId);
    await expect(letCohortGo(owner.viewer, runId, 2)).rejects.toThrow(Conflict);
    await resumeRun(owner.viewer, runId);
    await letCohortGo(owner.viewer, runId, 2);
    await drain();
    expect(await statesOf(runId)).toEqual(['out', 'out', 'held']);
    /* Held by a person, and then for a person's word. */
    await resumeCohort(owner.viewer, runId, 3);
    await later(DAY + MINUTE);
    expect(await statesOf(runId)).toEqual(['out', 'out', 'held']);
    await letCohortGo(owner.viewer, runId, 3);
    await drain();
    expect(await gotIt(runId)).toHaveLength(60);
    expect((await cohortsOf(await runSeenBy(owner.viewer, runId))).map(({ letGoBy }) => letGoBy === null)).toEqual([true, false, false]); // prettier-ignore
  });

  test('leaves out who was suppressed, said no or left while they waited, and says in which cohort somebody is', async () => {
    const runId = await sendOut({ ...inThree, cohorts: inThree.cohorts.slice(0, 1) });
    const { campaignId } = await runSeenBy(owner.viewer, runId);
    const { rows } = await sql<{ id: number; name: string; address: string }>`
      select id, name, email_normalized as address from account_people where name in ('Person 2', 'Person 3', 'Person 10') order by name`.execute(
      db,
    );
    const [ten, two, three] = rows;
    if (ten === undefined || two === undefined || three === undefined) throw new Error('nobody');
    expect(await whyFor(owner.viewer, campaignId, ten.id)).toMatchObject({ verdict: 'did', cohort: { place: 1, of: 2, name: 'Pilot', state: 'out' } }); // prettier-ignore
    expect(await whyFor(owner.viewer, campaignId, two.id)).toMatchObject({ verdict: 'will', dueAt: null, cohort: { place: 2, name: 'Everybody else', state: 'due' } }); // prettier-ignore
    await transaction(async (tx) => {
      await suppress(tx, [{ address: two.address, channel: 'email', reason: 'manual', at: now() }]);
      await noteWords(tx, [
        { address: three.address, topic: 'onboarding', isGranted: false, source: 'page', saidAt: now() },
      ]);
    });
    const removed = await givenAccount({ name: 'Removed' });
    await sql`update account_people set account_id = ${removed.id} where name = 'Person 4'`.execute(db);
    await sql`insert into removed_accounts (account_id, reason, removed_by, removed_at) values (${removed.id}, 'junk', ${owner.id}, ${now()})`.execute(
      db,
    );
    await letCohortGo(owner.viewer, runId, 2);
    await drain();
    const names = await gotIt(runId);
    expect(names).toHaveLength(57);
    for (const name of ['Person 2', 'Person 3', 'Person 4']) expect(names).not.toContain(name);
    expect((await runSeenBy(owner.viewer, runId)).skippedBy).toEqual({
      suppressed: 1,
      no_consent: 1,
      gone: 1,
    });
    expect(await whyFor(owner.viewer, campaignId, two.id)).toMatchObject({ verdict: 'didNot', reason: 'suppressed', cohort: { place: 2, state: 'out' } }); // prettier-ignore
    expect((await proveRun(runId)).problems).toEqual([]);
  });

  test('counts as its doing what people reach after their cohort went, not while they waited', async () => {
    const goal = { name: 'Leads', days: 14, entity: 'person' as const, rule: { field: 'person.title', op: 'is', value: ['Lead'] } };
    const runId = await sendOut({ ...inThree, cohorts: inThree.cohorts.slice(0, 1) }, goal);
    const lead = (name: string) => sql`update account_people set title = 'Lead' where name = ${name}`.execute(db);
    await lead('Person 10');
    await lead('Person 2');
    await later(DAY + MINUTE);
    await lead('Person 3');
    await countGoals();
    expect((await runSeenBy(owner.viewer, runId)).counts).toMatchObject({ sent: 60, converted: 2 });
    const { rows } = await sql<{ name: string }>`
      select p.name from deliveries d join account_people p on p.id = d.person_id
      where d.run_id = ${runId} and d.flags & ${flagOf('converted')}::int <> 0 order by 1`.execute(db);
    expect(rows.map(({ name }) => name)).toEqual(['Person 10', 'Person 3']);
  }); // prettier-ignore

  test('that is cancelled goes to nobody of the cohorts that were never let go, and says so of each', async () => {
    const runId = await sendOut(inThree);
    await cancelRun(owner.viewer, runId);
    await later(5 * DAY);
    expect(sink.takenOf(runId).size).toBe(11);
    const run = await runSeenBy(owner.viewer, runId);
    expect(run).toMatchObject({ state: 'cancelled', counts: { planned: 0 }, skippedBy: { cancelled: 49 } });
    expect(await statesOf(runId)).toEqual(['out', 'never', 'never']);
    expect((await proveRun(runId)).problems).toEqual([]);
    const agent = await signedIn(app, owner);
    expect((await agent.get(`/console/runs/${String(runId)}`).expect(200)).text).toContain('Never let go');
  });

  test('passes over a cohort that holds nobody', async () => {
    const nobody = { name: 'Nobody', holds: { kind: 'rule' as const, rule: { field: 'person.name', op: 'is', value: ['Nemo'] } } }; // prettier-ignore
    const runId = await sendOut({ ...inThree, cohorts: [nobody, ...inThree.cohorts.slice(0, 1), { ...nobody, name: 'Nobody either' }] }); // prettier-ignore
    expect(await statesOf(runId)).toEqual(['nobody', 'out', 'nobody', 'due']);
    await later(DAY + MINUTE);
    expect(sink.takenOf(runId).size).toBe(60);
    expect((await runSeenBy(owner.viewer, runId)).state).toBe('completed');
  });
});

describe('the cohorts of a campaign', () => {
  test('are written in a form that adds, moves and takes out, and counted before anything is sent', async () => {
    const id = await givenCampaign(null);
    const agent = await signedIn(app, owner);
    const page = `/console/campaigns/${id}/rollout`;
    const post = (to: string, fields: object) => agent.post(`${page}${to}`).type('form').send(fields);
    expect((await agent.get(page).expect(200)).text).toContain('To everybody at once');
    const begun = (await post('/drafts', { act: 'begin' }).expect(200)).text;
    expect(begun).toContain('A few by lot');
    const fields = {
      cohorts: '1', name0: 'Ten of a hundred', kind0: 'share', percent0: '10', rest: 'The others', waitHours: '48', begins: 'chosen', weekdays: ['6', '7'],
      from: '1', until: '6', zone: 'Europe/Berlin', gate: 'limits', failed: '5', bounced: '5', complained: '0,5', unsubscribed: '2',
    }; // prettier-ignore
    const added = (await post('/drafts', { ...fields, act: 'add', preset: 'activeLately' }).expect(200)).text;
    expect(added).toContain('Active in the last 7 days');
    const two = {
      ...fields, cohorts: '2', name1: 'Active', kind1: 'rule', rule1: '{"field":"personUsage.days","with":{"days":7},"op":"atLeast","value":1}',
    }; // prettier-ignore
    const moved = (await post('/drafts', { ...two, act: 'up:1' }).expect(200)).text;
    expect(moved.indexOf('value="Active"')).toBeLessThan(moved.indexOf('value="Ten of a hundred"'));
    expect((await campaignSeenBy(owner.viewer, id)).policy.rollout).toBeNull();
    const wrong = (await post('', { ...two, name1: '', percent0: '0', weekdays: [], rule1: '{"all":[]}' }).expect(422)).text; // prettier-ignore
    for (const words of [
      'Give a share of 1 to 95 percent',
      'Choose at least one day',
      'is not about everybody',
    ])
      expect(wrong).toContain(words);
    await post('', { ...two, then: 'next' })
      .expect(303)
      .expect('location', `/console/campaigns/${id}/goal`);
    expect((await campaignSeenBy(owner.viewer, id)).policy.rollout).toEqual({
      cohorts: [
        { name: 'Ten of a hundred', holds: { kind: 'share', percent: 10 } },
        { name: 'Active', holds: { kind: 'rule', rule: { field: 'personUsage.days', with: { days: 7 }, op: 'atLeast', value: 1 } } },
      ],
      rest: 'The others', waitHours: 48, begins: { weekdays: [6, 7], from: 1, until: 6, zone: 'Europe/Berlin' },
      gate: { kind: 'limits', failed: 5, bounced: 5, complained: 0.5, unsubscribed: 2 },
    }); // prettier-ignore
    const overview = (await agent.get(`/console/campaigns/${id}`).expect(200)).text;
    expect(overview).toContain('Ten of a hundred (10\u00a0% by lot), then Active (');
    expect(overview).toContain(
      'At least 48 hours lie between two; one begins on Saturday and Sunday from 01:00 to 06:00',
    );
    const { cohorts, count } = await previewAudience(owner.viewer, id);
    expect(cohorts.map(({ name }) => name)).toEqual(['Ten of a hundred', 'Active', 'The others']);
    expect(cohorts.reduce((sum, { people }) => sum + people, 0)).toBe(count);
    const { rows } = await sql<{ id: number }>`select id from account_people limit 1`.execute(db);
    expect((await whyFor(owner.viewer, id, rows[0]?.id ?? 0)).cohort).toMatchObject({
      of: 3,
      state: 'wouldBe',
    });
    await post('/removals', {}).expect(303);
    expect((await campaignSeenBy(owner.viewer, id)).policy.rollout).toBeNull();
  });

  test('are counted by a dry run, and kept by other steps; an approval stays when nothing is changed', async () => {
    const id = await givenCampaign(inThree);
    const runId = await activateCampaign(owner.viewer, id, { key: randomUUID(), isDry: true });
    await drain();
    const run = await runSeenBy(owner.viewer, runId ?? 0);
    expect((await cohortsOf(run)).map(({ state }) => state)).toEqual(['dry', 'dry', 'dry']);
    expect((await cohortsOf(run)).reduce((sum, { people }) => sum + people, 0)).toBe(60);
    expect((await proveRun(run.id)).problems).toEqual([]);
    const agent = await signedIn(app, owner);
    const policy = {
      topic: 'onboarding', again: 'never', quiet: 'none', holdoutPercent: '0', tolerancePercent: '5', failurePercent: '10', waitDays: '0',
    }; // prettier-ignore
    const post = (fields: object) => agent.post(`/console/campaigns/${id}/policy`).type('form').send(fields);
    await requestApproval(owner.viewer, id);
    await post(policy).expect(303);
    expect(await campaignSeenBy(owner.viewer, id)).toMatchObject({ status: 'in_review', policy: { rollout: inThree } }); // prettier-ignore
    expect((await post({ ...policy, trial: 'share', trialPercent: '20', trialHours: '4' }).expect(422)).text).toContain('It cannot do both'); // prettier-ignore
    const trial = { percent: 20, hours: 4, by: 'clicked' as const };
    await expect(changeCampaign(owner.viewer, id, { policy: Policy.parse({ rollout: inThree, trial }) })).rejects.toThrow(Invalid); // prettier-ignore
    await post({ ...policy, failurePercent: '11' }).expect(303);
    expect((await campaignSeenBy(owner.viewer, id)).status).toBe('draft');
  });

  test('begin when their zone’s clock says so, whether it was put forward or back that night', () => {
    const sundays = { weekdays: [7], from: 2, until: 4, zone: 'Europe/Berlin' };
    const from = (at: string, begins = sundays) => nextBegin(begins, new Date(at)).toISOString();
    expect(from('2026-03-25T12:00:00Z')).toBe('2026-03-29T01:00:00.000Z');
    expect(from('2026-10-24T12:00:00Z')).toBe('2026-10-25T00:00:00.000Z');
    expect(from('2026-10-25T02:59:00Z')).toBe('2026-10-25T02:59:00.000Z');
    expect(from('2026-10-25T03:00:00Z')).toBe('2026-11-01T01:00:00.000Z');
    expect(from('2026-06-06T22:30:00Z', { ...sundays, from: 0, until: 24 })).toBe('2026-06-06T22:30:00.000Z');
  });
});
