import { setTimeout as sleep } from 'node:timers/promises';

import { personKinds } from './person.ts';
import { repKinds } from './rep.ts';
import { type Kinds, picked } from './step.ts';

import type { World } from '../world.ts';

type Sync = World['sync'];

/** What a worker does in its loops, one after another. */
const works: readonly ((sync: Sync) => Promise<unknown>)[] = [
  (sync) => sync.drainOnce(),
  (sync) => sync.pollOnce(),
  (sync) => sync.lookAgain(),
  (sync) => sync.loadAll(),
  (sync) => sync.proveOnce(),
];

/**
 * Does some work of the sync that may fail for the reasons that a fault or the end of the process gives, as its loops
 * bear it. @throws what else it failed for: that is a bug
 */
export async function attempt(world: World, work: () => Promise<unknown>): Promise<void> {
  const { SalesforceFailure } = await import('../../../src/platform/salesforce/wire/errors.ts');
  try {
    await work();
  } catch (error) {
    if (world.interruption.hasCome()) return;
    if (!(error instanceof SalesforceFailure) || error.code === 'INTERNAL') throw error;
    world.failures.push(`${error.code}: ${error.message}`);
  }
}

const acts = [
  personKinds['close a case'], personKinds['reopen a case'], personKinds['reply to a case'], personKinds['open a case'],
  repKinds['edit a case'], repKinds['edit an account'], repKinds['delete something'],
]; // prettier-ignore

/** Some work of the sync, and an act that begins up to 40 ms after it. */
async function besides(
  world: World,
  [which, delay, n]: readonly [number, number, number],
  work: (sync: Sync) => Promise<unknown>,
): Promise<void> {
  const act = async () => {
    await sleep(delay * 40);
    await actUnlessGone(world, which, [n, delay, which]);
  };
  await Promise.all([attempt(world, () => work(world.sync)), act()]);
}

/** What somebody saw may be gone by the time that they act on it: they are told, and nothing has happened. */
async function actUnlessGone(
  world: World,
  which: number,
  n: readonly [number, number, number],
): Promise<void> {
  const { NotFound } = await import('../../../src/platform/errors.ts');
  try {
    await picked(acts, which)?.run(world, n);
  } catch (error) {
    if (!(error instanceof NotFound)) throw error;
  }
}

/** A worker with all its loops, listening to events, for a second or so; what happens meanwhile is up to `meanwhile`. */
export async function atWork(world: World, seconds: number, meanwhile: () => Promise<void>): Promise<void> {
  const worker = world.newProcess();
  worker.start();
  try {
    await sleep(seconds * 500);
    await meanwhile();
    await sleep(seconds * 500);
  } finally {
    await worker.stop();
  }
}

/** A process of its own, with everything that a worker does, and its end without a word. Only where there is time for it. */
async function killed(world: World, [rarely, long]: readonly number[]): Promise<void> {
  if (!world.hasTime || (rarely ?? 1) > 0.4) return;
  const { launch } = await import('../../support/processes.ts');
  world.hadWorker = true;
  const worker = await launch(['src/worker.ts'], {});
  await sleep(1_500 * (long ?? 0));
  worker.child.kill('SIGKILL');
  await worker.ended;
}

/** What the event bus of the org does to its listeners. */
const eventTroubles = [
  ['/events/gap', { object: 'Account' }],
  ['/events/gap', { object: 'Case', changeType: 'GAP_CREATE' }],
  ['/events/overflow', { object: 'Contact' }],
  ['/events/expire-retention', {}],
  ['/events/disconnect', {}],
] as const;

/** The process that synced is gone; another one begins. */
async function restart(world: World): Promise<void> {
  await world.interruption.end();
  world.sync = world.newProcess();
}

/** A worker at work, alone or beside another, and its sudden end. */
export const syncKinds: Kinds = {
  poll: {
    weight: 9,
    async run(world) {
      await attempt(world, world.watchBudget);
      await attempt(world, () => world.sync.pollOnce());
    },
  },
  'look again': { weight: 4, run: (world) => attempt(world, () => world.sync.lookAgain()) },
  drain: { weight: 9, run: (world) => attempt(world, () => world.sync.drainOnce()) },
  load: { weight: 3, run: (world) => attempt(world, () => world.sync.loadAll()) },
  'compare a sample': { weight: 2, run: (world) => attempt(world, () => world.sync.proveOnce()) },
  'compare everything': {
    weight: 1,
    async run(world) {
      const { askForAll } = await import('../../../src/platform/salesforce/mirror/drift-runs.ts');
      await askForAll();
      await attempt(world, () => world.sync.compareOnce());
    },
  },
  'load an object again': {
    weight: 2,
    async run(world, [which]) {
      const { reload } = await import('../../../src/platform/salesforce/mirror/states.ts');
      const sobject = picked(world.mappings, which)?.sobject ?? 'Case';
      await reload(sobject);
      await attempt(world, () => world.sync.loadAll());
    },
  },
  'drain and poll at the same time': {
    weight: 6,
    async run(world) {
      const other = world.newProcess();
      await Promise.all([
        attempt(world, () => world.sync.drainOnce()),
        attempt(world, () => world.sync.pollOnce()),
        attempt(world, () => other.drainOnce()),
      ]);
    },
  },
  'poll, look and load at the same time': {
    weight: 2,
    async run(world) {
      const other = world.newProcess();
      await Promise.all([
        attempt(world, () => world.sync.pollOnce()),
        attempt(world, () => other.lookAgain()),
        attempt(world, () => other.loadAll()),
      ]);
    },
  },
  'someone acts while it polls': {
    weight: 6,
    run: (world, n) => besides(world, n, (sync) => sync.pollOnce()),
  },
  'someone acts while it drains': {
    weight: 5,
    run: (world, n) => besides(world, n, (sync) => sync.drainOnce()),
  },
  'someone acts while it looks again': {
    weight: 2,
    run: (world, n) => besides(world, n, (sync) => sync.lookAgain()),
  },
  'a worker is at work': {
    weight: 1,
    run: (world, [which, long, n]) =>
      atWork(world, 0.3 + long, () => actUnlessGone(world, which, [n, long, which])),
  },
  'a worker listens while events go wrong': {
    weight: 1,
    run: (world, [which, trouble, n]) =>
      atWork(world, 0.7, async () => {
        await actUnlessGone(world, which, [n, trouble, which]);
        const [path, body] = picked(eventTroubles, trouble) ?? eventTroubles[0];
        await world.control(path, body);
        await actUnlessGone(world, n, [which, trouble, n]);
      }),
  },
  'a worker is killed': { weight: 1, run: killed },
  restart: {
    weight: 2,
    run: restart,
  },
  crash: {
    weight: 8,
    async run(world, [what, statement, answered]) {
      world.interruption.after(1 + Math.floor(statement * statement * 40), answered < 0.5);
      await attempt(world, () => (picked(works, what) ?? works[0])?.(world.sync) ?? Promise.resolve());
      await restart(world);
    },
  },
  'time passes': {
    weight: 7,
    run: (world, [long]) => world.moveClock(Math.round(long ** 3 * 600) * 1000 + 1000),
  },
};
