import type { World } from '../world.ts';

/** One thing that happens. Its numbers, from 0 up to 1, say to whom and how, so that it has a meaning in any situation. */
export interface Step {
  kind: string;
  n: readonly [number, number, number];
}

/** What a kind of step does, and how often it is drawn against the others. */
export interface Kind {
  weight: number;
  run: (world: World, n: Step['n']) => Promise<void>;
}

export type Kinds = Readonly<Record<string, Kind>>;

/** The one of a list that a number means; undefined of an empty list. */
export const picked = <T>(list: readonly T[], n: number): T | undefined => list[Math.floor(n * list.length)];

/** A value that nobody has typed before. */
export function typed(world: World, what: string): string {
  world.typed += 1;
  return `${what} ${String(world.typed)}`;
}
