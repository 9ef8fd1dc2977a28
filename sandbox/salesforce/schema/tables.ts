import { quote } from '../../database.ts';
import { idSequence, numberSequence } from '../records/ids.ts';
import type { Field, FieldType, SObject } from './catalog.ts';

/** The columns that exist now, by table. */
export type Columns = Map<string, Set<string>>;

/** The statements that bring the table of an object up to its definition; none when it already is. */
export function ddlOf(sobject: SObject, existing: Columns): string[] {
  const known = existing.get(sobject.name);
  const missing = sobject.fields.filter((field) => isStored(field) && !known?.has(field.name));
  const columns = missing.flatMap((field) => [addColumn(sobject, field), ...indexesOf(sobject, field)]);
  if (known) return columns;
  return [
    `create table ${quote(sobject.name)} ()`,
    `create sequence if not exists ${quote(idSequence(sobject.name))}`,
    ...columns,
    ...(sobject.fields.some((field) => field.autoNumber)
      ? [`create sequence if not exists ${quote(numberSequence(sobject.name))}`]
      : []),
    ...tableIndexes(sobject),
  ];
}

/** Whether it has a column: compounds are made from their parts, contents are kept apart, formulas and roll-ups reckoned. */
export const isStored = (field: Field): boolean =>
  field.type !== 'address' && field.type !== 'base64' && field.formula === null && field.summary === null;

/** The PostgreSQL type that holds a field. */
export const columnType = (type: FieldType): string => columnTypes[type] ?? 'text';

const columnTypes: Partial<Record<FieldType, string>> = {
  id: 'text collate "C"',
  reference: 'text collate "C"',
  boolean: 'boolean',
  int: 'integer',
  long: 'bigint',
  double: 'numeric',
  currency: 'numeric',
  percent: 'numeric',
  date: 'date',
  datetime: 'timestamptz(0)',
  time: 'time',
};

function addColumn(sobject: SObject, field: Field): string {
  return `alter table ${quote(sobject.name)} add column ${quote(field.name)} ${columnType(field.type)} ${constraint(field)}`;
}

function constraint(field: Field): string {
  if (field.computed) return `generated always as (${field.computed}) stored`;
  if (field.type === 'id') return 'primary key';
  if (field.type === 'boolean') return `not null default ${String(field.defaultValue === true)}`;
  return mandatory.has(field.name) ? 'not null' : '';
}

const mandatory = new Set(['CreatedDate', 'LastModifiedDate', 'SystemModstamp']);

function tableIndexes(sobject: SObject): string[] {
  const table = quote(sobject.name);
  const indexes: string[] = [];
  for (const stamp of ['SystemModstamp', 'CreatedDate'])
    if (sobject.field(stamp)) indexes.push(`create index on ${table} (${quote(stamp)}, "Id")`);
  if (sobject.field('IsDeleted')) indexes.push(`create index on ${table} ("IsDeleted")`);
  return indexes;
}

/** Who wrote a row is never searched for, and every index slows a bulk load. */
const unindexed = new Set(['CreatedById', 'LastModifiedById', 'MasterRecordId']);

function indexesOf(sobject: SObject, field: Field): string[] {
  const table = quote(sobject.name);
  if (field.type === 'reference')
    return unindexed.has(field.name) ? [] : [`create index on ${table} (${quote(field.name)})`];
  const isText = columnType(field.type) === 'text';
  const key = isText && !field.caseSensitive ? `lower(${quote(field.name)})` : quote(field.name);
  if (field.unique) return [`create unique index on ${table} (${key}) ${liveOnly(sobject)}`];
  if (field.externalId || field.nameField || field.type === 'email')
    return [`create index on ${table} (${key})`];
  return [];
}

/** A record in the recycle bin doesn't hold its unique values against others. */
const liveOnly = (sobject: SObject) => (sobject.field('IsDeleted') ? 'where not "IsDeleted"' : '');
