import { quote } from '../../database.ts';
import type { Field, SObject } from '../schema/catalog.ts';
import type { Scope } from './scope.ts';

/** How the columns of a row become a record. The order of entries is that of the SELECT list. */
export interface Plan {
  /** `Account`; `Name` where a reference may point at several objects; undefined for an aggregate result. */
  type: string | undefined;
  /** The column that holds the record's id. */
  id: number;
  entries: Map<string, Entry>;
}

export type Entry =
  | { kind: 'value'; index: number; convert: Convert }
  | { kind: 'body'; id: number; type: string; field: string }
  | { kind: 'parent'; plan: Plan }
  | { kind: 'typeof'; id: number; plans: Map<string, Plan> }
  | { kind: 'children'; at: number };

/** The plan of TYPEOF's ELSE, among those by object. */
export const otherwise = '';

export type Convert = (value: unknown) => unknown;

/** The columns of a select, each once. */
export interface Outputs {
  sql: string[];
  /** The place of a column, added when it is new. */
  place: (sql: string) => number;
}

export function createOutputs(): Outputs {
  const sql: string[] = [];
  const places = new Map<string, number>();
  const place = (column: string) => {
    const known = places.get(column);
    if (known !== undefined) return known;
    places.set(column, sql.push(column) - 1);
    return sql.length - 1;
  };
  return { sql, place };
}

/** What PostgreSQL's text of a value becomes in the REST API's JSON. */
export function converterOf({ type }: Field): Convert {
  if (type === 'datetime') return (value) => (typeof value === 'string' ? restMoment(value) : value);
  if (type === 'time') return (value) => (typeof value === 'string' ? `${value.slice(0, 8)}.000Z` : value);
  return (value) => value;
}

/** `2026-01-02 03:04:05+00` as `2026-01-02T03:04:05.000+0000`. */
const restMoment = (text: string): string => `${text.slice(0, 10)}T${text.slice(11, 19)}.000+0000`;

const addressParts: [string, string][] = [
  ['city', 'City'],
  ['country', 'Country'],
  ['latitude', 'Latitude'],
  ['longitude', 'Longitude'],
  ['postalCode', 'PostalCode'],
  ['state', 'State'],
  ['street', 'Street'],
];

/** The JSON of a compound address from its parts; null when all of them are. */
export function addressSql(alias: string, field: Field): string {
  const prefix = field.name.replace(/Address$/, '');
  const columns = addressParts.map(([name, part]) => ({ name, sql: `${alias}.${quote(prefix + part)}` }));
  const pairs = columns.map(({ name, sql }) => `'${name}', ${sql}`).join(', ');
  const anySet = columns.map(({ sql }) => `${sql} is not null`).join(' or ');
  return `case when ${anySet} then json_build_object('geocodeAccuracy', null, ${pairs}) end`;
}

/** Fields of FIELDS(ALL), FIELDS(STANDARD) or FIELDS(CUSTOM) that the user may read. */
export function fieldsOfKind(scope: Scope, sobject: SObject, kind: string): Field[] {
  const { org, user } = scope.compilation.ctx;
  return sobject.fields.filter((field) => {
    if (!org.security.mayRead(user, sobject, field)) return false;
    return kind === 'ALL' || (kind === 'CUSTOM') === field.custom;
  });
}
