import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { randomFrom } from '../convergence/random.ts';
import { cycle } from '../convergence/settle.ts';
import { personKinds } from '../convergence/steps/person.ts';
import { givenOrg, repKinds } from '../convergence/steps/rep.ts';
import { attempt } from '../convergence/steps/sync.ts';
import { verdict } from '../convergence/verdict.ts';
import { createWorld, type World } from '../convergence/world.ts';

import { type Variant, variants } from './salesforce/variants.ts';

/* F8. SEED= says where to begin, SEEDS= how many seeds each variant gets; the slow ones run when there is more than one. */
const FIRST = Number(process.env.SEED ?? 1);
const SEEDS = Number(process.env.SEEDS ?? 1);

let world: World;

beforeAll(async () => {
  world = await createWorld();
});

afterAll(async () => {
  await world.sandbox.close();
});

/** People on both sides at work, as the seed has it. */
async function someWork(seed: number): Promise<void> {
  const random = randomFrom(seed);
  const kinds = [
    ...Object.values(personKinds),
    ...Object.entries(repKinds).flatMap(([name, kind]) => (name.startsWith('import') ? [] : [kind])),
  ];
  for (let i = 0; i < 12; i += 1)
    await kinds[random.below(kinds.length)]?.run(world, [
      random.fraction(),
      random.fraction(),
      random.fraction(),
    ]);
}

const load = () => attempt(world, () => world.sync.loadAll());

async function suffer({ strikes, before, trouble, clock = 0 }: Variant, seed: number): Promise<number> {
  await world.begin(clock * 60_000);
  await givenOrg(world);
  await before?.(world);
  if (strikes === 'the changes') {
    await load();
    await someWork(seed);
  }
  const since = await callsSoFar();
  await trouble(world);
  for (let round = 0; round < 2; round += 1) await cycle(world);
  expect(await faultsThatNeverStruck()).toEqual([]);
  if (strikes === 'the load') await someWork(seed);
  const wrong = await verdict(world);
  expect(wrong).toEqual([]);
  return (await callsSoFar()) - since;
}

async function faultsThatNeverStruck(): Promise<unknown[]> {
  const answer = await fetch(`${world.sandbox.url}/__sandbox__/faults`);
  return ((await answer.json()) as { hits: number }[]).filter(({ hits }) => hits === 0);
}

async function callsSoFar(): Promise<number> {
  await fetch(`${world.sandbox.url}/__sandbox__/log?limit=1`);
  const { rows } = await world.org.pool.query(
    `select count(*) as calls from sandbox._log where path like '/services/data/%'`,
  );
  return (rows as { calls: number }[])[0]?.calls ?? 0;
}

describe('F8: Salesforce fails, and afterwards both sides are the same, and every act is there once', () => {
  for (const variant of variants)
    test.runIf(SEEDS > 1 || !variant.isSlow)(variant.name, { timeout: 300_000 }, async () => {
      for (let seed = FIRST; seed < FIRST + (variant.isSlow ? 1 : SEEDS); seed += 1) {
        const calls = await suffer(variant, seed);
        expect(calls, `API calls with SEED=${String(seed)}`).toBeLessThanOrEqual(variant.calls);
      }
    });
});
