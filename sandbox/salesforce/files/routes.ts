import express from 'express';

import { quote } from '../../database.ts';
import { requireWebSession } from '../auth/web.ts';
import { contextOf } from '../context.ts';
import { apiErrorOf, ApiError, notFound } from '../errors.ts';
import { isId, toLongId } from '../records/ids.ts';
import { createRecords, updateRecords } from '../records/save.ts';
import { streamAnswer } from '../stream-answer.ts';
import { asObject } from '../soap/envelope.ts';
import { blobSize, readBlob } from './blobs.ts';
import { readParts } from './multipart.ts';

import type { Request, Response, Router } from 'express';
import type { Context, Org } from '../context.ts';
import type { Db } from '../../database.ts';
import type { InputRow } from '../records/work.ts';
import type { SaveResult } from '../records/save.ts';
import type { SObject } from '../schema/catalog.ts';
import type { Parts } from './multipart.ts';

/** Contents of base64 fields over the REST API, and multipart requests that bring them. Mount before the sObject routes. */
export function fileRoutes(): Router {
  const router = express.Router();
  router.get('/sobjects/:object/:id/:field', async (req, res, next) => {
    const ctx = contextOf(req);
    const field = ctx.org.catalog.find(req.params.object)?.field(req.params.field);
    if (field?.type !== 'base64') {
      next();
      return;
    }
    await sendContent(ctx, req.params, res);
  });
  router.post('/sobjects/:object', async (req, res, next) => {
    if (!req.is('multipart/form-data')) {
      next();
      return;
    }
    const { object } = req.params;
    const ctx = contextOf(req);
    const [result] = await createRecords(ctx, object, [await rowOf(ctx, req)]);
    const { id = '' } = saved(result);
    res
      .status(201)
      .location(`/services/data/v${String(ctx.apiVersion)}.0/sobjects/${object}/${id}`)
      .json({ id, success: true, errors: [] });
  });
  router.patch('/sobjects/:object/:id', async (req, res, next) => {
    if (!req.is('multipart/form-data')) {
      next();
      return;
    }
    const ctx = contextOf(req);
    const [result] = await updateRecords(ctx, req.params.object, [
      { ...(await rowOf(ctx, req)), Id: req.params.id },
    ]);
    saved(result);
    res.status(204).end();
  });
  return router;
}

/** Files for a person's browser: `/sfc/servlet.shepherd/version/download/<id>` and `/servlet/servlet.FileDownload?file=<id>`. */
export function downloadRoutes(org: Org): Router {
  const router = express.Router();
  router.get('/sfc/servlet.shepherd/version/download/:id', requireWebSession(org), async (req, res) => {
    await download(
      org.pool,
      { object: 'ContentVersion', name: 'PathOnClient', id: String(req.params.id) },
      res,
    );
  });
  router.get('/servlet/servlet.FileDownload', requireWebSession(org), async (req, res) => {
    await download(
      org.pool,
      { object: 'Attachment', name: 'Name', id: typeof req.query.file === 'string' ? req.query.file : '' },
      res,
    );
  });
  return router;
}

async function download(
  db: Db,
  { object, name, id }: { object: string; name: string; id: string },
  res: Response,
): Promise<void> {
  const { rows } = await db.query(
    `select "Id" as id, ${quote(name)} as name from ${quote(object)} where "Id" = $1 and not "IsDeleted"`,
    [isId(id) ? toLongId(id) : ''],
  );
  const found = (rows as { id: string; name: string | null }[])[0];
  if (!found) {
    res.status(404).type('text/plain').send('There is no such file.');
    return;
  }
  res
    .attachment(found.name ?? found.id)
    .set({ 'x-content-type-options': 'nosniff', 'content-security-policy': "default-src 'none'; sandbox" });
  await send(db, found.id, res);
}

async function sendContent(
  { db, org, user }: Context,
  { object, id, field }: { object: string; id: string; field: string },
  res: Response,
): Promise<void> {
  const sobject = org.catalog.find(object);
  const content = sobject?.field(field);
  if (
    !sobject ||
    !content ||
    !isId(id) ||
    !org.security.may(user, 'read', sobject) ||
    !org.security.mayRead(user, sobject, content)
  )
    throw notFound();
  const { rows } = await db.query(
    `select "Id" as id from ${quote(sobject.name)} where "Id" = $1 and not "IsDeleted"`,
    [toLongId(id)],
  );
  const found = (rows as { id: string }[])[0];
  if (!found) throw notFound();
  res.type('application/octetstream');
  await send(db, found.id, res);
}

async function send(db: Db, id: string, res: Response): Promise<void> {
  res.set('content-length', String(await blobSize(db, id)));
  await streamAnswer(res, readBlob(db, id));
}

/** The record of a multipart request: one part in JSON, whatever its name, and its files as base64 fields. */
async function rowOf({ org }: Context, req: Request): Promise<InputRow> {
  const sobject = org.catalog.find(String(req.params.object));
  if (!sobject) throw notFound();
  const parts = await readParts(req);
  const row = jsonOf(parts);
  for (const file of parts.files) if (!isJson(file)) row[contentField(sobject, file.name)] = file.content;
  return row;
}

const isJson = ({ mimeType, filename }: { mimeType: string; filename: string }) =>
  mimeType === 'application/json' && filename === '';

function jsonOf({ fields, files }: Parts): InputRow {
  const text = Object.values(fields)[0] ?? files.find(isJson)?.content.toString('utf8');
  if (text === undefined)
    throw new ApiError(400, 'INVALID_MULTIPART_REQUEST', 'A JSON part that describes the record is required');
  try {
    return { ...asObject(JSON.parse(text)) };
  } catch (cause) {
    throw Object.assign(new ApiError(400, 'JSON_PARSER_ERROR', 'The JSON part could not be read'), { cause });
  }
}

/** A part is named after its field; other names mean the only one that there is. */
function contentField(sobject: SObject, part: string): string {
  const named = sobject.field(part);
  const field = named?.type === 'base64' ? named : sobject.fields.find(({ type }) => type === 'base64');
  if (!field)
    throw new ApiError(400, 'INVALID_FIELD', `No such column '${part}' on sobject of type ${sobject.name}`);
  return field.name;
}

function saved(result: SaveResult | undefined): SaveResult {
  if (result?.errors.length) throw apiErrorOf(result.errors);
  if (!result) throw new Error('a record was neither saved nor refused');
  return result;
}
