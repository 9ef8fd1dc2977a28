import { sql, type Tx } from '../platform/db.ts';

import { addressHash } from './conditions.ts';
import type { NewSuppression } from './suppression.ts';

/** What was told before, of the same moment, is not kept twice. */
export async function insertSuppressions(tx: Tx, suppressions: readonly NewSuppression[]): Promise<void> {
  await sql`
    insert into suppressions (address_hash, channel, reason, until, comment, run_id, n, said_by, at)
    select hash, channel, reason, until, coalesce(comment, ''), "runId", n, "saidBy", at
    from (select ${addressHash(sql`address`)} as hash, g.* from json_to_recordset(${JSON.stringify(suppressions)}::json) as g (
      address text, channel text, reason text, until timestamptz, comment text, "runId" bigint, n integer, "saidBy" uuid, at timestamptz)) given
    where not exists (select from suppressions s
      where s.address_hash = hash and s.channel = given.channel and s.reason = given.reason and s.at = given.at)`.execute(
    tx,
  );
}
