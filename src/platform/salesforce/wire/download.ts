import type { Readable } from 'node:stream';

import { spending } from '../budget/budget.ts';
import { stream } from './connection.ts';

/**
 * The bytes of a ContentVersion, streamed from Salesforce.
 * @throws SalesforceFailure when it is gone or Salesforce does not answer.
 */
export async function versionBytes(id: string): Promise<Readable> {
  const path = `/sobjects/ContentVersion/${encodeURIComponent(id)}/VersionData`;
  const answer = await spending('files', () => stream({ path, timeout: 60_000 }));
  return answer.body;
}
