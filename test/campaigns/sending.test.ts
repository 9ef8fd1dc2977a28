import { setTimeout as sleep } from 'node:timers/promises';

import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';

import { accepts, startSink, type Behaviour, type Posted, type Sink } from '../support/mail-sink.ts';

/* The settings are read when the product is first imported: the provider has to be there before. */
const sink: Sink = await startSink();
process.env.SENDGRID_BASE_URL = sink.url;
process.env.SENDGRID_API_KEY = 'SG.test';
process.env.MAIL_FROM = 'news@harbour.example';

const { givenOwner, givenRun } = await import('../support/campaigns.ts');
const { givenStaff, staffViewer } = await import('../support/people.ts');
const { sql, db, pool, transaction } = await import('../../src/platform/db.ts');
const { moveClock } = await import('../../src/platform/clock.ts');
const { Conflict, Forbidden, Invalid, NotFound, TooMany } = await import('../../src/platform/errors.ts');
const { drainJobs } = await import('../../src/platform/job-runner.ts');
const { reactions } = await import('../../src/reactions.ts');
const { stageOf } = await import('../../src/stages.ts');
const { jobs } = await import('../../src/worker.ts');
const { keepHook } = await import('../../src/campaigns/outcomes/hook-inbox.ts');
const { cancelRun, pauseRun, resumeRun } = await import('../../src/campaigns/mailing/control.ts');
const { watchMailing } = await import('../../src/campaigns/mailing/mailing.ts');
const { proofOf, proveRun } = await import('../../src/campaigns/runs/proof.ts');
const { settleDoubt } = await import('../../src/campaigns/mailing/settling-doubts.ts');
const { sendTest } = await import('../../src/campaigns/mailing/test-sends.ts');
const { suppress } = await import('../../src/consent/suppression.ts');
const { strikeOut } = await import('../../src/identity/erasure-sweep.queries.ts');

let owner: Awaited<ReturnType<typeof givenOwner>>;
/** Mails to staff come to the same provider, and are no campaign's. */
const isCampaigns = ({ personalizations }: Posted) => 'custom_args' in (personalizations[0] ?? {});

beforeAll(async () => {
  owner = await givenOwner();
});
beforeEach(async () => {
  behaveAs(() => accepts);
  await sql`update channel_states set closed_until = null, troubles = 0, next_at = null, per_minute = null`.execute(
    db,
  );
});
afterAll(async () => {
  await pool.end();
  await sink.close();
});

function behaveAs(behave: (posted: Posted, request: number) => Behaviour): void {
  let request = 0;
  sink.behave = (posted) =>
    isCampaigns(posted) ? behave(posted, (request += 1)) : { takes: false, status: 202 };
}

/** Everything that is due, and what the clock looks after every few seconds. */
async function drain(): Promise<void> {
  await drainJobs({ reactions, jobs, stageOf });
  await watchMailing();
  await drainJobs({ reactions, jobs, stageOf });
}

/** What waits for a later moment, such as an open channel, waits no longer. */
async function later(milliseconds: number): Promise<void> {
  moveClock(milliseconds);
  await drain();
}

const tellEvents = async () => {
  await keepHook('sendgrid', JSON.stringify(sink.events()));
  await drain();
};

const timesOf = (runId: number) => [...sink.takenOf(runId).values()];
const expectOnce = (runId: number, people: number) => {
  expect(timesOf(runId).length, 'people written to').toBe(people);
  expect(
    timesOf(runId).filter((times) => times !== 1),
    'written to more than once',
  ).toEqual([]);
};

async function pausedFor(runId: number): Promise<string | null> {
  const { rows } = await sql<{
    reason: string | null;
  }>`select pause_reason as reason from runs where id = ${runId}`.execute(db);
  return rows[0]?.reason ?? null;
}

const isOf = (runId: number) => ({ posted }: { posted: Posted }) => isCampaigns(posted) && posted.personalizations[0]?.custom_args.run === String(runId); // prettier-ignore
const postsOf = (runId: number) => sink.posts.filter(isOf(runId));

