import './events.ts';

import { forStaff, hasRole, type StaffViewer } from '../access/viewer.ts';
import { now } from '../platform/clock.ts';
import { sql, transaction } from '../platform/db.ts';
import { Forbidden, NotFound } from '../platform/errors.ts';
import { record } from '../platform/events.ts';

import * as queries from './removals.queries.ts';

/* The junk-list (AP8): test accounts, duplicates, one's own company. What is removed counts nowhere, and can be put back any time. */

/** An account that was taken off the lists. */
export interface RemovedAccount {
  id: string;
  name: string;
  reason: string;
  removedBy: string | null;
  removedAt: Date;
}

/**
 * The condition that leaves removed accounts out. `column`: that of the account's id, which is always there. The few that are removed
 * are read once for all accounts: joined, they were looked for a hundred thousand times.
 */
export const notRemoved = (column: string) =>
  sql<boolean>`${sql.ref(column)} not in (select removed_accounts.account_id from removed_accounts)`;

/** Whether the viewer may take accounts off the lists. */
export const mayRemove = (viewer: StaffViewer): boolean => hasRole(viewer, 'csm', 'admin');

/** Takes an account off every list, distribution and smart list. @throws Forbidden, NotFound */
export async function removeAccount(viewer: StaffViewer, accountId: string, reason: string): Promise<void> {
  if (!mayRemove(viewer)) throw new Forbidden();
  const removal = { accountId, reason, by: viewer.personId, at: now() };
  await transaction(async (tx) => {
    const outcome = await queries.insertRemoval(tx, forStaff(viewer), removal);
    if (outcome === undefined) throw new NotFound();
    if (outcome.isNew) await record(tx, 'account.removed', { accountId });
  });
}

/** Puts an account back. Doing so twice is no error. @throws Forbidden */
export async function restoreAccount(viewer: StaffViewer, accountId: string): Promise<void> {
  if (!mayRemove(viewer)) throw new Forbidden();
  await transaction(async (tx) => {
    if (await queries.deleteRemoval(tx, forStaff(viewer), accountId))
      await record(tx, 'account.restored', { accountId });
  });
}

/** What was removed, the latest first; at most 500. */
export async function removedAccounts(viewer: StaffViewer): Promise<RemovedAccount[]> {
  return await queries.selectRemoved(forStaff(viewer));
}
