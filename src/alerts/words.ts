import type { Fact, Reason } from '../health/ranks.ts';
import { kindOf } from '../health/readings.ts';
import { type Formats, formatsFor } from '../platform/formats.ts';
import type { Locale } from '../platform/locale.ts';
import { type Translate, translator } from '../platform/words.ts';

import type { AlertRule } from './rules.ts';
import type { Signal } from './signals.ts';

/** How somebody is spoken to: their words, and dates as in their zone. */
export interface Speech extends Formats {
  t: Translate;
}

export const speechOf = (locale: Locale, timeZone: string): Speech => ({
  ...formatsFor(locale, timeZone),
  t: translator(locale, 'mail'),
});

/** A rule's name: those that Rapport brings along have one in every language. */
export const nameOf = ({ code, name }: Pick<AlertRule, 'code' | 'name'>, { t }: Speech): string =>
  code === null ? name : t(`alert-rules.${code}`, { defaultValue: name });

/** What a signal says, in one sentence; the account's name stands beside it. */
export function sentenceOf(signal: Pick<Signal, 'kind' | 'data' | 'personName'>, speech: Speech): string {
  const { kind, data, personName } = signal;
  const key = kind === 'condition.met' && personName !== null ? 'condition_person' : kind.replace('.', '_');
  const values = { ...texts(data), ...figures(data, speech), ...choices(data, speech) };
  const person = [personName, data.title].filter(Boolean).join(', ');
  return speech.t(`signals.${key}`, { ...values, person }).trim();
}

type Data = Signal['data'];

/** What is told as it is. */
const texts = ({ reason = '', segment = '', name = '', number = '', subject = '' }: Data) => ({
  reason,
  segment,
  name,
  number,
  subject,
});

/** Ranks and levels, by their words. */
function choices({ rank, previousRank, level }: Data, { t }: Speech) {
  const word = (group: string, name: unknown) =>
    typeof name === 'string' ? t(`${group}.${name}`, { defaultValue: name }) : t(`${group}.none`);
  return { rank: word('ranks', rank), previous: word('ranks', previousRank), level: word('risk', level) };
}

const unknown = '–';

function figures(data: Data, { date, percent, money, number }: Speech) {
  const { score = unknown, previousScore = unknown, people = 0, seats = 0 } = data;
  const day = data.activeOn ?? data.on ?? data.closeOn;
  const told = (value: unknown, tell: (figure: number) => string) =>
    typeof value === 'number' ? tell(value) : unknown;
  return {
    score,
    previousScore,
    people,
    seats,
    actions: told(data.actions, number),
    actionsBefore: told(data.actionsBefore, number),
    date: typeof day === 'string' ? date(day) : unknown,
    share: told(data.utilization, (percents) => percent(percents / 100)),
    amount: told(data.amountMinor, money),
  };
}

/** Why an account's health is as it is, a sentence a reason, the gravest first; at most three (FA4). */
export function reasonsOf({ data }: Pick<Signal, 'data'>, speech: Speech): string[] {
  if (!Array.isArray(data.reasons)) return [];
  return (data.reasons as Reason[])
    .map((reason) => reasonSentence(reason, speech))
    .filter(Boolean)
    .slice(0, 3);
}

/** A reason by what was read, in the reader's language; what is not known is no reason. */
export const reasonSentence = ({ facts }: Reason, speech: Speech): string =>
  facts.flatMap((fact) => factSentence(fact, speech)).join('; ');

/** What was read, as a sentence without its full stop; none where nothing is known. */
export function factSentence({ reading, value }: Fact, { t, number, percent, date }: Speech): string[] {
  if (value === null) return [];
  const figure = (count: number) =>
    kindOf(reading).unit === 'percent' ? percent(count / 100) : number(count);
  const told = typeof value === 'number' ? figure(value) : date(value);
  return [t(`readings.${reading}`, { value: told })];
}

/** The page of the console where a signal is looked into. */
export function pathOf({ accountId }: Pick<Signal, 'accountId'>): string {
  return `/console/accounts/${accountId}`;
}
