import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

import type { Request, RequestHandler } from 'express';
import { z } from 'zod';

import { openFile } from '../../cases/files.ts';
import {
  MAX_FILE_BYTES, MAX_FILES, receiveUpload,
  type Received, type UploadProblem, waitingUploads,
} from '../../cases/uploads.ts'; // prettier-ignore
import { Invalid } from '../../platform/errors.ts';
import { readMultipart } from '../../platform/http/multipart.ts';
import { uuidOf } from '../../platform/http/parse.ts';
import { accountPeople, route, type Route } from '../guards.ts';

declare module 'express-serve-static-core' {
  interface Request {
    /** What came of the files of a form. */
    handedIn?: HandedIn;
  }
}

interface HandedIn {
  /** Uploads that wait on the form, those of an earlier attempt first. */
  ids: string[];
  refused: { name: string; problem: UploadProblem | 'many' }[];
}

/** Reads a form with files: its fields into `body`, its files into uploads that wait for it to be sent. */
export const receiveFiles: RequestHandler = async (req, res, next) => {
  const handedIn: HandedIn = { ids: [], refused: [] };
  if (typeof req.is('multipart/form-data') === 'string') await receiveInto(req, handedIn);
  handedIn.ids.unshift(...keptIds(req.body));
  req.handedIn = handedIn;
  if (handedIn.refused.some(({ problem }) => problem === 'large')) res.locals.isTooLarge = true;
  next();
};

async function receiveInto(req: Request, handedIn: HandedIn): Promise<void> {
  const received: Received[] = [];
  const limits = { files: MAX_FILES, fileBytes: MAX_FILE_BYTES, totalBytes: 2 * MAX_FILES * MAX_FILE_BYTES };
  const { fields, hasTooManyFiles } = await readMultipart(req, limits, async ({ field, name, bytes }) => {
    if (field !== 'files') return;
    const place = received.length++;
    received[place] = await receiveUpload(req.viewer, name, bytes);
  });
  for (const file of received) {
    if ('problem' in file) handedIn.refused.push(file);
    else handedIn.ids.push(file.id);
  }
  if (hasTooManyFiles) handedIn.refused.push({ name: '', problem: 'many' });
  req.body = fields;
}

/** The ids of files that came with an earlier attempt at the same form. */
function keptIds(body: unknown): string[] {
  const { kept = [] } = (body ?? {}) as { kept?: unknown };
  const ids = z
    .array(z.guid())
    .max(MAX_FILES)
    .safeParse(Array.isArray(kept) ? kept : [kept]);
  return ids.success ? ids.data.map((id) => id.toLowerCase()) : [];
}

/**
 * The uploads of the form in hand; the rest of the form is checked first where one of its files was refused, so that all that
 * is wrong is told at once. @throws Invalid
 */
export function uploadsOf(req: Request, check: () => unknown = () => undefined): string[] {
  const { ids = [], refused = [] } = req.handedIn ?? {};
  if (refused.length === 0) return ids;
  const files = 'cases.errors.filesRefused';
  try {
    check();
  } catch (error) {
    if (error instanceof Invalid) throw new Invalid({ ...error.fields, files });
    throw error;
  }
  throw new Invalid({ files });
}

/** What a form that is shown again says of its files. */
export async function filesShownAgain(req: Request): Promise<{
  kept: Awaited<ReturnType<typeof waitingUploads>>;
  refused: HandedIn['refused'];
}> {
  const { ids = [], refused = [] } = req.handedIn ?? {};
  return { kept: await waitingUploads(req.viewer, ids), refused };
}

/* Never shown by the browser, whatever it holds: it is saved (F18). */
const download: RequestHandler = async (req, res) => {
  const { name, size, bytes } = await openFile(req.viewer, uuidOf(req.params.id), uuidOf(req.params.fileId));
  res.attachment(name);
  res.setHeader('Content-Type', 'application/octet-stream');
  res.setHeader('X-Content-Type-Options', 'nosniff');
  res.setHeader('Content-Security-Policy', "default-src 'none'; sandbox");
  res.setHeader('Cache-Control', 'private, no-store, no-transform');
  if (size !== undefined) res.setHeader('Content-Length', size);
  await pipeline(Readable.from(bytes), res);
};

export const caseFileRoutes: Route[] = [
  route(
    'get',
    '/portal/cases/:id/files/:fileId',
    accountPeople({ id: 'case', fileId: 'case-file' }),
    download,
  ),
];
