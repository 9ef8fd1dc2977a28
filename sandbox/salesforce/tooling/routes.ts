import { ApiError } from '../errors.ts';
import { deleteMetadata, saveMetadata } from '../metadata/change.ts';
import { ok, noContent, objectBody } from '../rest/dispatch.ts';
import { queryAnswer } from '../rest/query.ts';
import { createCatalog } from '../schema/catalog.ts';
import { describeGlobal, describeObject } from '../schema/describe.ts';
import { runQuery } from '../soql/query.ts';
import { asObject } from '../soap/envelope.ts';
import { writeDefinitions } from './definitions.ts';
import { sharedObjects, toolingObjects } from './objects.ts';

import type { Context, Org } from '../context.ts';
import type { Params, RestAnswer, RestRequest, Route } from '../rest/dispatch.ts';
import type { Catalog, SObject } from '../schema/catalog.ts';

type Handler = (ctx: Context, request: RestRequest, params: Params) => Promise<RestAnswer>;

/** The Tooling API as far as tools that deploy and administrators' tools ask it. There is no Apex in this org. */
export const toolingRoutes: Route[] = [
  ['GET', '/tooling', (ctx) => ok(resources(ctx))],
  ['GET', '/tooling/query', inTooling((ctx, request) => queryAnswer(ctx, request, false))],
  ['GET', '/tooling/queryAll', inTooling((ctx, request) => queryAnswer(ctx, request, true))],
  ['GET', '/tooling/sobjects', inTooling((ctx) => Promise.resolve(ok(describeGlobal(ctx))))],
  ['GET', '/tooling/sobjects/:sobject', inTooling(getBasics)],
  ['GET', '/tooling/sobjects/:sobject/describe', inTooling(getDescribe)],
  ['GET', '/tooling/sobjects/:sobject/:id', inTooling(getOne)],
  ['POST', '/tooling/sobjects/:sobject', create],
  ['PATCH', '/tooling/sobjects/:sobject/:id', update],
  ['DELETE', '/tooling/sobjects/:sobject/:id', remove],
  ['GET', '/tooling/executeAnonymous', refuseApex],
  ['POST', '/tooling/runTestsAsynchronous', refuseApex],
  ['POST', '/tooling/runTestsSynchronous', refuseApex],
];

/** Asks on behalf of the same user, with the Tooling API's objects in place of the org's. */
async function tooled(ctx: Context): Promise<Context> {
  await writeDefinitions(ctx.org);
  const org: Org = { ...ctx.org, catalog: toolingCatalog(ctx.org.catalog) };
  return { ...ctx, org };
}

function inTooling(handle: Handler): Handler {
  return async (ctx, request, params) => {
    const { body, ...answer } = await handle(await tooled(ctx), request, params);
    return body === undefined ? answer : { ...answer, body: underTooling(body) };
  };
}

function toolingCatalog(own: Catalog): Catalog {
  const catalog = createCatalog(own.changedAt());
  const shared = sharedObjects.flatMap((name) => own.find(name) ?? []);
  for (const sobject of [...toolingObjects, ...shared]) catalog.put(sobject, own.changedAt());
  return catalog;
}

/** Records are addressed below /tooling. */
function underTooling(body: unknown): unknown {
  return JSON.parse(
    JSON.stringify(body).replaceAll(
      /"(\/services\/data\/v\d+\.\d)\/(sobjects|query)(?=[/"])/g,
      '"$1/tooling/$2',
    ),
  );
}

function resources(ctx: Context): Record<string, string> {
  const base = `/services/data/v${ctx.apiVersion.toFixed(1)}/tooling`;
  const names = [
    'executeAnonymous',
    'query',
    'queryAll',
    'runTestsAsynchronous',
    'runTestsSynchronous',
    'sobjects',
  ];
  return Object.fromEntries(names.map((name) => [name, `${base}/${name}`]));
}

