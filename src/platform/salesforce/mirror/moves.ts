import { now } from '../../clock.ts';
import { db, sql, transaction, type Tx } from '../../db.ts';
import { record } from '../../events.ts';

import type { Readable } from './describe.ts';
import type { Followed } from './poll.ts';
import { refetch } from './refetch.ts';

declare module '../../events.ts' {
  interface Events {
    /** Records became other ones: which, `mirror_moves` says under the batch. */
    'mirror.moved': { table: string; batch: number };
  }
}

/** The tables whose records can be merged in Salesforce; a row of cases has a key of ours beside Salesforce's. */
const mergeable: Readonly<Record<string, 'id' | 'salesforce_id'>> = {
  accounts: 'id',
  contacts: 'id',
  leads: 'id',
  cases: 'salesforce_id',
};

/** The tables whose records carry an id of ours, by which they are found again under a new one of Salesforce's. */
const named = new Set(['accounts', 'contacts', 'leads', 'opportunities', 'licenses']);

interface Move {
  from_id: string;
  to_id: string;
}

/** After a batch of the sync: records that were merged into others are noted, once. */
export async function noteMerged({ table, batch }: { table: string; batch: number }): Promise<void> {
  const key = mergeable[table];
  if (key === undefined) return;
  await transaction((tx) =>
    noteMoves(
      tx,
      table,
      sql<Move>`${merged(table, key)} and m.id::text in (
        select row_id from mirror_changes where batch = ${batch} and table_name = ${table} and change = 'deleted')`,
    ),
  );
}

/** After a table was loaded whole: the same, and records that are there under another id than before. */
export async function noteMoved({ table }: { table: string }): Promise<void> {
  const key = mergeable[table];
  await transaction(async (tx) => {
    await sql`set local statement_timeout to '10min'`.execute(tx);
    if (key !== undefined) await noteMoves(tx, table, sql<Move>`${merged(table, key)}`);
    if (named.has(table)) await noteMoves(tx, table, renamed(table));
  });
}

/** Losers of a merge that the mirror has as deleted, with the winner's key. */
function merged(table: string, key: 'id' | 'salesforce_id') {
  return sql`
    select m.id::text as from_id, winner.id::text as to_id
    from ${sql.table(table)} m join ${sql.table(table)} winner on winner.${sql.ref(key)} = m.attributes ->> 'MasterRecordId'
    where m.deleted_at is not null and m.attributes ? 'MasterRecordId' and winner.id <> m.id`;
}

function renamed(table: string) {
  return sql<Move>`
    select m.id as from_id, again.id as to_id
    from ${sql.table(table)} m join ${sql.table(table)} again on again.rapport_id = m.rapport_id
    where m.deleted_at is not null and again.deleted_at is null and again.id <> m.id`;
}

async function noteMoves(tx: Tx, table: string, moves: ReturnType<typeof sql<Move>>): Promise<void> {
  const { rows } = await sql<{ batch: number }>`
    with found as (
      select from_id, to_id from (${moves}) each (from_id, to_id)
      where not exists (select from mirror_moves known where known.table_name = ${table}
        and known.from_id = each.from_id and known.to_id = each.to_id)),
    numbered as (select nextval('mirror_batches') as batch where exists (select from found)),
    kept as (
      insert into mirror_moves (batch, table_name, from_id, to_id)
      select batch, ${table}, from_id, to_id from found, numbered)
    select batch from numbered`.execute(tx);
  const [noted] = rows;
  if (noted) await record(tx, 'mirror.moved', { table, batch: noted.batch });
}

/** What hung on a record that became another one is read again: Salesforce gives it a new parent without always touching its time. */
export async function readMovedChildren(followed: readonly Followed[]): Promise<number> {
  const { rows } = await sql<{ table: string; from: string }>`
    select table_name as table, from_id as from from mirror_moves where children_read_at is null order by batch limit 200`.execute(
    db,
  );
  let changed = 0;
  for (const [table, moves] of Map.groupBy(rows, (move) => move.table)) {
    const from = moves.map((move) => move.from);
    const sobject = followed.find(({ readable }) => readable.mapping.table === table)?.readable.mapping
      .sobject;
    for (const { readable } of followed)
      if (sobject !== undefined) changed += await refetch(readable, await childrenOf(readable, { sobject, table, from })); // prettier-ignore
    await sql`update mirror_moves set children_read_at = ${now()} where table_name = ${table} and from_id = any(${from}::text[])`.execute(
      db,
    );
  }
  return changed;
}

interface Parents {
  sobject: string;
  table: string;
  from: readonly string[];
}

/** Records that point at these by a lookup that has a column, by Salesforce's id. */
async function childrenOf(
  { mapping, fields }: Readable,
  { sobject, table, from }: Parents,
): Promise<string[]> {
  const lookups = new Set(
    fields.filter(({ refersTo }) => refersTo?.includes(sobject)).map(({ name }) => name),
  );
  const columns = Object.entries(mapping.columns).flatMap(([name, { field }]) =>
    lookups.has(field) ? [name] : [],
  );
  if (mapping.caseField !== undefined && sobject === 'Case') columns.push('case_salesforce_id');
  if (columns.length === 0) return [];
  const parents =
    table === 'cases'
      ? sql`(select salesforce_id from cases where id::text = any(${from}::text[]))`
      : sql`(select unnest(${from}::text[]))`;
  const id = sql.ref(mapping.key === 'ours' ? 'salesforce_id' : 'id');
  const { rows } = await sql<{ id: string }>`
    select ${id} as id from ${sql.table(mapping.table)}
    where deleted_at is null and ${id} is not null
      and (${sql.join(
        columns.map((name) => sql`${sql.ref(name)} in ${parents}`),
        sql` or `,
      )})
    limit 10000`.execute(db);
  return rows.map((row) => row.id);
}
