import type { Context } from '../context.ts';
import { ApiError } from '../errors.ts';
import { explainQuery } from '../soql/explain.ts';
import { describeColumns } from '../soql/columns.ts';
import { queryMore, runQuery } from '../soql/query.ts';
import { ok } from './dispatch.ts';
import type { Params, RestAnswer, RestRequest } from './dispatch.ts';

/** GET /query: deleted records stay out. */
export const getQuery = (ctx: Context, request: RestRequest) => queryAnswer(ctx, request, false);

/** GET /queryAll: deleted records too. */
export const getQueryAll = (ctx: Context, request: RestRequest) => queryAnswer(ctx, request, true);

/** The answer to a query, its plan or its columns. */
export async function queryAnswer(ctx: Context, request: RestRequest, all: boolean): Promise<RestAnswer> {
  const explained = request.query.get('explain');
  if (explained !== null) return ok(await explainQuery(ctx, explained));
  const soql = request.query.get('q');
  if (soql === null) throw new ApiError(400, 'MALFORMED_QUERY', 'A query string has to be specified');
  if (request.query.get('columns') === 'true') return ok(describeColumns(ctx, soql));
  return ok(await runQuery(ctx, soql, { all, batchSize: batchSizeOf(ctx) }));
}

/** GET /query/{locator} */
export async function getQueryMore(ctx: Context, _request: RestRequest, params: Params): Promise<RestAnswer> {
  return ok(await queryMore(ctx, params.locator ?? ''));
}

/** `Sforce-Query-Options: batchSize=500`, kept between 200 and 2,000. */
function batchSizeOf(ctx: Context): number {
  const header = [ctx.headers['sforce-query-options']].flat().join();
  const [, size] = /batchSize\s*=\s*(\d+)/i.exec(header) ?? [];
  return size === undefined ? 2000 : Math.min(2000, Math.max(200, Number(size)));
}
