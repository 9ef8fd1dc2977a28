import express from 'express';
import request from 'supertest';
import { afterAll, beforeAll, beforeEach, expect } from 'vitest';

import { eachSeed, type Random } from '../../support/seeds.ts';

import { addressesOf, begin, closeWorld, expectAllRight, finish, forgetPosts, freeJobs, givenCampaign, makeWorld, refusingOne, sink, tell, type World } from './world.ts'; // prettier-ignore

const { changeCampaign } = await import('../../../src/campaigns/definition/campaigns.ts');
const { cancelRun, pauseRun, resumeRun } = await import('../../../src/campaigns/mailing/control.ts');
const { activateCampaign } = await import('../../../src/campaigns/runs/activation.ts');
const { proveRun } = await import('../../../src/campaigns/runs/proof.ts');
const { triggerCampaigns } = await import('../../../src/campaigns/runs/triggering.ts');
const { suppress } = await import('../../../src/consent/suppression.ts');
const { DAY, HOUR, MINUTE, moveClock, now } = await import('../../../src/platform/clock.ts');
const { db, sql, transaction } = await import('../../../src/platform/db.ts');
const { drainJobs } = await import('../../../src/platform/job-runner.ts');
const { preferenceRoutes } = await import('../../../src/web/public/preferences.ts');
const work = await import('./work.ts');

/* F9, F11, F12, F23: what people do while a campaign goes out, and what the clock does. */
let world: World;

/** The pages of preferences, as a mail program's button reaches them: without cookies. */
const links = express();
links.use(express.urlencoded({ extended: false }));
for (const { method, path, handlers } of preferenceRoutes)
  if (method === 'get') links.get(path, ...handlers.slice(-1));
  else links.post(path, ...handlers.slice(-1));

beforeAll(async () => {
  world = await makeWorld();
});
beforeEach(forgetPosts);
afterAll(closeWorld);

const slowly = (random: Random) => {
  sink.behave = refusingOne(() => ({ takes: true, milliseconds: 25 * random() }));
};

async function runOf(campaignId: string): Promise<{ id: number; state: string }> {
  const { rows } = await sql<{ id: number; state: string }>`
    select id, state from runs where campaign_id = ${campaignId}`.execute(db);
  expect(rows.length, 'runs of a campaign that is sent once').toBe(1);
  return rows[0] ?? { id: 0, state: '' };
} // prettier-ignore

/** Does what is due, and that beside it. */
async function during(beside: () => Promise<void>, random: Random): Promise<void> {
  await freeJobs();
  await Promise.all([drainJobs(work), beside()]);
  await tell(random);
}

const pause = (milliseconds: number) => new Promise((wait) => setTimeout(wait, milliseconds));

eachSeed('F11', 'twenty activations at once are one; pausing, resuming, editing and cancelling by two people have their exact effect', async (random) => {
  slowly(random);
  const id = await givenCampaign(world);
  const viewers = [world.owner.viewer, world.approver.viewer];
  const asked = await Promise.allSettled(
    Array.from({ length: 20 }, (_, turn) => activateCampaign(random.pick(viewers), id, { key: turn % 2 === 0 ? 'form' : `form-${String(turn)}` })),
  );
  expect(asked.filter(({ status }) => status === 'fulfilled').length).toBeGreaterThan(0);
  await during(() => Promise.resolve(), random);
  const { id: runId } = await runOf(id);
  const isCancelled = random() < 0.4;
  for (let act = 0; act < 3; act += 1)
    await during(async () => {
      await pause(random.between(0, 60));
      await pauseRun(random.pick(viewers), runId).catch(() => undefined);
      await expectStill(runId);
      if (random() < 0.5) await changeCampaign(random.pick(viewers), id, { name: 'Changed meanwhile', description: String(act) });
      await resumeRun(random.pick(viewers), runId).catch(() => undefined);
    }, random);
  if (!isCancelled) {
    await finish(world, [id], random);
    await expectAllRight(world, [id]);
    return;
  }
  await during(() => cancelRun(random.pick(viewers), runId).catch(() => undefined), random);
  for (let turn = 0; turn < 4 && (await runOf(id)).state !== 'completed'; turn += 1) await during(() => Promise.resolve(), random);
  const written = addressesOf(runId);
  expect(new Set(written).size, 'written to more than once').toBe(written.length);
  const proof = await proveRun(runId);
  expect(proof).toMatchObject({ sent: written.length, planned: 0, doubt: 0, isBalanced: true, isHashRight: true, problems: [] });
  if (proof.state === 'cancelled') expect((proof.skippedBy.cancelled ?? 0) + written.length + proof.failed).toBe(world.reach.length + 1);
}); // prettier-ignore

