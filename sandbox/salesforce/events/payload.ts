import { createHash } from 'node:crypto';

import type { Field, SObject } from '../schema/catalog.ts';

/** Columns and their values, as triggers noted them. */
export type Values = Record<string, unknown>;

/** Fields that a change event never carries; neither does it carry formulas, nor what is made from other fields. */
const leftOut = new Set([
  'Id', 'IsDeleted', 'SystemModstamp', 'LastActivityDate', 'LastViewedDate', 'LastReferencedDate', 'PhotoUrl',
]); // prettier-ignore

const isCarried = (field: Field): boolean =>
  !leftOut.has(field.name) &&
  (!field.calculated || isRollUp(field)) &&
  field.computed === null &&
  field.type !== 'base64' &&
  field.type !== 'address';

/** Roll-up summaries are calculated, and carried all the same. */
const isRollUp = (field: Field): boolean => 'summary' in field && Boolean(field.summary);

/** The body of a change event: `values` in Salesforce's form, parts of addresses and names inside their compound. */
export function bodyOf(sobject: SObject, values: Values): Values {
  const body: Values = {};
  for (const [name, value] of Object.entries(values)) {
    const field = sobject.field(name);
    if (!field || !isCarried(field)) continue;
    const [compound, part] = pathOf(field);
    if (part === undefined) body[compound] = eventValue(field, value);
    else body[compound] = { ...(body[compound] as Values | undefined), [part]: eventValue(field, value) };
  }
  return body;
}

/** Names of the carried fields among them, parts as `BillingAddress.City`. */
export function fieldNames(sobject: SObject, values: Values): string[] {
  return Object.keys(values).flatMap((name) => {
    const field = sobject.field(name);
    return field && isCarried(field) ? [pathOf(field).join('.')] : [];
  });
}

/** `BillingCity` is `City` of `BillingAddress`, `FirstName` is `FirstName` of `Name`. */
function pathOf({ name, compoundFieldName }: Field): [string] | [string, string] {
  if (compoundFieldName === null) return [name];
  const prefix = compoundFieldName.endsWith('Address') ? compoundFieldName.slice(0, -'Address'.length) : '';
  return [compoundFieldName, name.startsWith(prefix) ? name.slice(prefix.length) : name];
}

/** A value as events carry it: moments in UTC with their milliseconds. */
export function eventValue(field: Field, value: unknown): unknown {
  if (value === null || value === undefined) return null;
  if (field.type === 'datetime') return new Date(value as string).toISOString();
  return value;
}

const schemaIds = new WeakMap<SObject, string>();

/** The id of an object's event schema: another one whenever its fields change. */
export function schemaId(sobject: SObject): string {
  const known = schemaIds.get(sobject);
  if (known !== undefined) return known;
  const shape = [sobject.name, ...sobject.fields.map(({ name, type }) => `${name}:${type}`)].join();
  const id = createHash('md5').update(shape).digest('base64url');
  schemaIds.set(sobject, id);
  return id;
}

/** The key by which the changes of a transaction belong together. */
export function transactionKey(orgId: string, tx: string): string {
  const hex = createHash('md5').update(`${orgId} ${tx}`).digest('hex');
  return ['000', hex.slice(0, 5), '-', hex.slice(5, 9), '-', hex.slice(9, 13), '-', hex.slice(13, 17), '-', hex.slice(17, 29)].join(''); // prettier-ignore
}

/** System change numbers are large and rise with each commit. */
export const commitNumber = (tx: string): number => 11_000_000_000_000 + Number(tx) * 17;
