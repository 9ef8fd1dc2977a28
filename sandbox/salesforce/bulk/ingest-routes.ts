import { createWriteStream } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';

import express from 'express';

import { contextOf } from '../context.ts';
import { ApiError } from '../errors.ts';
import { readParts } from '../files/multipart.ts';
import { jsonOf, parseJson, textBody } from '../json-body.ts';
import { streamAnswer } from '../stream-answer.ts';
import { foundJob, formFields, requireState } from './checks.ts';
import { createJob, deleteJob, moveJob, shownJob } from './jobs.ts';
import { jobList } from './list.ts';
import { resultCsv, unprocessedCsv } from './results.ts';
import { prepareSpool, removeSpooled, spoolPath } from './spool.ts';

import type { Request, Response, Router } from 'express';
import type { Context } from '../context.ts';
import type { FilePart } from '../files/multipart.ts';
import type { Job, KeptJob } from './jobs.ts';
import type { BulkQueue } from './queue.ts';

/** What Salesforce takes in one job. */
const MOST_BYTES = 150 * 1024 * 1024;

const operations = ['insert', 'update', 'upsert', 'delete', 'hardDelete'] as const;

/** `/jobs/ingest` of Bulk API 2.0; mount it at the version's root, behind the session. */
export function bulkIngestRoutes(queue: BulkQueue): Router {
  const router = express.Router();
  router.post('/jobs/ingest', async (req, res, next) => {
    if (!req.is('multipart/form-data')) next();
    else res.json(shownJob(await createWithData(req, queue), { withProgress: false }));
  });
  router.post('/jobs/ingest', textBody, async (req, res) => {
    const ctx = contextOf(req);
    res.json(
      shownJob(await createJob(ctx, 'ingest', { state: 'Open', job: ingestJob(ctx, jsonOf(req)) }), {
        withProgress: false,
      }),
    );
  });
  router.get('/jobs/ingest', async (req, res) => {
    res.json(await jobList(req, 'ingest'));
  });
  router.put('/jobs/ingest/:id/batches', upload);
  router.get('/jobs/ingest/:id', async (req, res) => {
    res.json(shownJob(await foundJob(req, 'ingest'), { withProgress: true }));
  });
  router.patch('/jobs/ingest/:id', textBody, async (req, res) => {
    res.json(shownJob(await changeState(req, queue), { withProgress: false }));
  });
  router.delete('/jobs/ingest/:id', async (req, res) => {
    const { org, db } = contextOf(req);
    const kept = await foundJob(req, 'ingest');
    requireState(kept, ['UploadComplete', 'JobComplete', 'Failed', 'Aborted']);
    await removeSpooled(org, kept.id);
    await deleteJob(db, kept.id);
    res.status(204).end();
  });
  resultRoutes(router);
  return router;
}

function resultRoutes(router: Router): void {
  const send =
    (of: (ctx: Context, kept: KeptJob) => AsyncGenerator<string>) => async (req: Request, res: Response) => {
      const kept = await foundJob(req, 'ingest');
      requireState(kept, ['JobComplete', 'Failed', 'Aborted', 'InProgress']);
      res.set('content-type', 'text/csv');
      await streamAnswer(res, of(contextOf(req), kept));
    };
  router.get(
    '/jobs/ingest/:id/successfulResults',
    send((ctx, kept) => resultCsv(ctx, kept, 'successful')),
  );
  router.get(
    '/jobs/ingest/:id/failedResults',
    send((ctx, kept) => resultCsv(ctx, kept, 'failed')),
  );
  router.get('/jobs/ingest/:id/unprocessedrecords', send(unprocessedCsv));
}

/** @throws ApiError for what is wrong with the form. */
function ingestJob(ctx: Context, form: Record<string, unknown>): Job {
  const { operation, object, externalIdFieldName, assignmentRuleId } = form;
  const known = operations.find((each) => each === operation);
  if (!known) throw new ApiError(400, 'INVALIDJOB', `Unknown operation: ${String(operation)}`);
  const sobject = ctx.org.catalog.find(String(object));
  if (!sobject || !ctx.org.security.may(ctx.user, 'read', sobject))
    throw new ApiError(400, 'INVALIDENTITY', `Entity '${String(object)}' is not supported by the Bulk API.`);
  if (known === 'hardDelete' && !ctx.user.isAdmin)
    throw new ApiError(
      400,
      'FEATURENOTENABLED',
      'hardDelete operation requires special user profile permission, please contact your system administrator',
    );
  if (known === 'upsert')
    requireExternalId(sobject.name, externalIdFieldName, sobject.field(String(externalIdFieldName)));
  return {
    ...formFields(form),
    operation: known,
    object: sobject.name,
    apiVersion: ctx.apiVersion,
    ...(known === 'upsert' ? { externalIdFieldName: String(externalIdFieldName) } : {}),
    ...(typeof assignmentRuleId === 'string' ? { assignmentRuleId } : {}),
    processed: 0, failed: 0, batches: 0, duration: 0,
  }; // prettier-ignore
}

