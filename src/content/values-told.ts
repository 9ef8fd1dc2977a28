import { type Formats, formatsFor } from '../platform/formats.ts';
import { type Locale } from '../platform/locale.ts';

/** A calendar day among the values of a message: compared as YYYY-MM-DD, told as the reader's language tells dates. */
export class Day {
  readonly day: string;
  constructor(day: string) {
    this.day = day;
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

/** What merge fields stand for. */
export type Value = string | number | boolean | null | Day | Money | readonly string[];

type Telling = Pick<Formats, 'number' | 'money' | 'date' | 'list'>;

/** A value as text of a language, without anything that could do harm in a mail; '' for what is not known. */
export const teller = (locale: Locale): ((value: unknown) => string) => {
  const formats = formatsFor(locale, 'UTC');
  return (value) => (typeof value === 'string' ? harmless(value) : harmless(told(value, formats)));
};

function told(value: unknown, formats: Telling): string {
  if (typeof value === 'number') return Number.isFinite(value) ? formats.number(value) : '';
  if (typeof value === 'boolean') return String(value);
  if (value instanceof Day) return /^\d{4}-\d\d-\d\d$/.test(value.day) ? formats.date(value.day) : '';
  if (value instanceof Money) return formats.money(value.minor);
  if (Array.isArray(value)) return formats.list(value.filter((each) => typeof each === 'string'));
  return typeof value === 'string' ? value : '';
}

/* Control characters, NUL among them, and those that turn the direction of what follows (a name that reads as another one). */
// eslint-disable-next-line no-control-regex -- they are what is looked for
const harmful = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f\u202a-\u202e\u2066-\u2069]/g;

const harmless = (text: string): string => {
  const well = text.isWellFormed() ? text : text.toWellFormed();
  return harmful.test(well) ? well.replace(harmful, '') : well;
};
