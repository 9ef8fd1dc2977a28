/*
 * How good a warning was, from what became of renewals. Plain arithmetic over outcomes: no SQL, no clock.
 */

/** An outcome and how the account was judged, some time before: what a backtest reckons with. */
export interface Judged {
  accountId: string;
  kept: boolean;
  valueMinor: number;
  /** 0–100, and whether it counts as a warning, as of the last day that left enough time to act. */
  score: number;
  warned: boolean;
  /** For how many days before the outcome the warning had stood without a break; 0 without a warning. */
  leadDays: number;
}

/** A share with its 95 % interval; undefined where there is nothing to take a share of. */
export interface Estimate {
  value: number;
  low: number;
  high: number;
}

export interface Measures {
  outcomes: number;
  lost: number;
  warned: number;
  /** Lost with a warning. */
  caught: number;
  /** Of the warned, the share that was lost. */
  precision: number | undefined;
  /** Of the lost, the share that was warned of. */
  recall: number | undefined;
  /** Of the kept, the share that was warned of for nothing. */
  falseAlarms: number | undefined;
  /** Precision against the share that is lost anyway: 1 is no better than chance. */
  lift: number | undefined;
  /** How likely a lost account had the lower score of the two, against a kept one: 0.5 is chance, 1 is always. */
  ranking: number | undefined;
  lostMinor: number;
  caughtMinor: number;
  /** Of what was lost, the share that was warned of, by money. */
  revenueCaught: number | undefined;
}

const share = (part: number, whole: number): number | undefined => (whole === 0 ? undefined : part / whole);

/** The measures of these outcomes; `weights` says how often each counts (bootstrap), once if not given. */
export function measure(judged: readonly Judged[], weights?: Uint16Array): Measures {
  const sums = { outcomes: 0, lost: 0, warned: 0, caught: 0, lostMinor: 0, caughtMinor: 0 };
  const [lostAt, keptAt] = [new Float64Array(101), new Float64Array(101)];
  judged.forEach(({ kept, warned, valueMinor, score }, index) => {
    const times = weights?.[index] ?? 1;
    sums.outcomes += times;
    (kept ? keptAt : lostAt)[score] = ((kept ? keptAt : lostAt)[score] ?? 0) + times;
    if (warned) sums.warned += times;
    if (kept) return;
    sums.lost += times;
    sums.lostMinor += times * valueMinor;
    if (!warned) return;
    sums.caught += times;
    sums.caughtMinor += times * valueMinor;
  });
  const precision = share(sums.caught, sums.warned);
  const base = share(sums.lost, sums.outcomes);
  return {
    ...sums,
    precision,
    recall: share(sums.caught, sums.lost),
    falseAlarms: share(sums.warned - sums.caught, sums.outcomes - sums.lost),
    lift: precision === undefined || !base ? undefined : precision / base,
    ranking: rankingOf(lostAt, keptAt),
    revenueCaught: share(sums.caughtMinor, sums.lostMinor),
  };
}

/** The share of pairs of a lost and a kept account in which the lost one had the lower score; ties count half. */
function rankingOf(lostAt: Float64Array, keptAt: Float64Array): number | undefined {
  let [pairs, keptAbove] = [0, keptAt.reduce((sum, count) => sum + count, 0)];
  const [lost, kept] = [lostAt.reduce((sum, count) => sum + count, 0), keptAbove];
  lostAt.forEach((count, score) => {
    const same = keptAt[score] ?? 0;
    keptAbove -= same;
    pairs += count * (keptAbove + same / 2);
  });
  return lost === 0 || kept === 0 ? undefined : pairs / (lost * kept);
}

/** How many days of warning there were before what was lost: the median, and the middle half. */
export function leadOf(judged: readonly Judged[]): { median: number; from: number; to: number } | undefined {
  const days = judged.filter(({ kept, warned }) => !kept && warned).map(({ leadDays }) => leadDays).sort((a, b) => a - b); // prettier-ignore
  const at = (part: number) => days[Math.min(days.length - 1, Math.floor(part * days.length))] ?? 0;
  return days.length === 0 ? undefined : { median: at(0.5), from: at(0.25), to: at(0.75) };
}

/** The lower ends of the bands of scores in which calibration is told. */
export const bandsFrom = [0, 20, 40, 55, 70, 85] as const;

export interface Band {
  from: number;
  to: number;
  outcomes: number;
  lost: number;
  /** The share that was lost, with the interval in which it lies 19 times of 20 (Wilson). */
  share: Estimate | undefined;
}

/** What became of accounts by the score that they had: a score that means something falls from band to band. */
export function calibration(judged: readonly Judged[]): Band[] {
  return bandsFrom.map((from, index) => {
    const to = (bandsFrom[index + 1] ?? 101) - 1;
    const own = judged.filter(({ score }) => score >= from && score <= to);
    const lost = own.filter(({ kept }) => !kept).length;
    return { from, to, outcomes: own.length, lost, share: wilson(lost, own.length) };
  });
}

const Z = 1.96;

/** Wilson's interval of a share. */
export function wilson(part: number, whole: number): Estimate | undefined {
  if (whole === 0) return undefined;
  const value = part / whole;
  const middle = (value + Z ** 2 / (2 * whole)) / (1 + Z ** 2 / whole);
  const half =
    (Z / (1 + Z ** 2 / whole)) * Math.sqrt((value * (1 - value)) / whole + Z ** 2 / (4 * whole ** 2));
  return { value, low: Math.max(0, middle - half), high: Math.min(1, middle + half) };
}

/** A share of what was lost is told to within so much either way, or it is not told at all. */
const WITHIN = 0.15;

/** How many lost renewals it takes until recall is known to ±15 points in the worst case: 43. */
export const NEEDED = Math.ceil((Z ** 2 * 0.25) / WITHIN ** 2);
