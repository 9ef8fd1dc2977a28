import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';

import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';

import { eachSeed, type Random, randomOf } from '../../support/seeds.ts';

/* Stopped processes are a matter of real time: leases are as short as they may be. */
process.env.CAMPAIGN_LEASE_SECONDS = '1.5';
process.env.CAMPAIGN_GRACE_SECONDS = '1';
const {
  areDone, begin, closeWorld, end, endAll, expectAllRight, expectNothingInFlight, expectOrderlyEnd, finish, forgetPosts, freeJobs, isAlive, makeWorld, refusingOne, sink, startVictim, watch,
} = await import('./world.ts'); // prettier-ignore
const { db, sql } = await import('../../../src/platform/db.ts');
type World = Awaited<ReturnType<typeof makeWorld>>;
type Victim = Awaited<ReturnType<typeof startVictim>>;

/* F2, F3, F14: workers are killed at random moments, stopped for longer than their lease, shut down; and some share a run. */
let world: World;

beforeAll(async () => {
  world = await makeWorld();
});
afterEach(endAll);
afterAll(closeWorld);

/** Mails take a moment, so that processes die in the midst of them. */
const slowly = (random: () => number, most: number) => {
  sink.behave = refusingOne(() => ({ takes: true, milliseconds: most * random() }));
};

eachSeed('F2', 'workers that are killed at random moments leave nobody out and write to nobody twice', async (random) => {
  forgetPosts();
  slowly(random, 40);
  const campaigns = [await begin(world), await begin(world, 'by the clock')];
  const pair = await Promise.all([startVictim(), startVictim()]);
  const nobody = () => false;
  for (const victim of pair) {
    await watch(random, { listeners: pair, until: nobody, seconds: random.between(0.02, 0.4) });
    await end(victim);
  }
  await finish(world, campaigns, random);
  await expectAllRight(world, campaigns);
}); // prettier-ignore

const stops = ['claimed', 'assembled', 'sending', 'answered', 'settling', 'planning', 'taking_in', 'ending'];

eachSeed(
  'F3',
  'a worker that was stopped for longer than lease and grace and goes on sends nothing that others sent',
  async (random, seed) => {
    forgetPosts();
    slowly(random, 10);
    const campaigns = [await begin(world)];
    const stop = stops[seed % stops.length] ?? '';
    const zombie = await startVictim(`seed:${String(seed)},${stop}:${String(random.pick([1, 0.4]))}:STOP`);
    await watch(random, { listeners: [], until: async () => (await isStopped(zombie)) || (await areDone(campaigns)), seconds: 5 }); // prettier-ignore
    const isZombie = await isStopped(zombie);
    const goesOnAt = Date.now() + 2_600;
    /* Transactions that it holds open are ended by the database within a second. */
    if (isZombie) await sleep(1_200);
    else await end(zombie);
    await finish(world, campaigns, random);
    if (isZombie) {
      /* Its lease and its grace are over, by its own clock, too. */
      await sleep(Math.max(0, goesOnAt - Date.now()));
      const going = setInterval(() => zombie.child.kill('SIGCONT'), 50);
      await sleep(500);
      await end(zombie, 'SIGTERM');
      clearInterval(going);
      await finish(world, campaigns, random);
    }
    await expectAllRight(world, campaigns);
  },
);

/** Whether the kernel holds the process. */
async function isStopped({ child }: Victim): Promise<boolean> {
  const stat = await readFile(`/proc/${String(child.pid)}/stat`, 'utf8').catch(() => '');
  return stat.slice(stat.lastIndexOf(')')).includes(' T ');
}

eachSeed('F14', 'workers that are shut down finish what they hold within ten seconds, and the next go on', async (random) => {
  forgetPosts();
  slowly(random, 60);
  const campaigns = [await begin(world), await begin(world)];
  let before: Victim | undefined;
  for (let deploy = 0; deploy < 2; deploy += 1) {
    const next = await startVictim();
    if (before !== undefined) await expectOrderlyEnd(before);
    await watch(random, { listeners: [next], until: () => false, seconds: random.between(0.02, 0.4) });
    before = next;
  }
  if (before !== undefined) await expectOrderlyEnd(before);
  await expectNothingInFlight(campaigns);
  await finish(world, campaigns, random);
  await expectAllRight(world, campaigns);
}); // prettier-ignore

test('two workers on two ports share a run and both do work; one that joins helps; nothing is lost with one that leaves', async () => {
  forgetPosts();
  const random = randomOf(1);
  const WAIT = 400;
  sink.behave = refusingOne(() => ({ takes: true, milliseconds: WAIT }));
  const campaigns: string[] = [];
  for (let campaign = 0; campaign < 6; campaign += 1) campaigns.push(await begin(world));

  /* Each process has four requests under way at most: two have eight, if both do their share. */
  const first = await startVictim();
  const alone = await mostAtOnce(random, [first]);
  const second = await startVictim();
  const both = async () => (await holdersOf(campaigns)) >= 2;
  await watch(random, { listeners: [first, second], until: both, seconds: 20 });
  expect(await both(), 'both have sent').toBe(true);
  const together = await mostAtOnce(random, [first, second]);
  expect(alone).toBeLessThanOrEqual(4);
  expect(together, `requests at once with two workers, ${String(alone)} with one`).toBeGreaterThan(alone);

  await end(first);
  await freeJobs();
  await watch(random, { listeners: [second], until: () => areDone(campaigns), seconds: 5 });
  expect(isAlive(second)).toBe(true);
  await end(second, 'SIGTERM');
  await finish(world, campaigns, random);
  await expectAllRight(world, campaigns);
}); // prettier-ignore

/** How many requests the provider had before it at the same time, while these were at work for a while. */
async function mostAtOnce(random: Random, workers: readonly Victim[]): Promise<number> {
  let now = 0;
  let most = 0;
  const behave = sink.behave;
  sink.behave = (posted, request) => {
    const behaviour = behave(posted, request);
    now += 1;
    most = Math.max(most, now);
    setTimeout(() => (now -= 1), behaviour.milliseconds ?? 0);
    return behaviour;
  };
  await watch(random, { listeners: workers, until: () => false, seconds: 0.9 });
  sink.behave = behave;
  return most;
}

/** How many processes have sent batches of these. */
async function holdersOf(campaigns: readonly string[]): Promise<number> {
  const { rows } = await sql<{ holders: number }>`
    select count(distinct leased_by) as holders from batches b join runs r on r.id = b.run_id
    where r.campaign_id = any(${[...campaigns]}::uuid[]) and b.posted_at is not null`.execute(db);
  return rows[0]?.holders ?? 0;
}
