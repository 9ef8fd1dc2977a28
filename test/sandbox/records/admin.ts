import { maybeActiveUser } from '../../../sandbox/salesforce/context.ts';
import { firstIds } from '../../../sandbox/salesforce/schema/first-rows.ts';

import type { Context, Org } from '../../../sandbox/salesforce/context.ts';

/** A context as a request of the administrator has it, for verbs that no REST resource calls. */
export async function contextOfAdmin(org: Org): Promise<Context> {
  const user = await maybeActiveUser(org, firstIds.admin);
  if (!user) throw new Error('the org has no administrator');
  return { org, db: org.pool, user, apiVersion: 60, client: '', origin: 'http://127.0.0.1', headers: {} };
}
