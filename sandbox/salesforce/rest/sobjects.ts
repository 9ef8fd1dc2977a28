import { without } from '../../without.ts';
import type { Context } from '../context.ts';
import { ApiError, notFound } from '../errors.ts';
import { deleteRecords } from '../records/delete.ts';
import { isId } from '../records/ids.ts';
import { createRecords, updateRecords, upsertRecords } from '../records/save.ts';
import type { SObject } from '../schema/catalog.ts';
import { recordUrl } from '../soql/assemble.ts';
import { readRecords } from '../soql/read.ts';
import { noContent, objectBody, ok } from './dispatch.ts';
import type { Params, RestAnswer, RestRequest } from './dispatch.ts';
import { traverse } from './relationships.ts';
import { isSame } from './conditions.ts';
import { absence, externalIdOf, maybeIdOf, objectOf, preconditionOf, recordIdOf, savedId } from './named.ts';

/** POST /sobjects/Account */
export async function postRecord(ctx: Context, request: RestRequest, params: Params): Promise<RestAnswer> {
  const { name } = objectOf(ctx, params.sobject);
  const [result] = await createRecords(ctx, name, [objectBody(request)]);
  const id = savedId(result);
  return {
    status: 201,
    body: { id, success: true, errors: result?.errors ?? [] },
    headers: { Location: recordUrl(ctx, name, id) },
  };
}

/** GET /sobjects/Account/001…?fields=Name,Phone */
export async function getRecord(ctx: Context, request: RestRequest, params: Params): Promise<RestAnswer> {
  const sobject = objectOf(ctx, params.sobject);
  return recordAnswer(ctx, request, { sobject, id: recordIdOf(sobject, params.id) });
}

interface Named {
  sobject: SObject;
  id: string;
}

async function recordAnswer(ctx: Context, request: RestRequest, { sobject, id }: Named): Promise<RestAnswer> {
  const asked = request.query
    .get('fields')
    ?.split(',')
    .map((name) => name.trim())
    .filter(Boolean);
  const stamp = sobject.field('LastModifiedDate')?.name;
  const isAdded = stamp !== undefined && asked?.every((name) => name.toLowerCase() !== 'lastmodifieddate');
  const fields = isAdded ? [...(asked ?? []), stamp] : asked;
  const [record] = await readRecords(ctx, sobject, { ids: [id], fields });
  if (!record) throw await absence(ctx, sobject, id);
  const changed = record.LastModifiedDate;
  const body = isAdded ? without(record, stamp) : record;
  return typeof changed === 'string' ? conditionally(ctx, { sobject, changed, body }) : ok(body);
}

interface Read {
  sobject: SObject;
  /** `2026-01-02T03:04:05.000+0000` */
  changed: string;
  body: unknown;
}

function conditionally(ctx: Context, { sobject, changed, body }: Read): RestAnswer {
  const etag = sobject.name === 'Account' ? `"${changed}"` : undefined;
  const headers = {
    'Last-Modified': new Date(changed).toUTCString(),
    ...(etag !== undefined && { ETag: etag }),
  };
  const has = isSame(ctx, { changed: new Date(changed), etag });
  return has ? { status: 304, headers } : { ...ok(body), headers };
}

/** PATCH /sobjects/Account/001… */
export async function patchRecord(ctx: Context, request: RestRequest, params: Params): Promise<RestAnswer> {
  const sobject = objectOf(ctx, params.sobject);
  const id = recordIdOf(sobject, params.id);
  const body = objectBody(request);
  refuseField(body, 'Id');
  const [result] = await updateRecords(
    ctx,
    sobject.name,
    [{ ...body, Id: id }],
    preconditionOf(ctx, sobject),
  );
  await refuseAbsent(ctx, { sobject, id }, result?.errors[0]?.statusCode);
  savedId(result);
  return noContent;
}

/** DELETE /sobjects/Account/001… */
export async function deleteRecord(ctx: Context, _request: RestRequest, params: Params): Promise<RestAnswer> {
  const sobject = objectOf(ctx, params.sobject);
  const id = recordIdOf(sobject, params.id);
  const [result] = await deleteRecords(ctx, [id]);
  await refuseAbsent(ctx, { sobject, id }, result?.errors[0]?.statusCode);
  savedId(result);
  return noContent;
}

async function refuseAbsent(ctx: Context, { sobject, id }: Named, code: string | undefined): Promise<void> {
  if (code !== 'INVALID_CROSS_REFERENCE_KEY') return;
  const [record] = await readRecords(ctx, sobject, { ids: [id], fields: ['Id'] });
  if (!record) throw await absence(ctx, sobject, id);
}

function refuseField(body: Record<string, unknown>, name: string): void {
  if (Object.keys(body).some((key) => key.toLowerCase() === name.toLowerCase()))
    throw new ApiError(
      400,
      'INVALID_FIELD',
      `The ${name} field should not be specified in the sobject data.`,
    );
}

/** GET /sobjects/Account/Rapport_Id__c/x; with an id in place of the field, what the record is related to. */
export async function getByExternalId(
  ctx: Context,
  request: RestRequest,
  params: Params,
): Promise<RestAnswer> {
  if (isId(params.field ?? '')) {
    const sobject = objectOf(ctx, params.sobject);
    const id = recordIdOf(sobject, params.field);
    return traverse(ctx, request, { sobject, id, relationship: params.value ?? '' });
  }
  const keyed = externalIdOf(ctx, params);
  const id = await maybeIdOf(ctx, keyed);
  if (id === undefined) throw notFound();
  return recordAnswer(ctx, request, { sobject: keyed.sobject, id });
}

/** DELETE /sobjects/Account/Rapport_Id__c/x */
export async function deleteByExternalId(
  ctx: Context,
  _request: RestRequest,
  params: Params,
): Promise<RestAnswer> {
  const id = await maybeIdOf(ctx, externalIdOf(ctx, params));
  if (id === undefined) throw notFound();
  const [result] = await deleteRecords(ctx, [id]);
  savedId(result);
  return noContent;
}

/** PATCH /sobjects/Account/Rapport_Id__c/x */
export async function upsertRecord(ctx: Context, request: RestRequest, params: Params): Promise<RestAnswer> {
  const { sobject, field, value } = externalIdOf(ctx, params);
  const body = objectBody(request);
  refuseField(body, field.name);
  if (value !== '') await maybeIdOf(ctx, { sobject, field, value });
  const rows = [{ ...body, [field.name]: value }];
  const [result] = await upsertRecords(ctx, sobject.name, { by: field.name, rows });
  const id = savedId(result);
  const created = result?.created ?? false;
  const saved = { id, success: true, errors: [], ...(ctx.apiVersion >= 46 && { created }) };
  if (created) return { status: 201, body: saved, headers: { Location: recordUrl(ctx, sobject.name, id) } };
  return ctx.apiVersion >= 46 ? ok(saved) : noContent;
}

/** POST /sobjects/Account/Id: creates, as PATCH there with an empty value does. */
export const postWithId = (ctx: Context, request: RestRequest, params: Params): Promise<RestAnswer> =>
  upsertRecord(ctx, request, { ...params, field: 'Id', value: '' });
