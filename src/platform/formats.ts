import { now } from './clock.ts';
import type { Locale } from './locale.ts';

/** A moment, as the database or a form gives it. A text without a time (`2026-11-22`) is a calendar day of no zone. */
export type Moment = Date | string | number;

/** Dates, numbers and money as one person reads them. */
export interface Formats {
  date: (at: Moment) => string;
  dateTime: (at: Moment) => string;
  /** “3 hours ago”, “in 2 days”; for a calendar day counted in days. */
  relativeTime: (at: Moment) => string;
  number: (value: number) => string;
  percent: (share: number) => string;
  /** `minor` units (cents, yen) of an ISO 4217 currency. */
  money: (minor: number, currency?: string) => string;
  size: (bytes: number) => string;
  list: (items: readonly string[]) => string;
}

const made = new Map<string, Formats>();

/** Formats of a language and an IANA time zone; making them costs, so each pair is made once. */
export function formatsFor(locale: Locale, timeZone: string): Formats {
  const name = `${locale} ${timeZone}`;
  const known = made.get(name);
  if (known !== undefined) return known;
  const formats = makeFormats(locale, timeZone);
  if (made.size < 1000) made.set(name, formats);
  return formats;
}

function makeFormats(locale: Locale, timeZone: string): Formats {
  const date = new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeZone: knownZone(timeZone) });
  const day = new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeZone: 'UTC' });
  const dateTime = new Intl.DateTimeFormat(locale, {
    dateStyle: 'medium',
    timeStyle: 'short',
    timeZone: knownZone(timeZone),
  });
  const number = new Intl.NumberFormat(locale);
  const percent = new Intl.NumberFormat(locale, { style: 'percent', maximumFractionDigits: 0 });
  const list = new Intl.ListFormat(locale);
  return {
    date: (at) => (isDay(at) ? day : date).format(new Date(at)),
    dateTime: (at) => (isDay(at) ? day.format(new Date(at)) : dateTime.format(new Date(at))),
    relativeTime: relativeTime(new Intl.RelativeTimeFormat(locale, { numeric: 'auto' }), knownZone(timeZone)),
    number: (value) => number.format(value),
    percent: (share) => percent.format(share),
    money: money(locale),
    size: size(locale),
    list: (items) => list.format(items),
  };
}

const isDay = (at: Moment): at is string => typeof at === 'string' && /^\d{4}-\d\d-\d\d$/.test(at);

/* Salesforce may know a zone that this Node does not; UTC is better than a page that fails. */
function knownZone(timeZone: string): string {
  try {
    return new Intl.DateTimeFormat('en', { timeZone }).resolvedOptions().timeZone;
  } catch {
    return 'UTC';
  }
}

const units = [
  ['year', 365 * 86_400],
  ['month', 30 * 86_400],
  ['week', 7 * 86_400],
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
] as const;

function relativeTime(format: Intl.RelativeTimeFormat, timeZone: string): Formats['relativeTime'] {
  const today = new Intl.DateTimeFormat('sv', { dateStyle: 'short', timeZone });
  return (at) => {
    const from = isDay(at) ? new Date(today.format(now())) : now();
    const seconds = (new Date(at).getTime() - from.getTime()) / 1000;
    const [unit, length] = units.find(([, length]) => Math.abs(seconds) >= length) ?? ['minute', 60];
    if (isDay(at) && Math.abs(seconds) < 86_400) return format.format(0, 'day');
    return format.format(Math.trunc(seconds / length), unit);
  };
}

function money(locale: Locale): Formats['money'] {
  const formats = new Map<string, { format: Intl.NumberFormat; minorPerMajor: number }>();
  return (minor, currency = 'USD') => {
    const known = formats.get(currency);
    if (known !== undefined) return known.format.format(minor / known.minorPerMajor);
    const format = new Intl.NumberFormat(locale, { style: 'currency', currency });
    const minorPerMajor = 10 ** (format.resolvedOptions().maximumFractionDigits ?? 2);
    formats.set(currency, { format, minorPerMajor });
    return format.format(minor / minorPerMajor);
  };
}

function size(locale: Locale): Formats['size'] {
  const unit = (name: string) =>
    new Intl.NumberFormat(locale, {
      style: 'unit',
      unit: name,
      maximumFractionDigits: name === 'megabyte' ? 1 : 0,
    });
  const [byte, kilobyte, megabyte] = [unit('byte'), unit('kilobyte'), unit('megabyte')];
  return (bytes) => {
    if (bytes < 1000) return byte.format(bytes);
    return bytes < 1_000_000 ? kilobyte.format(bytes / 1000) : megabyte.format(bytes / 1_000_000);
  };
}
