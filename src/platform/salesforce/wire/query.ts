import { basePath, send } from './connection.ts';
import { SalesforceFailure } from './errors.ts';

/** Rows of one answer of a REST query. */
export const PAGE = 2_000;

/** Queries of one call. */
export const TOGETHER = 5;

export type SalesforceRecord = Record<string, unknown> & { Id: string };

interface QueryBody {
  totalSize: number;
  done: boolean;
  records: SalesforceRecord[];
}

/** One answer of a query. `isWhole`: there is nothing after it. */
export interface Page {
  records: SalesforceRecord[];
  totalSize: number;
  isWhole: boolean;
  /** Salesforce's clock before it read. */
  at: Date;
}

/** `queryAll` sees deleted rows too. */
export type Door = 'query' | 'queryAll';

export async function query(soql: string, door: Door = 'queryAll'): Promise<Page> {
  const { body, at } = await send<QueryBody>({ path: `/${door}?q=${encodeURIComponent(soql)}` });
  return toPage(body, at);
}

/** @throws SalesforceFailure when an answer that calls itself whole has fewer records than it counts */
function toPage(body: QueryBody, at: Date): Page {
  const isCounted = body.records.length > 0 && body.records.length < body.totalSize;
  if (body.done && isCounted)
    throw new SalesforceFailure(
      'UNREACHABLE',
      `an answer of ${String(body.totalSize)} records has ${String(body.records.length)} of them`,
    );
  return {
    records: body.records.map(flat),
    totalSize: body.totalSize,
    isWhole: body.done,
    at,
  };
}

/** Five queries at most in one call; each succeeds or fails by itself. */
export async function queryTogether(soqls: readonly string[]): Promise<(Page | SalesforceFailure)[]> {
  const { body, at } = await send<{ compositeResponse: { httpStatusCode: number; body: unknown }[] }>({
    method: 'POST',
    path: '/composite',
    body: {
      allOrNone: false,
      collateSubrequests: false,
      compositeRequest: soqls.map((soql, i) => ({
        method: 'GET',
        url: `${basePath}/queryAll?q=${encodeURIComponent(soql)}`,
        referenceId: `query${String(i)}`,
      })),
    },
  });
  return body.compositeResponse.map((one) =>
    one.httpStatusCode < 400 ? toPage(one.body as QueryBody, at) : failureOf(one.httpStatusCode, one.body),
  );
}

function failureOf(status: number, body: unknown): SalesforceFailure {
  const [error] = (Array.isArray(body) ? body : []) as { errorCode?: string; message?: string }[];
  return new SalesforceFailure(
    error?.errorCode ?? `ERROR_HTTP_${String(status)}`,
    error?.message ?? 'Salesforce gave no reason',
  );
}

/** `{PermissionSet: {Name}}` becomes `{'PermissionSet.Name'}`; what says where a record lives is dropped. */
function flat(record: SalesforceRecord): SalesforceRecord {
  const row: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(record)) {
    if (name === 'attributes') continue;
    const below = typeof value === 'object' && value !== null ? Object.entries(value) : undefined;
    if (below === undefined) row[name] = value;
    for (const [inner, reached] of below ?? []) row[`${name}.${inner}`] = reached;
  }
  return row as SalesforceRecord;
}
