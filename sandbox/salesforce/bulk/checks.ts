import { contextOf } from '../context.ts';
import { ApiError, notFound } from '../errors.ts';
import { isId } from '../records/ids.ts';
import { delimiters, lineEndings } from './csv.ts';
import { maybeJob } from './jobs.ts';

import type { Request } from 'express';
import type { JobKind, JobState, KeptJob } from './jobs.ts';

/** The job that the path names. @throws ApiError 404 */
export async function foundJob(req: Request, kind: JobKind): Promise<KeptJob> {
  const id = String(req.params.id);
  const kept = isId(id) ? await maybeJob(contextOf(req).db, kind, id) : undefined;
  if (!kept) throw notFound();
  return kept;
}

/** @throws ApiError INVALIDJOBSTATE when the job is in none of the states. */
export function requireState({ state }: KeptJob, states: JobState[]): void {
  if (!states.includes(state))
    throw new ApiError(400, 'INVALIDJOBSTATE', `Job is in state ${state}; this needs ${states.join(' or ')}`);
}

/** What both kinds of job are told about their CSV. @throws ApiError for what the API doesn't know. */
export function formFields(form: Record<string, unknown>): { columnDelimiter: string; lineEnding: string } {
  const { columnDelimiter = 'COMMA', lineEnding = 'LF', contentType = 'CSV' } = form;
  if (!isIn(delimiters, columnDelimiter)) throw invalid(`columnDelimiter: ${String(columnDelimiter)}`);
  if (!isIn(lineEndings, lineEnding)) throw invalid(`lineEnding: ${String(lineEnding)}`);
  if (contentType !== 'CSV') throw invalid(`contentType: ${String(contentType)}`);
  return { columnDelimiter, lineEnding };
}

const isIn = (known: Record<string, string>, value: unknown): value is string =>
  typeof value === 'string' && Object.hasOwn(known, value);

const invalid = (what: string) => new ApiError(400, 'INVALIDJOB', `Unknown ${what}`);
