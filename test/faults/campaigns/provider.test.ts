import { afterAll, beforeAll, beforeEach, expect } from 'vitest';

import { accepts, type Behaviour, type Posted } from '../../support/mail-sink.ts';
import { eachSeed, type Random } from '../../support/seeds.ts';

import { addressesOf, begin, closeWorld, expectAllRight, finish, forgetPosts, freeJobs, makeWorld, refusingOne, sink, type World } from './world.ts'; // prettier-ignore

const { resumeRun } = await import('../../../src/campaigns/mailing/control.ts');
const { proveRun } = await import('../../../src/campaigns/runs/proof.ts');
const { drainJobs } = await import('../../../src/platform/job-runner.ts');
const work = await import('./work.ts');
const { keepHook } = await import('../../../src/campaigns/outcomes/hook-inbox.ts');
const { db, sql } = await import('../../../src/platform/db.ts');
const { deadLetters, retryDeadLetter } = await import('../../../src/platform/jobs.ts');

/* F6, F7, F10: what a provider answers and tells, and what people's names and values may hold. */
let world: World;

beforeAll(async () => {
  world = await makeWorld();
});
beforeEach(async () => {
  forgetPosts();
  await sql`update channel_states set closed_until = null, troubles = 0`.execute(db);
});
afterAll(closeWorld);

/** Every way in which SendGrid has been seen not to take mails, or not to say that it did. */
const troubles: readonly ((random: Random) => Behaviour)[] = [
  (random) => ({ takes: false, status: 429, headers: { 'retry-after': String(Math.ceil(random.between(1, 9))) } }),
  (random) => ({ takes: false, status: 429, headers: { 'x-ratelimit-reset': String(Math.ceil(Date.now() / 1000 + random.between(1, 9))) } }),
  () => ({ takes: false, status: 503 }),
  () => ({ takes: false, status: 500, body: { errors: [{ message: 'Internal', field: null }] } }),
  () => ({ takes: true, breaks: 'before' }),
  () => ({ takes: false, breaks: 'before' }),
  () => ({ takes: true, breaks: 'within' }),
  () => ({ takes: true, milliseconds: 2_500 }),
  () => ({ takes: true, headers: { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(Math.ceil(Date.now() / 1000 + 3)) } }),
  () => ({ takes: false, status: 401, body: { errors: [{ message: 'The provided authorization grant is invalid', field: null }] } }),
  () => ({ takes: false, status: 413, body: { errors: [{ message: 'Too large', field: null }] } }),
]; // prettier-ignore

eachSeed('F6', 'whatever the provider answers, and however it does not, everybody gets it once', async (random) => {
  const [named, unnamed] = [random.pick(world.reach.slice(0, 50)), random.pick(world.reach.slice(50))];
  const [first, second] = [random.pick(troubles), random.pick(troubles)];
  let left = Math.ceil(random.between(0.1, 5));
  sink.behave = refusingOne((posted) => {
    const usual = refusing(posted, { named, unnamed });
    if (left === 0 || random() < 0.5) return usual;
    left -= 1;
    const trouble = (random() < 0.5 ? first : second)(random);
    /* What it never takes it does not take in trouble either. */
    return trouble.takes ? { ...trouble, takes: usual.takes } : trouble;
  });
  const campaigns = [await begin(world), await begin(world)];
  await finish(world, campaigns, random, { most: 120, step: 2, beside: () => resumeAll(campaigns) });
  await expectAllRight(world, campaigns, { refused: [named, unnamed] });
  /* Two unnamed ones of batches of twelve are found within so many requests; nothing is asked again and again. */
  expect(sink.posts.filter(({ took }) => !took).length, 'requests that came to nothing').toBeLessThan(40);
}); // prettier-ignore

/** One address is named by the provider, of another it says only that something is wrong. */
function refusing({ personalizations }: Posted, { named, unnamed }: { named: string; unnamed: string }): Behaviour {
  const isThere = (address: string) => personalizations.findIndex(({ to }) => to[0]?.email === address);
  const bad = isThere(named);
  if (bad >= 0) {
    const field = `personalizations.${String(bad)}.to.0.email`;
    return { takes: false, status: 400, body: { errors: [{ message: 'Not a valid address.', field }] } };
  }
  if (isThere(unnamed) < 0) return accepts;
  return { takes: false, status: 400, body: { errors: [{ message: 'Bad Request', field: null }] } };
} // prettier-ignore

