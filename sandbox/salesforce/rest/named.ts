import { quote } from '../../database.ts';
import type { Context } from '../context.ts';
import { ApiError, OtherAnswer, apiErrorOf, notFound } from '../errors.ts';
import { isId, toLongId } from '../records/ids.ts';
import { idsByValue } from '../records/references.ts';
import type { SaveOptions, SaveResult } from '../records/results.ts';
import type { Field, SObject } from '../schema/catalog.ts';
import { recordUrl } from '../soql/assemble.ts';
import type { Params } from './dispatch.ts';

/** The object of a path. @throws ApiError NOT_FOUND when there is none that the user may see. */
export function objectOf(ctx: Context, name = ''): SObject {
  const sobject = ctx.org.catalog.find(name);
  if (!sobject || !ctx.org.security.may(ctx.user, 'read', sobject)) throw notFound();
  return sobject;
}

/** The record id of a path, in its long form. @throws ApiError when it can't be one of the object. */
export function recordIdOf(sobject: SObject, id = ''): string {
  if (!isId(id)) throw id.length < 15 ? notFound() : new ApiError(400, 'MALFORMED_ID', `malformed id ${id}`);
  const long = toLongId(id);
  if (!long.startsWith(sobject.keyPrefix)) throw notFound();
  return long;
}

/** A record named by an external id in a path. */
export interface Keyed {
  sobject: SObject;
  field: Field;
  value: string;
}

/** @throws ApiError NOT_FOUND when the object has no such external id. */
export function externalIdOf(
  ctx: Context,
  { sobject: name, field: fieldName = '', value = '' }: Params,
): Keyed {
  const sobject = objectOf(ctx, name);
  const field = sobject.field(fieldName);
  if (field && (field.externalId || field.idLookup)) return { sobject, field, value };
  throw notFound(`Provided external ID field does not exist or is not accessible: ${fieldName}`);
}

/** @throws OtherAnswer 300 with their URLs when there are several. */
export async function maybeIdOf(ctx: Context, { sobject, field, value }: Keyed): Promise<string | undefined> {
  const found = await idsByValue(ctx, { target: sobject, by: field }, [value]);
  const ids = [...found.values()].flat();
  if (ids.length > 1)
    throw new OtherAnswer(
      300,
      ids.map((id) => recordUrl(ctx, sobject.name, id)),
    );
  return ids[0];
}

/** The id of a saved record. @throws ApiError for the errors of a result. */
export function savedId(result: SaveResult | undefined): string {
  const { success = false, errors = [], id = '' } = result ?? {};
  if (errors.length > 0 && !success) throw apiErrorOf(errors);
  return id;
}

/** Why there is no such record: it is in the recycle bin, or never was. */
export async function absence(ctx: Context, sobject: SObject, id: string): Promise<ApiError> {
  if (!sobject.field('IsDeleted')) return notFound();
  const { rowCount } = await ctx.db.query(
    `select from ${quote(sobject.name)} where "Id" = $1 and "IsDeleted"`,
    [id],
  );
  return rowCount ? new ApiError(404, 'ENTITY_IS_DELETED', 'entity is deleted', []) : notFound();
}

/** If-Unmodified-Since, and for accounts If-Match, as a condition on an update. */
export function preconditionOf(ctx: Context, sobject: SObject): SaveOptions {
  const since = [ctx.headers['if-unmodified-since']].flat()[0] ?? '';
  if (!Number.isNaN(Date.parse(since))) return { unmodifiedSince: new Date(since) };
  const match = ([ctx.headers['if-match']].flat()[0] ?? '')
    .replace(/^(W\/)?"|"$/g, '')
    .replace(/\+0000$/, 'Z');
  if (sobject.name !== 'Account' || match === '' || match === '*') return {};
  return { unmodifiedSince: new Date(Number.isNaN(Date.parse(match)) ? 0 : match) };
}
