import { attempt } from './steps/sync.ts';

import type { World } from './world.ts';

/** More rounds than this and the two sides never come to rest. */
const MOST_ROUNDS = 8;

/** Ends every trouble and lets one worker go on until nothing is left to do. @returns what was still moving, if so */
export async function settle(world: World): Promise<string[]> {
  await world.interruption.end();
  world.sync = world.newProcess();
  await world.clearFaults();
  if (world.hasGaps) await night(world);
  let quiet = 0;
  for (let round = 0; round < MOST_ROUNDS && quiet < 2; round += 1) {
    world.failures.length = 0;
    const moved = await cycle(world);
    quiet = moved + world.failures.length === 0 ? quiet + 1 : 0;
  }
  if (quiet === 2) return [];
  const why = world.failures.map((failure) => `without any fault: ${failure}`);
  return [`the two sides have not come to rest after ${String(MOST_ROUNDS)} rounds`, ...why];
}

/** The full comparison, which alone can find what was deleted for good. */
async function night(world: World): Promise<void> {
  const { askForAll } = await import('../../src/platform/salesforce/mirror/drift-runs.ts');
  await caughtUp(world);
  await askForAll();
  for (let round = 0; round < MOST_ROUNDS && (await isAsked(world)); round += 1) {
    await attempt(world, () => world.sync.compareOnce());
    await world.moveClock(200_000);
    await attempt(world, world.watchBudget);
  }
  await attempt(world, () => world.sync.proveOnce());
}

/** The comparison leaves alone what the polls have not yet passed, so it comes after one that went through. */
async function caughtUp(world: World): Promise<void> {
  for (let round = 0; round < MOST_ROUNDS; round += 1) {
    world.failures.length = 0;
    await cycle(world);
    if (world.failures.length === 0) return;
  }
}

/** Whether the comparison still waits: while calls are scarce it is the first to. */
async function isAsked(world: World): Promise<boolean> {
  const { rows } = await world.sql`
    select from drift_runs where kind = 'full' and state in ('waiting', 'running') limit 1`.execute(world.db);
  return rows.length > 0;
}

/** Everything that a worker does, once, some minutes later. @returns how much of it changed anything */
export async function cycle(world: World): Promise<number> {
  await world.moveClock(200_000);
  let changed = 0;
  await attempt(world, world.watchBudget);
  await attempt(world, () => world.sync.loadAll());
  await attempt(world, async () => (changed += await drained(world)));
  await attempt(world, async () => (changed += await world.sync.pollOnce()));
  await attempt(world, async () => (changed += await world.sync.lookAgain()));
  return changed + (await unsettled(world));
}

/** Undefined means that another process is at it: one that was cut off, for as long as the database takes to notice. */
async function drained(world: World): Promise<number> {
  for (let tries = 0; tries < 100; tries += 1) {
    const delivered = await world.sync.drainOnce();
    if (delivered !== undefined) return delivered;
    await new Promise((wake) => setTimeout(wake, 20));
  }
  throw new Error('the outbox stays locked');
}

async function unsettled(world: World): Promise<number> {
  const { rows } = await world.sql<{ count: number }>`
    select (select count(*) from outbox o where status in ('waiting', 'sending') and not exists (
              select from outbox p where p.record_key = o.serial_key and p.status in ('failed', 'conflict')))
         + (select count(*) from sync_states where phase <> 'live' and not is_paused
            and sobject = any(${world.mappings.map(({ sobject }) => sobject)})) as count`.execute(world.db);
  return rows[0]?.count ?? 0;
}
