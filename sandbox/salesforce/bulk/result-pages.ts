import { csvLine, createRecordScanner, formOf } from './csv.ts';
import { MARK_EVERY } from './run-query.ts';
import { readSpool } from './spool.ts';

import type { Org } from '../context.ts';
import type { KeptJob } from './jobs.ts';

/** Which records of a result a client wants. */
export interface Page {
  /** Number of the first, from 0. */
  first: number;
  count: number;
}

/** How many records a page has when the client doesn't say. */
export const DEFAULT_PAGE = 100_000;

/** The opaque mark of a place in a result: its number, in base64 as Salesforce's own look. */
export const locatorOf = (first: number): string =>
  Buffer.from(String(first)).toString('base64').replace(/=+$/, '');

/** The place that a locator stands for; undefined when it is none. */
export function maybePlace(locator: string, records: number): number | undefined {
  const text = Buffer.from(locator, 'base64').toString('utf8');
  return /^\d{1,12}$/.test(text) && Number(text) <= records ? Number(text) : undefined;
}

/** The CSV of a page with its header line, streamed from the job's file. */
export async function* pageCsv(
  org: Org,
  { id, job }: KeptJob,
  { first, count }: Page,
): AsyncGenerator<string | Uint8Array> {
  yield csvLine(job.columns ?? [], formOf(job));
  const marks = job.marks ?? [0];
  const [skip, last] = [first % MARK_EVERY, Math.min(first + count, job.processed)];
  if (last <= first) return;
  const start = marks[Math.floor(first / MARK_EVERY)] ?? 0;
  const end = marks[Math.ceil(last / MARK_EVERY)];
  const source = readSpool(org, id, { start, ...(end === undefined ? {} : { end }) });
  if (skip === 0 && (last % MARK_EVERY === 0 || last === job.processed)) yield* source;
  else yield* records(source, { skip, count: last - first });
}

/** Leaves out records at the start and ends after so many. */
async function* records(
  source: AsyncIterable<Buffer>,
  { skip, count }: { skip: number; count: number },
): AsyncGenerator<Uint8Array> {
  const scanner = createRecordScanner();
  let seen = 0;
  for await (const chunk of source) {
    let [from, to] = [seen >= skip ? 0 : chunk.length, chunk.length];
    scanner.scan(chunk, (end) => {
      seen += 1;
      if (seen === skip) from = end;
      if (seen < skip + count) return true;
      to = end;
      return false;
    });
    if (to > from) yield chunk.subarray(from, to);
    if (seen >= skip + count) return;
  }
}
