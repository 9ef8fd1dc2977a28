/** A source of chance that a seed decides whole: the same seed draws the same, on any machine. */
export interface Random {
  /** From 0 up to but without 1. */
  fraction: () => number;
  /** A whole number from 0 up to but without `below`. */
  below: (below: number) => number;
  /** True this often. */
  happens: (share: number) => boolean;
}

/** mulberry32: 32 bits of state, good enough to shuffle steps. */
export function randomFrom(seed: number): Random {
  let state = Math.imul(seed, 0x9e3779b1) >>> 0;
  const fraction = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  return {
    fraction,
    below: (below) => Math.floor(fraction() * below),
    happens: (share) => fraction() < share,
  };
}
