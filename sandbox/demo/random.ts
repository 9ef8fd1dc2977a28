/** Numbers that look random and are always the same for one seed. */
export interface Random {
  /** At least 0, below 1. */
  next: () => number;
  /** A whole number from `min` to `max`, both included. */
  int: (min: number, max: number) => number;
  /** True that often. */
  chance: (probability: number) => boolean;
  /** @throws RangeError for an empty list. */
  pick: <T>(list: readonly T[]) => T;
  /** One of the values, each as often as its weight says. */
  weighted: <T>(choices: readonly (readonly [value: T, weight: number])[]) => T;
  /** The pattern with each `#` turned into a digit and each `?` into a capital letter. */
  fill: (pattern: string) => string;
}

const LETTERS = 'ABCDEFGHJKLMNPQRSTUVWXYZ';

/** The generator of one thing: the same `seed` and `path` give the same things, whatever else was made before. */
export function randomFrom(seed: number, ...path: (number | string)[]): Random {
  let state = path.reduce<number>((hash, part) => mix(hash, String(part)), mix(0x9e3779b9, String(seed)));
  const next = () => {
    state = (state + 0x6d2b79f5) | 0;
    let word = Math.imul(state ^ (state >>> 15), 1 | state);
    word = (word + Math.imul(word ^ (word >>> 7), 61 | word)) ^ word;
    return ((word ^ (word >>> 14)) >>> 0) / 4294967296;
  };
  const int = (min: number, max: number) => min + Math.floor(next() * (max - min + 1));
  return {
    next,
    int,
    chance: (probability) => next() < probability,
    pick: (list) => at(list, int(0, list.length - 1)),
    weighted: (choices) => {
      let rest = next() * choices.reduce((sum, [, weight]) => sum + weight, 0);
      const found = choices.find(([, weight]) => (rest -= weight) < 0);
      return (found ?? at(choices, choices.length - 1))[0];
    },
    fill: (pattern) =>
      pattern.replace(/[#?]/g, (sign) =>
        sign === '#' ? String(int(0, 9)) : LETTERS.charAt(int(0, LETTERS.length - 1)),
      ),
  };
}

/** The element at that place. @throws RangeError when there is none. */
export function at<T>(list: readonly T[], index: number): T {
  const found = list[index];
  if (found === undefined) throw new RangeError(`nothing at ${String(index)} of ${String(list.length)}`);
  return found;
}

function mix(hash: number, text: string): number {
  let mixed = hash;
  for (let index = 0; index < text.length; index += 1) {
    mixed = Math.imul(mixed ^ text.charCodeAt(index), 0x01000193);
  }
  return (mixed ^ (mixed >>> 13)) | 0;
}
