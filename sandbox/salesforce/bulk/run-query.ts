/**
 * A query job is one COPY of the compiled statement into a file, without its rows ever being parsed here: a snapshot of its
 * moment, so that pages taken later fit together. While the bytes stream by, the place of every thousandth record is noted.
 */
import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

import { to as copyTo } from 'pg-copy-streams';

import { quote } from '../../database.ts';
import { compileForStreaming } from '../soql/stream.ts';
import { createRecordScanner, formOf, withCrLf } from './csv.ts';
import { prepareSpool, spoolPath } from './spool.ts';

import type { Context } from '../context.ts';
import type { FieldType } from '../schema/catalog.ts';
import type { StreamingQuery } from '../soql/stream.ts';
import type { Job, KeptJob } from './jobs.ts';

/** A mark stands before every so many records of a result. */
export const MARK_EVERY = 1000;

/** Writes the result of a query job; returns what is to be known of it. @throws what PostgreSQL throws. */
export async function runQuery(ctx: Context, { id, job }: KeptJob): Promise<Partial<Job>> {
  const query = compileForStreaming(ctx, job.query ?? '', { all: job.operation === 'queryAll' });
  await prepareSpool(ctx.org);
  const form = formOf(job);
  const progress = { records: 0, bytes: 0, marks: [0] };
  const client = await ctx.org.pool.connect();
  try {
    const copied = client.query(copyTo(copyStatement(query, form.delimiter)));
    const lines = job.lineEnding === 'CRLF' ? Readable.from(withCrLf(copied), { objectMode: false }) : copied;
    await pipeline(
      lines,
      (source: AsyncIterable<Buffer>) => watched(source, progress),
      createWriteStream(spoolPath(ctx.org, id)),
    );
    client.release();
  } catch (error) {
    client.release(true);
    throw error;
  }
  return {
    columns: query.columns.map(({ name }) => name),
    processed: progress.records,
    marks: progress.marks,
  };
}

/** Salesforce quotes every cell and writes an empty one for null. */
function copyStatement({ inlined, columns }: StreamingQuery, delimiter: string): string {
  const cells = columns.map(({ name, type }, at) => cell(quote(`${String(at)} ${name}`), type));
  const escaped = delimiter === '\t' ? `e'\\t'` : `'${delimiter}'`;
  return `copy (select ${cells.join(', ')} from (${inlined}) result) to stdout (format csv, force_quote *, delimiter ${escaped})`;
}

function cell(column: string, type: FieldType): string {
  const text =
    type === 'double' || type === 'currency' || type === 'percent' ? doubleText(column) : `${column}::text`;
  return `coalesce(${text}, '')`;
}

/** Numbers with a fraction are written as Java writes a double: `5.0`, `1.5E7` from ten million on. */
function doubleText(column: string): string {
  const exponent = `floor(log(abs(${column})))`;
  const mantissa = `trim_scale(${column} / power(10::numeric, ${exponent}))::text`;
  const withPoint = (text: string) =>
    `case when strpos(${text}, '.') > 0 then ${text} else ${text} || '.0' end`;
  return `case when abs(${column}) >= 10000000 then ${withPoint(mantissa)} || 'E' || ${exponent}::int else ${withPoint(`trim_scale(${column})::text`)} end`;
}

async function* watched(
  source: AsyncIterable<Buffer>,
  progress: { records: number; bytes: number; marks: number[] },
): AsyncGenerator<Buffer> {
  const scanner = createRecordScanner();
  for await (const chunk of source) {
    scanner.scan(chunk, (end) => {
      progress.records += 1;
      if (progress.records % MARK_EVERY === 0) progress.marks.push(progress.bytes + end);
      return true;
    });
    progress.bytes += chunk.length;
    yield chunk;
  }
}
