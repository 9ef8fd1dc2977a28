import { csvLine, formOf } from './csv.ts';
import { recordsOf } from './run-ingest.ts';

import type { Context } from '../context.ts';
import type { KeptJob } from './jobs.ts';

const leading = { successful: ['sf__Id', 'sf__Created'], failed: ['sf__Id', 'sf__Error'] };

/** The rows of an ingest job that were saved, or were refused, batch by batch. */
export async function* resultCsv(
  ctx: Context,
  kept: KeptJob,
  kind: 'successful' | 'failed',
): AsyncGenerator<string> {
  const header = await headerOf(ctx, kept);
  yield csvLine([...leading[kind], ...header], formOf(kept.job));
  for (let batch = 0; batch < kept.job.batches; batch += 1) {
    const { rows } = await ctx.db.query(
      'select csv from _bulk_result where job_id = $1 and kind = $2 and batch = $3',
      [kept.id, kind, batch],
    );
    const text = (rows as { csv: string }[])[0]?.csv;
    if (text !== undefined) yield text;
  }
}

/** The rows that a job which failed or was aborted never came to. */
export async function* unprocessedCsv(ctx: Context, kept: KeptJob): AsyncGenerator<string> {
  const form = formOf(kept.job);
  if (kept.state === 'JobComplete' || !kept.job.isUploaded) {
    yield csvLine(await headerOf(ctx, kept), form);
    return;
  }
  let toSkip = kept.job.processed + 1;
  for await (const record of recordsOf(ctx, kept)) {
    const isHeader = toSkip === kept.job.processed + 1;
    if (isHeader || toSkip <= 0) yield csvLine(record, form);
    toSkip -= 1;
  }
}

async function headerOf(ctx: Context, kept: KeptJob): Promise<string[]> {
  if (!kept.job.isUploaded) return [];
  for await (const record of recordsOf(ctx, kept)) return record;
  return [];
}
