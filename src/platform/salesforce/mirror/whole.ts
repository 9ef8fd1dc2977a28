import { now } from '../../clock.ts';
import { sql, transaction } from '../../db.ts';

import { recordChanges } from './changes.ts';
import { exclusively } from './exclusive.ts';
import { merge, recordsAsSource } from './merge.ts';
import { type Followed, within } from './poll.ts';
import { PAGE, query, type SalesforceRecord } from '../wire/query.ts';
import { select } from '../wire/soql.ts';
import { updateState } from './states.ts';

/** Reads an object whole whose deletes leave no trace, and buries what is missing. For objects of a few thousand rows. */
export async function compareWhole(one: Followed): Promise<number> {
  return await within(one, () => exclusively(() => replaceWhole(one)));
}

async function replaceWhole({ readable }: Followed): Promise<number> {
  const { mapping } = readable;
  const readAt = now();
  const records: SalesforceRecord[] = [];
  let page = await query(select(readable, { order: 'Id', limit: PAGE }));
  const { at } = page;
  while (page.records.length > 0) {
    records.push(...page.records);
    if (page.isWhole && page.records.length < PAGE) break;
    page = await query(
      select(readable, { conditions: [`Id > '${records.at(-1)?.Id ?? ''}'`], order: 'Id', limit: PAGE }),
    );
  }
  return await transaction(async (tx) => {
    const changes = await merge(tx, readable, recordsAsSource(readable, records), readAt);
    const gone = await sql<{ row_id: string; change: 'deleted' }>`
      update ${sql.table(mapping.table)} set deleted_at = ${at}
      where deleted_at is null and id <> all(${records.map(({ Id }) => Id)}::text[])
        and ${mapping.sharesTable ? sql`sobject = ${mapping.sobject}` : sql`true`}
      returning id as row_id, 'deleted' as change`.execute(tx);
    await recordChanges(tx, mapping.table, [...changes, ...gone.rows]);
    await updateState(tx, mapping.sobject, { seen_at: at, mark_at: at, synced_at: now(), error: null });
    return changes.length + gone.rows.length;
  });
}
