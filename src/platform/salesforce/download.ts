import type { Readable } from 'node:stream';

import { stream } from './connection.ts';

/**
 * The bytes of a ContentVersion, streamed from Salesforce.
 * @throws SalesforceFailure when it is gone or Salesforce does not answer.
 */
export async function versionBytes(id: string): Promise<Readable> {
  const answer = await stream({
    path: `/sobjects/ContentVersion/${encodeURIComponent(id)}/VersionData`,
    timeout: 60_000,
  });
  return answer.body;
}
