/**
 * An ingest job reads its file record by record, and saves batches through the same verbs as every other API. A batch, its
 * results and the job's counters are written in one transaction, so that a restart goes on behind the last whole batch.
 */
import { parse } from 'csv-parse';

import { transaction } from '../../database.ts';
import { isId, toLongId } from '../records/ids.ts';
import { createRecords, updateRecords, upsertRecords } from '../records/save.ts';
import { purge } from '../records/bin.ts';
import { deleteRecords } from '../records/delete.ts';
import { csvLine, firstLineEnding, formOf } from './csv.ts';
import { begin, JobFailure, occasionOf } from './course.ts';
import { failureText, maybeJob, moveJob } from './jobs.ts';
import { maybeSpoolSize, readSpool } from './spool.ts';

import type { Db } from '../../database.ts';
import type { Context } from '../context.ts';
import type { SaveError } from '../errors.ts';
import type { SObject } from '../schema/catalog.ts';
import type { Course } from './course.ts';
import type { Job, KeptJob } from './jobs.ts';

/** What became of a row, as far as results tell. */
interface RowResult {
  id?: string;
  success: boolean;
  created?: boolean;
  errors: SaveError[];
}

/** Salesforce's own batches have 10,000 rows; smaller ones keep other requests' waits short. */
const BATCH = 2000;

/** Runs an ingest job from where it stands to its end. Never throws: what goes wrong is the job's state. */
export function runIngest(ctx: Context, kept: KeptJob): Promise<void> {
  return ctx.org.trouble.during(occasionOf(kept), () => run(ctx, kept));
}

async function run(ctx: Context, kept: KeptJob): Promise<void> {
  const { org } = ctx;
  const finish = (to: 'JobComplete' | 'Failed', change: Partial<Job>) =>
    moveJob(org.pool, kept.id, { from: ['UploadComplete', 'InProgress'], to, change, at: org.clock.now() });
  try {
    await moveJob(org.pool, kept.id, {
      from: ['UploadComplete', 'InProgress'],
      to: 'InProgress',
      at: org.clock.now(),
    });
    if (kept.job.isUploaded) await ingest(ctx, kept, await begin(org, kept));
    await finish('JobComplete', {});
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const errorMessage = error instanceof JobFailure ? message : `InvalidBatch : ${message}`;
    await finish('Failed', { errorMessage: failureText(errorMessage) }).catch(() => undefined);
  }
}

async function ingest(ctx: Context, kept: KeptJob, course: Course): Promise<void> {
  const sobject = ctx.org.catalog.find(kept.job.object);
  if (!sobject) throw new JobFailure(`InvalidBatch : Unknown object : ${kept.job.object}`);
  await checkLineEnding(ctx, kept);
  let header: string[] | undefined;
  let batch: string[][] = [];
  let toSkip = kept.job.processed;
  let processed = kept.job.processed;
  const save = async (rows: string[][]) => {
    const isGoingOn = await saveBatch(ctx, kept, { sobject, header: header ?? [], batch: rows });
    processed += rows.length;
    return isGoingOn && (await course.after(processed));
  };
  for await (const record of recordsOf(ctx, kept)) {
    if (!header) {
      header = record;
      checkHeader(ctx, sobject, header);
    } else if (toSkip > 0) toSkip -= 1;
    else if (batch.push(record) >= course.batchAfter(processed, BATCH)) {
      if (!(await save(batch))) return;
      batch = [];
    }
  }
  if (header && batch.length > 0) await save(batch);
}

async function checkLineEnding({ org }: Context, { id, job }: KeptJob): Promise<void> {
  const size = await maybeSpoolSize(org, id);
  if (size === undefined) throw new JobFailure('ClientInputError : The data of the job is no longer there');
  const found = firstLineEnding(await headOf(readSpool(org, id, { end: Math.min(size, 256 * 1024) })));
  if (found !== undefined && found !== job.lineEnding)
    throw new JobFailure(
      `ClientInputError : LineEnding is invalid on user data. Current LineEnding setting is ${job.lineEnding}`,
    );
}

async function headOf(source: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of source) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}

/** The records of a job's file, its header first. */
export function recordsOf({ org }: Context, { id, job }: KeptJob): AsyncIterable<string[]> {
  const { delimiter, lineEnding } = formOf(job);
  const parser = parse({
    bom: true,
    delimiter,
    record_delimiter: lineEnding,
    relax_column_count: true,
    skip_empty_lines: true,
  });
  const source = readSpool(org, id);
  source.once('error', (error) => parser.destroy(error));
  return source.pipe(parser) as AsyncIterable<string[]>;
}

function checkHeader({ org, user }: Context, sobject: SObject, header: string[]): void {
  for (const name of header) {
    const field = sobject.field(name);
    const isKnown = field ? org.security.mayRead(user, sobject, field) : isForeignKey(sobject, name);
    if (!isKnown) throw new JobFailure(`InvalidBatch : Field name not found : ${name}`);
  }
}

