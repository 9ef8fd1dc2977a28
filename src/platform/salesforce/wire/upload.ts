import { randomBytes } from 'node:crypto';

import type { Claimed } from '../outbox/claims.ts';
import { send, stream } from './connection.ts';
import { query } from './query.ts';
import { idList } from './soql.ts';

/** The bytes of a file by our id of it, piece by piece. */
export type Content = (rapportId: string) => AsyncIterable<Uint8Array>;

/** A file of 25 MB over a slow line. */
const TIMEOUT = 120_000;

/**
 * Hands a file to Salesforce as a ContentVersion on its parent, visible to customers. A file that has arrived before, its answer
 * lost, is found by our id and not sent again.
 * @returns the ContentVersion's id
 */
export async function upload(row: Claimed, content: Content): Promise<string> {
  const rapportId = row.rapportId ?? '';
  const id = (await arrived(row)) ?? (await sendFile(row, content(rapportId)));
  await showToCustomers(id, row.parent?.salesforceId);
  return id;
}

async function arrived({ isAmbiguous, attempts, rapportId }: Claimed): Promise<string | undefined> {
  if (!isAmbiguous && attempts <= 1) return undefined;
  const { records } = await query(
    `SELECT Id FROM ContentVersion WHERE Rapport_Id__c = '${(rapportId ?? '').replace(/[^\w-]/g, '')}'`,
  );
  return records[0]?.Id;
}

async function sendFile(row: Claimed, bytes: AsyncIterable<Uint8Array>): Promise<string> {
  const boundary = `rapport-${randomBytes(12).toString('hex')}`;
  const answer = await stream({
    method: 'POST',
    path: '/sobjects/ContentVersion',
    headers: { 'content-type': `multipart/form-data; boundary=${boundary}` },
    body: () => multipart(boundary, row, bytes),
    timeout: TIMEOUT,
  });
  const { id } = (await answer.body.json()) as { id: string };
  return id;
}

async function* multipart(
  boundary: string,
  row: Claimed,
  bytes: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  const name = textOf(row.fields.PathOnClient).replace(/[\r\n"\\]/g, '_');
  const entity = {
    ...row.fields,
    Rapport_Id__c: row.rapportId,
    ...(row.parent ? { [row.parent.field]: row.parent.salesforceId } : {}),
  };
  yield Buffer.from(
    `--${boundary}\r\nContent-Disposition: form-data; name="entity_content"\r\nContent-Type: application/json\r\n\r\n` +
      `${JSON.stringify(entity)}\r\n--${boundary}\r\n` +
      `Content-Disposition: form-data; name="VersionData"; filename="${name}"\r\nContent-Type: application/octet-stream\r\n\r\n`,
  );
  yield* bytes;
  yield Buffer.from(`\r\n--${boundary}--\r\n`);
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

/** Salesforce shares a new file with its own people alone unless it is told otherwise. */
async function showToCustomers(versionId: string, parentId: string | undefined): Promise<void> {
  if (parentId === undefined) return;
  const { records } = await query(
    `SELECT ContentDocumentId FROM ContentVersion WHERE Id IN ${idList([versionId])}`,
    'query',
  );
  const documentId = textOf(records[0]?.ContentDocumentId);
  if (documentId === '') return;
  const links = await query(
    `SELECT Id, Visibility FROM ContentDocumentLink WHERE ContentDocumentId IN ${idList([documentId])} AND LinkedEntityId IN ${idList([parentId])}`,
    'query',
  );
  for (const link of links.records)
    if (link.Visibility !== 'AllUsers')
      await send({
        method: 'PATCH',
        path: `/sobjects/ContentDocumentLink/${link.Id}`,
        body: { Visibility: 'AllUsers' },
      });
}
