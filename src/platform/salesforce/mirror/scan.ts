import { now } from '../../clock.ts';
import { log } from '../../log.ts';

import {
  dropStaging,
  expectWhole,
  prepareStaging,
  removeJob,
  stagePage,
  staging,
  startJob,
  waitForJob,
} from '../wire/bulk.ts';
import type { Readable } from './describe.ts';
import { toFailure } from '../wire/errors.ts';
import { recordsAsSource, type Source } from './merge.ts';
import { type Door, PAGE, query, type SalesforceRecord } from '../wire/query.ts';
import { select } from '../wire/soql.ts';

/** Above this many rows Salesforce itself advises the Bulk API. */
export const BULK_ABOVE = 2_000;

/** Some of an object's rows, as Salesforce had them at `readAt` (our clock) or later. */
export interface Portion {
  source: Source;
  rows: number;
  readAt: Date;
}

/**
 * Every living row of an object with the fields of `readable`, a portion at a time: a page of a Bulk job where there are many, else
 * plain answers. A portion lasts until the next is asked for.
 */
export async function* scan(readable: Readable, stopping: AbortSignal): AsyncGenerator<Portion> {
  const { totalSize } = await query(select(readable, { fields: ['COUNT()'] }), 'query');
  const job = totalSize > BULK_ABOVE ? await finishedJob(readable, stopping) : undefined;
  if (job === undefined) yield* inAnswers(readable, stopping);
  else yield* inPages(readable, job, stopping);
}

interface Finished {
  id: string;
  found: number | undefined;
  readAt: Date;
}

/** A job that is done. One that fails is begun anew once; undefined when the Bulk API does not give this object. */
async function finishedJob(readable: Readable, stopping: AbortSignal): Promise<Finished | undefined> {
  for (let attempt = 1; attempt <= 2; attempt += 1) {
    try {
      const readAt = now();
      const id = await startJob(select(readable), 'query');
      return { id, found: await waitForJob(id, stopping), readAt };
    } catch (error) {
      const failure = toFailure(error);
      if (failure.kind !== 'terminal') throw failure;
      log.warn({ sobject: readable.mapping.sobject, reason: failure.message }, 'a Bulk job was given up');
    }
  }
  return undefined;
}

async function* inPages(
  readable: Readable,
  { id, found, readAt }: Finished,
  stopping: AbortSignal,
): AsyncGenerator<Portion> {
  const into = 'sync_scanned';
  await prepareStaging(readable, into);
  try {
    let locator: string | null = null;
    let sum = 0;
    do {
      const { next, rows }: Awaited<ReturnType<typeof stagePage>> = await stagePage(
        { readable, job: id, locator, into },
        stopping,
      );
      sum += rows;
      yield { source: staging(into), rows, readAt };
      locator = next ?? null;
      stopping.throwIfAborted();
    } while (locator !== null);
    expectWhole(id, sum, found);
  } finally {
    await dropStaging(into);
    await removeJob(id);
  }
}

async function* inAnswers(readable: Readable, stopping: AbortSignal): AsyncGenerator<Portion> {
  const readAt = now();
  for await (const records of plainPages(readable, 'query')) {
    yield { source: recordsAsSource(readable, records), rows: records.length, readAt };
    stopping.throwIfAborted();
  }
}

/** Every row of an object in the order of ids, an answer at a time: there is no locator that could expire. */
export async function* plainPages(readable: Readable, door: Door): AsyncGenerator<SalesforceRecord[]> {
  let last: string | undefined;
  for (;;) {
    const { records, isWhole } = await query(
      select(readable, {
        conditions: last === undefined ? [] : [`Id > '${last}'`],
        order: 'Id',
        limit: PAGE,
      }),
      door,
    );
    if (records.length > 0) yield records;
    if (isWhole && records.length < PAGE) return;
    last = records.at(-1)?.Id;
  }
}
