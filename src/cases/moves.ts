import { transaction } from '../platform/db.ts';
import type { Events } from '../platform/events.ts';
import '../platform/salesforce/mirror/moves.ts';

import { moveToCases } from './queries.ts';

/** Cases that were merged: what their people handed in and did goes on at the one that is left. */
export async function followMoved({ table, batch }: Events['mirror.moved']): Promise<void> {
  if (table === 'cases') await transaction((tx) => moveToCases(tx, batch));
}
