import { transaction } from '../platform/db.ts';
import type { Events } from '../platform/events.ts';
import '../platform/salesforce/mirror/moves.ts';

import { moveMilestones } from './milestones.queries.ts';
import { moveInsights } from './queries.ts';

/** Accounts that were merged: what was told of the one is the other's history. */
export async function followMoved({ table, batch }: Events['mirror.moved']): Promise<void> {
  if (table !== 'accounts') return;
  await transaction(async (tx) => {
    await moveInsights(tx, batch);
    await moveMilestones(tx, batch);
  });
}
