import type { RawBuilder } from 'kysely';

import { db, sql } from '../platform/db.ts';
import { attributeNames } from '../platform/salesforce/mirror/columns.ts';
import type { Mirrored } from '../platform/salesforce/mirror/mapping.ts';

import type { Choice, Entity, Field } from './fields.ts';
import type { FieldType } from './rules.ts';

/** Where the attributes of an object are found: a column of the entity's rows, or of rows that are joined to them. */
interface Attributes {
  mapping: Mirrored;
  entity: Entity;
  /** The prefix of their names: `account.attributes` gives `account.attributes.Region__c`. */
  name: string;
  group: string;
  attributes: Field['sql'];
}

/**
 * Every field of an object that the mirror keeps under Salesforce's own name, with the type that the org described last: a new
 * field of the org can be asked for once it has been read.
 */
export async function attributeFields({
  mapping,
  entity,
  name,
  group,
  attributes,
}: Attributes): Promise<Field[]> {
  // prettier-ignore
  const types = await typesOf(mapping.sobject);
  const readable = Object.entries(types).map(([field, type]) => ({ name: field, type }));
  const wanted = new Set(attributeNames({ mapping, fields: readable }));
  return readable
    .filter((field) => wanted.has(field.name))
    .map((field) => ({
      name: `${name}.${field.name}`,
      entity,
      group,
      type: typeOf(field.type),
      label: labelOf(field.name),
      ...(field.type === 'picklist' || field.type === 'multipicklist'
        ? { offers: offersOf(mapping, field) }
        : {}),
      sql: (asked) => valueOf(attributes(asked), field),
    }));
}

async function typesOf(sobject: string): Promise<Record<string, string>> {
  const { rows } = await sql<{ types: Record<string, string> }>`
    select field_types as types from sync_states where sobject = ${sobject}`.execute(db);
  return rows[0]?.types ?? {};
}

const types: Record<string, FieldType> = {
  boolean: 'boolean', int: 'number', long: 'number', double: 'number', percent: 'number', currency: 'money', date: 'date',
  datetime: 'date', picklist: 'choice', multipicklist: 'tags',
}; // prettier-ignore
const typeOf = (type: string): FieldType => types[type] ?? 'text';

/** `Rapport_Renewal_Risk__c` is Renewal Risk. */
const labelOf = (name: string): string =>
  name
    .replace(/^Rapport_/, '')
    .replace(/__c$/, '')
    .replaceAll('_', ' ')
    .replaceAll(/([a-z])([A-Z])/g, '$1 $2');

/** A value that is not of the type that the org says (it was another yesterday) is not known, and no error. */
function valueOf(attributes: RawBuilder<unknown>, { name, type }: { name: string; type: string }) {
  const text = sql`(${attributes} ->> ${name}::text)`;
  const valid = (as: string, value: RawBuilder<unknown>) =>
    sql`case when pg_input_is_valid(${text}, ${as}::text) then ${value} end`;
  switch (typeOf(type)) {
    case 'boolean':
      return valid('boolean', sql`${text}::boolean`);
    case 'number':
      return valid('numeric', sql`${text}::numeric`);
    case 'money':
      return valid('numeric', sql`${text}::numeric * 100`);
    case 'date':
      return valid('timestamptz', sql`(${text}::timestamptz at time zone 'UTC')::date`);
    case 'tags':
      return sql`coalesce(string_to_array(${text}, ';'), '{}')`;
    default:
      return text;
  }
}

/** What exists among the first rows: picklists hold few values, and each of them soon. */
function offersOf({ table }: Mirrored, { name, type }: { name: string; type: string }): RawBuilder<Choice> {
  const each =
    type === 'multipicklist'
      ? sql`unnest(string_to_array(attributes ->> ${name}::text, ';'))`
      : sql`attributes ->> ${name}::text`;
  return sql`
    select value, value as label
    from (select distinct ${each} as value from (select attributes from ${sql.table(table)} limit 20000) few) found
    where value <> '' order by value limit 200`;
}
