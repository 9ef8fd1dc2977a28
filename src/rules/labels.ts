import { db, sql } from '../platform/db.ts';

import type { Catalog, Choice, Field } from './fields.ts';
import { conditionsOf, type Rule } from './rules.ts';

/** What the values of a field that are ids are called, by `<field> <value>`, those of its parameters by `<field>.<parameter> <value>`. */
export type Labels = ReadonlyMap<string, string>;

/** What the values that rules name are called: owners, segments. One look-up a field. */
export async function labelsOf(rules: readonly Rule[], catalog: Catalog): Promise<Labels> {
  const labels = new Map<string, string>();
  const names = new Set(rules.flatMap(conditionsOf).map(({ field }) => field));
  const note = async (name: string, one: Pick<Field, 'offers'> | undefined) => {
    for (const { value, label } of await choicesOf(one))
      if (value !== label) labels.set(`${name} ${value}`, label);
  };
  for (const name of names) {
    await note(name, catalog.get(name));
    for (const parameter of catalog.get(name)?.parameters ?? [])
      if (parameter.type === 'choice') await note(`${name}.${parameter.name}`, parameter);
  }
  return labels;
}

/** The values that exist, for a field or a parameter that offers some. */
export async function choicesOf(field: Pick<Field, 'offers'> | undefined): Promise<Choice[]> {
  if (field?.offers === undefined) return [];
  const { rows } = await sql<Choice>`select value, label from (${field.offers}) offered`.execute(db);
  return rows;
}
