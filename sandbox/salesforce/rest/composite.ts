import { transaction } from '../../database.ts';
import type { Context } from '../context.ts';
import { ApiError, notFound, OtherAnswer } from '../errors.ts';
import { decodeSegment, objectBody, objectsIn, ok } from './dispatch.ts';
import type { Dispatch, RestAnswer, RestRequest } from './dispatch.ts';
import { fillReferences } from './references.ts';
import { isVersion } from './versions.ts';
import type { Answered } from './references.ts';

interface SubRequest {
  method: string;
  url: string;
  referenceId: string;
  body: unknown;
  httpHeaders: Record<string, string>;
}

interface SubAnswer {
  body: unknown;
  httpHeaders: Record<string, string>;
  httpStatusCode: number;
  referenceId: string;
}

/** POST /composite: up to 25 requests that may refer to the answers of those before them. */
export async function postComposite(
  ctx: Context,
  request: RestRequest,
  dispatch: Dispatch,
): Promise<RestAnswer> {
  const body = objectBody(request);
  const subRequests = objectsIn(body, 'compositeRequest').map(readSubRequest);
  if (subRequests.length > 25) throw tooMany(25, subRequests.length);
  if (subRequests.filter(({ url }) => /\/(query|queryAll|composite\/sobjects)\b/.test(url)).length > 5)
    throw new ApiError(
      400,
      'INVALID_INPUT',
      'At most 5 sub-requests of a composite request may be queries or sObject collections',
    );
  checkIds(subRequests);
  const compositeResponse = await runAll(ctx, { subRequests, allOrNone: body.allOrNone === true, dispatch });
  return ok({ compositeResponse });
}

export const tooMany = (most: number, given: number) =>
  new ApiError(
    400,
    'INVALID_INPUT',
    `The number of sub-requests, ${String(given)}, exceeds the maximum of ${String(most)}`,
  );

export function readSubRequest(raw: Record<string, unknown>): SubRequest {
  const { method = 'GET', url, referenceId, body, httpHeaders = {} } = raw;
  if (typeof url !== 'string' || typeof referenceId !== 'string' || typeof method !== 'string')
    throw new ApiError(400, 'JSON_PARSER_ERROR', 'Each sub-request needs method, url and referenceId');
  return {
    method: method.toUpperCase(),
    url,
    referenceId,
    body,
    httpHeaders: httpHeaders as Record<string, string>,
  };
}

/** @throws ApiError INVALID_INPUT for reference ids that are the same, or could not be referred to. */
export function checkIds(subRequests: SubRequest[]): void {
  const odd = subRequests.find(({ referenceId }) => !/^[A-Za-z0-9]\w*$/.test(referenceId));
  if (odd)
    throw new ApiError(
      400,
      'INVALID_INPUT',
      `Provided referenceId ('${odd.referenceId}') must start with a letter or a number, and it can contain only letters, numbers and underscores ('_').`,
    );
  const ids = subRequests.map(({ referenceId }) => referenceId);
  const repeated = ids.find((id, at) => ids.indexOf(id) !== at);
  if (repeated !== undefined)
    throw new ApiError(
      400,
      'INVALID_INPUT',
      `Duplicate ReferenceId provided ${repeated}. Please provide a unique ReferenceId for each request.`,
    );
}

interface Run {
  subRequests: SubRequest[];
  allOrNone: boolean;
  dispatch: Dispatch;
}

/** Thrown to roll back; the answers have been gathered by then. */
class Halted extends Error {}

/** Runs requests in order; with `allOrNone` in one transaction that ends with the first failure. */
export async function runAll(ctx: Context, { subRequests, allOrNone, dispatch }: Run): Promise<SubAnswer[]> {
  const answers: SubAnswer[] = [];
  const answered: Answered = new Map();
  const failed = new Set<string>();
  const run = async (inner: Context) => {
    for (const subRequest of subRequests) {
      const answer = await runOne(inner, { subRequest, answered, failed, allOrNone, dispatch });
      answers.push(answer);
      if (isSuccess(answer)) answered.set(subRequest.referenceId, answer.body);
      else failed.add(subRequest.referenceId);
      if (allOrNone && !isWhole(answer)) throw new Halted();
    }
  };
  if (!allOrNone) {
    await run(ctx);
    return answers;
  }
  try {
    await transaction(ctx.db, (tx) => run({ ...ctx, db: tx }));
    return answers;
  } catch (error) {
    if (!(error instanceof Halted)) throw error;
    const cause = answers.at(-1);
    return subRequests.map(({ referenceId }) =>
      cause?.referenceId === referenceId ? cause : halted(referenceId),
    );
  }
}

