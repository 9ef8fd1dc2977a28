import { ApiError } from '../errors.ts';
import { asList, asObject, asText } from './envelope.ts';

import type { MixedRow } from '../records/mixed.ts';
import type { DataCall } from './call.ts';

/** The records of a call, each with its object and its values. @throws ApiError when there are too many, or of no known object */
export const rowsOf = (call: DataCall, given: unknown): MixedRow[] =>
  limited(asList(given)).map((each) => rowOf(call, asObject(each)));

/** The most that one call may carry. @throws ApiError EXCEEDED_ID_LIMIT */
export function limited<T>(list: T[], most = 200): T[] {
  if (list.length <= most) return list;
  throw new ApiError(
    400,
    'EXCEEDED_ID_LIMIT',
    `record limit reached. cannot submit more than ${String(most)} records into this call`,
  );
}

/** The object that an element names by `type` or, in the enterprise API, by its xsi:type. */
function typeOf(element: Record<string, unknown>): string {
  const named = asText(element.type) ?? textIn(element.type);
  return named ?? (asText(element['@type']) ?? '').replace(/^.*:/, '');
}

function rowOf({ ctx }: DataCall, element: Record<string, unknown>): MixedRow {
  const type = typeOf(element);
  const sobject = ctx.org.catalog.find(type);
  if (!sobject || !ctx.org.security.may(ctx.user, 'read', sobject))
    throw new ApiError(400, 'INVALID_TYPE', unsupported(type));
  const row: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(element)) {
    if (name === 'type' || name === 'fieldsToNull' || name.startsWith('@')) continue;
    const read = valueOf(value);
    if (read !== undefined) row[name] = read;
  }
  for (const name of asList(element.fieldsToNull)) row[asText(name) ?? ''] = null;
  return { type: sobject.name, row };
}

/** A field's value: its text; a parent named by one of its external ids; undefined for nil, which leaves a field alone. */
function valueOf(value: unknown): unknown {
  const single = Array.isArray(value) ? (value as unknown[]).at(-1) : value;
  if (typeof single !== 'object' || single === null) return single;
  const element = asObject(single);
  if (element['@nil'] === 'true') return undefined;
  const text = textIn(element);
  if (text !== undefined) return text;
  const keys = Object.entries(element).filter(([name]) => name !== 'type' && !name.startsWith('@'));
  if (keys.length === 0) return '';
  const named = keys.map(([name, each]) => [name, valueOf(each)]).filter(([, each]) => each !== undefined);
  return { attributes: { type: typeOf(element) || undefined }, ...(Object.fromEntries(named) as Record<string, unknown>) };
} // prettier-ignore

/** The text of an element that has attributes beside it. */
const textIn = (value: unknown): string | undefined => asText(asObject(value)['#text']);

/** Salesforce's words for an object that there isn't. */
export const unsupported = (type: string): string =>
  `sObject type '${type}' is not supported. If you are attempting to use a custom object, be sure to append the '__c' after the entity name. Please reference your WSDL or the describe call for the appropriate names.`;

/** A flag of a header or an argument. */
export const isTrue = (value: unknown): boolean => /^(true|1)$/i.test(asText(value) ?? textIn(value) ?? '');

/** A text that may be left out or nil. */
export const maybeText = (value: unknown): string | undefined => asText(value) ?? textIn(value);
