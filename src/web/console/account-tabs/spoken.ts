import type { Reason } from '../../../health/ranks.ts';
import { sentenceOf } from '../../../health/reasons.ts';
import { formatsFor } from '../../../platform/formats.ts';
import { translator } from '../../../platform/words.ts';

/* The console speaks English; moments are told in the viewer's zone by the views themselves. */
export const t = translator('en', 'console');
export const formats = formatsFor('en', 'UTC');

/** Seconds as hours with one decimal. */
export const hoursOf = (seconds: number): string =>
  t('accounts.usage.hoursOf', { hours: formats.number(Math.round(seconds / 360) / 10) });

const shortDay = new Intl.DateTimeFormat('en', { month: 'short', day: 'numeric', timeZone: 'UTC' });

/** A calendar day (YYYY-MM-DD) as the scale of a chart says it: Nov 22. */
export const dayName = (day: string): string => shortDay.format(new Date(day));

/** A reason of a health score as a sentence. */
export const spokenReason = (reason: Reason): string => sentenceOf(reason, t, formats.date);

const whole = new Map<string, Intl.NumberFormat>();

/** An amount without its cents, as lists and figures show it; `minor` units of an ISO 4217 currency. */
export function wholeMoney(minor: number, currency = 'USD'): string {
  const known =
    whole.get(currency) ??
    new Intl.NumberFormat('en', { style: 'currency', currency, maximumFractionDigits: 0 });
  whole.set(currency, known);
  return known.format(minor / 100);
}