test('a run goes out in requests of a batch each, everybody once, and is proven by its ledger and what the provider tells', async () => {
  const { runId, begin } = await givenRun(owner, { people: 250, batchSize: 100 });
  await begin();
  await drain();
  expectOnce(runId, 250);
  expect(
    postsOf(runId)
      .map(({ posted }) => posted.personalizations.length)
      .sort(),
  ).toEqual([100, 100, 50]);
  await tellEvents();
  const proof = await proofOf(owner.viewer, runId);
  expect(proof).toMatchObject({
    state: 'completed',
    people: 250,
    sent: 250,
    heard: 250,
    unheard: 0,
    isBalanced: true,
    isHashRight: true,
  });
  expect(proof.problems).toEqual([]);
  expect(proof.events).toMatchObject({ processed: 250, delivered: 250 });
});

test('each recipient has their own values, ids and one-click address, and what all share is posted once', async () => {
  const { runId, begin } = await givenRun(owner, { people: 2 });
  await begin();
  await drain();
  const posted = postsOf(runId).map((post) => post.posted);
  expect(posted).toMatchObject([{ categories: ['News of the harbour', 'success'], personalizations: [{ custom_args: { run: String(runId), n: '1', batch: '1' } }, { custom_args: { n: '2' } }] }]); // prettier-ignore
  const [first, second] = posted.flatMap(({ personalizations }) =>
    personalizations.map(({ headers }) => headers ?? {}),
  );
  expect(first?.['List-Unsubscribe']).toMatch(/^<http.*\/unsubscribe\/[\w-]+>$/);
  expect(first?.['List-Unsubscribe-Post']).toBe('List-Unsubscribe=One-Click');
  expect(first?.['List-Unsubscribe']).not.toBe(second?.['List-Unsubscribe']);
  expect(JSON.stringify(posted.map(({ personalizations }) => personalizations[1]))).toContain('Person 2');
  expect(JSON.stringify(posted.map(({ content }) => content))).toMatch(/%s\d%/);
});

test('a changed row of a sealed ledger is found out', async () => {
  const { runId, begin } = await givenRun(owner, { people: 3 });
  await begin();
  await drain();
  await sql`update deliveries set state = 'skipped', reason = 'holdout' where run_id = ${runId} and n = 2`.execute(
    db,
  );
  const proof = await proveRun(runId);
  expect(proof.isHashRight).toBe(false);
  expect(proof.problems.map(({ code }) => code)).toEqual(['counters_differ', 'hash_differs']);
});

test('while a run is paused nothing goes out; resumed, it goes on where it was', async () => {
  const { runId, begin } = await givenRun(owner, { people: 500, batchSize: 50 });
  behaveAs((_, request) => {
    if (request === 3) void pauseRun(owner.viewer, runId);
    return { takes: true, milliseconds: 40 };
  });
  await begin();
  await drain();
  const before = postsOf(runId).length;
  expect(before).toBeLessThanOrEqual(3 + 4);
  expect(before).toBeGreaterThanOrEqual(3);
  await drain();
  expect(postsOf(runId).length).toBe(before);
  await expect(pauseRun(owner.viewer, runId)).rejects.toThrow(Conflict);
  await resumeRun(owner.viewer, runId);
  await drain();
  expectOnce(runId, 500);
  expect(await proveRun(runId)).toMatchObject({ state: 'completed', sent: 500, problems: [] });
  await expect(resumeRun(owner.viewer, runId)).rejects.toThrow(Conflict);
});

test('a run that is paused twenty times at once is paused once, and cancelled once', async () => {
  const { runId } = await givenRun(owner, { people: 10 });
  const outcomes = await Promise.allSettled(Array.from({ length: 20 }, () => pauseRun(owner.viewer, runId)));
  expect(outcomes.filter(({ status }) => status === 'fulfilled').length).toBe(1);
  const cancelled = await Promise.allSettled(
    Array.from({ length: 20 }, () => cancelRun(owner.viewer, runId)),
  );
  expect(cancelled.filter(({ status }) => status === 'fulfilled').length).toBe(1);
});

test('a cancelled run sends nothing new, and says of everybody left that they were skipped for it', async () => {
  const { runId, begin } = await givenRun(owner, { people: 500, batchSize: 50 });
  behaveAs((_, request) => {
    if (request === 2) void cancelRun(owner.viewer, runId);
    return { takes: true, milliseconds: 40 };
  });
  await begin();
  await drain();
  const sent = timesOf(runId).length;
  expect(sent).toBeLessThanOrEqual(50 * 6);
  const proof = await proveRun(runId);
  expect(proof).toMatchObject({
    state: 'cancelled',
    sent,
    skipped: 500 - sent,
    planned: 0,
    isHashRight: true,
    problems: [],
  });
  expect(proof.skippedBy).toEqual({ cancelled: 500 - sent });
});

