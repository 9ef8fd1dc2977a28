import { type AccountViewer, type Viewer, withinCases } from '../access/viewer.ts';
import { db, sql, type Tx } from '../platform/db.ts';

import { caseFiles } from './timeline.queries.ts';

export async function insertUpload(viewer: AccountViewer, name: string, at: Date): Promise<string> {
  const { rows } = await sql<{ id: string }>`
    insert into uploads (person_id, name, received_at) values (${viewer.personId}, ${name}, ${at})
    returning id`.execute(db);
  const [row] = rows;
  if (!row) throw new Error('the upload was not written');
  return row.id;
}

export async function insertChunk(uploadId: string, position: number, bytes: Buffer): Promise<void> {
  await sql`insert into upload_chunks (upload_id, position, bytes)
            values (${uploadId}, ${position}, ${bytes})`.execute(db);
}

export async function finishUpload(
  id: string,
  { size, mediaType }: { size: number; mediaType: string },
): Promise<void> {
  await sql`update uploads set size_bytes = ${size}, media_type = ${mediaType} where id = ${id}`.execute(db);
}

export async function deleteUpload(id: string): Promise<void> {
  await sql`delete from uploads where id = ${id} and case_id is null`.execute(db);
}

/** Bytes that the person has handed in and not sent with a form. */
export async function waitingBytes(viewer: AccountViewer): Promise<number> {
  const { rows } = await sql<{ bytes: number }>`
    select coalesce(sum(coalesce(size_bytes, 0)), 0) as bytes from uploads
    where person_id = ${viewer.personId} and case_id is null`.execute(db);
  return rows[0]?.bytes ?? 0;
}

export interface WaitingUpload {
  id: string;
  name: string;
  size: number;
}

/** The person's own uploads among these that no case has yet. */
export async function selectWaiting(viewer: AccountViewer, ids: readonly string[]): Promise<WaitingUpload[]> {
  const { rows } = await sql<WaitingUpload>`
    select id, name, size_bytes as size from uploads
    where id = any(${ids}::uuid[]) and person_id = ${viewer.personId} and case_id is null and size_bytes is not null
    order by received_at, id`.execute(db);
  return rows;
}

/** Gives the person's waiting uploads to a case. @returns those that it now has, whether from now or from the same form before. */
export async function attachUploads(
  tx: Tx,
  viewer: AccountViewer,
  { caseId, formId, ids, at }: { caseId: string; formId: string; ids: readonly string[]; at: Date },
): Promise<{ id: string; name: string; isNew: boolean }[]> {
  const { rows } = await sql<{ id: string; name: string; isNew: boolean }>`
    with given as (
      update uploads set case_id = ${caseId}, form_id = ${formId}, attached_at = ${at}::timestamptz + array_position(${ids}::uuid[], id) * interval '1 ms'
      where id = any(${ids}::uuid[]) and person_id = ${viewer.personId} and case_id is null and size_bytes is not null
      returning id, name, received_at)
    select id, name, true as "isNew", received_at from given
    union all
    select id, name, false, received_at from uploads
    where id = any(${ids}::uuid[]) and person_id = ${viewer.personId} and case_id = ${caseId}
    order by received_at, id`.execute(tx);
  return rows;
}

export interface FileRow {
  name: string;
  size: number | null;
  versionId: string | null;
  uploadId: string | null;
}

/** A file of a case, if the viewer may see the case and customers may see the file. */
export async function selectFile(
  viewer: Viewer,
  caseId: string,
  fileId: string,
): Promise<FileRow | undefined> {
  const { rows } = await sql<FileRow>`
    select f.name, f.size, f.version_id as "versionId", f.upload_id as "uploadId"
    from (${caseFiles(caseId)}) f
    where f.id = ${fileId} and exists (
      select from cases where cases.id = ${caseId} and ${withinCases(viewer)} and cases.deleted_at is null)`.execute(
    db,
  );
  return rows[0];
}

/** One piece of an upload's bytes, or undefined after the last. */
export async function selectChunk(uploadId: string, position: number): Promise<Buffer | undefined> {
  const { rows } = await sql<{ bytes: Buffer }>`
    select bytes from upload_chunks where upload_id = ${uploadId} and position = ${position}`.execute(db);
  return rows[0]?.bytes;
}

/** Salesforce has these now. */
export async function deliverUploads(
  delivered: { rapportId: string; salesforceId: string }[],
  at: Date,
): Promise<void> {
  await sql`
    update uploads set salesforce_id = given."salesforceId", delivered_at = ${at}
    from jsonb_to_recordset(${JSON.stringify(delivered)}::jsonb) as given("rapportId" uuid, "salesforceId" text)
    where uploads.id = given."rapportId" and uploads.delivered_at is null`.execute(db);
}

/** Removes what no form was sent with since then, and the bytes of what Salesforce has had since the other moment. */
export async function deleteForgotten(moments: {
  waitingBefore: Date;
  deliveredBefore: Date;
}): Promise<void> {
  await sql`delete from uploads where case_id is null and received_at < ${moments.waitingBefore}`.execute(db);
  await sql`
    delete from upload_chunks using uploads
    where uploads.id = upload_chunks.upload_id and uploads.delivered_at < ${moments.deliveredBefore}`.execute(
    db,
  );
}