function requireExternalId(
  object: string,
  name: unknown,
  field: { externalId: boolean; idLookup: boolean } | undefined,
): void {
  if (typeof name !== 'string' || name === '')
    throw new ApiError(
      400,
      'INVALIDJOB',
      `External ID was blank for ${object}.  An External ID must be specified for upsert.`,
    );
  if (!field?.externalId && !field?.idLookup)
    throw new ApiError(
      400,
      'INVALIDJOB',
      `InvalidJob : Invalid external ID field name for ${object}: ${name}`,
    );
}

/** Streams the data of a job into its file. */
async function upload(req: Request, res: Response): Promise<void> {
  const { org, db } = contextOf(req);
  const kept = await foundJob(req, 'ingest');
  requireState(kept, ['Open']);
  if (kept.job.isUploaded)
    throw new ApiError(
      400,
      'INVALIDJOBSTATE',
      `Found multiple contents for job: <${kept.id}>, please 'Close' / 'Abort' / 'Delete' the current Job then create a new Job and make sure you only do 'PUT' once on a given Job.`,
    );
  if (!/^text\/csv\b/i.test(req.get('content-type') ?? ''))
    throw new ApiError(400, 'CLIENTINPUTERROR', 'Content-Type header must be text/csv for this job');
  await prepareSpool(org);
  await receive(req, spoolPath(org, kept.id));
  await moveJob(db, kept.id, {
    from: ['Open'],
    to: 'Open',
    change: { isUploaded: true },
    at: org.clock.now(),
  });
  res.status(201).end();
}

/** Clients may send the data compressed, as every body. */
async function receive(req: Request, path: string): Promise<void> {
  const coding = req.get('content-encoding')?.toLowerCase() ?? 'identity';
  if (coding === 'identity') await pipeline(req, limited, createWriteStream(path));
  else if (coding === 'gzip') await pipeline(req, createGunzip(), limited, createWriteStream(path));
  else throw new ApiError(415, 'UNSUPPORTED_MEDIA_TYPE', `Content encoding ${coding} is not supported`);
}

async function* limited(source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let total = 0;
  for await (const chunk of source) {
    total += chunk.length;
    if (total > MOST_BYTES)
      throw new ApiError(400, 'CLIENTINPUTERROR', 'The data of a job may have 150 MB at most');
    yield chunk;
  }
}

/** The job and its data in one request. */
async function createWithData(req: Request, queue: BulkQueue): Promise<KeptJob> {
  const ctx = contextOf(req);
  const { fields, files } = await readParts(req);
  const isForm = ({ name, mimeType }: FilePart) => name === 'job' || mimeType === 'application/json';
  const form = parseJson(fields.job ?? files.find(isForm)?.content.toString('utf8') ?? '');
  const content = files.find((part) => !isForm(part))?.content ?? Buffer.from(fields.content ?? '');
  const { id } = await createJob(ctx, 'ingest', {
    state: 'Open',
    job: { ...ingestJob(ctx, form), isUploaded: true },
  });
  await prepareSpool(ctx.org);
  await writeFile(spoolPath(ctx.org, id), content);
  return start(ctx, id, queue);
}

async function changeState(req: Request, queue: BulkQueue): Promise<KeptJob> {
  const ctx = contextOf(req);
  const kept = await foundJob(req, 'ingest');
  const { state } = jsonOf(req);
  if (state === 'UploadComplete') {
    requireState(kept, ['Open']);
    return start(ctx, kept.id, queue);
  }
  if (state !== 'Aborted') throw new ApiError(400, 'INVALIDJOB', `Unknown state: ${String(state)}`);
  const aborted = await moveJob(ctx.db, kept.id, {
    from: ['Open', 'UploadComplete', 'InProgress'],
    to: 'Aborted',
    at: ctx.org.clock.now(),
  });
  if (!aborted) throw new ApiError(400, 'INVALIDJOBSTATE', 'Aborting already Completed Job not allowed');
  return aborted;
}

async function start(ctx: Context, id: string, queue: BulkQueue): Promise<KeptJob> {
  const closed = await moveJob(ctx.db, id, { from: ['Open'], to: 'UploadComplete', at: ctx.org.clock.now() });
  if (!closed) throw new ApiError(400, 'INVALIDJOBSTATE', 'The job is no longer open');
  queue.add(ctx, closed);
  return closed;
}
