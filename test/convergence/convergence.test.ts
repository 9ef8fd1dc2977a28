import { afterAll, beforeAll, expect, test } from 'vitest';

import { interleavingOf, play, shrunk, told, type Interleaving } from './interleaving.ts';
import { verdict } from './verdict.ts';
import { createWorld, type World } from './world.ts';

/* SEED= says where to begin (or which one to repeat, with RUNS=1), RUNS= how many seeds from there on. */
const FIRST = Number(process.env.SEED ?? 1);
const RUNS = Number(process.env.RUNS ?? 8);

let world: World;

beforeAll(async () => {
  world = await createWorld();
});

afterAll(async () => {
  await world.sandbox.close();
});

async function wrongOf(interleaving: Interleaving): Promise<string[]> {
  try {
    await play(world, interleaving);
    return await verdict(world);
  } catch (error) {
    return [error instanceof Error ? (error.stack ?? error.message) : String(error)];
  }
}

/** What a seed did wrong, with the fewest steps that still do it. */
async function account(seed: number): Promise<string | undefined> {
  const interleaving = interleavingOf(seed);
  const wrong = await wrongOf(interleaving);
  if (wrong.length === 0) return undefined;
  const shortest = await shrunk(interleaving, async (one) => (await wrongOf(one)).length > 0);
  const still = await wrongOf(shortest);
  return [`SEED=${String(seed)} RUNS=1`, told(shortest), '', ...(still.length > 0 ? still : wrong)].join(
    '\n  ',
  );
}

test(`after any interleaving of people, faults and crashes both sides are the same (seeds ${String(FIRST)} to ${String(FIRST + RUNS - 1)})`, async () => {
  const failed: string[] = [];
  for (let seed = FIRST; seed < FIRST + RUNS && failed.length < 3; seed += 1) {
    if (seed > FIRST && (seed - FIRST) % 100 === 0) process.stderr.write(`${String(seed - FIRST)} done\n`);
    const wrong = await account(seed);
    if (wrong === undefined) continue;
    failed.push(wrong);
    process.stderr.write(`${wrong}\n`);
  }
  expect(failed).toEqual([]);
}, 3_600_000);
