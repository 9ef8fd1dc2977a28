import type { Context } from '../context.ts';
import { ApiError } from '../errors.ts';
import type { FieldType } from '../schema/catalog.ts';

export interface QueryOptions {
  /** Deleted rows too, as queryAll. */
  all?: boolean;
  /** Rows of a page, 200 to 2,000. */
  batchSize?: number;
}

export interface QueryResult {
  totalSize: number;
  done: boolean;
  nextRecordsUrl?: string;
  records: unknown[];
}

/** A flat select for streaming: one text, number or boolean column per selected field, formatted as in Bulk CSV. */
export interface StreamingQuery {
  sobject: string;
  text: string;
  /** Parameters $1 …; `inlined` is the same statement without them, for COPY. */
  values: unknown[];
  inlined: string;
  columns: { name: string; type: FieldType }[];
}

/** Runs SOQL and answers as GET /query does. @throws ApiError in Salesforce's wording. */
export function runQuery(ctx: Context, soql: string, options: QueryOptions = {}): Promise<QueryResult> {
  return Promise.reject(
    new ApiError(500, 'UNKNOWN_EXCEPTION', `not yet: ${String([ctx, soql, options].length)}`),
  );
}

/** Compiles SOQL without compound fields, sub-queries or aggregates, for Bulk. @throws ApiError */
export function compileForStreaming(ctx: Context, soql: string, options: QueryOptions = {}): StreamingQuery {
  throw new ApiError(500, 'UNKNOWN_EXCEPTION', `not yet: ${String([ctx, soql, options].length)}`);
}