/** Somebody has seen to the key. */
async function resumeAll(campaigns: readonly string[]): Promise<void> {
  const { rows } = await sql<{ id: number }>`
    select id from runs where campaign_id = any(${[...campaigns]}::uuid[]) and paused_at is not null`.execute(db);
  for (const { id } of rows) await resumeRun(world.owner.viewer, id).catch(() => undefined);
} // prettier-ignore

/* Processed it was once, or it was taken twice. */
const ranks = ['deferred', 'delivered', 'open', 'click'];

eachSeed('F7', 'events in any order, up to 46 times, late, unknown and foreign, come to the highest of each delivery', async (random) => {
  const campaigns = [await begin(world)];
  await finish(world, campaigns, random);
  const runId = await runOf(campaigns[0] ?? '');
  const highest = new Map<number, number>();
  const events: object[] = [];
  for (const [n, batch] of await sentOf(runId)) {
    const rank = Math.floor(random.between(1, ranks.length));
    highest.set(n, rank);
    let late = 0;
    for (const [place, event] of ranks.slice(0, rank + 1).entries()) {
      if (random() < 0.05) late = 10 * 86_400;
      events.push({
        event, run: String(runId), n: String(n), batch: String(batch), email: 'x@harbour.example', sg_message_id: `late-${String(runId)}-${String(n)}`,
        timestamp: Math.floor(Date.now() / 1000) + 60 + place * 30 + late, sg_event_id: `late-${event}-${String(runId)}-${String(n)}`,
        ...(event === 'click' && { url: 'https://tidewater.example/news' }),
      });
    }
  }
  const strange = [
    { event: 'delivered', run: '999999', n: '1', timestamp: 1, sg_event_id: `foreign-${String(runId)}` },
    { event: 'teleported', run: String(runId), n: '1', timestamp: 1, sg_event_id: `never-seen-${String(runId)}` },
    { event: 'delivered', run: String(runId), n: '100000', timestamp: 1, sg_event_id: `nobody-${String(runId)}` },
    { event: 5, run: null }, 'no event', null,
  ];
  const told = events.flatMap((event) => Array.from({ length: random() < 0.02 ? 46 : Math.ceil(random.between(0, 3)) }, () => event));
  const shuffled = [...told, ...strange].map((event) => ({ event, place: random() })).toSorted((a, b) => a.place - b.place).map(({ event }) => event);
  while (shuffled.length > 0) await keepHook('sendgrid', JSON.stringify(shuffled.splice(0, Math.ceil(random.between(1, 200)))));
  await finish(world, campaigns, random);
  const { rows } = await sql<{ n: number; opened: boolean; clicked: boolean }>`
    select n, flags & 64 <> 0 as opened, flags & 128 <> 0 as clicked from deliveries where run_id = ${runId} and state = 'sent' order by n`.execute(db);
  expect(rows).toEqual([...highest].toSorted(([a], [b]) => a - b).map(([n, rank]) => ({ n, opened: rank >= 2, clicked: rank >= 3 })));
  const counts = async () => (await sql<{ counts: object }>`select counts from run_statistics where run_id = ${runId}`.execute(db)).rows[0]?.counts;
  const before = await counts();
  expect(before).toMatchObject({
    delivered: highest.size, opened: rows.filter(({ opened }) => opened).length, clicked: rows.filter(({ clicked }) => clicked).length,
  });
  /* All of it again changes nothing. */
  await keepHook('sendgrid', JSON.stringify(events));
  await finish(world, campaigns, random);
  expect(await counts()).toEqual(before);
  expect(await proveRun(runId)).toMatchObject({ state: 'completed', isHashRight: true, problems: [] });
}); // prettier-ignore

async function runOf(campaignId: string): Promise<number> {
  const { rows } = await sql<{ id: number }>`select id from runs where campaign_id = ${campaignId}`.execute(
    db,
  );
  return rows[0]?.id ?? 0;
}

async function sentOf(runId: number): Promise<[n: number, batch: number][]> {
  const { rows } = await sql<{ n: number; batch: number }>`
    select n, batch from deliveries where run_id = ${runId} and state = 'sent' order by n`.execute(db);
  return rows.map(({ n, batch }) => [n, batch]);
} // prettier-ignore

const poisons: readonly { name: string; isSent: boolean }[] = [
  { name: 'x'.repeat(1_000_000), isSent: false },
  { name: '{{ 1 | divided_by: 0 }}{% for i in (1..100000000) %}x{% endfor %}', isSent: true },
  { name: 'Bcc\r\nBcc: everybody@elsewhere.example\r\n\r\n<script>alert(1)</script>', isSent: true },
  { name: '%s1% %s2% %asm_preferences_raw_url% -name- [unsubscribe] {{insert name}}', isSent: true },
  { name: '<img src=x onerror=alert(1)> "\'`${7*7}', isSent: true },
  { name: '\u202Eelpoep\u202C \u{1F468}\u200D\u{1F469} \uFFFD \u0001\u001B[31m', isSent: true },
  { name: '', isSent: true },
];