/** Paused, a run sends what is in flight and nothing more. */
async function expectStill(runId: number): Promise<void> {
  const { rows } = await sql<{ paused: boolean }>`select paused_at is not null as paused from runs where id = ${runId}`.execute(db);
  if (rows[0]?.paused !== true) return;
  await pause(60);
  const before = sink.requests();
  await pause(60);
  expect(sink.requests(), 'requests of a run that is paused').toBe(before);
} // prettier-ignore

eachSeed('F12', 'who is suppressed or unsubscribes by their mail’s button during the burst gets nothing that is claimed later (F23)', async (random) => {
  slowly(random);
  const first = await begin(world, 'by hand', { messageClass: 'success', topic: 'onboarding' });
  await finish(world, [first], random);
  const buttons = buttonsOf(first);
  sink.posts.length = 0;
  const second = await begin(world, 'by hand', { messageClass: 'success', topic: 'onboarding' });
  const said = new Map<string, number>();
  const leaving = Array.from({ length: 8 }, () => random.pick([...buttons.keys()]));
  await during(async () => {
    for (const address of new Set(leaving)) {
      await pause(random.between(0, 25));
      const button = buttons.get(address) ?? '';
      if (random() < 0.5) await transaction((tx) => suppress(tx, [{ address, channel: 'email', reason: 'manual', at: now() }]));
      else await leave(button, random);
      said.set(address, now().getTime());
    }
  }, random);
  await finish(world, [second], random);
  const { id: runId } = await runOf(second);
  const { rows } = await sql<{ address: string; state: string; reason: string | null; postedAt: Date | null }>`
    select d.address, d.state, d.reason, b.posted_at as "postedAt" from deliveries d left join batches b on b.run_id = d.run_id and b.batch = d.batch
    where d.run_id = ${runId} and d.address = any(${[...said.keys()]}::text[])`.execute(db);
  for (const { address, state, reason, postedAt } of rows) {
    const isBefore = postedAt === null || (said.get(address) ?? 0) < postedAt.getTime();
    if (isBefore) expect([state, reason], `of ${address}`).toEqual(['skipped', expect.stringMatching(/^(suppressed|no_consent)$/)]);
  }
  const written = addressesOf(runId);
  expect(new Set(written).size).toBe(written.length);
  const skipped = new Set(rows.filter(({ state }) => state === 'skipped').map(({ address }) => address));
  expect(written.filter((address) => skipped.has(address)), 'written to though skipped').toEqual([]);
  expect(await proveRun(runId)).toMatchObject({ state: 'completed', sent: written.length, isHashRight: true, problems: [] });
  await comeBack([...said.keys()]);
}); // prettier-ignore

/** The address of each recipient's button, as the headers of their mail say. */
function buttonsOf(campaignId: string): Map<string, string> {
  expect(campaignId).not.toBe('');
  return new Map(
    sink.posts.filter(({ took }) => took).flatMap(({ posted }) =>
      posted.personalizations.map(({ to, headers }) => [to[0]?.email ?? '', /<(\S+)>/.exec(headers?.['List-Unsubscribe'] ?? '')?.[1] ?? ''] as const),
    ),
  );
} // prettier-ignore

/** As a mail program does it, perhaps twice; looking, and a token that somebody made up, change nothing. */
async function leave(button: string, random: Random): Promise<void> {
  const path = new URL(button).pathname;
  const words = () => sql<{ count: number }>`select count(*) from consents`.execute(db).then(({ rows }) => rows[0]?.count);
  const before = await words();
  await request(links).get(path).then(() => undefined, () => undefined);
  await request(links).post(`${path.slice(0, -6)}AAAAAA`).send('List-Unsubscribe=One-Click').then(() => undefined, () => undefined);
  expect(await words()).toBe(before);
  for (let times = random() < 0.3 ? 2 : 1; times > 0; times -= 1) await request(links).post(path).send('List-Unsubscribe=One-Click').expect(200);
  expect(await words()).not.toBe(before);
} // prettier-ignore

