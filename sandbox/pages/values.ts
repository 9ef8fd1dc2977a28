import type { Context } from '../salesforce/context.ts';
import type { Field, SObject } from '../salesforce/schema/catalog.ts';
import { isId } from '../salesforce/records/ids.ts';
import { recordPath } from './paths.ts';

/** A record as the API answers it: values, and parents as objects. */
export type RecordJson = Record<string, unknown>;

/** A value ready to be shown. */
export interface Shown {
  kind:
    'check' | 'date' | 'email' | 'link' | 'mark' | 'number' | 'phone' | 'record' | 'text' | 'time' | 'url';
  text: string;
  href?: string;
  /** For moments: the exact time. For marks: which. */
  detail?: string;
}

/** The fields to ask for so that a column can be shown: a reference comes with its parent's name. */
export function selected(sobject: SObject, name: string): string[] {
  const field = sobject.field(name);
  if (!field) return [];
  if (field.type === 'address')
    return addressParts.map((part) => name.replace(/Address$/, part)).filter((part) => sobject.field(part));
  const parent = parentName(field);
  return parent === undefined ? [field.name] : [field.name, parent];
}

const addressParts = ['Street', 'City', 'State', 'PostalCode', 'Country'] as const;

/** Where a reference's parent says its name: `Account.Name`, `Parent.CaseNumber`; undefined where it has none. */
function parentName(field: Field): string | undefined {
  if (field.type !== 'reference' || field.relationshipName === null || field.referenceTo.length === 0)
    return undefined;
  const isCase = field.referenceTo.length === 1 && field.referenceTo[0] === 'Case';
  return `${field.relationshipName}.${isCase ? 'CaseNumber' : 'Name'}`;
}

/** Whether the user may see the field at all. */
export function isReadable(ctx: Context, sobject: SObject, name: string): boolean {
  const field = sobject.field(name);
  return field !== undefined && ctx.org.security.mayRead(ctx.user, sobject, field);
}

/** Writes dates, moments, numbers and money as the viewer reads them. */
export interface Format {
  date: (value: string) => string;
  moment: (value: string) => string;
  /** `3 days ago`. */
  ago: (value: string) => string;
  number: (value: number, digits?: number) => string;
  money: (value: number) => string;
}

const units = [['year', 31_557_600], ['month', 2_629_800], ['week', 604_800], ['day', 86_400], ['hour', 3600], ['minute', 60]] as const; // prettier-ignore

/** Formats in English, in the viewer's time zone. */
export function formatter(timeZone: string, now: Date): Format {
  const date = new Intl.DateTimeFormat('en-US', { dateStyle: 'medium', timeZone: 'UTC' });
  const moment = new Intl.DateTimeFormat('en-US', { dateStyle: 'medium', timeStyle: 'short', timeZone });
  const relative = new Intl.RelativeTimeFormat('en-US', { numeric: 'auto' });
  const money = new Intl.NumberFormat('en-US', {
    style: 'currency',
    currency: 'USD',
    maximumFractionDigits: 0,
  });
  return {
    date: (value) => date.format(new Date(`${value.slice(0, 10)}T00:00:00Z`)),
    moment: (value) => moment.format(new Date(value)),
    ago(value) {
      const seconds = (new Date(value).getTime() - now.getTime()) / 1000;
      const unit = units.find(([, size]) => Math.abs(seconds) >= size);
      return unit ? relative.format(Math.round(seconds / unit[1]), unit[0]) : 'just now';
    },
    number: (value, digits = 0) => value.toLocaleString('en-US', { maximumFractionDigits: digits }),
    money: (value) => money.format(value),
  };
}

/** A value of a record as plain text; empty for none, and for parents. */
export const textOf = (value: unknown): string =>
  typeof value === 'string'
    ? value
    : typeof value === 'number' || typeof value === 'boolean'
      ? String(value)
      : '';

