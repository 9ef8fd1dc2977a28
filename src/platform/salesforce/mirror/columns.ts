import type { Readable, ReadableField } from './describe.ts';
import { jsonOf } from './json-form.ts';
import type { Column, Form, Mirrored } from './mapping.ts';

/** PostgreSQL's type of a field of Salesforce's, so that whatever door it came through, it compares equal. */
export function columnType({ type }: ReadableField): string {
  switch (type) {
    case 'boolean':
      return 'boolean';
    case 'int':
    case 'long':
    case 'double':
    case 'currency':
    case 'percent':
      return 'numeric';
    case 'datetime':
      return 'timestamptz';
    case 'date':
      return 'date';
    default:
      return 'text';
  }
}

/** A column of the mirror's table, and where its value comes from. */
export interface MergedColumn {
  name: string;
  /** SQL over the source, `s`. */
  value: string;
  /** SQL of what the column becomes on a known row; the new value unless given. */
  kept?: string;
}

/** The columns that a row of Salesforce fills. One whose field is hidden, or has another type by now, keeps what it had. */
export function mergedColumns({ mapping, fields }: Readable): MergedColumn[] {
  const readable = new Map(fields.map((field) => [field.name, field]));
  const isDeleted = readable.has('IsDeleted') ? 's."IsDeleted"' : 'false';
  return [
    ...keyColumns(mapping, readable.has('Rapport_Id__c')),
    ...(mapping.sharesTable ? [{ name: 'sobject', value: `'${mapping.sobject}'` }] : []),
    ...Object.entries(mapping.columns).map((each) => mappedColumn(each, readable)),
    ...caseColumns(mapping),
    { name: 'attributes', value: attributes({ mapping, fields }) },
    { name: 'modified_at', value: `s."${mapping.cursor}"` },
    { name: 'deleted_at', value: `case when ${isDeleted} then s."${mapping.cursor}" end` },
  ];
}

/** The columns of single fields, for when nothing else of the rows was read. Key columns are not among them. */
export function columnsOf(readable: Readable, names: readonly string[]): MergedColumn[] {
  const known = new Map(readable.fields.map((field) => [field.name, field]));
  return Object.entries(readable.mapping.columns)
    .filter(([, { field, form }]) => names.includes(field) && fits(form, known.get(field)))
    .map((each) => mappedColumn(each, known));
}

function mappedColumn(
  [name, column]: [string, Column],
  readable: ReadonlyMap<string, ReadableField>,
): MergedColumn {
  const field = readable.get(column.field);
  return fits(column.form, field)
    ? { name, value: valueOf(column, field) }
    : { name, value: valueOf(column, undefined), kept: `m.${name}` };
}

const fitting: Partial<Record<Form, readonly string[]>> = {
  integer: ['numeric'],
  number: ['numeric'],
  minor: ['numeric'],
  boolean: ['boolean'],
  date: ['date'],
  moment: ['timestamptz', 'date'],
  list: ['text'],
};

/** Whether a field can fill a column of that form; a text takes anything. */
export function fits(form: Form, field: ReadableField | undefined): boolean {
  return field !== undefined && (fitting[form]?.includes(columnType(field)) ?? true);
}

/** The fields that stay under their own names, of those given. */
export function attributeNames({ mapping, fields }: Pick<Readable, 'mapping' | 'fields'>): string[] {
  const columns = Object.values(mapping.columns).map(({ field }) => field);
  const used = new Set([...columns, 'Id', 'IsDeleted', mapping.cursor, mapping.caseField]);
  return fields.map(({ name }) => name).filter((name) => !used.has(name));
}

/** Every field without a column, as JSON; the empty ones are left out. */
export const attributes = (readable: Pick<Readable, 'mapping' | 'fields'>): string =>
  jsonOf(attributeNames(readable));

/** A uuid that somebody typed into Rapport_Id__c by hand may be none. */
const UUID = `'^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$'`;

function keyColumns({ key, echoField }: Mirrored, hasRapportId: boolean): MergedColumn[] {
  if (key === 'salesforce') return [{ name: 'id', value: 's."Id"' }];
  const fromSalesforce = hasRapportId
    ? `case when s."Rapport_Id__c" ~ ${UUID} then s."Rapport_Id__c"::uuid end`
    : 'null::uuid';
  const fromOutbox = echoField === undefined ? 'null::uuid' : 'echo.id';
  return [
    { name: 'id', value: `coalesce(known.id, ${fromSalesforce}, ${fromOutbox}, gen_random_uuid())` },
    { name: 'salesforce_id', value: 's."Id"' },
  ];
}

function caseColumns({ caseField }: Mirrored): MergedColumn[] {
  if (caseField === undefined) return [];
  return [
    { name: 'case_id', value: 'parent.id', kept: 'coalesce(excluded.case_id, m.case_id)' },
    { name: 'case_salesforce_id', value: `s."${caseField}"` },
  ];
}

function valueOf({ field, form, otherwise }: Column, known: ReadableField | undefined): string {
  const value = known === undefined ? 'null' : formed(`s."${field}"`, form, columnType(known));
  const type = {
    text: 'text',
    integer: 'integer',
    number: 'numeric',
    minor: 'bigint',
    boolean: 'boolean',
    date: 'date',
    moment: 'timestamptz',
    list: 'text[]',
  }[form];
  const fallback = form === 'boolean' ? (otherwise ?? false) : form === 'list' ? '{}' : otherwise;
  return fallback === undefined
    ? `(${value})::${type}`
    : `coalesce((${value})::${type}, '${String(fallback)}'::${type})`;
}

/** What a column cannot hold becomes null: one such number must not stop an object. */
function formed(source: string, form: Form, type: string): string {
  if (form === 'minor') return within(`round(${source} * 100)`, '9.2e18');
  if (form === 'integer') return within(`trunc(${source})`, '2147483647');
  if (form === 'list') return `string_to_array(${source}, ';')`;
  return form === 'text' && type !== 'text' ? `${source}::text` : source;
}

const within = (value: string, most: string) => `case when abs(${value}) <= ${most} then ${value} end`;
