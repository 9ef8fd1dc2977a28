import { transaction } from '../platform/db.ts';
import type { Events } from '../platform/events.ts';
import '../platform/salesforce/mirror/moves.ts';

import { refreshMembershipsOf } from './memberships.ts';
import { lockMemberships, moveChosenAccounts, moveLinks } from './queries.ts';

/** Contacts that were merged, or that have a new id: whoever was one of them is the other one now, with what follows from it. */
export async function followMoved({ table, batch }: Events['mirror.moved']): Promise<void> {
  if (table === 'accounts') await transaction((tx) => moveChosenAccounts(tx, batch));
  if (table !== 'contacts') return;
  await transaction(async (tx) => {
    await lockMemberships(tx);
    await refreshMembershipsOf(tx, await moveLinks(tx, batch));
  });
}