/** Whether a status is that of a request that went well; 304 tells that a client is up to date. */
export const isFine = (status: number): boolean => status < 300 || status === 304;

const isSuccess = ({ httpStatusCode }: SubAnswer) => isFine(httpStatusCode);

/** A collection inside counts as failed when one of its rows did. */
const isWhole = (answer: SubAnswer) =>
  isSuccess(answer) &&
  !(
    Array.isArray(answer.body) &&
    answer.body.some((row: { success?: boolean } | null) => row?.success === false)
  );

function halted(referenceId: string): SubAnswer {
  const message = 'The transaction was rolled back since another operation in the same transaction failed.';
  return {
    body: [{ errorCode: 'PROCESSING_HALTED', message }],
    httpHeaders: {},
    httpStatusCode: 400,
    referenceId,
  };
}

interface One {
  subRequest: SubRequest;
  answered: Answered;
  failed: Set<string>;
  allOrNone: boolean;
  dispatch: Dispatch;
}

async function runOne(
  ctx: Context,
  { subRequest, answered, failed, allOrNone, dispatch }: One,
): Promise<SubAnswer> {
  const { referenceId, method, httpHeaders } = subRequest;
  try {
    const dependsOnFailed = [...failed].some((id) => JSON.stringify(subRequest).includes(`@{${id}.`));
    if (dependsOnFailed)
      throw new ApiError(
        400,
        'PROCESSING_HALTED',
        'Invalid reference specified. The request that it refers to failed.',
      );
    const url = String(fillReferences(subRequest.url, answered));
    const body = withAllOrNone(fillReferences(subRequest.body, answered), url, allOrNone);
    const headers = { ...ctx.headers, ...conditionless, ...lowerCased(httpHeaders) };
    const answer = await dispatch(within(ctx, url, headers), subRequestOf(method, url, body));
    return {
      body: answer.body ?? null,
      httpHeaders: answer.headers ?? {},
      httpStatusCode: answer.status,
      referenceId,
    };
  } catch (error) {
    return { ...failure(error), referenceId };
  }
}

/** The context of a request inside of another, which may speak another version. */
export function within(ctx: Context, url: string, headers: Context['headers']): Context {
  const [, version] = /^\/services\/data\/v(\d+)\.0(?:\/|$)/.exec(url) ?? [];
  return { ...ctx, headers, apiVersion: Number(version ?? ctx.apiVersion) };
}

/** Conditions of the outer request don't hold for the inner ones. */
const conditionless = {
  'if-modified-since': undefined,
  'if-unmodified-since': undefined,
  'if-match': undefined,
  'if-none-match': undefined,
};

const lowerCased = (headers: Record<string, string>) =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));

/** The outer flag stands above that of a collection inside. */
function withAllOrNone(body: unknown, url: string, allOrNone: boolean): unknown {
  const isCollection = /\/composite\/sobjects\b/.test(url) && typeof body === 'object' && body !== null;
  return isCollection ? { ...body, allOrNone } : body;
}

/** The inside of an answer to what went wrong. @throws what is no answer of Salesforce's. */
export function failure(error: unknown): {
  body: unknown;
  httpHeaders: Record<string, string>;
  httpStatusCode: number;
} {
  if (error instanceof ApiError) return { body: error.body(), httpHeaders: {}, httpStatusCode: error.status };
  if (error instanceof OtherAnswer)
    return { body: error.content, httpHeaders: {}, httpStatusCode: error.status };
  throw error;
}

/** A request of a composite one as it would have come by itself. @throws ApiError NOT_FOUND outside of the REST API */
export function subRequestOf(method: string, address: string, body: unknown): RestRequest {
  if (!address.startsWith('/')) throw notFound();
  const url = new URL(address.replaceAll(' ', '+'), 'http://sandbox/');
  const [, version, rest = ''] = /^\/services\/data\/v(\d+)\.0(\/.*)?$/.exec(url.pathname) ?? [];
  if (version === undefined) throw notFound();
  if (!isVersion(Number(version)))
    throw new ApiError(410, 'UNSUPPORTED_API_VERSION', 'The API version is not supported');
  return {
    method,
    segments: rest.split('/').filter(Boolean).map(decodeSegment),
    query: url.searchParams,
    body,
  };
}
