import { randomFrom } from './random.ts';
import { faultKinds } from './steps/faults.ts';
import { personKinds } from './steps/person.ts';
import { givenOrg, repKinds } from './steps/rep.ts';
import { syncKinds } from './steps/sync.ts';

import type { Kinds, Step } from './steps/step.ts';
import type { World } from './world.ts';

const kinds: Kinds = { ...repKinds, ...personKinds, ...syncKinds, ...faultKinds };

/** A schedule of steps, and how far the two clocks are apart, in milliseconds. */
export interface Interleaving {
  clock: number;
  steps: readonly Step[];
}

const MINUTE = 60_000;
const SHORTEST = 8;
const LONGEST = 26;

/** The interleaving that a seed means. */
export function interleavingOf(seed: number): Interleaving {
  const random = randomFrom(seed);
  const drawn = Object.entries(kinds).flatMap(([kind, { weight }]) => Array<string>(weight).fill(kind));
  const clock = ([0, 0, 10, -10][random.below(4)] ?? 0) * MINUTE;
  const length = SHORTEST + random.below(LONGEST - SHORTEST + 1);
  const steps = Array.from({ length }, () => ({
    kind: drawn[random.below(drawn.length)] ?? 'poll',
    n: [short(random.fraction()), short(random.fraction()), short(random.fraction())] as const,
  }));
  return { clock, steps: [{ kind: 'load', n: [0, 0, 0] }, ...steps] };
}

const short = (n: number): number => Math.floor(n * 1000) / 1000;

/** Plays it from an empty org on. */
export async function play(world: World, { clock, steps }: Interleaving): Promise<void> {
  await world.begin(clock);
  await givenOrg(world);
  for (const { kind, n } of steps) await kinds[kind]?.run(world, n);
}

/** The same, with whatever steps can be left out for it still to fail; tries at most so often. */
export async function shrunk(
  { clock, steps }: Interleaving,
  fails: (shorter: Interleaving) => Promise<boolean>,
  tries = 120,
): Promise<Interleaving> {
  let left = [...steps];
  let tried = 0;
  for (let size = Math.ceil(left.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let at = 0; at < left.length && tried < tries; tried += 1) {
      const shorter = left.toSpliced(at, size);
      if (await fails({ clock, steps: shorter })) left = shorter;
      else at += size;
    }
  }
  return { clock, steps: left };
}

/** A schedule as one reads it. */
export const told = ({ clock, steps }: Interleaving): string =>
  [
    `org's clock ${String(clock / MINUTE)} min ahead`,
    ...steps.map(({ kind, n }) => `${kind} ${n.join(' ')}`),
  ].join('\n  ');
