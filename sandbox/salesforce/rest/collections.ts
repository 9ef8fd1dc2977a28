import { without } from '../../without.ts';
import type { Context } from '../context.ts';
import { ApiError } from '../errors.ts';
import { deleteRecords } from '../records/delete.ts';
import { isId, toLongId } from '../records/ids.ts';
import { saveMixed } from '../records/mixed.ts';
import type { SaveVerb } from '../records/mixed.ts';
import { createRecords, updateRecords, upsertRecords } from '../records/save.ts';
import { readRecords } from '../soql/read.ts';
import { objectBody, objectsIn, ok } from './dispatch.ts';
import type { Params, RestAnswer, RestRequest } from './dispatch.ts';
import { objectOf } from './named.ts';

type Row = Record<string, unknown>;

/** POST /composite/sobjects: up to 200 records of any objects. */
export const postCollection = (ctx: Context, request: RestRequest) =>
  saveCollection(ctx, request, createRecords);

/** PATCH /composite/sobjects */
export const patchCollection = (ctx: Context, request: RestRequest) =>
  saveCollection(ctx, request, updateRecords);

/** PATCH /composite/sobjects/Account/Rapport_Id__c */
export async function upsertCollection(
  ctx: Context,
  request: RestRequest,
  params: Params,
): Promise<RestAnswer> {
  const { name } = objectOf(ctx, params.sobject);
  const by = params.field ?? '';
  return saveCollection(ctx, request, (inner, _each, rows, options) =>
    upsertRecords(inner, name, { by, rows }, options),
  );
}

async function saveCollection(ctx: Context, request: RestRequest, verb: SaveVerb): Promise<RestAnswer> {
  const body = objectBody(request);
  const rows = limited(objectsIn(body, 'records'), 200);
  const mixed = rows.map((row) => ({ type: objectOf(ctx, typeOf(row)).name, row }));
  return ok(await saveMixed(ctx, mixed, { verb, allOrNone: body.allOrNone === true }));
}

function typeOf(row: Row): string {
  const attributes = row.attributes as { type?: unknown } | null | undefined;
  if (typeof attributes?.type === 'string') return attributes.type;
  throw new ApiError(
    400,
    'INVALID_INPUT',
    'Include an attribute type in each record: {"attributes": {"type": "Account"}}',
  );
}

function limited<T>(rows: T[], most: number): T[] {
  if (rows.length <= most) return rows;
  const message = `record limit reached. cannot submit more than ${String(most)} records into this call`;
  throw new ApiError(400, 'EXCEEDED_ID_LIMIT', message);
}

/** DELETE /composite/sobjects?ids=001…,003…&allOrNone=false */
export async function deleteCollection(ctx: Context, request: RestRequest): Promise<RestAnswer> {
  const ids = limited(listIn(request, 'ids'), 200);
  if (ids.length === 0) throw new ApiError(400, 'MISSING_ARGUMENT', 'ids is required');
  return ok(await deleteRecords(ctx, ids, { allOrNone: request.query.get('allOrNone') === 'true' }));
}

/** POST and GET /composite/sobjects/Account: records in the order of the ids, null where there is none. */
export async function readCollection(
  ctx: Context,
  request: RestRequest,
  params: Params,
): Promise<RestAnswer> {
  const sobject = objectOf(ctx, params.sobject);
  const lists =
    request.method === 'POST'
      ? listsInBody(request)
      : { ids: listIn(request, 'ids'), fields: listIn(request, 'fields') };
  if (lists.fields.length === 0) throw new ApiError(400, 'MISSING_ARGUMENT', 'fields is required');
  const ids = limited(lists.ids, 2000).map((id) => (isId(id) ? toLongId(id) : id));
  const records = await readRecords(ctx, sobject, { ids, fields: [...new Set([...lists.fields, 'Id'])] });
  const byId = new Map(records.map((record) => [record.Id, record]));
  const wantsId = lists.fields.some((field) => field.toLowerCase() === 'id');
  return ok(ids.map((id) => asAsked(byId.get(id), wantsId)));
}

function asAsked(record: Row | undefined, wantsId: boolean): Row | null {
  if (!record || wantsId) return record ?? null;
  return without(record, 'Id');
}

const listIn = ({ query }: RestRequest, name: string): string[] =>
  (query.get(name) ?? '').split(',').map((each) => each.trim()).filter(Boolean); // prettier-ignore

function listsInBody(request: RestRequest): { ids: string[]; fields: string[] } {
  const { ids, fields } = objectBody(request);
  return { ids: texts(ids), fields: texts(fields) };
}

const texts = (list: unknown): string[] =>
  Array.isArray(list) ? list.filter((each): each is string => typeof each === 'string') : [];