function objectOf({ org }: Context, name = ''): SObject {
  const sobject = org.catalog.find(name);
  if (!sobject) throw new ApiError(404, 'NOT_FOUND', 'The requested resource does not exist');
  return sobject;
}

async function getBasics(ctx: Context, _request: RestRequest, { sobject }: Params): Promise<RestAnswer> {
  const { name } = objectOf(ctx, sobject);
  const { sobjects } = describeGlobal(ctx) as { sobjects: { name: string }[] };
  return Promise.resolve(
    ok({ objectDescribe: sobjects.find((each) => each.name === name), recentItems: [] }),
  );
}

async function getDescribe(ctx: Context, _request: RestRequest, { sobject }: Params): Promise<RestAnswer> {
  return Promise.resolve(ok(describeObject(ctx, objectOf(ctx, sobject))));
}

async function getOne(ctx: Context, _request: RestRequest, params: Params): Promise<RestAnswer> {
  return ok(await recordOf(ctx, params));
}

async function recordOf(ctx: Context, { sobject = '', id = '' }: Params): Promise<Record<string, unknown>> {
  const { name, fields } = objectOf(ctx, sobject);
  const names = fields.map((field) => field.name).join(', ');
  const { records } = /^\w{15,18}$/.test(id)
    ? await runQuery(ctx, `SELECT ${names} FROM ${name} WHERE Id = '${id}' LIMIT 1`)
    : { records: [] };
  const [record] = records;
  if (!record) throw new ApiError(404, 'NOT_FOUND', 'The requested resource does not exist');
  return record;
}

async function create(ctx: Context, request: RestRequest, { sobject }: Params): Promise<RestAnswer> {
  const { name } = objectOf(await tooled(ctx), sobject);
  const { FullName: fullName, Metadata: metadata } = objectBody(request);
  await save(ctx, { type: name, fullName: String(fullName), metadata }, 'new');
  const { rows } = await ctx.db.query('select id from _component where type = $1 and full_name = $2', [
    name,
    String(fullName),
  ]);
  const id = (rows as { id: string }[])[0]?.id;
  return { status: 201, body: { id, success: true, errors: [], warnings: [], infos: [] } };
}

async function update(ctx: Context, request: RestRequest, params: Params): Promise<RestAnswer> {
  const { name, fullName } = await nameOf(ctx, params);
  await save(ctx, { type: name, fullName, metadata: objectBody(request).Metadata }, 'known');
  return noContent;
}

async function remove(ctx: Context, _request: RestRequest, params: Params): Promise<RestAnswer> {
  const { name, fullName } = await nameOf(ctx, params);
  refused(await deleteMetadata(ctx, name, fullName));
  return noContent;
}

async function nameOf(ctx: Context, params: Params): Promise<{ name: string; fullName: string }> {
  const inside = await tooled(ctx);
  const { FullName: fullName } = await recordOf(inside, params);
  return { name: objectOf(inside, params.sobject).name, fullName: String(fullName) };
}

async function save(
  ctx: Context,
  { type, fullName, metadata }: { type: string; fullName: string; metadata: unknown },
  expected: 'new' | 'known',
): Promise<void> {
  const texts = JSON.parse(JSON.stringify(asObject(metadata)), (_key, value: unknown) =>
    typeof value === 'boolean' || typeof value === 'number' ? String(value) : value,
  ) as Record<string, unknown>;
  refused(await saveMetadata(ctx, { '@type': type, ...texts, fullName }, expected));
}

function refused(result: unknown): void {
  const { success, errors } = asObject(result);
  if (success === true) return;
  const { statusCode, message } = asObject(errors) as { statusCode: string; message: string };
  throw new ApiError(400, statusCode, message);
}

function refuseApex(): RestAnswer {
  throw new ApiError(403, 'FUNCTIONALITY_NOT_ENABLED', 'Apex is not enabled for this organization.');
}