/** For the next seed everybody is as before. What was said stays said: tests alone may take it back. */
async function comeBack(addresses: readonly string[]): Promise<void> {
  const hashes = sql`(select erasure_hash(address) from unnest(${[...addresses]}::text[]) address)`;
  await sql`delete from consent_states where address_hash in ${hashes}`.execute(db);
  await sql`delete from suppressed_addresses where address_hash in ${hashes}`.execute(db);
}

const zones = [
  'Europe/Berlin',
  'America/New_York',
  'Australia/Lord_Howe',
  'Asia/Kathmandu',
  'UTC',
  'America/St_Johns',
];
const changes = [
  '2027-03-13T12:00:00Z',
  '2027-03-27T12:00:00Z',
  '2027-04-03T06:00:00Z',
  '2027-10-30T12:00:00Z',
  '2027-11-06T12:00:00Z',
];

eachSeed('F9', 'a schedule fires once for each time that the wall shows, whatever the clock does', async (random) => {
  const zone = random.pick(zones);
  const time = random.pick(['00:30', '01:30', '02:00', '02:30', '03:00', '23:45']);
  moveClock(new Date(random.pick(changes)).getTime() - now().getTime() + random.between(0, 6 * HOUR));
  const id = await givenCampaign(world, { trigger: { kind: 'recurring', every: 'day', weekdays: [], day: 1, time, zone, until: null } });
  await activateCampaign(world.owner.viewer, id, { key: 'form' });
  const since = now().getTime();
  let latest = since;
  const due = new Set<string>();
  const looks: number[] = [];
  for (let turn = 0; turn < 14; turn += 1) {
    /* Mostly on, at times far, at times back, as clocks are set. */
    moveClock(random() < 0.2 ? -random.between(0, 40 * MINUTE) : random.between(5 * MINUTE, 7 * HOUR));
    await Promise.all([triggerCampaigns(), triggerCampaigns()]);
    looks.push(now().getTime());
    latest = Math.max(latest, now().getTime());
    const name = latestTick({ zone, time, since, until: now().getTime() });
    if (name !== undefined) due.add(`tick:${name}`);
  }
  const { rows } = await sql<{ key: string }>`select trigger_key as key from runs where campaign_id = ${id} order by 1`.execute(db);
  expect(rows.map(({ key }) => key)).toEqual([...due].toSorted());
  await sql`update campaigns set status = 'ended' where id = ${id}`.execute(db);
  await sql`update runs set state = 'cancelled', ended_at = now() where campaign_id = ${id}`.execute(db);
}); // prettier-ignore

/**
 * The last moment at which a wall clock of the zone showed that time first that day, minute by minute; where the day leaves it out, as long after
 * midnight as it would have been. What is older than twelve hours is passed over.
 */
function latestTick({ zone, time, since, until }: { zone: string; time: string; since: number; until: number }): string | undefined {
  const clock = new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short', timeStyle: 'short' });
  const shownAt = (at: number) => clock.format(at).split(' ') as [day: string, time: string];
  const minutesOf = (text: string) => Number(text.slice(0, 2)) * 60 + Number(text.slice(3));
  const from = Math.max(since, until - DAY / 2);
  const first = new Map<string, number>();
  const earliest = Math.floor((from - 3 * DAY) / MINUTE) * MINUTE;
  let [dayBefore, before] = shownAt(earliest - MINUTE);
  for (let at = earliest; at <= until; at += MINUTE) {
    const [day, shown] = shownAt(at);
    const isSkipped = day === dayBefore && before < time && shown > time;
    /* A gap: what it leaves out begins as long after its start as it would have. */
    const late = isSkipped ? (minutesOf(time) - minutesOf(before) - 1) * MINUTE : 0;
    if ((shown === time || isSkipped) && !first.has(day)) first.set(day, at + late);
    [dayBefore, before] = [day, shown];
  }
  const due = [...first].findLast(([, at]) => at > from && at <= until);
  return due && `${due[0]}T${time}`;
} // prettier-ignore
