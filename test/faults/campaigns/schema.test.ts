import { afterAll, afterEach, beforeAll, expect } from 'vitest';

import { eachSeed, isLong } from '../../support/seeds.ts';

process.env.CAMPAIGN_LEASE_SECONDS = '1.5';
process.env.CAMPAIGN_GRACE_SECONDS = '1';
const {
  begin, closeWorld, endAll, expectAllRight, expectNothingInFlight, expectOrderlyEnd, finish, forgetPosts, makeWorld, refusingOne, sink, startVictim, watch,
} = await import('./world.ts'); // prettier-ignore
const { nextRelease } = await import('./releases.ts');
const { viewerOf } = await import('../../../src/access/people.ts');
const { db, sql } = await import('../../../src/platform/db.ts');
const { standingOf } = await import('../../../src/portfolio/standing.ts');
type World = Awaited<ReturnType<typeof makeWorld>>;

/*
 * F14, its second half: a release changes the schema while workers of the one before are in the midst of a burst, and goes on beside them.
 * `OLD_RELEASE=<checkout>` has these be really the ones before; otherwise they are today's, and the schema is tomorrow's.
 */
let world: World;

beforeAll(async () => {
  world = await makeWorld();
});
afterEach(endAll);
afterAll(closeWorld);

/** What a worker would say of statements that no longer fit. */
const misfit = /cached plan|does not exist|violates|0A000|42703|42P01|235\d\d/;

let seeds = 0;
let inTheMidst = 0;

eachSeed('F14 schema', 'a release that changes the schema in the midst of a burst stops nobody: workers of the one before go on, and its own join them', async (random, seed) => {
  forgetPosts();
  sink.behave = refusingOne(() => ({ takes: true, milliseconds: 80 * random() }));
  const release = await nextRelease(random, seed);
  const old = await startVictim(undefined, {}, process.env.OLD_RELEASE);
  const campaigns = [await begin(world), await begin(world)];
  const pages = readPages(world);
  await watch(random, { listeners: [old], until: () => sink.posts.length > 0, seconds: 10 });
  await watch(random, { listeners: [old], until: () => false, seconds: random.between(0, 0.25) });

  const before = await openBatches(campaigns);
  let isMigrated = false;
  const migrating = release.migrate().finally(() => (isMigrated = true));
  await Promise.all([migrating, watch(random, { listeners: [old], until: () => isMigrated, seconds: 100 })]);
  const after = await openBatches(campaigns);

  campaigns.push(await begin(world));
  const next = await startVictim();
  await watch(random, { listeners: [old, next], until: () => false, seconds: random.between(0.02, 0.4) });
  await expectOrderlyEnd(old);
  await watch(random, { listeners: [next], until: () => false, seconds: random.between(0.02, 0.4) });
  await expectOrderlyEnd(next);
  await expectNothingInFlight(campaigns);
  await finish(world, campaigns, random);
  await expectAllRight(world, campaigns);
  await pages.end();
  for (const worker of [old, next]) expect(worker.output(), release.adds).not.toMatch(misfit);
  await release.takeBack();
  seeds += 1;
  if (before > 0 && after > 0) inTheMidst += 1;
}); // prettier-ignore

/** Pages go on asking what each connection has prepared. */
function readPages({ owner }: World): { end: () => Promise<void> } {
  let isOver = false;
  const read = async () => {
    const { rows } = await sql<{ id: string }>`select id from accounts where industry = 'Retail' limit 1`.execute(db);
    while (!isOver) {
      await Promise.all([viewerOf({ personId: owner.id, isStrong: true }), standingOf(owner.viewer, rows[0]?.id ?? '')]);
      await new Promise((wait) => setTimeout(wait, 15));
    }
  };
  const reading = read();
  reading.catch(() => undefined);
  return {
    async end() {
      isOver = true;
      await reading;
    },
  };
} // prettier-ignore

async function openBatches(campaigns: readonly string[]): Promise<number> {
  const { rows } = await sql<{ open: number }>`
    select count(*) as open from batches b join runs r on r.id = b.run_id
    where r.campaign_id = any(${[...campaigns]}::uuid[]) and b.state in ('ready', 'sending')`.execute(db);
  return rows[0]?.open ?? 0;
}

afterAll(() => {
  if (isLong) process.stdout.write(`F14 schema: mails went out before and after the schema changed in ${String(inTheMidst)} of ${String(seeds)} seeds\n`); // prettier-ignore
});
