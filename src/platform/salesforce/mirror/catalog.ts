import { z } from 'zod';

import { spending } from '../budget/budget.ts';
import { send } from '../wire/connection.ts';

/* What the org says of itself, for people who choose from it. */

/** An object that can be mirrored. */
export interface KnownObject {
  name: string;
  label: string;
  isCustom: boolean;
  /** About how many records it has, undefined when the org does not say. */
  rows: number | undefined;
}

const Global = z.object({
  sobjects: z.array(
    z.object({
      name: z.string(),
      label: z.string(),
      custom: z.boolean(),
      queryable: z.boolean(),
      replicateable: z.boolean(),
      deprecatedAndHidden: z.boolean().default(false),
    }),
  ),
});
const Counts = z.object({ sObjects: z.array(z.object({ name: z.string(), count: z.number() })) });

/** Objects of a page of the search. */
const SHOWN = 50;

/** Objects whose name or label has that in it, without those that are mirrored. */
export async function objectsNamed(
  search: string,
  mirrored: ReadonlySet<string>,
): Promise<{ objects: KnownObject[]; total: number }> {
  return await spending('setup', async () => {
    const { body } = await send({ path: '/sobjects' });
    const wanted = search.toLowerCase();
    const found = Global.parse(body).sobjects.filter(
      ({ name, label, queryable, replicateable, deprecatedAndHidden }) =>
        queryable && replicateable && !deprecatedAndHidden && !mirrored.has(name) && `${name} ${label}`.toLowerCase().includes(wanted), // prettier-ignore
    );
    const shown = found.sort((one, other) => one.label.localeCompare(other.label)).slice(0, SHOWN);
    const counts = await recordCounts(shown.map(({ name }) => name));
    return {
      objects: shown.map(({ name, label, custom }) => ({ name, label, isCustom: custom, rows: counts.get(name) })), // prettier-ignore
      total: found.length,
    };
  });
}

async function recordCounts(names: readonly string[]): Promise<Map<string, number>> {
  if (names.length === 0) return new Map();
  const { body } = await send({ path: `/limits/recordCount?sObjects=${names.join(',')}` });
  const counts = Counts.safeParse(body);
  return new Map(counts.success ? counts.data.sObjects.map(({ name, count }) => [name, count]) : []);
}

/** A field as Salesforce describes it. */
export interface KnownField {
  name: string;
  label: string;
  type: string;
  isCalculated: boolean;
  isUpdateable: boolean;
}

const Description = z.object({
  name: z.string(),
  label: z.string(),
  fields: z.array(
    z.object({
      name: z.string(),
      label: z.string(),
      type: z.string(),
      calculated: z.boolean().default(false),
      updateable: z.boolean().default(false),
      nameField: z.boolean().default(false),
    }),
  ),
});

/** An object as it is described now. */
export interface KnownDescription {
  label: string;
  nameField: string;
  fields: KnownField[];
}

/** @throws SalesforceFailure when the org does not have the object, hides it, or does not answer */
export async function descriptionOf(sobject: string): Promise<KnownDescription> {
  const { body } = await spending('setup', () => send({ path: `/sobjects/${sobject}/describe` }));
  const { label, fields } = Description.parse(body);
  return {
    label,
    nameField: fields.find(({ nameField }) => nameField)?.name ?? 'Id',
    fields: fields.map(({ name, label: words, type, calculated, updateable }) => ({
      name,
      label: words,
      type,
      isCalculated: calculated,
      isUpdateable: updateable,
    })),
  };
}
