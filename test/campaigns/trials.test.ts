import { randomUUID } from 'node:crypto';

import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';

import { startSink } from '../support/mail-sink.ts';

/* The settings are read when the product is first imported: the provider has to be there before. */
const sink = await startSink();
process.env.SENDGRID_BASE_URL = sink.url;
process.env.SENDGRID_API_KEY = 'SG.test';
process.env.MAIL_FROM = 'news@harbour.example';

const { givenOwner } = await import('../support/campaigns.ts');
const { givenAccount } = await import('../support/mirror.ts');
const { givenStaff, signedIn, staffViewer } = await import('../support/people.ts');
const { createApp } = await import('../../src/app.ts');
const { activateCampaign } = await import('../../src/campaigns/runs/activation.ts');
const { cancelRun } = await import('../../src/campaigns/mailing/control.ts');
const { decideApproval, requestApproval } = await import('../../src/campaigns/definition/approvals.ts');
const { changeCampaign, createCampaign } = await import('../../src/campaigns/definition/campaigns.ts');
const { Policy } = await import('../../src/campaigns/definition/policy.ts');
const { flagOf } = await import('../../src/campaigns/outcomes/outcomes.ts');
const { proveRun } = await import('../../src/campaigns/runs/proof.ts');
const { runSeenBy } = await import('../../src/campaigns/runs/runs.ts');
const { chooseVariant, trialOf } = await import('../../src/campaigns/results/trials.ts');
const { watchMailing } = await import('../../src/campaigns/mailing/mailing.ts');
const { createMessage } = await import('../../src/content/messages.ts');
const { HOUR, MINUTE, moveClock } = await import('../../src/platform/clock.ts');
const { Conflict, Forbidden, Invalid } = await import('../../src/platform/errors.ts');
const { db, pool, sql } = await import('../../src/platform/db.ts');
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

/** A campaign with two subjects, of which 30 per cent of 200 people try each for four hours. */
async function sendOut(): Promise<number> {
  const account = await givenAccount({ industry: 'Retail' });
  await sql`
    insert into account_people (account_id, contact_id, email_normalized, name)
    select ${account.id}, ${randomUUID()} || i, 'p' || i || ${`@${randomUUID().slice(0, 8)}.example`}, 'Person ' || i
    from generate_series(1, 200) i`.execute(db);
  const part = (variant: number, subject: string) => ({ locale: 'en' as const, variant, subject, preheader: '', body: 'Hello' }); // prettier-ignore
  const messageId = await createMessage(owner.viewer, {
    name: 'News', description: '',
    content: { format: 'text', defaultLocale: 'en', weights: [1, 1], tables: {}, variants: [part(0, 'Calm words'), part(1, 'Loud words')] },
  }); // prettier-ignore
  const segmentId = await createSegment(owner.viewer, {
    name: `List ${randomUUID()}`, description: '', folder: null, entity: 'account', isShared: true,
    rule: { field: 'account.industry', op: 'is', value: ['Retail'] },
  }); // prettier-ignore
  const id = await createCampaign(owner.viewer, { name: 'News', messageClass: 'success', channel: 'email', topic: 'onboarding' }); // prettier-ignore
  const policy = Policy.parse({ quietHours: 'none', trial: { percent: 30, hours: 4, by: 'clicked' } });
  await changeCampaign(owner.viewer, id, { segmentId, messageId, policy });
  const approvalId = await requestApproval(owner.viewer, id);
  await decideApproval(approver, id, { approvalId, decision: 'approved', comment: '' });
  const runId = await activateCampaign(owner.viewer, id, { key: randomUUID() });
  await drain();
  if (runId === null) throw new Error('no run');
  return runId;
}

/** How many of each subject went out. */
function subjectsOf(runId: number): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { posted } of sink.posts)
    for (const { custom_args: ids, ...one } of posted.personalizations)
      if (ids.run === String(runId)) {
        const subject = String(
          (one as { subject?: string }).subject ?? (posted as { subject?: string }).subject,
        );
        counts[subject] = (counts[subject] ?? 0) + 1;
      }
  return counts;
}

const click = (runId: number, variant: number, people: number) =>
  sql`update deliveries set flags = flags | ${flagOf('clicked')}::int where (run_id, n) in (
    select run_id, n from deliveries where run_id = ${runId} and variant = ${variant} and state = 'sent' limit ${people})`.execute(
    db,
  );

describe('variants that are tried first', () => {
  test('go to their share by lot; the rest wait, and get the one that did best once its hours are over', async () => {
    const runId = await sendOut();
    const tried = subjectsOf(runId);
    const share = (tried['Calm words'] ?? 0) + (tried['Loud words'] ?? 0);
    expect(share).toBeGreaterThan(35);
    expect(share).toBeLessThan(90);
    expect(await trialOf(await runSeenBy(owner.viewer, runId))).toMatchObject({ state: 'waiting', waiting: 200 - share, variants: [0, 1] }); // prettier-ignore
    await click(runId, 1, 12);
    moveClock(4 * HOUR - MINUTE);
    await drain();
    expect(subjectsOf(runId)).toEqual(tried);
    moveClock(2 * MINUTE);
    await drain();
    expect(subjectsOf(runId)).toEqual({ ...tried, 'Loud words': 200 - (tried['Calm words'] ?? 0) });
    const run = await runSeenBy(owner.viewer, runId);
    expect(run.state).toBe('completed');
    expect(run.trial).toMatchObject({ variant: 1, by: 'clicked', personId: null });
    expect(run.trial?.variants.map(({ sent }) => sent)).toEqual([tried['Calm words'], tried['Loud words']]);
    expect((await proveRun(runId)).problems).toEqual([]);
  });

  test('can be chosen from sooner, by those who edit campaigns, once', async () => {
    const runId = await sendOut();
    const tried = subjectsOf(runId);
    const agent = await signedIn(app, owner);
    const page = `/console/runs/${String(runId)}`;
    expect((await agent.get(page).expect(200)).text).toContain('Send variant B to the rest');
    await click(runId, 1, 5);
    await expect(chooseVariant(rep, runId, 0)).rejects.toThrow(Forbidden);
    await expect(chooseVariant(owner.viewer, runId, 2)).rejects.toThrow(Invalid);
    await chooseVariant(owner.viewer, runId, 0);
    await expect(chooseVariant(owner.viewer, runId, 1)).rejects.toThrow(Conflict);
    expect((await agent.get(page).expect(200)).text).toContain('The rest got variant A, chosen by a person');
    await drain();
    expect(subjectsOf(runId)).toEqual({ ...tried, 'Calm words': 200 - (tried['Loud words'] ?? 0) });
    expect((await runSeenBy(owner.viewer, runId)).trial).toMatchObject({ variant: 0, verdict: 'person', personId: owner.id }); // prettier-ignore
  });

  test('of a run that is cancelled go to nobody else', async () => {
    const runId = await sendOut();
    const tried = subjectsOf(runId);
    await cancelRun(owner.viewer, runId);
    moveClock(5 * HOUR);
    await drain();
    expect(subjectsOf(runId)).toEqual(tried);
    expect(await runSeenBy(owner.viewer, runId)).toMatchObject({
      state: 'cancelled',
      counts: { planned: 0 },
    });
    expect((await proveRun(runId)).problems).toEqual([]);
  });
});
