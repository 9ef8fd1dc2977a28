import { normalizeEmail } from '../access/people.ts';
import { now } from '../platform/clock.ts';
import { transaction } from '../platform/db.ts';

import { issueToken } from './email-tokens.ts';
import { findOrAddPerson, grantAdmin } from './queries.ts';

/** Makes somebody an administrator whatever Salesforce says, with a link to choose their password. */
export async function makeAdmin(address: string): Promise<{ personId: string; path: string }> {
  const email = normalizeEmail(address);
  return await transaction(async (tx) => {
    const personId = await findOrAddPerson(tx, { email, name: email, locale: 'en', at: now() });
    await grantAdmin(tx, personId);
    const token = await issueToken(tx, { purpose: 'password-reset', email, personId });
    return { personId, path: `/password/reset/${token}` };
  });
}
