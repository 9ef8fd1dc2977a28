import type { Viewer } from '../access/viewer.ts';
import { NotFound } from '../platform/errors.ts';
import { versionBytes } from '../platform/salesforce/wire/download.ts';
import { SalesforceFailure } from '../platform/salesforce/wire/errors.ts';

import { uploadedBytes } from './uploads.ts';
import { selectFile } from './uploads.queries.ts';

export interface CaseFile {
  name: string;
  /** In bytes. */
  size: number | undefined;
  /** Where its bytes are: still here, or in Salesforce as a ContentVersion of that id. */
  kept: { uploadId: string } | { versionId: string };
}

/** A file of a case (SP9, C6). @throws NotFound unless the viewer may see the case, and customers the file */
export async function fileSeenBy(viewer: Viewer, caseId: string, fileId: string): Promise<CaseFile> {
  const row = await selectFile(viewer, caseId, fileId);
  if (!row) throw new NotFound();
  const { name, size, uploadId, versionId } = row;
  if (uploadId !== null) return { name, size: size ?? undefined, kept: { uploadId } };
  if (versionId === null) throw new NotFound();
  return { name, size: size ?? undefined, kept: { versionId } };
}

/** Opens a file that the viewer may see, to be streamed on. @throws NotFound, or Unavailable where Salesforce does not answer */
export async function openFile(
  viewer: Viewer,
  caseId: string,
  fileId: string,
): Promise<CaseFile & { bytes: AsyncIterable<Uint8Array> }> {
  const file = await fileSeenBy(viewer, caseId, fileId);
  const bytes =
    'uploadId' in file.kept
      ? uploadedBytes(file.kept.uploadId)
      : await bytesInSalesforce(file.kept.versionId);
  return { ...file, bytes };
}

/** Salesforce's codes for a record that is not there any more. */
const gone = ['NOT_FOUND', 'ENTITY_IS_DELETED', 'ERROR_HTTP_404'];

async function bytesInSalesforce(versionId: string): Promise<AsyncIterable<Uint8Array>> {
  try {
    return await versionBytes(versionId);
  } catch (error) {
    if (error instanceof SalesforceFailure && gone.includes(error.code)) throw new NotFound();
    throw error;
  }
}
