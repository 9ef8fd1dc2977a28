import { z } from 'zod';

import { fits } from './columns.ts';
import { basePath, send } from '../wire/connection.ts';
import { SalesforceFailure } from '../wire/errors.ts';
import { cursors, type Mirrored, text } from './mapping.ts';

/** A field that our user may read. */
export interface ReadableField {
  name: string;
  type: string;
  /** A formula or a roll-up: it changes without the record's being changed. */
  isCalculated?: boolean;
  /** The objects that a lookup may point to. */
  refersTo?: readonly string[];
}

/** What can be read of an object, in the order that every query of it uses. */
export interface Readable {
  mapping: Mirrored;
  fields: readonly ReadableField[];
  /** Fields that the mapping names and our user cannot see. */
  hidden: readonly string[];
  /** Fields that the mapping names and whose type fits their column no longer. */
  unfit: readonly string[];
}

/** What Salesforce says of several objects; those that it does not describe, with its reason. */
export interface Described {
  readables: Map<string, Readable>;
  refusals: Map<string, SalesforceFailure>;
}

const Field = z.object({
  name: z.string(),
  type: z.string(),
  calculated: z.boolean().default(false),
  filterable: z.boolean().default(true),
  nameField: z.boolean().default(false),
  referenceTo: z.array(z.string()).nullish(),
});
const Description = z.object({ fields: z.array(Field) });
const Batch = z.object({ results: z.array(z.object({ statusCode: z.number(), result: z.unknown() })) });

/** No query returns them as a value of their own. */
export const unreadable = new Set(['address', 'location', 'base64', 'complexvalue']);

/** They say when our own user looked, not what the record is: reading them is what changes them. */
export const unsteady = new Set(['LastViewedDate', 'LastReferencedDate']);

/** At most this much of a query's address may be fields: Salesforce refuses addresses above 16,384 bytes. */
const MOST_CHARACTERS = 12_000;

/** Objects that one call describes. */
const TOGETHER = 25;

/** Describes objects, 25 to a call. */
export async function describe(mappings: readonly Mirrored[]): Promise<Described> {
  const described: Described = { readables: new Map(), refusals: new Map() };
  for (let i = 0; i < mappings.length; i += TOGETHER)
    await describeTogether(mappings.slice(i, i + TOGETHER), described);
  return described;
}

async function describeTogether(mappings: readonly Mirrored[], { readables, refusals }: Described) {
  const { body } = await send({
    method: 'POST',
    path: '/composite/batch',
    body: {
      batchRequests: mappings.map(({ sobject }) => ({
        method: 'GET',
        url: `${basePath.slice('/services/data/'.length)}/sobjects/${sobject}/describe`,
      })),
    },
  });
  const { results } = Batch.parse(body);
  for (const [i, mapping] of mappings.entries()) {
    const description = Description.safeParse(results[i]?.result);
    if (results[i]?.statusCode === 200 && description.success)
      readables.set(mapping.sobject, readable(mapping, description.data.fields));
    else refusals.set(mapping.sobject, refused(mapping, results[i]));
  }
}

function refused(
  { sobject }: Mirrored,
  answer: { statusCode: number; result?: unknown } | undefined,
): SalesforceFailure {
  if (answer?.statusCode === 404)
    return new SalesforceFailure('INVALID_TYPE', `This org has no ${sobject}, or hides it from us.`);
  const [error] = (Array.isArray(answer?.result) ? answer.result : []) as {
    errorCode?: string;
    message?: string;
  }[];
  return new SalesforceFailure(
    error?.errorCode ?? 'INVALID_TYPE',
    error?.message ?? `Salesforce does not describe ${sobject}`,
  );
}

type FieldDescription = z.infer<typeof Field>;

function readable(given: Mirrored, all: readonly FieldDescription[]): Readable {
  const mapping = given.sharesTable ? completed(given, all) : given;
  const plain = all.filter(({ type }) => !unreadable.has(type));
  const columns = Object.values(mapping.columns);
  const wanted = [...new Set(columns.map((column) => column.field))];
  const reached = wanted.filter((name) => name.includes('.')).map((name) => ({ name, type: 'string' }));
  const needed = new Set([...wanted, 'Id', 'IsDeleted', mapping.cursor, mapping.caseField]);
  const mirrored = plain.filter(({ name }) => needed.has(name) || !isLeftOut(mapping, name)).map(toField);
  const names = new Map(mirrored.map((field) => [field.name, field]));
  return {
    mapping,
    fields: withinAddress([
      ...mirrored.filter((field) => needed.has(field.name)),
      ...reached,
      ...mirrored.filter((field) => !needed.has(field.name)),
    ]),
    hidden: wanted.filter((name) => !name.includes('.') && !names.has(name)),
    unfit: columns
      .filter(({ field, form }) => names.has(field) && !fits(form, names.get(field)))
      .map(({ field }) => field),
  };
}

const isLeftOut = ({ ownFields, leftOut }: Mirrored, name: string): boolean =>
  (ownFields?.includes(name) ?? false) || (leftOut?.includes(name) ?? false) || unsteady.has(name);

function toField({ name, type, calculated, referenceTo }: FieldDescription): ReadableField {
  return {
    name,
    type,
    ...(calculated ? { isCalculated: true } : {}),
    ...(referenceTo?.length ? { refersTo: referenceTo } : {}),
  };
}

/** What the description says of an object that nobody here knew: how its records are called, and what tells new from old. */
function completed(mapping: Mirrored, all: readonly FieldDescription[]): Mirrored {
  const name = all.find(({ nameField }) => nameField)?.name ?? 'Id';
  const cursor = cursors.find((each) => all.some((field) => field.name === each && field.filterable));
  return {
    ...mapping,
    columns: { ...mapping.columns, name: text(name, { otherwise: '' }) },
    cursor: cursor ?? 'CreatedDate',
  };
}

/** As many fields as an address holds, the mapped ones first. */
function withinAddress(fields: readonly ReadableField[]): ReadableField[] {
  let length = 0;
  return fields.filter((field) => (length += field.name.length + 3) <= MOST_CHARACTERS);
}

export const names = (readable: Readable): string[] => readable.fields.map((field) => field.name);
