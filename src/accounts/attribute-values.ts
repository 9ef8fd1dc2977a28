import type { DescribedField } from '../platform/salesforce/mirror/described.ts';
import type { Value } from '../platform/salesforce/outbox/outbox.ts';

/* What somebody types into a field of Salesforce's, and what Salesforce makes of it. */

/** A typed text as Salesforce's value, or what is wrong with it: a locale key with what it speaks of. */
export type Typed = { value: Value } | { error: string };

type Read = (text: string, field: DescribedField) => Typed;

/** Reads what was typed for a field by its type; an empty text empties the field. */
export function typedValue(field: DescribedField, typed: string): Typed {
  const text = typed.replaceAll('\r\n', '\n').trim();
  if (text === '') return field.isRequired ? wrong('required') : { value: null };
  return (readers[field.type] ?? asText)(text, field);
}

const wrong = (what: string): Typed => ({ error: `attributes.errors.${what}` });

const asText: Read = (text, { length }) =>
  length > 0 && text.length > length ? wrong('tooLong') : { value: text };
const asLine: Read = (text, field) => (text.includes('\n') ? wrong('oneLine') : asText(text, field));

const matching =
  (pattern: RegExp, error: string): Read =>
  (text, field) =>
    pattern.test(text) ? asLine(text, field) : wrong(error);

const asNumber: Read = (text, { digits, scale }) => {
  const plain = text.replaceAll(/(?<=\d)[,' ](?=\d{3}(\D|$))/g, '');
  if (!/^[+-]?(\d+(\.\d*)?|\.\d+)$/.test(plain)) return wrong('number');
  const value = Number(plain);
  const [, decimals = ''] = plain.split('.');
  if (decimals.replace(/0+$/, '').length > scale) return wrong(scale === 0 ? 'wholeNumber' : 'decimals');
  return digits > 0 && Math.abs(value) >= 10 ** digits ? wrong('tooLarge') : { value };
};

const asInteger: Read = (text, field) => asNumber(text, { ...field, scale: 0 });

const asBoolean: Read = (text) =>
  text === 'true' || text === 'false' ? { value: text === 'true' } : wrong('choice');

const asChoice: Read = (text, field) =>
  !field.isRestricted || field.choices.some(({ value }) => value === text)
    ? asLine(text, field)
    : wrong('choice');

const asChoices: Read = (text, field) => {
  const chosen = text.split(';').map((one) => one.trim());
  const isKnown = (one: string) => field.choices.some(({ value }) => value === one);
  return chosen.every((one) => !field.isRestricted || isKnown(one))
    ? { value: chosen.join(';') }
    : wrong('choice');
};

const asDate: Read = (text) => {
  const isDate = /^\d{4}-\d\d-\d\d$/.test(text) && !Number.isNaN(Date.parse(text));
  return isDate && new Date(text).toISOString().startsWith(text) ? { value: text } : wrong('date');
};

const asMoment: Read = (text) => {
  const at = /^\d{4}-\d\d-\d\dT\d\d:\d\d/.test(text)
    ? new Date(/Z|[+-]\d\d:?\d\d$/.test(text) ? text : `${text}Z`)
    : undefined;
  return at === undefined || Number.isNaN(at.getTime()) ? wrong('moment') : { value: at.toISOString() };
};

const asReference: Read = (text) =>
  /^([a-z0-9]{15}|[a-z0-9]{18})$/i.test(text) ? { value: text } : wrong('reference');

const readers: Record<string, Read> = {
  string: asLine,
  textarea: asText,
  phone: asLine,
  url: matching(/^\S+$/, 'url'),
  email: matching(/^[^\s@]+@[^\s@]+\.[^\s@]+$/, 'email'),
  picklist: asChoice,
  combobox: asLine,
  multipicklist: asChoices,
  boolean: asBoolean,
  int: asInteger,
  long: asInteger,
  double: asNumber,
  currency: asNumber,
  percent: asNumber,
  date: asDate,
  datetime: asMoment,
  reference: asReference,
};

/** Types that can be typed in here; compound and binary ones cannot. */
export const isTypable = ({ type, refersTo }: DescribedField): boolean =>
  type in readers && (type !== 'reference' || refersTo.join() === 'User');
