import { type Readable, names } from '../mirror/describe.ts';

/** A moment as SOQL writes it. */
export const literal = (moment: Date): string => moment.toISOString().replace(/\.\d+Z$/, 'Z');

interface Selection {
  /** Fields other than all the readable ones. */
  fields?: readonly string[];
  conditions?: readonly string[];
  order?: string;
  limit?: number;
}

/** A query of an object with the mapping's own restriction. */
export function select(
  readable: Readable,
  { fields, conditions = [], order, limit }: Selection = {},
): string {
  const { sobject, where } = readable.mapping;
  const all = [...(where === undefined ? [] : [where]), ...conditions];
  return [
    `SELECT ${(fields ?? names(readable)).join(', ')} FROM ${sobject}`,
    all.length > 0 ? `WHERE ${all.join(' AND ')}` : '',
    order === undefined ? '' : `ORDER BY ${order}`,
    limit === undefined ? '' : `LIMIT ${String(limit)}`,
  ]
    .filter((part) => part !== '')
    .join(' ');
}

/** Ids come from Salesforce alone, yet nothing else may ever get into a query. */
export function idList(ids: readonly string[]): string {
  if (ids.some((id) => !/^[a-zA-Z0-9]{15,18}$/.test(id))) throw new Error('an id for SOQL is none');
  return `(${ids.map((id) => `'${id}'`).join(', ')})`;
}
