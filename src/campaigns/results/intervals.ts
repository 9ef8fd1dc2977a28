/** How many, of how many. */
export interface Share {
  count: number;
  of: number;
}

/** An estimate with the bounds between which the truth lies 95 times of 100. */
export interface Estimate {
  value: number;
  low: number;
  high: number;
}

const Z = 1.959964;
/* The same for 2, 3 … comparisons at once (Bonferroni); for more, that of the last. */
const zs = [Z, Z, 2.241403, 2.39398, 2.497705, 2.575829, 2.638257, 2.69011, 2.734369, 2.772921];
const zOf = (comparisons: number): number => zs[Math.min(comparisons, zs.length - 1)] ?? Z;

/** Wilson's interval of a share: right for few and for rare, where the usual one is not. */
export function wilson({ count, of }: Share, comparisons = 1): Estimate {
  if (of <= 0) return { value: 0, low: 0, high: 1 };
  const z = zOf(comparisons);
  const p = count / of;
  const z2 = z * z;
  const middle = (p + z2 / (2 * of)) / (1 + z2 / of);
  const half = (z / (1 + z2 / of)) * Math.sqrt((p * (1 - p)) / of + z2 / (4 * of * of));
  return { value: p, low: Math.max(0, middle - half), high: Math.min(1, middle + half) };
}

/** By how much one share is above another: Newcombe's interval, of the two of Wilson (method 10 of Newcombe 1998). */
export function newcombe(one: Share, other: Share, comparisons = 1): Estimate {
  const [a, b] = [wilson(one, comparisons), wilson(other, comparisons)];
  const value = a.value - b.value;
  return {
    value,
    low: value - Math.hypot(a.value - a.low, b.high - b.value),
    high: value + Math.hypot(a.high - a.value, b.value - b.low),
  };
}

/** Readings of a group whose people come by accounts; people of one account are alike, and count for less than as many of several. */
export interface Group {
  of: number;
  sum: number;
  accounts: number;
  /** Of the mean, by accounts. */
  variance: number;
}

/** A group's yes and no as a share of as many people as it is worth, whose Wilson interval is as wide as the accounts make it. */
export function effective({ of, sum, accounts, variance }: Group): Share {
  if (of === 0) return { count: 0, of: 0 };
  const p = sum / of;
  const worth = variance > 0 ? (p * (1 - p)) / variance : accounts;
  const size = Math.min(of, worth);
  return { count: p * size, of: size };
}

/** By how much one mean is above another. */
export function difference(one: Group, other: Group): Estimate {
  const value = one.sum / one.of - other.sum / other.of;
  const half = Z * Math.sqrt(one.variance + other.variance);
  return { value, low: value - half, high: value + half };
}

/** What an estimate of a difference says in words. */
export type Verdict = 'too_few' | 'more' | 'less' | 'no_difference';

export const verdictOf = ({ low, high }: Estimate): Verdict =>
  low > 0 ? 'more' : high < 0 ? 'less' : 'no_difference';

/** Fewer in a group, and nothing is said. */
const FEWEST = 30;
/** Fewer who did it in both together, or fewer who did not, and nothing is said. */
const FEWEST_EVENTS = 5;

/** Whether two groups are large enough that anything may be said of shares. */
export function areEnough(one: Share, other: Share): boolean {
  const did = one.count + other.count;
  const not = one.of + other.of - did;
  return Math.min(one.of, other.of) >= FEWEST && Math.min(did, not) >= FEWEST_EVENTS;
}

/** The same of means, by their accounts. */
export const areEnoughAccounts = (one: Group, other: Group): boolean =>
  Math.min(one.accounts, other.accounts) >= FEWEST;
