import type { Claimed } from './claims.ts';
import { query } from './query.ts';
import { idList } from './soql.ts';

/** The objects whose records people can merge: each loser names the one that took its place. */
const mergeable = new Set(['Account', 'Contact', 'Lead', 'Case']);

/** A record that was merged into one that was merged into another: nobody merges further than this. */
const LONGEST = 10;

/** The records that took the place of those which rows are about, or hang on; only for those that were merged away. */
export async function mastersOf(rows: readonly Claimed[]): Promise<Map<string, string>> {
  const named = rows.flatMap((row) => [
    { sobject: row.sobject, id: row.salesforceId },
    { sobject: row.parent?.sobject ?? '', id: row.parent?.salesforceId },
  ]);
  const masters = new Map<string, string>();
  for (const [sobject, some] of Map.groupBy(named, (one) => one.sobject)) {
    const ids = mergeable.has(sobject) ? some.flatMap(({ id }) => (id == null ? [] : [id])) : [];
    for (const id of new Set(ids)) {
      const master = await lastMaster(sobject, id);
      if (master !== undefined) masters.set(id, master);
    }
  }
  return masters;
}

async function lastMaster(sobject: string, id: string): Promise<string | undefined> {
  let master: string | undefined;
  for (let i = 0; i < LONGEST; i += 1) {
    const { records } = await query(
      `SELECT MasterRecordId FROM ${sobject} WHERE Id IN ${idList([master ?? id])}`,
    );
    const next = records[0]?.MasterRecordId;
    if (typeof next !== 'string') return master;
    master = next;
  }
  return master;
}
