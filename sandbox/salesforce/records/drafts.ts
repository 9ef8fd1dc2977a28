import { quote } from '../../database.ts';
import type { Field, SObject } from '../schema/catalog.ts';
import { columnType, isStored } from '../schema/tables.ts';
import type { Work } from './work.ts';

/** Rows about to be saved, as they will be, each with its place `#`: the parameter of `draftsSql`. */
export const draftsJson = (works: Work[]): string =>
  JSON.stringify(works.map(({ id, before, row }, at) => ({ ...before, ...row, Id: id ?? null, '#': at })));

/** The same rows as they were; new ones are left out. */
export const formerJson = (works: Work[]): string =>
  JSON.stringify(works.flatMap(({ before }, at) => (before ? [{ ...before, '#': at }] : [])));

/**
 * Such rows as a source of FROM, those columns reckoned that PostgreSQL reckons once they are stored; with no more columns than the
 * text that reads them names.
 */
export function draftsSql(sobject: SObject, parameter: string, used: string): string {
  const isUsed = (field: Field, text: string) => text.includes(quote(field.name));
  const reckoned = sobject.fields.filter((field) => field.computed !== null && isUsed(field, used));
  const all = [used, ...reckoned.map(({ computed }) => computed)].join(' ');
  const plain = sobject.fields.filter(
    (field) => isStored(field) && field.computed === null && (field.name === 'Id' || isUsed(field, all)),
  );
  const columns = plain.map(
    (field) => `, ${quote(field.name)} ${columnType(field.type).replace(' collate "C"', '')}`,
  );
  const extra = reckoned.map((field) => `, (${field.computed ?? ''}) as ${quote(field.name)}`);
  return `(select r.*${extra.join('')} from json_to_recordset(${parameter}::json) as r("#" integer${columns.join('')}))`;
}
