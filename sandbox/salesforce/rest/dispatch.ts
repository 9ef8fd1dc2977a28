import type { Context } from '../context.ts';
import { ApiError, notFound } from '../errors.ts';

/** A request to the REST API, from HTTP or from inside a composite one. */
export interface RestRequest {
  method: string;
  /** What follows `/services/data/v60.0`: decoded segments. */
  segments: string[];
  query: URLSearchParams;
  /** Parsed JSON; undefined without a body. */
  body: unknown;
}

export interface RestAnswer {
  status: number;
  body?: unknown;
  headers?: Record<string, string>;
}

export type Params = Record<string, string>;
export type Handler = (
  ctx: Context,
  request: RestRequest,
  params: Params,
) => Promise<RestAnswer> | RestAnswer;

/** A method, a path with `:names`, and what answers it. */
export type Route = [method: string, path: string, handler: Handler];

export type Dispatch = (ctx: Context, request: RestRequest) => Promise<RestAnswer>;

export const ok = (body: unknown): RestAnswer => ({ status: 200, body });
export const noContent: RestAnswer = { status: 204 };

/** The dispatcher of a table of routes: the first that fits answers. @throws ApiError 404 or 405 when none does. */
export function dispatcher(routes: Route[]): Dispatch {
  const table = routes.map(([method, path, handler]) => ({
    method,
    steps: path.split('/').filter(Boolean),
    handler,
  }));
  return async (ctx, request) => {
    const fitting = table.filter(({ steps }) => fits(steps, request.segments));
    const method = request.method === 'HEAD' ? 'GET' : request.method;
    const route = fitting.find((each) => each.method === method);
    if (route) return route.handler(ctx, request, paramsOf(route.steps, request.segments));
    if (fitting.length === 0) throw notFound();
    const methods = fitting.flatMap((each) => (each.method === 'GET' ? ['HEAD', 'GET'] : [each.method]));
    const allowed = [...new Set(methods)].join(',');
    throw new ApiError(
      405,
      'METHOD_NOT_ALLOWED',
      `HTTP Method '${request.method}' not allowed. Allowed are ${allowed}`,
    );
  };
}

const fits = (steps: string[], segments: string[]) =>
  steps.length === segments.length &&
  steps.every((step, at) => step.startsWith(':') || step.toLowerCase() === segments[at]?.toLowerCase());

const paramsOf = (steps: string[], segments: string[]): Params =>
  Object.fromEntries(
    steps.flatMap((step, at) => (step.startsWith(':') ? [[step.slice(1), segments[at] ?? '']] : [])),
  );

/** The body as an object. @throws ApiError JSON_PARSER_ERROR for anything else. */
export function objectBody(request: RestRequest): Record<string, unknown> {
  const { body } = request;
  if (typeof body === 'object' && body !== null && !Array.isArray(body))
    return body as Record<string, unknown>;
  throw new ApiError(
    400,
    'JSON_PARSER_ERROR',
    'The HTTP entity body is required, but this request has no entity body.',
  );
}

/** A list of objects in a body. @throws ApiError JSON_PARSER_ERROR */
export function objectsIn(body: Record<string, unknown>, name: string): Record<string, unknown>[] {
  const list = body[name];
  if (Array.isArray(list) && list.every((each) => typeof each === 'object' && each !== null))
    return list as Record<string, unknown>[];
  throw new ApiError(400, 'JSON_PARSER_ERROR', `Required field is missing: ${name}`);
}

/** A part of a path as it was meant. @throws ApiError when its escapes are broken. */
export function decodeSegment(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    throw new ApiError(400, 'URL_NOT_RESET', `Invalid encoding: ${segment}`);
  }
}
