import { sql, transaction } from '../../db.ts';

import { recordChanges } from './changes.ts';
import type { Readable } from './describe.ts';

/** Of more rows than this at once nobody is told one by one: a first load. */
const TELLABLE = 2_000;

/** Ties rows to cases that arrived after them. */
export async function resolveCases(readables: readonly Readable[]): Promise<void> {
  for (const { mapping } of readables) {
    if (mapping.caseField === undefined) continue;
    const table = sql.table(mapping.table);
    await transaction(async (tx) => {
      const { rows } = await sql<{ row_id: string; change: 'created' }>`
        update ${table} m set case_id = c.id from cases c
        where m.case_id is null and c.salesforce_id = m.case_salesforce_id
        returning m.id::text as row_id, 'created' as change`.execute(tx);
      if (rows.length <= TELLABLE) await recordChanges(tx, mapping.table, rows);
    });
  }
}