eachSeed('F10', 'what poisons one message ends that one, with its reason; what poisons a stage waits among the dead letters and is replayed', async (random) => {
  const poisoned = new Map<string, (typeof poisons)[number]>();
  for (let turn = 0; turn < 4; turn += 1) poisoned.set(random.pick(world.reach), random.pick(poisons));
  const names = await namesOf([...poisoned.keys()]);
  for (const [address, { name }] of poisoned) await rename(address, name);
  try {
    const fine = await begin(world);
    const broken = random() < 0.5 ? await begin(world) : undefined;
    if (broken !== undefined) await breakPlanning(broken);
    await finish(world, [fine], random);
    if (broken !== undefined) await replay(broken, random);
    const unsent = [...poisoned].filter(([, { isSent }]) => !isSent).map(([address]) => address);
    for (const campaign of [fine, ...(broken === undefined ? [] : [broken])]) await expectOthersSent(campaign, unsent);
    expectHarmless();
  } finally {
    for (const [address, name] of names) await rename(address, name);
  }
}); // prettier-ignore

/** The stage fails until it is given up; somebody sees to it, and has it done again. */
async function replay(campaignId: string, random: Random): Promise<void> {
  for (let turn = 0; turn < 5; turn += 1) {
    await hasten();
    await freeJobs();
    await drainJobs(work);
  }
  const dead = (await deadLetters()).filter(({ payload }) => payload.reaction === 'planRun');
  expect(dead).toHaveLength(1);
  expect(dead[0]?.error).toContain('poison');
  await sql`drop trigger poison on batches`.execute(db);
  for (const { id } of dead) await retryDeadLetter(id);
  await finish(world, [campaignId], random);
}

async function expectOthersSent(campaignId: string, unsent: readonly string[]): Promise<void> {
  const runId = await runOf(campaignId);
  const reach = world.reach.filter((address) => !unsent.includes(address));
  expect(addressesOf(runId)).toEqual(reach);
  expect(await proveRun(runId)).toMatchObject({
    state: 'completed', sent: reach.length, isHashRight: true, problems: [],
    failedBy: { address_refused: 1, ...(unsent.length > 0 && { content_value_too_long: unsent.length }) },
  }); // prettier-ignore
}

/** Nothing that a name holds gets out of its place: no header, no address, no markup, no slot of another's. */
function expectHarmless(): void {
  for (const { posted } of sink.posts) {
    for (const { to, headers, custom_args } of posted.personalizations) {
      expect(to).toHaveLength(1);
      expect(Object.keys(custom_args).toSorted()).toEqual(['batch', 'n', 'run']);
      expect(JSON.stringify([to, headers])).not.toMatch(/\\[rn]|elsewhere/);
    }
    expect(posted.subject).not.toMatch(/[\r\n]/);
  }
}

async function namesOf(addresses: readonly string[]): Promise<[address: string, name: string][]> {
  const { rows } = await sql<{ address: string; name: string }>`
    select email_normalized as address, name from account_people where email_normalized = any(${[...addresses]}::text[]) and name <> 'Somebody again'`.execute(db);
  return rows.map(({ address, name }) => [address, name]);
} // prettier-ignore

const rename = (address: string, name: string) =>
  sql`update account_people set name = ${name} where email_normalized = ${address} and contact_id not like '%-%'`.execute(
    db,
  );

/** Whoever plans this run fails, as often as it is tried. */
async function breakPlanning(campaignId: string): Promise<void> {
  const runId = await runOf(campaignId);
  await sql.raw(`
    create or replace function poison() returns trigger language plpgsql as $$ begin raise exception using errcode = 'XX000', message = 'poison'; end $$;
    create trigger poison before insert on batches for each row when (new.run_id = ${String(runId)}) execute function poison()`).execute(db); // prettier-ignore
}

/** Dead after three attempts, lest the test takes a day. */
const hasten = async () => {
  await sql`update graphile_worker._private_jobs set max_attempts = 3 where max_attempts > 3 and last_error is not null`.execute(
    db,
  );
  await sql`update event_inbox set attempts = 10 where state = 'waiting' and attempts < 10`.execute(db);
};
