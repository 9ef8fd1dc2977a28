import { judge, numberOf } from './judge.ts';
import { isDate, kindOf, type Reading, type Readings } from './readings.ts';
import type { Condition, Indicator, Settings } from './settings.ts';

/** A reading that would have to be another. `to` null: no longer there (the case closed, the renewal prepared). */
export interface Change {
  reading: Reading;
  from: number | string | null;
  to: number | string | null;
}

interface Candidate extends Change {
  /** How far it is, measured in the way from poor to good. */
  cost: number;
}

/**
 * The smallest change that would make an account good (the counterfactual of its score): one reading if one suffices, else two, else
 * as few as were found. Undefined when it is good, or when nothing of what is known could make it so.
 */
export function nextStep(settings: Settings, readings: Readings, today: string): Change[] | undefined {
  const isGood = (changes: readonly Change[]) =>
    judge(settings, changed(readings, changes), today).rank === 'good';
  if (isGood([])) return undefined;
  const choices = choicesOf(settings, readings, today);
  return (
    cheapest(choices.flatMap((choice) => (isGood([choice]) ? [[choice]] : []))) ??
    cheapest(pairsOf(choices).filter((pair) => isGood(pair))) ??
    fewest(choices, isGood)
  );
}

const changed = (readings: Readings, changes: readonly Change[]): Readings => ({
  ...readings,
  ...Object.fromEntries(changes.map(({ reading, to }) => [reading, to])),
});

const costOf = (changes: readonly Candidate[]): number => changes.reduce((sum, { cost }) => sum + cost, 0);

const cheapest = (found: readonly Candidate[][]): Change[] | undefined => {
  const [best] = found.toSorted((one, other) => costOf(one) - costOf(other));
  return best?.map(plain);
};

const plain = ({ reading, from, to }: Candidate): Change => ({ reading, from, to });

const pairsOf = (choices: readonly Candidate[]): Candidate[][] =>
  choices.flatMap((one, index) =>
    choices.slice(index + 1).flatMap((other) => (one.reading === other.reading ? [] : [[one, other]])),
  );

/** Everything as good as it can be, without what is not needed: the dearest goes first. */
function fewest(
  choices: readonly Candidate[],
  isGood: (changes: readonly Change[]) => boolean,
): Change[] | undefined {
  const furthest = [...Map.groupBy(choices, ({ reading }) => reading).values()].flatMap((all) =>
    all.slice(-1),
  );
  if (!isGood(furthest)) return undefined;
  let kept = furthest.toSorted((one, other) => other.cost - one.cost);
  for (const choice of kept) {
    const without = kept.filter((one) => one !== choice);
    if (isGood(without)) kept = without;
  }
  return kept.map(plain);
}

/** What could be changed: readings that bear on the rank, and what raises a flag; each reading's choices from near to far. */
function choicesOf(settings: Settings, readings: Readings, today: string): Candidate[] {
  const { graded, raised } = judge(settings, readings, today);
  const known = graded.filter(({ points }) => points !== undefined);
  const primary = known.filter(({ kind }) => kind === 'primary');
  const ranking = primary.length > 0 ? primary : known;
  const flagged = raised.flatMap(({ conditions }) => conditions);
  const names = new Set([...ranking, ...flagged].map(({ reading }) => reading));
  return [...names].flatMap((reading) =>
    choicesFor(reading, {
      value: readings[reading],
      number: numberOf(reading, readings[reading], today),
      indicator: ranking.find((one) => one.reading === reading),
      conditions: flagged.filter((one) => one.reading === reading),
      today,
    }),
  );
}

interface Choosing {
  value: number | string | null;
  number: number | undefined;
  indicator: Indicator | undefined;
  conditions: readonly Condition[];
  today: string;
}

function choicesFor(
  reading: Reading,
  { value, number, indicator, conditions, today }: Choosing,
): Candidate[] {
  if (number === undefined) return [];
  if (isDate(reading)) {
    const to = kindOf(reading).absent === 'fine' ? null : today;
    return value === to ? [] : [{ reading, from: value, to, cost: 1 }];
  }
  const span = indicator === undefined ? 5 : Math.abs(indicator.good - indicator.poor);
  const targets = [
    ...conditions.map(({ op, value }) => (op === 'at_least' ? value - 1 : value + 1)),
    ...(indicator === undefined ? [] : stepsTo(indicator, number)),
  ];
  const { least = -Infinity, most = Infinity } = kindOf(reading);
  return [...new Set(targets)]
    .filter((to) => to !== number && to >= least && to <= most)
    .map((to) => ({ reading, from: value, to, cost: Math.abs(to - number) / span }))
    .toSorted((one, other) => one.cost - other.cost);
}

/** How many choices an indicator offers at most. */
const STEPS = 12;

/** Whole numbers from here to where an indicator has all its points. */
function stepsTo({ good, poor }: Indicator, from: number): number[] {
  const end = good + (good - poor);
  const way = good > poor ? 1 : -1;
  const distance = way * (end - from);
  if (distance <= 0) return [];
  const stride = Math.max(1, Math.ceil(distance / STEPS));
  const steps = Array.from(
    { length: Math.ceil(distance / stride) },
    (_, index) => from + way * stride * (index + 1),
  );
  return way * (good - from) > 0 ? [...steps, good] : steps;
}
