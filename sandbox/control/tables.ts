import { forgetEndedSessions } from '../salesforce/auth/sessions.ts';
import { authTables } from '../salesforce/auth/tables.ts';
import { bulkTables } from '../salesforce/bulk/jobs.ts';
import { blobTables } from '../salesforce/files/blobs.ts';
import { eventTables } from '../salesforce/events/tables.ts';
import { metadataTables } from '../salesforce/metadata/store.ts';
import { prepareTooling } from '../salesforce/tooling/objects.ts';
import { mailTables } from '../sendgrid/mail.ts';
import { chatTables } from '../sunshine/store.ts';
import { logTables } from './log.ts';

import type { Db } from '../database.ts';

/** Makes the tables of what stands around the org's records, where they are missing. */
export async function prepareEdges(db: Db): Promise<void> {
  for (const tables of [
    authTables,
    logTables,
    mailTables,
    chatTables,
    metadataTables,
    blobTables,
    bulkTables,
    eventTables,
  ])
    await db.query(tables);
  await prepareTooling(db);
  await forgetEndedSessions(db);
}
