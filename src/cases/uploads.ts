import type { AccountViewer, Viewer } from '../access/viewer.ts';
import { DAY, HOUR, now } from '../platform/clock.ts';
import type { Tx } from '../platform/db.ts';
import { Invalid } from '../platform/errors.ts';

import { actorOf } from './actor.ts';
import { fileNameFrom, fileProblem, SNIFFED_BYTES, typeOf } from './file-types.ts';
import * as queries from './uploads.queries.ts';
import { writeFile } from './writes.ts';

export const MAX_FILE_BYTES = 25 * 1024 * 1024;

/** Files sent with one form. */
export const MAX_FILES = 10;

/** What one person may hand in without sending a form. */
const MAX_WAITING_BYTES = 4 * MAX_FILES * MAX_FILE_BYTES;

/** Bytes are kept, and later read, in pieces of this size. */
const CHUNK_BYTES = 256 * 1024;

export type UploadProblem = 'empty' | 'large' | 'program' | 'mismatch' | 'quota';

/** A file that waits on a form, or why it was not taken. */
export type Received = { name: string } & ({ id: string; size: number } | { problem: UploadProblem });

/**
 * Takes a file as it streams in, for a form that is still to be sent. However it goes wrong, nothing of it stays.
 * The source must be read to its end by whoever owns it when a problem is returned.
 */
export async function receiveUpload(
  viewer: Viewer,
  given: string,
  source: AsyncIterable<Buffer>,
): Promise<Received> {
  const actor = actorOf(viewer);
  const name = fileNameFrom(given);
  if ((await queries.waitingBytes(actor)) > MAX_WAITING_BYTES) return { name, problem: 'quota' };
  const id = await queries.insertUpload(actor, name, now());
  try {
    const kept = await keep(id, name, source);
    if ('problem' in kept) {
      await queries.deleteUpload(id);
      return { name, problem: kept.problem };
    }
    await queries.finishUpload(id, kept);
    return { id, name, size: kept.size };
  } catch (error) {
    await queries.deleteUpload(id);
    throw error;
  }
}

type Kept = { size: number; mediaType: string } | { problem: UploadProblem };

async function keep(id: string, name: string, source: AsyncIterable<Buffer>): Promise<Kept> {
  let size = 0;
  let position = 0;
  let mediaType = '';
  for await (const piece of pieces(source)) {
    if (position === 0) {
      const problem = fileProblem(name, piece.subarray(0, SNIFFED_BYTES));
      if (problem) return { problem };
      mediaType = typeOf(piece);
    }
    size += piece.length;
    if (size > MAX_FILE_BYTES) return { problem: 'large' };
    await queries.insertChunk(id, position, piece);
    position += 1;
  }
  return size === 0 ? { problem: 'empty' } : { size, mediaType };
}

/** The same bytes in pieces of one size, the last shorter. Each is overwritten by the next: memory stays the same. */
async function* pieces(source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const piece = Buffer.allocUnsafe(CHUNK_BYTES);
  let filled = 0;
  for await (const bytes of source) {
    for (let read = 0; read < bytes.length;) {
      const copied = bytes.copy(piece, filled, read);
      read += copied;
      filled += copied;
      if (filled < CHUNK_BYTES) continue;
      yield piece;
      filled = 0;
    }
  }
  if (filled > 0) yield piece.subarray(0, filled);
}

/** The viewer's own files among these that wait on a form: to be shown again when the form had errors. */
export async function waitingUploads(
  viewer: Viewer,
  ids: readonly string[],
): Promise<queries.WaitingUpload[]> {
  return ids.length === 0 ? [] : await queries.selectWaiting(actorOf(viewer), ids);
}

interface Attachment {
  caseId: string;
  caseSalesforceId: string | null;
  /** The form that they came with. */
  formId: string;
  uploadIds: readonly string[];
  at: Date;
}

/** Gives files to a case, on their way to Salesforce. @throws Invalid for files not theirs, or too many */
export async function attachTo(
  tx: Tx,
  actor: AccountViewer,
  { caseId, caseSalesforceId, formId, uploadIds, at }: Attachment,
): Promise<void> {
  if (uploadIds.length === 0) return;
  if (uploadIds.length > MAX_FILES) throw new Invalid({ files: 'cases.errors.filesMany' });
  const files = await queries.attachUploads(tx, actor, { caseId, formId, ids: uploadIds, at });
  if (files.length < new Set(uploadIds).size) throw new Invalid({ files: 'cases.errors.filesGone' });
  for (const file of files) if (file.isNew) await writeFile(tx, { caseId, caseSalesforceId }, file);
}

/** An upload's bytes, piece by piece. */
export async function* uploadedBytes(uploadId: string): AsyncGenerator<Buffer> {
  for (let position = 0; ; position += 1) {
    const bytes = await queries.selectChunk(uploadId, position);
    if (bytes === undefined) return;
    yield bytes;
  }
}

declare module '../platform/jobs.ts' {
  interface Jobs {
    forget_uploads: Record<string, never>;
  }
}

/**
 * Forgets the files that people handed in with a form and did not send within a day, and the bytes of those that Salesforce
 * has had for an hour: until then someone may still be reading them here.
 */
export async function forgetUploads(): Promise<void> {
  const at = now().getTime();
  await queries.deleteForgotten({ waitingBefore: new Date(at - DAY), deliveredBefore: new Date(at - HOUR) });
}
