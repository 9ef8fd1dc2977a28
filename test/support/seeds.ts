import { appendFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { test } from 'vitest';

/*
 * Faults by seed. `npm test` plays one seed of each, chosen by the clock and told in the title; `SEED=7` plays that one; `SEEDS=100 npm run
 * test:faults` plays the first hundred of each, passes over those that have passed before (`.data/faults/<fault>` holds them; delete it to begin
 * anew), and stops to begin seeds after `SECONDS`, to be called again.
 */

const { SEED, SEEDS, SECONDS } = process.env;

/** Whether many seeds are played: what is too long for every run of all tests is left to these. */
export const isLong = SEEDS !== undefined;

const FOLDER = process.env.KAFKA_BROKERS === undefined ? '.data/faults' : '.data/faults/kafka';
const since = Date.now();

/** Plays a fault once a seed. */
export function eachSeed(
  fault: string,
  title: string,
  play: (random: Random, seed: number) => Promise<void>,
  { timeout = 120_000 } = {},
): void {
  const name = fault.toLowerCase().replaceAll(/[^\w]+/g, '-');
  const seeds = seedsOf(name);
  if (seeds.length === 0) test(`${fault}: ${title} (all seeds have passed)`, () => undefined);
  test.for(seeds)(`${fault}: ${title} (seed %i)`, { timeout }, async (seed, { skip }) => {
    if (SECONDS !== undefined && Date.now() - since > Number(SECONDS) * 1000) skip();
    await play(randomOf(seed), seed);
    if (isLong) keepPassed(name, seed);
  });
}

function seedsOf(name: string): number[] {
  if (SEED !== undefined) return [Number(SEED)];
  if (SEEDS === undefined) return [Date.now() % 10_000];
  const passed = passedOf(name);
  const all = Array.from({ length: Number(SEEDS) }, (_, index) => index + 1);
  return all.filter((seed) => !passed.has(seed));
}

function passedOf(name: string): Set<number> {
  const file = join(FOLDER, name);
  if (!existsSync(file)) return new Set();
  return new Set(readFileSync(file, 'utf8').split('\n').filter(Boolean).map(Number));
}

function keepPassed(name: string, seed: number): void {
  mkdirSync(FOLDER, { recursive: true });
  appendFileSync(join(FOLDER, name), `${String(seed)}\n`);
}

export interface Random {
  /** From 0 to below 1. */
  (): number;
  pick: <T>(from: readonly T[]) => T;
  between: (least: number, most: number) => number;
}

/** Numbers that a seed determines. */
export function randomOf(seed: number): Random {
  let state = ((seed * 7_919 + 104_729) % 2_147_483_646) + 1;
  const random = () => (state = (state * 16_807) % 2_147_483_647) / 2_147_483_647;
  for (let turn = 0; turn < 8; turn += 1) random();
  return Object.assign(random, {
    pick: <T>(from: readonly T[]) => from[Math.floor(random() * from.length)] as T,
    between: (least: number, most: number) => least + random() * (most - least),
  });
}
