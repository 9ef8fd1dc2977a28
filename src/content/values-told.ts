import { type Formats, formatsFor } from '../platform/formats.ts';
import { type Locale } from '../platform/locale.ts';

/** A calendar day among the values of a message: compared as YYYY-MM-DD, told as the reader's language tells dates. */
export class Day {
  readonly day: string;
  readonly isDay: boolean;
  constructor(day: string) {
    this.day = day;
    this.isDay = /^\d{4}-\d\d-\d\d$/.test(day);
  }
  valueOf(): string {
    return this.day;
  }
}

const days = new Map<string, Day>();

/** The same object for the same day, so that templates may ask whether two are one. */
export function dayOf(text: string): Day {
  const known = days.get(text) ?? new Day(text);
  if (days.size > 20_000) days.clear();
  days.set(text, known);
  return known;
}

/** An amount: compared in major units, told with its currency. */
export class Money {
  readonly minor: number;
  constructor(minor: number) {
    this.minor = minor;
  }
  valueOf(): number {
    return this.minor / 100;
  }
}

type Telling = Pick<Formats, 'number' | 'money' | 'date' | 'list'>;

/** A value as text of a language, without anything that could do harm in a mail; '' for what is not known. */
export const teller = (locale: Locale): ((value: unknown) => string) => {
  const formats = quick(formatsFor(locale, 'UTC'));
  return (value) => {
    if (typeof value === 'string') return harmless(value);
    if (Array.isArray(value)) return harmless(formats.list(value.filter((each) => typeof each === 'string')));
    return told(value, formats);
  };
};

/** The same formats, with what a thousand recipients have in common told once: a day costs two microseconds otherwise. */
const quick = ({ date, number, money, list }: Telling): Telling => ({
  date: remembering((day) => date(String(day))),
  number: remembering(number),
  money,
  list,
});

function remembering<K>(tell: (value: K) => string): (value: K) => string {
  const known = new Map<K, string>();
  return (value) => {
    const before = known.get(value);
    if (before !== undefined) return before;
    if (known.size > 5_000) known.clear();
    const text = tell(value);
    known.set(value, text);
    return text;
  };
}

function told(value: unknown, formats: Telling): string {
  if (typeof value === 'number') return Number.isFinite(value) ? formats.number(value) : '';
  if (value instanceof Day) return value.isDay ? formats.date(value.day) : '';
  if (value instanceof Money) return formats.money(value.minor);
  return typeof value === 'boolean' ? String(value) : '';
}

/* Control characters, NUL among them, and those that turn the direction of what follows (a name that reads as another one). */
const HARMFUL = '[\\u0000-\\u0008\\u000b\\u000c\\u000e-\\u001f\\u007f\\u202a-\\u202e\\u2066-\\u2069]';
const anyHarmful = new RegExp(HARMFUL);
const allHarmful = new RegExp(HARMFUL, 'g');

const harmless = (text: string): string => {
  const well = text.isWellFormed() ? text : text.toWellFormed();
  return anyHarmful.test(well) ? well.replace(allHarmful, '') : well;
};