test('pausing, resuming and cancelling are for those who write campaigns', async () => {
  const { runId } = await givenRun(owner, { people: 1 });
  const rep = await staffViewer(await givenStaff({ roles: ['rep'] }));
  for (const act of [pauseRun, resumeRun, cancelRun])
    await expect(act(rep, runId)).rejects.toThrow(Forbidden);
  await expect(settleDoubt(rep, runId, { batch: 1, decision: 'sent' })).rejects.toThrow(Forbidden);
  await expect(pauseRun(owner.viewer, 999_999)).rejects.toThrow(NotFound);
  await expect(proofOf({ kind: 'visitor' }, runId)).rejects.toThrow(NotFound);
  await cancelRun(owner.viewer, runId);
});

test('who is suppressed after the audience was frozen is not written to (F12)', async () => {
  const { runId, begin } = await givenRun(owner, { people: 10 });
  const address = `p4.${String(runId)}@harbour.example`;
  await transaction((tx) => suppress(tx, [{ address, channel: 'email', reason: 'manual', at: new Date() }]));
  await begin();
  await drain();
  expect(sink.takenOf(runId).has(4)).toBe(false);
  expect(await proveRun(runId)).toMatchObject({ sent: 9, skippedBy: { suppressed: 1 }, problems: [] });
});

test('a value that is far too long ends its own message alone, with the reason (F10)', async () => {
  const { runId, begin } = await givenRun(owner, { people: 10 });
  await sql`
    update account_people set name = repeat('x', 1000000)
    where id = (select person_id from deliveries where run_id = ${runId} and n = 3)`.execute(db);
  await begin();
  await drain();
  expect(sink.takenOf(runId).has(3)).toBe(false);
  expect(await proveRun(runId)).toMatchObject({
    state: 'completed', sent: 9, failedBy: { content_value_too_long: 1 }, problems: [],
  }); // prettier-ignore
});

test('nobody is written to while it is quiet where they are, and at the end of it they are', async () => {
  const hour = new Date().getUTCHours();
  const quietHours = { from: hour, until: (hour + 2) % 24 };
  const { runId, begin } = await givenRun(owner, { people: 10, policy: { quietHours } });
  await sql`update batches set zone = 'UTC' where run_id = ${runId}`.execute(db);
  await begin();
  await drain();
  expect(timesOf(runId)).toEqual([]);
  await later(2 * 3_600_000);
  expectOnce(runId, 10);
});

test('an address that the provider names is left out, and 999 go out (F6)', async () => {
  const { runId, begin } = await givenRun(owner, { people: 1_000 });
  behaveAs(({ personalizations }) => {
    const bad = personalizations.findIndex(({ custom_args }) => custom_args.n === '417');
    const field = `personalizations.${String(bad)}.to.0.email`;
    return bad < 0
      ? accepts
      : {
          takes: false,
          status: 400,
          body: { errors: [{ message: 'Does not contain a valid address.', field }] },
        };
  });
  await begin();
  await drain();
  expectOnce(runId, 999);
  expect(postsOf(runId).length).toBe(2);
  expect(await proveRun(runId)).toMatchObject({ sent: 999, failedBy: { address_refused: 1 }, problems: [] });
});

test('an address that the provider does not name is found by halving, and 999 go out (F6)', async () => {
  const { runId, begin } = await givenRun(owner, { people: 1_000 });
  behaveAs(({ personalizations }) =>
    personalizations.some(({ custom_args }) => custom_args.n === '700')
      ? { takes: false, status: 400, body: { errors: [{ message: 'Bad Request', field: null }] } }
      : accepts,
  );
  await begin();
  await drain();
  expectOnce(runId, 999);
  expect(postsOf(runId).filter(({ took }) => !took).length).toBeLessThanOrEqual(11);
  expect(await proveRun(runId)).toMatchObject({ sent: 999, failedBy: { address_refused: 1 }, problems: [] });
});

