import pg from 'pg';

import { FormulaError } from './syntax.ts';

import type { Field, FieldType } from '../catalog.ts';

export type FormulaType =
  'text' | 'number' | 'boolean' | 'date' | 'datetime' | 'time' | 'picklist' | 'multipicklist' | 'null';

/** A part of a formula in SQL. Texts and truths are never null; all else may be. */
export interface Typed {
  type: FormulaType;
  sql: string;
  /** Of a field: its column as it is stored. */
  raw?: string;
}

const names: Record<FormulaType, string> = {
  text: 'Text',
  number: 'Number',
  boolean: 'Boolean',
  date: 'Date',
  datetime: 'DateTime',
  time: 'Time',
  picklist: 'Picklist',
  multipicklist: 'Picklist',
  null: 'Null',
};

export const nameOf = (type: FormulaType): string => names[type];

/** SQL types by formula type. */
export const sqlTypes: Record<FormulaType, string> = {
  text: 'text', number: 'numeric', boolean: 'boolean', date: 'date', datetime: 'timestamptz', time: 'time', picklist: 'text',
  multipicklist: 'text', null: 'text',
}; // prettier-ignore

/** A text as SQL. A dollar is spelt as a function: what reads parameters must not find one in it. */
export const textSql = (text: string): string =>
  text.includes('$')
    ? `(${text.split('$').map((part) => pg.escapeLiteral(part)).join(' || chr(36) || ')})`
    : `${pg.escapeLiteral(text)}::text`; // prettier-ignore

/** How a type of field takes part in formulas. */
export function typeOfField({ type }: Pick<Field, 'type'>): FormulaType {
  return fieldTypes[type] ?? 'text';
}

const fieldTypes: Partial<Record<FieldType, FormulaType>> = {
  boolean: 'boolean', int: 'number', long: 'number', double: 'number', currency: 'number', percent: 'number', date: 'date',
  datetime: 'datetime', time: 'time', picklist: 'picklist', multipicklist: 'multipicklist', combobox: 'picklist',
}; // prettier-ignore

/** @throws FormulaError unless the part has one of the types; what is empty fits everywhere. */
export function demand(where: string, part: Typed, types: FormulaType[]): void {
  if (part.type === 'null' || types.includes(part.type)) return;
  if (part.type === 'picklist' || part.type === 'multipicklist')
    throw new FormulaError(
      `Field ${fieldNameIn(part)} is a picklist field. Picklist fields are only supported in certain functions.`,
    );
  const expected = types.map(nameOf).join(', ');
  throw new FormulaError(
    `Incorrect parameter type for ${where}. Expected ${expected}, received ${nameOf(part.type)}`,
  );
}

const fieldNameIn = ({ raw = '' }: Typed) => /"(\w+)"\)*$/.exec(raw)?.[1] ?? '';

/** A part in the form that its type's rules want: an empty text, a false. */
export function settled({ type, sql }: Typed, wanted: FormulaType): string {
  if (type !== 'null') return sql;
  if (wanted === 'text') return `''::text`;
  return wanted === 'boolean' ? 'false' : `null::${sqlTypes[wanted]}`;
}

/** The one type of alternatives: branches of an IF, results of a CASE. @throws FormulaError */
export function common(where: string, parts: Typed[]): FormulaType {
  const plain = parts.map((part) => asText(part));
  const type = plain.find((part) => part.type !== 'null')?.type ?? 'null';
  for (const part of plain) demand(where, part, [type]);
  return type;
}

/** A picklist where its text is meant: results of CASE and IF may be ones. */
export const asText = (part: Typed): Typed =>
  part.type === 'picklist' || part.type === 'multipicklist'
    ? { type: 'text', sql: `coalesce(${part.sql}, '')` }
    : part;
