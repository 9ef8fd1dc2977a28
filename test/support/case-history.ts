import { randomUUID } from 'node:crypto';

import '../../src/cases/tables.ts';
import { db } from '../../src/platform/db.ts';

import { salesforceId } from './mirror.ts';

/* What Salesforce holds on a case, as the sync would have written it. */

const modified_at = new Date('2026-01-15T12:00:00Z');

interface On {
  id: string;
}

interface CommentGiven {
  body?: string;
  isPublished?: boolean;
  authorId?: string;
  at?: Date;
  deleted?: boolean;
}

export async function givenComment(
  on: On,
  given: CommentGiven = {},
): Promise<{ id: string; salesforceId: string }> {
  const comment = { id: randomUUID(), salesforceId: salesforceId('00a') };
  await db
    .insertInto('case_comments')
    .values({
      id: comment.id,
      salesforce_id: comment.salesforceId,
      case_id: on.id,
      case_salesforce_id: null,
      modified_at,
      body: given.body ?? 'Please send us the log.',
      is_published: given.isPublished ?? true,
      author_id: given.authorId ?? null,
      written_by: null,
      created_at: given.at ?? modified_at,
      deleted_at: given.deleted === true ? modified_at : null,
    }) // prettier-ignore
    .execute();
  return comment;
}

interface EmailGiven {
  subject?: string;
  text?: string;
  html?: string;
  isVisible?: boolean;
  isIncoming?: boolean;
  fromName?: string;
  at?: Date;
}

export async function givenEmail(on: On, given: EmailGiven = {}): Promise<{ id: string }> {
  const id = salesforceId('02s');
  await db
    .insertInto('case_emails')
    .values({
      id,
      case_id: on.id,
      case_salesforce_id: null,
      modified_at,
      created_at: given.at ?? modified_at,
      sent_at: given.at ?? modified_at,
      subject: given.subject ?? 'Your case',
      text_body: given.text ?? null,
      html_body: given.html ?? null,
      from_name: given.fromName ?? 'Sam Whitfield',
      from_address: 'sam@tidewater.example',
      to_address: 'robin@northgate.example',
      is_incoming: given.isIncoming ?? false,
      is_externally_visible: given.isVisible ?? true,
      deleted_at: null,
    }) // prettier-ignore
    .execute();
  return { id };
}

export async function givenStatusChange(
  on: On,
  from: string | null,
  to: string,
  at = modified_at,
): Promise<void> {
  await db
    .insertInto('case_changes')
    .values({
      id: salesforceId('017'),
      case_id: on.id,
      case_salesforce_id: null,
      field: 'Status',
      old_value: from,
      new_value: to,
      changed_by: null,
      created_at: at,
      modified_at,
      deleted_at: null,
    }) // prettier-ignore
    .execute();
}

interface FileGiven {
  title?: string;
  extension?: string;
  visibility?: 'AllUsers' | 'InternalUsers';
  rapportId?: string;
  deleted?: boolean;
}

/** A file on a case, with its one version. */
export async function givenFile(
  on: On,
  given: FileGiven = {},
): Promise<{ documentId: string; versionId: string }> {
  const file = { documentId: salesforceId('069'), versionId: salesforceId('068') };
  const title = given.title ?? 'restore-report';
  await db
    .insertInto('file_versions')
    .values({
      id: file.versionId,
      document_id: file.documentId,
      title,
      path_on_client: null,
      extension: given.extension ?? 'pdf',
      size_bytes: 1234,
      is_latest: true,
      rapport_id: given.rapportId ?? null,
      created_at: modified_at,
      modified_at,
      deleted_at: null,
    }) // prettier-ignore
    .execute();
  await db
    .insertInto('file_links')
    .values({
      id: salesforceId('06A'),
      document_id: file.documentId,
      case_id: on.id,
      case_salesforce_id: null,
      modified_at,
      visibility: given.visibility ?? 'AllUsers',
      deleted_at: given.deleted === true ? modified_at : null,
    }) // prettier-ignore
    .execute();
  return file;
}

/** Puts rows into a batch of the change log, as the sync does when it has changed them. @returns the batch */
export async function givenChanges(table: string, rowIds: string[]): Promise<number> {
  batches += 1;
  const changes = rowIds.map((row_id) => ({
    batch: batches,
    table_name: table,
    row_id,
    change: 'created' as const,
  }));
  await db.insertInto('mirror_changes').values(changes).execute();
  return batches;
}

let batches = 1_000_000;
