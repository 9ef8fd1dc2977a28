import { afterAll, afterEach, beforeAll } from 'vitest';

import { eachSeed, isLong } from '../../support/seeds.ts';

import {
  areDone, begin, closeWorld, end, endAll, expectAllRight, finish, forgetPosts, isAlive, makeWorld, startVictim, watch, type World,
} from './world.ts'; // prettier-ignore

/* F1: a worker dies, as by kill -9, at a named point of any stage; the seed says at which, and how often it gets past it. */
let world: World;

beforeAll(async () => {
  world = await makeWorld();
});
afterEach(endAll);
afterAll(closeWorld);

const points = [
  'triggering', 'triggered', 'fanning_out', 'reacted', 'planning', 'planned', 'claimed', 'loaded', 'assembled', 'sending', 'posting', 'answered',
  'settling', 'settled', 'ending', 'keeping', 'kept', 'taking_in', 'taken_in', 'members_told', 'telling_members', 'telling_accounts',
]; // prettier-ignore

/** How often a worker died where. */
const deaths = new Map<string, number>();

eachSeed(
  'F1',
  'a worker that dies at any point leaves nobody out and writes to nobody twice',
  async (random, seed) => {
    forgetPosts();
    const point = points[seed % points.length] ?? '';
    const isOfTrigger = point.startsWith('trigger');
    const campaigns = [
      await begin(world, isOfTrigger ? 'by the clock' : 'by hand'),
      await begin(world, random.pick(['by hand', 'by the clock'])),
    ];
    const chance = random.pick([1, 0.5, 0.2]);
    const victim = await startVictim(`seed:${String(seed)},${point}:${String(chance)}`);
    await watch(random, {
      listeners: [victim],
      until: async () => !isAlive(victim) || (await areDone(campaigns)),
      seconds: 8,
    });
    if (!isAlive(victim)) deaths.set(point, (deaths.get(point) ?? 0) + 1);
    await end(victim);
    await finish(world, campaigns, random);
    await expectAllRight(world, campaigns);
  },
);

afterAll(() => {
  if (isLong) process.stdout.write(`F1: died at ${JSON.stringify(Object.fromEntries(deaths))}\n`);
});