/** What people call a record. */
export const titleOf = (sobject: SObject, record: RecordJson): string =>
  textOf(record[sobject.nameField?.name ?? 'Id']) || textOf(record.Id);

/** A record's field as it is shown; undefined when it is empty. */
export function shown(format: Format, sobject: SObject, record: RecordJson, name: string): Shown | undefined {
  const field = sobject.field(name);
  if (!field) return undefined;
  if (field.type === 'address') return shownAddress(record, name);
  const value = record[field.name];
  if (field.type === 'boolean') return { kind: 'check', text: value === true ? 'Yes' : 'No' };
  if (typeof value === 'number') return { kind: 'number', text: shownNumber(format, field, value) };
  const text = textOf(value);
  if (text === '') return undefined;
  if (field.nameField) return { kind: 'record', text, href: recordPath(sobject.name, textOf(record.Id)) };
  return field.type === 'reference' ? shownParent(field, record, text) : shownText(format, field, text);
}

function shownNumber(format: Format, { type, scale }: Field, value: number): string {
  if (type === 'currency') return format.money(value);
  return type === 'percent' ? `${format.number(value)}%` : format.number(value, scale);
}

function shownText(format: Format, field: Field, text: string): Shown {
  switch (field.type) {
    case 'date':
      return { kind: 'date', text: format.date(text) };
    case 'datetime':
      return { kind: 'time', text: format.moment(text), detail: text };
    case 'email':
      return { kind: 'email', text, href: `mailto:${text}` };
    case 'phone':
      return { kind: 'phone', text, href: `tel:${text.replaceAll(/[^+\d]/g, '')}` };
    case 'url':
      return {
        kind: 'url',
        text: text.replace(/^https?:\/\/(www\.)?/, ''),
        href: /^https?:\/\//.test(text) ? text : `https://${text}`,
      };
    default:
      return marked.has(field.name)
        ? { kind: 'mark', text, detail: markOf(text) }
        : { kind: 'text', text: text.replaceAll(';', '; ') };
  }
}

/** Picklists whose values carry a color, always with their word. */
const marked = new Set([
  'Status',
  'Priority',
  'StageName',
  'Rapport_Status__c',
  'Rapport_Health_Rank__c',
  'Rapport_Rank__c',
  'Rating',
]);
const marks: Readonly<Record<string, readonly string[]>> = {
  good: ['Good', 'Closed Won', 'Active'],
  warn: ['Average', 'Waiting on Customer', 'On Hold', 'Trial', 'Warm'],
  bad: ['Poor', 'High', 'Escalated', 'Expired', 'Revoked', 'Hot'],
  quiet: ['Closed', 'Closed Lost', 'Replaced', 'Low', 'Cold', 'Closed - Not Converted', 'Medium'],
};

const markOf = (text: string): string =>
  Object.entries(marks).find(([, values]) => values.includes(text))?.[0] ?? 'plain';

/** What a lookup's parent is called, where it was read along; empty otherwise. */
export function parentTitle(field: Field, record: RecordJson): string {
  const parent = record[field.relationshipName ?? ''] as RecordJson | null | undefined;
  return textOf(parent?.Name) || textOf(parent?.CaseNumber);
}

function shownParent(field: Field, record: RecordJson, id: string): Shown {
  const text = parentTitle(field, record) || id;
  if (!isId(id)) return { kind: 'text', text };
  const isOne = field.referenceTo.length === 1;
  return { kind: 'link', text, href: recordPath(isOne ? (field.referenceTo[0] ?? '') : '', id) };
}

function shownAddress(record: RecordJson, name: string): Shown | undefined {
  const part = (key: string) => {
    const value = record[name.replace(/Address$/, key)];
    return typeof value === 'string' ? value : '';
  };
  const lines = [
    part('Street'),
    [part('PostalCode'), part('City'), part('State')].filter(Boolean).join(' '),
    part('Country'),
  ];
  const text = lines.filter(Boolean).join('\n');
  return text === '' ? undefined : { kind: 'text', text };
}
