import { factSentence, type Speech } from '../../alerts/words.ts';
import {
  type Explanation, type ExplainedReading, flagSentence, type RaisedFlag, readingSentence, stepSentence,
} from '../../health/explain.ts'; // prettier-ignore
import type { Change } from '../../health/next-step.ts';
import type { Rank } from '../../health/ranks.ts';
import { formatsFor } from '../../platform/formats.ts';
import { type Translate, translator } from '../../platform/words.ts';

/** Why an account has its rank, and the smallest change that would make it good. */
export interface Why {
  reasons: { grade: Rank; text: string }[];
  step: string | undefined;
}

/** How the panel speaks: the words of mails for what was read, its own for the rest. */
export interface PanelSpeech extends Speech {
  locale: string;
  panel: Translate;
}

/** What the profile and the record in Salesforce say, too. In English in their very words; in other languages the same facts. */
export function whyOf(explanation: Explanation | undefined, speech: PanelSpeech): Why {
  if (explanation === undefined) return { reasons: [], step: undefined };
  const { flags, readings, nextStep } = explanation;
  const counting = readings.filter(
    ({ kind, grade, points }) => points !== undefined && (kind === 'primary' || grade !== 'good'),
  );
  const { flag, reading, step } = /^en\b/.test(speech.locale) ? inEnglish : inWordsOf(speech);
  return {
    reasons: [
      ...flags.map((one) => ({ grade: 'poor' as const, text: flag(one) })),
      ...counting.map((one) => ({ grade: one.grade ?? 'average', text: reading(one) })),
    ],
    step: nextStep && step(nextStep),
  };
}

interface Tellings {
  flag: (flag: RaisedFlag) => string;
  reading: (reading: ExplainedReading) => string;
  step: (changes: Change[]) => string | undefined;
}

/** As Salesforce has them. */
const words = { t: translator('en', 'console'), formats: formatsFor('en', 'UTC') };
const inEnglish: Tellings = {
  flag: (flag) => flagSentence(flag, words),
  reading: (reading) => readingSentence(reading, words),
  step: (changes) => stepSentence(changes, words)[0],
};

function inWordsOf(speech: PanelSpeech): Tellings {
  const { panel } = speech;
  const withRecords = (told: string, { records }: Pick<RaisedFlag, 'records'>) =>
    records.length === 0
      ? told
      : panel('records', { told, records: records.map(({ label }) => label).join(', ') });
  const changed = ({ reading, from, to }: Change) =>
    to === null
      ? panel('noLonger', { told: factSentence({ reading, value: from }, speech).join('') })
      : panel('becomes', { told: factSentence({ reading, value: to }, speech).join('') });
  return {
    flag: (flag) =>
      panel('flag', {
        told: withRecords(flag.facts.flatMap((fact) => factSentence(fact, speech)).join('; '), flag),
      }),
    reading: (reading) => withRecords(factSentence(reading, speech).join(''), reading),
    step: (changes) => panel('step', { steps: changes.map(changed).join('; ') }),
  };
}
