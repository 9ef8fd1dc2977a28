import type { Events } from '../platform/events.ts';
import '../platform/salesforce/mirror/moves.ts';

import { moveFollows } from './follows.queries.ts';

/** Accounts that were merged: who followed or muted the one goes on with the other, and its signals are the other's history. */
export async function followMoved({ table, batch }: Events['mirror.moved']): Promise<void> {
  if (table === 'accounts') await moveFollows(batch);
}
