import { z } from 'zod';

import type { Finding, Needs, Written } from './checks.ts';
import { basePath, send } from '../wire/connection.ts';
import type { Mirrored } from '../mirror/mapping.ts';

const Field = z.object({
  name: z.string(),
  type: z.string(),
  nillable: z.boolean(),
  createable: z.boolean(),
  updateable: z.boolean(),
  defaultedOnCreate: z.boolean(),
  unique: z.boolean(),
  externalId: z.boolean(),
  restrictedPicklist: z.boolean(),
  picklistValues: z.array(z.object({ value: z.string(), active: z.boolean() })),
});
type Field = z.infer<typeof Field>;

const Described = z.object({
  queryable: z.boolean(),
  createable: z.boolean(),
  updateable: z.boolean(),
  fields: z.array(Field),
});
type Described = z.infer<typeof Described>;

const Batch = z.object({ results: z.array(z.object({ statusCode: z.number(), result: z.unknown() })) });
const MOST_IN_A_BATCH = 25;

/** Every object and field that the mapping reads, and that we write, as this user sees them. */
export async function fieldsArea({ mappings, written }: Needs): Promise<Finding[]> {
  const read = await mappings();
  const names = [...new Set([...read.map(({ sobject }) => sobject), ...Object.keys(written)])];
  const described = await describeAll(names);
  return names.flatMap((sobject) =>
    objectFindings(described.get(sobject), {
      sobject,
      read: read.filter((each) => each.sobject === sobject),
      written: written[sobject],
    }),
  );
}

async function describeAll(names: string[]): Promise<Map<string, Described>> {
  const known = new Map<string, Described>();
  for (let from = 0; from < names.length; from += MOST_IN_A_BATCH) {
    const some = names.slice(from, from + MOST_IN_A_BATCH);
    const base = basePath.slice('/services/data/'.length);
    const batchRequests = some.map((name) => ({ method: 'GET', url: `${base}/sobjects/${name}/describe` }));
    const { body } = await send({ method: 'POST', path: '/composite/batch', body: { batchRequests } });
    for (const [at, { statusCode, result }] of Batch.parse(body).results.entries())
      if (statusCode === 200) known.set(some[at] ?? '', Described.parse(result));
  }
  return known;
}

interface Wanted {
  sobject: string;
  read: readonly Mirrored[];
  written: Written | undefined;
}

/** One sentence when all is well; otherwise one for each thing that is not. */
function objectFindings(described: Described | undefined, wanted: Wanted): Finding[] {
  const { sobject, read, written } = wanted;
  if (!described?.queryable) return [{ level: 'failure', key: 'objectHidden', values: { object: sobject } }];
  const fields = new Map(described.fields.map((field) => [field.name, field]));
  const needed = neededFields(read, fields);
  const hidden = needed.filter((name) => !fields.has(name));
  const found = [
    ...(hidden.length > 0
      ? [
          {
            level: 'failure' as const,
            key: 'fieldsHidden',
            values: { object: sobject, fields: hidden.join(', ') },
          },
        ]
      : []),
    ...(written ? writeFindings(sobject, described, { fields, written }) : []),
  ];
  if (found.some(({ level }) => level === 'failure')) return found;
  return [
    {
      level: 'ok',
      key: written ? 'objectWritten' : 'objectRead',
      values: { object: sobject, count: needed.length, written: written?.fields.length ?? 0 },
    },
    ...found,
  ];
}

/** The mapped fields; one of a parent's counts by its lookup. */
function neededFields(read: readonly Mirrored[], fields: Map<string, Field>): string[] {
  const names = read.flatMap(({ columns }) => Object.values(columns).map(({ field }) => field));
  const own = names.filter((name) => !name.includes('.') || fields.has(name));
  return [...new Set(own)];
}

function writeFindings(
  object: string,
  described: Described,
  { fields, written }: { fields: Map<string, Field>; written: Written },
): Finding[] {
  const found: Finding[] = [];
  const fail = (key: string, values: Finding['values'] = {}) =>
    found.push({ level: 'failure', key, values: { object, ...values } });
  if (written.creates && !described.createable) fail('notCreateable');
  if (!described.updateable && object !== 'ContentVersion') fail('notUpdateable');
  const locked = written.fields.filter((name) => {
    const field = fields.get(name);
    return field === undefined || !(field.updateable || (written.creates && field.createable));
  });
  if (locked.length > 0) fail('fieldsLocked', { fields: locked.join(', ') });
  found.push(
    ...externalId(object, fields, written.externalId),
    ...values(object, fields, written),
    ...demands(object, fields, written),
  );
  return found;
}

function externalId(object: string, fields: Map<string, Field>, name: string | undefined): Finding[] {
  const field = name === undefined ? undefined : fields.get(name);
  if (name === undefined || !field) return [];
  if (field.externalId && field.unique) return [];
  return [{ level: 'failure', key: 'externalIdLoose', values: { object, field: name } }];
}

/** A restricted picklist takes no value that it does not have; an open one takes it, but nobody filters by it. */
function values(object: string, fields: Map<string, Field>, { values: needed = {} }: Written): Finding[] {
  return Object.entries(needed).flatMap(([name, wanted]): Finding[] => {
    const field = fields.get(name);
    const known = new Set(field?.picklistValues.filter(({ active }) => active).map(({ value }) => value));
    const missing = wanted.filter((value) => !known.has(value));
    if (!field || missing.length === 0) return [];
    return [
      {
        level: field.restrictedPicklist ? 'failure' : 'warning',
        key: 'valuesMissing',
        values: { object, field: name, missing: missing.join(', ') },
      },
    ];
  });
}

/** Fields that the org demands of every new record and that we do not fill. */
function demands(object: string, fields: Map<string, Field>, written: Written): Finding[] {
  if (!written.creates) return [];
  const demanded = [...fields.values()].filter(
    (field) =>
      field.createable &&
      !field.nillable &&
      !field.defaultedOnCreate &&
      field.type !== 'boolean' &&
      field.name.endsWith('__c'),
  );
  const unfilled = demanded.map(({ name }) => name).filter((name) => !written.fields.includes(name));
  if (unfilled.length === 0) return [];
  return [{ level: 'failure', key: 'fieldsDemanded', values: { object, fields: unfilled.join(', ') } }];
}
