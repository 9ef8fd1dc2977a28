import type { Explained } from '../../campaigns/audience/explanation.ts';
import { formatsFor } from '../../platform/formats.ts';
import { translator } from '../../platform/words.ts';

import { hour } from './campaign-told.ts';

const t = translator('en', 'console');

type Values = Explained['values'];

/** One question of the why page in words: what was asked, and what the answer rests on. */
export interface ToldCheck {
  code: Explained['code'];
  isOk: boolean | null;
  text: string;
  evidence: string | undefined;
}

/** @param timeZone of the reader, whose clock moments are told by */
export function checkTold({ code, isOk, values }: Explained, timeZone: string): ToldCheck {
  const word = isOk === null ? 'open' : isOk ? 'ok' : 'wrong';
  const { dateTime } = formatsFor('en', timeZone);
  const told = Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, value instanceof Date ? dateTime(value) : value]),
  );
  const evidence = evidenceOf[code](values);
  return {
    code,
    isOk,
    text: t(`campaigns.why.checks.${code}.${word}`),
    evidence: evidence && t(`campaigns.why.evidence.${evidence.word}`, { ...told, ...evidence.values }),
  };
}

interface Evidence {
  word: string;
  values?: Record<string, unknown>;
}

const known = (value: Values[string] | undefined): boolean => value !== null && value !== undefined;

/** Which words tell what an answer rests on; none where there is nothing more to say. */
const evidenceOf: Record<Explained['code'], (values: Values) => Evidence | undefined> = {
  audience: ({ segment, since, change }) => {
    if (!known(segment)) return undefined;
    if (known(since)) return { word: 'since' };
    return { word: change === 'left' ? 'left' : 'never' };
  },
  address: ({ address }) => (known(address) ? { word: 'address' } : undefined),
  erased: () => undefined,
  duplicate: ({ accountName }) => (known(accountName) ? { word: 'duplicate' } : undefined),
  suppressed: ({ reason }) =>
    known(reason) && reason !== 'lifted'
      ? { word: 'suppressed', values: { reason: t(`consent.suppressions.reasons.${String(reason)}`) } }
      : undefined,
  consent: ({ isGranted, topic, isOptIn }) => {
    if (!known(topic)) return undefined;
    if (isGranted === null || isGranted === undefined)
      return { word: isOptIn === true ? 'neverAsked' : 'neverRefused' };
    return { word: isGranted === true ? 'granted' : 'refused' };
  },
  again: ({ lastAt }) => ({ word: known(lastAt) ? 'lastAt' : 'notBefore' }),
  holdout: ({ holdoutPercent, place }) =>
    holdoutPercent === 0 || !known(place) ? undefined : { word: 'holdout' },
  personCap: ({ messages }) => ({ word: known(messages) ? 'cap' : 'noCap' }),
  accountCap: ({ messages }) => ({ word: known(messages) ? 'cap' : 'noCap' }),
  quietHours: ({ from, until, dueAt }) =>
    known(from) && known(until)
      ? {
          word: known(dueAt) ? 'quietUntil' : 'quiet',
          values: { from: hour(Number(from)), until: hour(Number(until)) },
        }
      : { word: 'noQuiet' },
};
