import { now } from '../../clock.ts';
import { transaction } from '../../db.ts';

import { recordChanges } from './changes.ts';
import type { Readable } from './describe.ts';
import { SalesforceFailure } from '../wire/errors.ts';
import { exclusively } from './exclusive.ts';
import { merge, recordsAsSource } from './merge.ts';
import { query, queryTogether, TOGETHER } from '../wire/query.ts';
import { idList, select } from '../wire/soql.ts';

/** Reads these records again, whatever the polls have seen. */
export async function refetch(readable: Readable, ids: readonly string[]): Promise<number> {
  let changed = 0;
  for (let i = 0; i < ids.length; i += NAMED * TOGETHER)
    changed += await exclusively(() => refetchSome(readable, ids.slice(i, i + NAMED * TOGETHER)));
  return changed;
}

/** So many ids fit the address of a query. */
const NAMED = 200;

async function refetchSome(readable: Readable, ids: readonly string[]): Promise<number> {
  const readAt = now();
  const soqls: string[] = [];
  for (let i = 0; i < ids.length; i += NAMED)
    soqls.push(select(readable, { conditions: [`Id IN ${idList(ids.slice(i, i + NAMED))}`] }));
  const pages = soqls.length > 1 ? await queryTogether(soqls) : [await query(soqls[0] ?? '')];
  const records = pages.flatMap((page) => {
    if (page instanceof SalesforceFailure) throw page;
    return page.records;
  });
  return await transaction(async (tx) => {
    const changes = await merge(tx, readable, recordsAsSource(readable, records), readAt);
    await recordChanges(tx, readable.mapping.table, changes);
    return changes.length;
  });
}
