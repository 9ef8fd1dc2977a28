import { contextOf } from '../context.ts';
import { ApiError } from '../errors.ts';
import { listJobs, shownJob } from './jobs.ts';

import type { Request } from 'express';
import type { JobKind } from './jobs.ts';

/** Jobs of a page. */
const PAGE = 1000;

const types: Record<JobKind, string> = { ingest: 'V2Ingest', query: 'V2Query' };

/**
 * GET /jobs/ingest and /jobs/query, narrowed by jobType, concurrencyMode and isPkChunkingEnabled; jobs of other types are those of
 * APIs that the org doesn't have. Pages follow each other by queryLocator.
 */
export async function jobList(req: Request, kind: JobKind): Promise<Record<string, unknown>> {
  const { db, apiVersion } = contextOf(req);
  const { queryLocator } = req.query;
  const from = queryLocator === undefined ? 0 : placeOf(queryLocator);
  const found = isAsked(req, kind) ? await listJobs(db, kind, { from, count: PAGE + 1 }) : [];
  const records = found.slice(0, PAGE).map((each) => shownJob(each, { withProgress: false }));
  if (found.length <= PAGE) return { done: true, nextRecordsUrl: null, records };
  const next = Buffer.from(String(from + PAGE)).toString('base64url');
  const url = `/services/data/v${String(apiVersion)}.0/jobs/${kind}?queryLocator=${next}`;
  return { done: false, nextRecordsUrl: url, records };
}

function isAsked({ query }: Request, kind: JobKind): boolean {
  const is = (name: string, expected: string) => {
    const given = query[name];
    return (
      given === undefined || (typeof given === 'string' && given.toLowerCase() === expected.toLowerCase())
    );
  };
  return (
    is('jobType', types[kind]) && is('concurrencyMode', 'Parallel') && is('isPkChunkingEnabled', 'false')
  );
}

function placeOf(locator: unknown): number {
  const place = typeof locator === 'string' ? Buffer.from(locator, 'base64url').toString() : '';
  if (/^\d{1,9}$/.test(place)) return Number(place);
  throw new ApiError(400, 'INVALID_QUERY_LOCATOR', 'invalid query locator');
}
