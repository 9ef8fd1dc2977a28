import { transaction } from '../platform/db.ts';
import type { Events } from '../platform/events.ts';
import '../platform/salesforce/mirror/moves.ts';

import { noteDue } from './due.ts';
import { moveTagsAndRisk } from './moves.queries.ts';
import { waitForTurn } from './risk.queries.ts';
import { settle } from './risk.ts';
import { touchedByMoves } from './touched.queries.ts';

/** Accounts that were merged: what was said of the one is said of the other, and lists look at both. */
export async function followMoved({ table, batch }: Events['mirror.moved']): Promise<void> {
  if (table !== 'accounts') return;
  await transaction(async (tx) => {
    await waitForTurn(tx);
    await moveTagsAndRisk(tx, batch);
    await settle(tx, touchedByMoves(batch), null);
    await noteDue(tx, touchedByMoves(batch));
  });
}
