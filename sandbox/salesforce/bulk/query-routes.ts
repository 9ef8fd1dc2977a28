import express from 'express';

import { contextOf } from '../context.ts';
import { ApiError } from '../errors.ts';
import { jsonOf, textBody } from '../json-body.ts';
import { streamAnswer } from '../stream-answer.ts';
import { compileForStreaming } from '../soql/stream.ts';
import { foundJob, formFields, requireState } from './checks.ts';
import { createJob, deleteJob, moveJob, shownJob } from './jobs.ts';
import { jobList } from './list.ts';
import { DEFAULT_PAGE, locatorOf, maybePlace, pageCsv } from './result-pages.ts';
import { maybeSpoolSize, removeSpooled } from './spool.ts';

import type { Request, Response, Router } from 'express';
import type { Job, KeptJob } from './jobs.ts';
import type { BulkQueue } from './queue.ts';

/** So many links to pages come at a time. */
const LINKS = 5;

/** `/jobs/query` of Bulk API 2.0; mount it at the version's root, behind the session. */
export function bulkQueryRoutes(queue: BulkQueue): Router {
  const router = express.Router();
  router.post('/jobs/query', textBody, async (req, res) => {
    const ctx = contextOf(req);
    const kept = await createJob(ctx, 'query', { state: 'UploadComplete', job: queryJob(req) });
    queue.add(ctx, kept);
    res.json(shownJob(kept, { withProgress: false }));
  });
  router.get('/jobs/query', async (req, res) => {
    res.json(await jobList(req, 'query'));
  });
  router.get('/jobs/query/:id', async (req, res) => {
    res.json(shownJob(await foundJob(req, 'query'), { withProgress: true }));
  });
  router.patch('/jobs/query/:id', textBody, async (req, res) => {
    const { org, db } = contextOf(req);
    const { id } = await foundJob(req, 'query');
    if (jsonOf(req).state !== 'Aborted')
      throw new ApiError(400, 'INVALIDJOB', 'The only state that a query job can be set to is Aborted');
    const aborted = await moveJob(db, id, {
      from: ['UploadComplete', 'InProgress'],
      to: 'Aborted',
      at: org.clock.now(),
    });
    if (!aborted) throw new ApiError(400, 'INVALIDJOBSTATE', 'Aborting already Completed Job not allowed');
    res.json(shownJob(aborted, { withProgress: false }));
  });
  router.delete('/jobs/query/:id', async (req, res) => {
    const { org, db } = contextOf(req);
    const kept = await foundJob(req, 'query');
    requireState(kept, ['JobComplete', 'Failed', 'Aborted']);
    await removeSpooled(org, kept.id);
    await deleteJob(db, kept.id);
    res.status(204).end();
  });
  router.get('/jobs/query/:id/results', sendResults);
  router.get('/jobs/query/:id/resultPages', sendResultPages);
  return router;
}

/** @throws ApiError for what is wrong with the form or the SOQL. */
function queryJob(req: Request): Job {
  const ctx = contextOf(req);
  const form = jsonOf(req);
  const { query, operation } = form;
  if (operation !== 'query' && operation !== 'queryAll')
    throw new ApiError(400, 'INVALIDJOB', `Unknown operation: ${String(operation)}`);
  if (typeof query !== 'string') throw new ApiError(400, 'INVALIDJOB', 'A query is required');
  const { sobject } = compileForStreaming(ctx, query, { all: operation === 'queryAll' });
  return {
    ...formFields(form),
    operation,
    query,
    object: sobject,
    apiVersion: ctx.apiVersion,
    processed: 0,
    failed: 0,
    batches: 0,
    duration: 0,
  };
}

/** Links to the pages of a result, for clients that fetch them side by side. */
async function sendResultPages(req: Request, res: Response): Promise<void> {
  const kept = await foundJob(req, 'query');
  requireState(kept, ['JobComplete']);
  const { locator } = req.query;
  const first = typeof locator === 'string' ? placeOf(kept, locator) : 0;
  const pages = Math.ceil((kept.job.processed - first) / DEFAULT_PAGE);
  const places = Array.from({ length: Math.min(pages, LINKS) }, (_, page) => first + page * DEFAULT_PAGE);
  const url = `/services/data/v${String(contextOf(req).apiVersion)}.0/jobs/query/${kept.id}`;
  const next = locatorOf(first + LINKS * DEFAULT_PAGE);
  res.json({
    resultPages: places.map((place) => ({ resultUrl: `${url}/results?locator=${locatorOf(place)}` })),
    nextRecordsUrl: pages > LINKS ? `${url}/resultPages?locator=${next}` : null,
    done: pages <= LINKS,
  });
}

async function sendResults(req: Request, res: Response): Promise<void> {
  const { org } = contextOf(req);
  const kept = await foundJob(req, 'query');
  requireState(kept, ['JobComplete']);
  if ((await maybeSpoolSize(org, kept.id)) === undefined)
    throw new ApiError(404, 'NOT_FOUND', 'The results of this job have expired');
  const { maxRecords, locator } = req.query;
  const first = typeof locator === 'string' ? placeOf(kept, locator) : 0;
  const count = Math.min(pageSize(maxRecords), kept.job.processed - first);
  const next = first + count;
  res.set({
    'content-type': 'text/csv',
    'sforce-locator': next < kept.job.processed ? locatorOf(next) : 'null',
    'sforce-numberofrecords': String(count),
  });
  await streamAnswer(res, pageCsv(org, kept, { first, count }));
}

function placeOf(kept: KeptJob, locator: string): number {
  const place = maybePlace(locator, kept.job.processed);
  if (place === undefined) throw new ApiError(400, 'INVALID_QUERY_LOCATOR', 'invalid query locator');
  return place;
}

function pageSize(maxRecords: unknown): number {
  if (maxRecords === undefined) return DEFAULT_PAGE;
  const size = Number(maxRecords);
  if (!Number.isInteger(size) || size < 1)
    throw new ApiError(400, 'INVALID_PARAMETER', 'maxRecords must be a whole number above 0');
  return size;
}
