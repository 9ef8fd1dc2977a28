import type { Formats } from '../platform/formats.ts';
import type { Translate } from '../platform/words.ts';

import { type Evidence, evidenceFor, type FoundRecord } from './evidence.ts';
import { type Graded, judge } from './judge.ts';
import { type Change, nextStep } from './next-step.ts';
import type { Profile } from './profiles.ts';
import { bandOf, type Fact, type Rank } from './ranks.ts';
import { kindOf, type Component, type Reading, type Readings } from './readings.ts';
import { told } from './reasons.ts';

/** One thing that was read, what it is worth, and the records it comes from. */
export interface ExplainedReading extends Graded {
  component: Component;
  grade: Rank | undefined;
  /** Of the weights of its kind that count, 0–1; 0 where nothing is known. */
  share: number;
  records: FoundRecord[];
}

export interface RaisedFlag {
  name: string;
  facts: Fact[];
  records: FoundRecord[];
}

/** Why an account has its health: what was read, from where, what is missing, and what would make it good. */
export interface Explanation {
  rank: Rank;
  score: number;
  flags: RaisedFlag[];
  readings: ExplainedReading[];
  missing: Reading[];
  /** The smallest change that would make the account good; undefined when it is, or nothing known could. */
  nextStep: Change[] | undefined;
}

/** Explains what a profile makes of these readings on that day; `evidence` of `evidenceOf`, none when records are not wanted. */
export function explain(
  readings: Readings,
  profile: Pick<Profile, 'settings'>,
  { today, evidence = [] }: { today: string; evidence?: readonly Evidence[] },
): Explanation {
  const { rank, score, graded, raised, missing } = judge(profile.settings, readings, today);
  const records = (reading: Reading) => evidenceFor(reading, readings[reading], evidence);
  return {
    rank,
    score,
    missing,
    flags: raised.map(({ name, conditions }) => ({
      name,
      facts: conditions.map(({ reading }) => ({ reading, value: readings[reading] })),
      records: conditions.flatMap(({ reading }) => records(reading)),
    })),
    readings: graded.map((one) => ({
      ...one,
      component: kindOf(one.reading).component,
      grade: one.points === undefined ? undefined : bandOf(one.points),
      share: shareOf(one, graded),
      records: records(one.reading),
    })),
    nextStep: nextStep(profile.settings, readings, today),
  };
}

function shareOf(one: Graded, all: readonly Graded[]): number {
  const counting = all.filter(({ kind, points }) => kind === one.kind && points !== undefined);
  const total = counting.reduce((sum, { weight }) => sum + weight, 0);
  return one.points === undefined || total === 0 ? 0 : one.weight / total;
}

interface Words {
  t: Translate;
  formats: Pick<Formats, 'date' | 'list'>;
}

/**
 * The explanation in sentences, the same on our pages and in Salesforce: what counts, what is missing, and what would make the account
 * good.
 */
export function sentencesOf(explanation: Explanation, words: Words): string[] {
  const { flags, readings, missing, nextStep } = explanation;
  const known = readings.filter(({ points }) => points !== undefined);
  const primary = known.filter(({ kind }) => kind === 'primary');
  const against = known.filter(({ kind, grade }) => kind === 'secondary' && grade !== 'good');
  const counting = [
    ...flags.map((flag) => flagSentence(flag, words)),
    ...[...primary, ...against].map((one) => readingSentence(one, words)),
  ];
  return [
    ...(counting.length > 0 ? counting : [words.t('health.noReasons')]),
    ...missingSentence(missing, words),
    ...stepSentence(nextStep, words),
  ];
}

export const flagSentence = ({ facts, records }: RaisedFlag, { t, formats }: Words): string => {
  const said = facts.map((fact) => told(fact, t, formats.date)).join('; ');
  return t('healthProfiles.explained.flag', { told: withRecords(said, records, { t, formats }) });
};

export const readingSentence = ({ reading, value, records }: ExplainedReading, words: Words): string =>
  withRecords(told({ reading, value }, words.t, words.formats.date), records, words);

function withRecords(said: string, records: readonly FoundRecord[], { t, formats }: Words): string {
  if (records.length === 0) return said;
  const names = records.map((record) => recordName(record, { t, formats }));
  return t('healthProfiles.explained.records', { told: said, records: names.join(', ') });
}

/** What a record is called: “case 00001042”. */
export const recordName = ({ kind, label, on }: FoundRecord, { t, formats }: Words): string =>
  t(`healthProfiles.records.${kind}`, { label, on: on === null ? '' : formats.date(on) });

function missingSentence(missing: readonly Reading[], { t, formats }: Words): string[] {
  if (missing.length === 0) return [];
  const names = missing.map((reading) => t(`healthProfiles.readings.${reading}`));
  return [t('healthProfiles.explained.missing', { readings: formats.list(names) })];
}

/** What would make an account good, or nothing when there is nothing to say. */
export function stepSentence(changes: readonly Change[] | undefined, { t, formats }: Words): string[] {
  if (changes === undefined) return [];
  const steps = changes.map(({ reading, from, to }) =>
    t(`healthProfiles.steps.${reading}`, { from, to, count: typeof to === 'number' ? to : 0 }),
  );
  return [t('healthProfiles.explained.step', { steps: formats.list(steps) })];
}
