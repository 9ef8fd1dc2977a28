import type { Tx } from '../../platform/db.ts';

import * as queries from './suppressed-among.queries.ts';

export interface LateRefusal {
  n: number;
  reason: 'suppressed' | 'no_consent';
}

/**
 * Which rows of a batch may not be sent to any more, since an address was suppressed or consent refused after they were planned (F12).
 * Ask in the transaction that claims the batch: what was committed before it is heard.
 */
export async function suppressedAmong(
  tx: Tx,
  { runId, batch }: { runId: number; batch: number },
): Promise<LateRefusal[]> {
  return await queries.selectSuppressedAmong(tx, { runId, batch });
}
