import { sql, type Tx } from '../platform/db.ts';

import { addressHash } from './consent.ts';
import type { NewSuppression } from './suppression.ts';

export async function insertSuppressions(tx: Tx, suppressions: readonly NewSuppression[]): Promise<void> {
  await sql`
    insert into suppressions (address_hash, channel, reason, until, comment, run_id, n, said_by, at)
    select ${addressHash(sql`address`)}, channel, reason, until, coalesce(comment, ''), "runId", n, "saidBy", at
    from json_to_recordset(${JSON.stringify(suppressions)}::json) as given (
      address text, channel text, reason text, until timestamptz, comment text, "runId" bigint, n integer, "saidBy" uuid, at timestamptz)`.execute(
    tx,
  );
}
