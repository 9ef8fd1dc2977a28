import type { Reason } from '../health/ranks.ts';
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
  const word = (group: string, name: unknown) =>
    typeof name === 'string' ? speech.t(`${group}.${name}`, { defaultValue: name }) : '';
  const day = (at: unknown) => (typeof at === 'string' ? speech.date(at) : '');
  const key = kind === 'condition.met' && personName !== null ? 'condition_person' : kind.replace('.', '_');
  return speech.t(`signals.${key}`, {
    rank: word('ranks', data.rank ?? 'none'),
    previous: word('ranks', data.previousRank ?? 'none'),
    score: data.score ?? '–',
    previousScore: data.previousScore ?? '–',
    level: word('risk', data.level),
    reason: data.reason ?? '',
    segment: data.segment ?? '',
    date: day(data.activeOn ?? data.on ?? data.closeOn),
    people: data.people ?? 0,
    before: data.before ?? 0,
    share: typeof data.utilization === 'number' ? speech.percent(data.utilization / 100) : '',
    seats: data.seats ?? 0,
    name: data.name ?? '',
    amount: typeof data.amountMinor === 'number' ? speech.money(data.amountMinor) : '–',
    number: data.number ?? '',
    subject: data.subject ?? '',
    person: [personName ?? '', data.title].filter(Boolean).join(', '),
  }).trim();
}

/** Why an account's health is as it is, a sentence a reason, the gravest first; at most three (FA4). */
export function reasonsOf({ data }: Pick<Signal, 'data'>, speech: Speech): string[] {
  if (!Array.isArray(data.reasons)) return [];
  return (data.reasons as Reason[]).slice(0, 3).map((reason) => reasonSentence(reason, speech));
}

/** A reason by what was read: “Days with use in two weeks: 3”. */
export function reasonSentence({ code, facts }: Reason, speech: Speech): string {
  const [fact] = facts;
  const value = fact?.value ?? null;
  const told = typeof value === 'number' ? speech.number(value) : value === null ? '–' : speech.date(value);
  const name = speech.t(`readings.${fact?.reading ?? code}`, { defaultValue: code });
  return speech.t('reason', { name, value: told });
}

/** The page of the console where a signal is looked into. */
export function pathOf({ accountId }: Pick<Signal, 'accountId'>): string {
  return `/console/accounts/${accountId}`;
}
