import type { Context } from '../context.ts';
import {
  failure,
  isFine,
  runAll,
  readSubRequest,
  checkIds,
  subRequestOf,
  tooMany,
  within,
} from './composite.ts';
import { ApiError } from '../errors.ts';
import { objectBody, objectsIn, ok } from './dispatch.ts';
import type { Dispatch, RestAnswer, RestRequest } from './dispatch.ts';

/** POST /composite/batch: up to 25 requests that have nothing to do with each other. */
export async function postBatch(ctx: Context, request: RestRequest, dispatch: Dispatch): Promise<RestAnswer> {
  const body = objectBody(request);
  const requests = objectsIn(body, 'batchRequests');
  if (requests.length > 25) throw tooMany(25, requests.length);
  const results: { statusCode: number; result: unknown }[] = [];
  for (const each of requests) {
    const isHalted = body.haltOnError === true && results.some(({ statusCode }) => !isFine(statusCode));
    results.push(isHalted ? haltedResult : await runBatched(ctx, each, dispatch));
  }
  return ok({ hasErrors: results.some(({ statusCode }) => !isFine(statusCode)), results });
}

const haltedResult = {
  statusCode: 412,
  result: [{ errorCode: 'BATCH_PROCESSING_HALTED', message: 'Batch processing halted per request' }],
};

async function runBatched(ctx: Context, raw: Record<string, unknown>, dispatch: Dispatch) {
  try {
    const {
      method = 'GET',
      url = '',
      richInput,
    } = raw as { method?: string; url?: string; richInput?: unknown };
    const path = url.startsWith('/services/') ? url : `/services/data/${url.replace(/^\//, '')}`;
    const answer = await dispatch(
      within(ctx, path, ctx.headers),
      subRequestOf(method.toUpperCase(), path, richInput),
    );
    return { statusCode: answer.status, result: answer.body ?? null };
  } catch (error) {
    const { body, httpStatusCode } = failure(error);
    return { statusCode: httpStatusCode, result: body };
  }
}

/** POST /composite/graph: graphs of up to 500 requests, each graph whole or not at all. */
export async function postGraph(ctx: Context, request: RestRequest, dispatch: Dispatch): Promise<RestAnswer> {
  const graphs = objectsIn(objectBody(request), 'graphs').map((graph) => ({
    graphId: String(graph.graphId),
    subRequests: objectsIn(graph, 'compositeRequest').map(readSubRequest),
  }));
  const nodes = graphs.reduce((sum, { subRequests }) => sum + subRequests.length, 0);
  if (nodes > 500)
    throw new ApiError(
      400,
      'LIMIT_EXCEEDED',
      `The request contains ${String(nodes)} nodes, more than the maximum of 500`,
    );
  const answers: unknown[] = [];
  for (const { graphId, subRequests } of graphs) {
    checkIds(subRequests);
    const compositeResponse = await runAll(ctx, { subRequests, allOrNone: true, dispatch });
    const isSuccessful = compositeResponse.every(({ httpStatusCode }) => isFine(httpStatusCode));
    answers.push({ graphId, graphResponse: { compositeResponse }, isSuccessful });
  }
  return ok({ graphs: answers });
}