/** `Account.Rapport_Id__c`, `Owner:User.Username`. */
function isForeignKey(sobject: SObject, name: string): boolean {
  const [relationship, field] = name.split('.');
  const bare = relationship?.split(':')[0]?.toLowerCase();
  return field !== undefined && sobject.fields.some((each) => each.relationshipName?.toLowerCase() === bare);
}

interface Batch {
  sobject: SObject;
  header: string[];
  batch: string[][];
}

/** Saves a batch and keeps its results; false when the job was aborted meanwhile. */
async function saveBatch(ctx: Context, { id }: KeptJob, { sobject, header, batch }: Batch): Promise<boolean> {
  const started = performance.now();
  return transaction(ctx.org.pool, async (tx) => {
    const kept = await maybeJob(tx, 'ingest', id);
    if (kept?.state !== 'InProgress') return false;
    const { job } = kept;
    const wide = batch.map((cells) => (cells.length === header.length ? undefined : cells.length));
    const even = batch.filter((_, at) => wide[at] === undefined);
    const saved = await apply(
      { ...ctx, db: tx },
      { job, sobject, rows: even.map((cells) => rowOf(header, cells)) },
    );
    const results = batch.map(
      (_, at) => (wide[at] === undefined ? saved.shift() : unevenRow(header.length, wide[at])) ?? lost,
    );
    await keepResults(tx, kept, { header, batch, results });
    const failed = results.filter((each) => !each.success).length;
    const change: Partial<Job> = {
      processed: job.processed + batch.length,
      failed: job.failed + failed,
      batches: job.batches + 1,
      duration: job.duration + Math.round(performance.now() - started),
    };
    await moveJob(tx, id, { from: ['InProgress'], to: 'InProgress', change, at: ctx.org.clock.now() });
    return true;
  });
}

const lost: RowResult = {
  success: false,
  errors: [{ statusCode: 'UNKNOWN_EXCEPTION', message: 'the row was not processed', fields: [] }],
};

const unevenRow = (expected: number, found: number): RowResult => ({
  success: false,
  errors: [
    {
      statusCode: 'INVALID_CSV',
      message: `found ${String(found)} column(s) but expected ${String(expected)}`,
      fields: [],
    },
  ],
});

/** An empty cell leaves a field alone, `#N/A` empties it. */
function rowOf(header: string[], cells: string[]): Record<string, unknown> {
  const pairs = header.map((name, at): [string, string | null] => [
    name,
    cells[at] === '#N/A' ? null : (cells[at] ?? ''),
  ]);
  return Object.fromEntries(pairs.filter(([, value]) => value !== ''));
}

interface Rows {
  job: Job;
  sobject: SObject;
  rows: Record<string, unknown>[];
}

async function apply(ctx: Context, { job, sobject, rows }: Rows): Promise<RowResult[]> {
  if (job.operation === 'insert')
    return (await createRecords(ctx, sobject.name, rows)).map((each) => ({ ...each, created: each.success }));
  if (job.operation === 'update') return updateRecords(ctx, sobject.name, rows);
  if (job.operation === 'upsert')
    return upsertRecords(ctx, sobject.name, { by: job.externalIdFieldName ?? 'Id', rows });
  const results = await deleteRecords(ctx, rows.map(idIn));
  if (job.operation === 'hardDelete')
    await purge(
      ctx,
      sobject,
      results.flatMap(({ id, success }) => (success && id !== undefined ? [id] : [])),
    );
  return results;
}

function idIn(row: Record<string, unknown>): string {
  const [, id] = Object.entries(row).find(([name]) => name.toLowerCase() === 'id') ?? [];
  if (typeof id !== 'string') return '';
  return isId(id) ? toLongId(id) : id;
}

async function keepResults(
  db: Db,
  { id, job }: KeptJob,
  { header, batch, results }: { header: string[]; batch: string[][]; results: RowResult[] },
): Promise<void> {
  const form = formOf(job);
  const own = (at: number) => header.map((_, column) => batch[at]?.[column] ?? '');
  const texts = { successful: '', failed: '' };
  for (const [at, result] of results.entries()) {
    if (result.success)
      texts.successful += csvLine([result.id ?? '', String(result.created ?? false), ...own(at)], form);
    else texts.failed += csvLine([result.id ?? '', errorText(result.errors), ...own(at)], form);
  }
  for (const [kind, csv] of Object.entries(texts))
    if (csv !== '')
      await db.query('insert into _bulk_result (job_id, batch, kind, csv) values ($1, $2, $3, $4)', [
        id,
        job.batches,
        kind,
        csv,
      ]);
}

/** `REQUIRED_FIELD_MISSING:Required fields are missing: [Name]:Name --` */
const errorText = (errors: SaveError[]): string =>
  errors.map(({ statusCode, message, fields }) => `${statusCode}:${message}:${fields.join(',')} --`).join('');