test('too many requests close the channel for everybody until the provider says (F6)', async () => {
  const { runId, begin } = await givenRun(owner, { people: 400, batchSize: 50 });
  behaveAs((_, request) =>
    request === 2
      ? { takes: false, status: 429, headers: { 'retry-after': '30' } }
      : { takes: true, milliseconds: 20 },
  );
  await begin();
  await drain();
  const before = postsOf(runId).length;
  expect(before).toBeLessThanOrEqual(2 + 3);
  await later(29_000);
  expect(postsOf(runId).length).toBe(before);
  await later(2_000);
  expectOnce(runId, 400);
  expect(postsOf(runId).filter(({ took }) => !took).length).toBe(1);
});

test('a provider that is at its limit is not asked again before it takes more', async () => {
  const { runId, begin } = await givenRun(owner, { people: 100, batchSize: 10 });
  const reset = String(Math.ceil(Date.now() / 1000) + 8_000);
  behaveAs((_, request) => ({
    takes: true,
    ...(request === 1 && { headers: { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': reset } }),
  }));
  await begin();
  await drain();
  expect(postsOf(runId).length).toBeLessThanOrEqual(4);
  await later(3_600_000);
  expectOnce(runId, 100);
});

test('what the provider cannot have now goes out later, asked for less and less often (F6)', async () => {
  const { runId, begin } = await givenRun(owner, { people: 200, batchSize: 50 });
  behaveAs((_, request) => (request <= 4 ? { takes: false, status: 503 } : accepts));
  await begin();
  await drain();
  expect(postsOf(runId).length).toBeLessThanOrEqual(4);
  for (let minute = 0; minute < 5; minute += 1) await later(60_000);
  expectOnce(runId, 200);
  expect(await proveRun(runId)).toMatchObject({ sent: 200, problems: [] });
});

test('a key that the provider does not know pauses every run of the channel, at once, and their owner is told (F6)', async () => {
  const [one, other] = [
    await givenRun(owner, { people: 100, batchSize: 10 }),
    await givenRun(owner, { people: 100, batchSize: 10 }),
  ];
  behaveAs(() => ({
    takes: false,
    status: 401,
    body: { errors: [{ message: 'The provided authorization grant is invalid', field: null }] },
  }));
  await one.begin();
  await other.begin();
  await drain();
  expect([await pausedFor(one.runId), await pausedFor(other.runId)]).toEqual([
    'unauthorized',
    'unauthorized',
  ]);
  expect(postsOf(one.runId).length + postsOf(other.runId).length).toBeLessThanOrEqual(4);
  const mails = sink.posts.filter(
    ({ posted }) => !isCampaigns(posted) && posted.personalizations[0]?.to[0]?.email === owner.email,
  );
  expect(mails.length).toBeGreaterThanOrEqual(2);
  expect(mails.at(-1)?.posted.subject).toBe('“News of the harbour” is paused');
  expect(mails.at(-1)?.posted.content[0]?.value).toContain(
    'the e-mail service does not accept our key or sender.',
  );
  behaveAs(() => accepts);
  for (const { runId } of [one, other]) await resumeRun(owner.viewer, runId);
  await later(60_000);
  expectOnce(one.runId, 100);
  expectOnce(other.runId, 100);
});

test('a message that the provider refuses pauses its run, and nobody is given up', async () => {
  const { runId, begin } = await givenRun(owner, { people: 100, batchSize: 10 });
  behaveAs(() => ({
    takes: false,
    status: 400,
    body: { errors: [{ message: 'The from email does not contain a valid address.', field: 'from.email' }] },
  }));
  await begin();
  await drain();
  expect(await pausedFor(runId)).toBe('message_refused');
  expect(await proveRun(runId)).toMatchObject({ planned: 100, failed: 0 });
  await cancelRun(owner.viewer, runId);
  await drain();
});

test('a run of which too many fail is paused and its owner told; let go on, it does', async () => {
  const { runId, begin } = await givenRun(owner, {
    people: 1_000,
    batchSize: 100,
    policy: { failurePercent: 10 },
  });
  behaveAs(({ personalizations }) => {
    const errors = personalizations.flatMap(({ custom_args }, place) =>
      Number(custom_args.n) % 4 === 0
        ? [
            {
              message: 'Does not contain a valid address.',
              field: `personalizations.${String(place)}.to.0.email`,
            },
          ]
        : [],
    );
    return errors.length > 0 ? { takes: false, status: 400, body: { errors } } : accepts;
  });
  await begin();
  await drain();
  expect(await pausedFor(runId)).toBe('failures');
  let resumed = 0;
  while ((await pausedFor(runId)) === 'failures' && resumed < 20) {
    resumed += 1;
    await resumeRun(owner.viewer, runId);
    await drain();
  }
  expect(await proveRun(runId)).toMatchObject({ state: 'completed', sent: 750, failed: 250, problems: [] });
});

test('when no answer comes the batch is in doubt, and what the provider tells settles it', async () => {
  const { runId, begin } = await givenRun(owner, { people: 30, batchSize: 10 });
  behaveAs((_, request) => (request === 2 ? { takes: true, breaks: 'before' } : accepts));
  await begin();
  await drain();
  expect(await proveRun(runId)).toMatchObject({ state: 'sending', sent: 20, doubt: 10 });
  await tellEvents();
  await drain();
  expectOnce(runId, 30);
  expect(await proveRun(runId)).toMatchObject({ state: 'completed', sent: 30, doubt: 0, problems: [] });
});

test('half an answer is none (F6)', async () => {
  const { runId, begin } = await givenRun(owner, { people: 10 });
  behaveAs(() => ({ takes: true, breaks: 'within' }));
  await begin();
  await drain();
  expect(await proveRun(runId)).toMatchObject({ doubt: 10 });
  await tellEvents();
  await drain();
  expectOnce(runId, 10);
  expect(await proveRun(runId)).toMatchObject({ state: 'completed', sent: 10 });
});

test('a batch in doubt goes out again only when the grace is over and later ones were heard of', async () => {
  const { runId, begin } = await givenRun(owner, { people: 30, batchSize: 10 });
  behaveAs((_, request) =>
    request === 1 ? { takes: false, breaks: 'before' } : { takes: true, milliseconds: 30 },
  );
  await begin();
  await drain();
  expect(await proveRun(runId)).toMatchObject({ sent: 20, doubt: 10 });
  /* Nothing was ever heard of anything: time alone proves nothing. */
  await later(3_600_000);
  expect(await proveRun(runId)).toMatchObject({ sent: 20, doubt: 10 });
  const told = sink.posts.filter(({ posted }) => !isCampaigns(posted)).length;
  expect(told).toBeGreaterThan(0);
  await tellEvents();
  await drain();
  expectOnce(runId, 30);
  expect(await proveRun(runId)).toMatchObject({ state: 'completed', sent: 30, problems: [] });
});

test('what was told within the grace and is not taken in yet keeps a batch from going out again', async () => {
  const { runId, begin } = await givenRun(owner, { people: 20, batchSize: 10 });
  behaveAs((_, request) =>
    request === 1 ? { takes: true, breaks: 'before' } : { takes: true, milliseconds: 30 },
  );
  await begin();
  await drain();
  const later = String(await batchSent(runId));
  const isLater = ({ batch }: { batch: string }) => batch === later;
  const events = sink.events();
  await keepHook('sendgrid', JSON.stringify(events.filter(isLater)));
  await drain();
  await keepHook('sendgrid', JSON.stringify(events.filter((event) => !isLater(event))));
  moveClock(3_600_000);
  await watchMailing();
  expect(await proveRun(runId)).toMatchObject({ sent: 10, doubt: 10 });
  await drain();
  expectOnce(runId, 20);
  expect(await proveRun(runId)).toMatchObject({ state: 'completed', sent: 20, problems: [] });
});

async function batchSent(runId: number): Promise<number | undefined> {
  const { rows } = await sql<{ batch: number }>`select batch from batches where run_id = ${runId} and state = 'sent'`.execute(db); // prettier-ignore
  return rows[0]?.batch;
}

test('events of later batches before the grace is over send nothing again', async () => {
  const { runId, begin } = await givenRun(owner, { people: 20, batchSize: 10 });
  behaveAs((_, request) =>
    request === 1 ? { takes: false, breaks: 'before' } : { takes: true, milliseconds: 30 },
  );
  await begin();
  await drain();
  await tellEvents();
  await later(200_000);
  expect(await proveRun(runId)).toMatchObject({ sent: 10, doubt: 10 });
  await later(200_000);
  expectOnce(runId, 20);
});

test('a person decides what nobody can tell', async () => {
  const decided = await Promise.all(
    (['sent', 'again', 'failed'] as const).map(async (decision) => ({
      decision,
      ...(await givenRun(owner, { people: 5 })),
    })),
  );
  behaveAs((_, request) => (request <= 3 ? { takes: false, breaks: 'before' } : accepts));
  for (const { begin } of decided) await begin();
  await drain();
  for (const { runId, decision } of decided) await settleDoubt(owner.viewer, runId, { batch: 1, decision });
  await drain();
  const proofs = await Promise.all(decided.map(({ runId }) => proveRun(runId)));
  expect(proofs.map(({ state, sent, failed }) => [state, sent, failed])).toEqual([['completed', 5, 0], ['completed', 5, 0], ['completed', 0, 5]]); // prettier-ignore
  expect(decided.map(({ runId }) => timesOf(runId).length)).toEqual([0, 5, 0]);
  await expect(
    settleDoubt(owner.viewer, decided[0]?.runId ?? 0, { batch: 1, decision: 'again' }),
  ).rejects.toThrow(Conflict);
});

test('a provider’s limit a minute is kept to by all lanes together', async () => {
  await sql`update channel_states set per_minute = 6000 where channel = 'email'`.execute(db);
  const { runId, begin } = await givenRun(owner, { people: 3_000, batchSize: 100 });
  await begin();
  const since = Date.now();
  await drain();
  await sleep(Math.max(0, 500 - (Date.now() - since)));
  /* A hundred a second, and what may be made up for: ten seconds of it. */
  expect(timesOf(runId).length).toBeLessThanOrEqual(1_000 + 100 * 4 + 100 * ((Date.now() - since) / 1000));
  await later(60_000);
  await cancelRun(owner.viewer, runId).catch(() => undefined);
  await drain();
});

test('a small run is not held up by a large one', async () => {
  const large = await givenRun(owner, { people: 800, batchSize: 20 });
  const small = await givenRun(owner, { people: 20 });
  behaveAs(() => ({ takes: true, milliseconds: 5 }));
  await large.begin();
  await small.begin();
  await drain();
  const place = sink.posts.findIndex(isOf(small.runId));
  const first = sink.posts.findIndex(isOf(large.runId));
  expect(place - first).toBeLessThan(25);
  expectOnce(large.runId, 800);
});

test('a message is tried on colleagues alone, and not more than sixty times an hour', async () => {
  const { runId } = await givenRun(owner, { people: 1 });
  const { rows } = await sql<{ messageId: string; personId: number }>`
    select r.fixed ->> 'messageId' as "messageId", d.person_id as "personId" from runs r join deliveries d on d.run_id = r.id where r.id = ${runId}`.execute(
    db,
  );
  const wanted = { messageId: '', personId: 0, ...rows[0], locale: 'en', variant: 0 };
  await expect(sendTest(owner.viewer, { ...wanted, to: 'somebody@elsewhere.example' })).rejects.toThrow(
    Invalid,
  );
  const before = sink.requests();
  for (let time = 0; time < 60; time += 1) await sendTest(owner.viewer, { ...wanted, to: owner.email });
  await expect(sendTest(owner.viewer, { ...wanted, to: owner.email })).rejects.toThrow(TooMany);
  expect(sink.requests() - before).toBe(60);
  await cancelRun(owner.viewer, runId);
});

test('an erasure strikes somebody’s address out of the ledger, and the seal still proves it', async () => {
  const { runId, begin } = await givenRun(owner, { people: 3 });
  await begin();
  await drain();
  await tellEvents();
  const nobody = { key: '', isStaff: false, usageIds: [], personIds: [], contactIds: [], leadIds: [], names: [], phones: [], externalIds: [], anonymousIds: [] };
  const struck = await transaction((tx) => strikeOut(tx, { ...nobody, emails: [`p2.${String(runId)}@harbour.example`] }));
  expect(struck.deliveries).toBe(1);
  const { rows } = await sql<{ address: string }>`select address from deliveries where run_id = ${runId} order by n`.execute(db);
  expect(rows.map(({ address }) => address.includes('@'))).toEqual([true, false, true]);
  expect(await proveRun(runId)).toMatchObject({ state: 'completed', sent: 3, heard: 3, isHashRight: true, problems: [] });
}); // prettier-ignore
