import { z } from 'zod';

import { basePath, send } from './connection.ts';
import { SalesforceFailure } from './errors.ts';
import type { Mirrored } from './mapping.ts';

/** A field that our user may read. */
export interface ReadableField {
  name: string;
  type: string;
}

/** What can be read of an object, in the order that every query of it uses. */
export interface Readable {
  mapping: Mirrored;
  fields: readonly ReadableField[];
  /** Fields that the mapping names and our user cannot see. */
  hidden: readonly string[];
}

const Described = z.object({ fields: z.array(z.object({ name: z.string(), type: z.string() })) });
const Batch = z.object({ results: z.array(z.object({ statusCode: z.number(), result: z.unknown() })) });

/** No query returns them as a value of their own. */
const unreadable = new Set(['address', 'location', 'base64', 'complexvalue']);

/** At most this much of a query's address may be fields: Salesforce refuses addresses above 16,384 bytes. */
const MOST_CHARACTERS = 12_000;

/** Describes up to 25 objects in one call. Objects that the org does not have are left out. */
export async function describe(mappings: readonly Mirrored[]): Promise<Map<string, Readable>> {
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
  const known = new Map<string, Readable>();
  for (const [i, mapping] of mappings.entries()) {
    const described = Described.safeParse(results[i]?.result);
    if (results[i]?.statusCode === 200 && described.success)
      known.set(mapping.sobject, readable(mapping, described.data.fields));
    else if (results[i]?.statusCode !== 404) throw refused(mapping, results[i]?.result);
  }
  return known;
}

function refused(mapping: Mirrored, result: unknown): SalesforceFailure {
  const [error] = (Array.isArray(result) ? result : []) as { errorCode?: string; message?: string }[];
  return new SalesforceFailure(
    error?.errorCode ?? 'INVALID_TYPE',
    error?.message ?? `Salesforce does not describe ${mapping.sobject}`,
  );
}

function readable(mapping: Mirrored, all: readonly ReadableField[]): Readable {
  const plain = all
    .filter((field) => !unreadable.has(field.type) && !mapping.ownFields?.includes(field.name))
    .map(({ name, type }) => ({ name, type }));
  const names = new Set(plain.map((field) => field.name));
  const wanted = [...new Set(Object.values(mapping.columns).map((column) => column.field))];
  const reached = wanted.filter((name) => name.includes('.')).map((name) => ({ name, type: 'string' }));
  const needed = new Set([...wanted, 'Id', 'IsDeleted', mapping.cursor, mapping.caseField]);
  const ordered = [
    ...plain.filter((field) => needed.has(field.name)),
    ...reached,
    ...plain.filter((field) => !needed.has(field.name)),
  ];
  return {
    mapping,
    fields: withinAddress(ordered),
    hidden: wanted.filter((name) => !name.includes('.') && !names.has(name)),
  };
}

/** As many fields as an address holds, the mapped ones first. */
function withinAddress(fields: readonly ReadableField[]): ReadableField[] {
  let length = 0;
  return fields.filter((field) => (length += field.name.length + 3) <= MOST_CHARACTERS);
}

export const names = (readable: Readable): string[] => readable.fields.map((field) => field.name);
