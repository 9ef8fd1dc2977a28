import { now } from '../../clock.ts';
import { db, sql, transaction, type Tx } from '../../db.ts';

import { type Change, recordChanges } from './changes.ts';
import { type Difference, differencesOf } from './differences.ts';
import { count, keepFindings, sampledRun } from './drift-runs.ts';
import { exclusively } from './exclusive.ts';
import { merge, recordsAsSource } from './merge.ts';
import type { Followed } from './poll.ts';
import { queryTogether, type SalesforceRecord } from '../wire/query.ts';
import { idList, select } from '../wire/soql.ts';

/* The proof that the mirror is right. All the time, a few hundred rows of some object are compared; at night, or when somebody asks,
   every row. What differs is looked at once more in the turn of the polls, so that it cannot be older than what they brought, then
   written down and mended. Rows that our own writes concern, and rows that changed within the last minutes, are left out. */

/** Rows of one sample: as many from each side. */
export const SAMPLE = 200;

/** What changed after this moment is still on its way. */
export const settledOf = ({ state }: Followed): Date => state.markAt ?? new Date(0);

/** Compares a few hundred rows from a random place on, and as many of ours with what became of them. @returns how many were mended */
export const sample = (followed: Followed): Promise<number> => exclusively(() => sampleNow(followed));

async function sampleNow(followed: Followed): Promise<number> {
  const { readable } = followed;
  const readAt = now();
  const ours = await randomIds(followed);
  const answers = await queryTogether([
    pageFrom(followed, ours[0]),
    ...(ours.length === 0 ? [] : [select(readable, { conditions: [`Id IN ${idList(ours)}`] })]),
  ]);
  const pages = answers.map((answer) => {
    if (answer instanceof Error) throw answer;
    return answer;
  });
  const records = new Map(pages.flatMap((page) => page.records.map((record) => [record.Id, record])));
  const missing = pages[1]?.isWhole ? ours.filter((id) => !records.has(id)) : [];
  const runId = await sampledRun(readable.mapping.sobject);
  return await settle(followed, {
    runId,
    readAt,
    records: [...records.values()],
    missing,
    compared: records.size + missing.length,
  });
}

/** Some of the mirror's rows, from a few random pages of the table. */
async function randomIds({ readable: { mapping } }: Followed): Promise<string[]> {
  const id = sql.ref(mapping.key === 'ours' ? 'salesforce_id' : 'id');
  const table = sql.table(mapping.table);
  const { rows } = await sql<{ id: string }>`
    select ${id} as id from ${table}
      tablesample system (least(100, (select 2000.0 / greatest(1, relpages) from pg_class where oid = ${mapping.table}::regclass)))
    where deleted_at is null and ${id} is not null and ${mapping.sharesTable ? sql`sobject = ${mapping.sobject}` : sql`true`}
    order by random() limit ${SAMPLE}`.execute(db);
  return rows.map((row) => row.id);
}

/** Salesforce's own order from a random place, forwards or backwards, finds what the mirror does not have. */
function pageFrom({ readable }: Followed, from: string | undefined): string {
  const isForwards = Math.random() < 0.5;
  const conditions = from === undefined ? [] : [`Id ${isForwards ? '>=' : '<='} '${from}'`];
  return select(readable, { conditions, order: isForwards ? 'Id' : 'Id DESC', limit: SAMPLE });
}

/** What was read to be compared: records, and ids of ours that Salesforce does not know. */
export interface Looked {
  runId: number;
  readAt: Date;
  records: readonly SalesforceRecord[];
  missing: readonly string[];
  /** Rows that count as compared by this look. */
  compared: number;
}

/** Compares, writes down what differs, mends it, and counts, in one transaction. @returns how many rows were mended */
export async function settle(followed: Followed, looked: Looked): Promise<number> {
  const { readable } = followed;
  const { mapping } = readable;
  const { runId, readAt, records, missing, compared } = looked;
  return await transaction(async (tx) => {
    const source = recordsAsSource(readable, records);
    const { ids, differences } = await differencesOf(tx, readable, {
      source,
      readAt,
      settled: settledOf(followed),
    });
    await forgetTimes(tx, followed, ids);
    const wrong = records.filter(({ Id }) => ids.includes(Id));
    const mended =
      wrong.length === 0 ? [] : await merge(tx, readable, recordsAsSource(readable, wrong), readAt);
    const gone = await bury(tx, followed, missing);
    await recordChanges(tx, mapping.table, [
      ...mended,
      ...gone.map(({ row_id }) => ({ row_id, change: 'deleted' as const })),
    ]);
    const differing = ids.length + gone.length;
    await keepFindings(tx, mapping.sobject, runId, [...differences, ...gone.map(erased)]);
    await count(tx, mapping.sobject, runId, { compared, differing, mended: differing });
    return differing;
  });
}

const erased = ({ salesforce_id: recordId, name }: Buried): Difference => ({
  recordId,
  field: null,
  ours: name,
  theirs: null,
  cause: 'hard_delete',
});

/** A row that is wrong may claim to be newer than Salesforce's: what was compared counts, whatever the row says. */
async function forgetTimes(
  tx: Tx,
  { readable: { mapping } }: Followed,
  ids: readonly string[],
): Promise<void> {
  if (ids.length === 0) return;
  const id = sql.ref(mapping.key === 'ours' ? 'salesforce_id' : 'id');
  await sql`update ${sql.table(mapping.table)} set modified_at = 'epoch' where ${id} = any(${ids}::text[])`.execute(
    tx,
  );
}

type Buried = Change & { salesforce_id: string; name: string | null };

/** Rows that Salesforce does not know, not even as deleted: erased for good there. */
async function bury(tx: Tx, followed: Followed, ids: readonly string[]): Promise<Buried[]> {
  if (ids.length === 0) return [];
  const { mapping } = followed.readable;
  const id = sql.ref(mapping.key === 'ours' ? 'm.salesforce_id' : 'm.id');
  const { rows } = await sql<Buried>`
    update ${sql.table(mapping.table)} m set deleted_at = ${now()}
    where ${id} = any(${ids}::text[]) and m.deleted_at is null and m.modified_at <= ${settledOf(followed)}
      and not exists (
        select from outbox o where o.sobject = ${mapping.sobject} and o.status in ('waiting', 'sending')
          and o.record_key in (${`${mapping.sobject}:`} || ${id}, ${`${mapping.sobject}:`} || m.id::text))
    returning m.id::text as row_id, 'deleted' as change, ${id} as salesforce_id,
      coalesce(to_jsonb(m) ->> 'name', to_jsonb(m) ->> 'subject') as name`.execute(tx);
  return rows;
}
