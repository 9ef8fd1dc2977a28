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
type Value = string | number | boolean | null | Day | Money | readonly string[];

type Telling = Pick<Formats, 'number' | 'money' | 'date' | 'list'>;

/** A value as text of a language, without anything that could do harm in a mail; '' for what is not known. */
export const teller = (locale: Locale): ((value: unknown) => string) => {
  const formats = quick(formatsFor(locale, 'UTC'));
  return (value) => harmless(typeof value === 'string' ? value : told(value, formats));
};

/** The same formats, with what a thousand recipients have in common told once: a day costs two microseconds otherwise. */
function quick(formats: Telling): Telling {
  const days = new Map<string, string>();
  const date: Telling['date'] = (at) => {
    const day = String(at);
    const known = days.get(day) ?? formats.date(day);
    if (days.size > 5_000) days.clear();
    days.set(day, known);
    return known;
  };
  const number = (value: number) =>
    Number.isInteger(value) && value >= 0 && value < 1_000 ? String(value) : formats.number(value);
  return { ...formats, date, number };
}

function told(value: unknown, formats: Telling): string {
  if (typeof value === 'number') return Number.isFinite(value) ? formats.number(value) : '';
  if (typeof value === 'boolean') return String(value);
  if (value instanceof Day) return /^\d{4}-\d\d-\d\d$/.test(value.day) ? formats.date(value.day) : '';
  if (value instanceof Money) return formats.money(value.minor);
  if (Array.isArray(value)) return formats.list(value.filter((each) => typeof each === 'string'));
  return typeof value === 'string' ? value : '';
}

/* Control characters, NUL among them, and those that turn the direction of what follows (a name that reads as another one). */
const HARMFUL = '[\\u0000-\\u0008\\u000b\\u000c\\u000e-\\u001f\\u007f\\u202a-\\u202e\\u2066-\\u2069]';
const anyHarmful = new RegExp(HARMFUL);
const allHarmful = new RegExp(HARMFUL, 'g');

const harmless = (text: string): string => {
  const well = text.isWellFormed() ? text : text.toWellFormed();
  return anyHarmful.test(well) ? well.replace(allHarmful, '') : well;
};
