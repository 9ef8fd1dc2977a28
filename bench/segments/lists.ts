import { recordChanges } from '../../src/platform/salesforce/mirror/changes.ts';
import { db, pool, sql, transaction } from '../../src/platform/db.ts';
import { record } from '../../src/platform/events.ts';
import type { Rule } from '../../src/rules/rules.ts';
import { wholeCatalog } from '../../src/segments/catalog.ts';
import { inOrder } from '../../src/segments/order.ts';
import { countDifferences, selectLists } from '../../src/segments/refresh.queries.ts';
import { refreshDueSegments, refreshSegments } from '../../src/segments/refresh.ts';
import { lookAtAll as markAll, noteEngagement, noteMirrorChange } from '../../src/segments/touched.ts';
import '../../src/usage/events.ts';
import { now } from '../../src/platform/clock.ts';

/* The work that the benchmark measures, in the process that has the database. */

const inList = (id: string): Rule => ({ field: 'account.segments', op: 'hasAny', value: [id] });

const further: Record<string, Rule> = {
  Watched: { field: 'account.tags', op: 'hasAny', value: ['Watched'] },
  Retail: { all: [{ field: 'account.industry', op: 'is', value: ['Retail'] }, { field: 'account.employees', op: 'atLeast', value: 500 }] },
  Urgent: { field: 'account.urgentCases', op: 'atLeast', value: 1 },
  Parents: { field: 'account.children', with: { where: { field: 'account.rank', op: 'is', value: ['poor'] } }, op: 'atLeast', value: 1 },
}; // prettier-ignore

/** The suggested lists, five more, and one over two of those. @returns how many there are */
export async function makeLists(): Promise<number> {
  await refreshSegments();
  const ids: string[] = [];
  for (const [name, rule] of Object.entries(further)) ids.push(await insert(name, rule));
  const [, retail = '', urgent = ''] = ids;
  const over = await insert('Urgent shops', { all: [inList(retail), inList(urgent)] });
  await sql`insert into segment_parts (segment_id, part_id) values (${over}, ${retail}), (${over}, ${urgent})`.execute(db);
  return (await selectLists(db)).length;
} // prettier-ignore

async function insert(name: string, rule: Rule): Promise<string> {
  const { rows } = await sql<{ id: string }>`
    insert into segments (name, entity, rule, is_shared, created_at, changed_at)
    values (${name}, 'account', ${JSON.stringify(rule)}::jsonb, true, now(), now()) returning id`.execute(db);
  return rows[0]?.id ?? '';
}

/** A full look at every account, for every list. @returns how many members there are in all */
export async function lookAtAll(): Promise<number> {
  await markAll();
  await refreshSegments();
  const { rows } = await sql<{ count: number }>`select count(*) from segment_members`.execute(db);
  return rows[0]?.count ?? 0;
}

/** Changes that share of the accounts, half of them in Salesforce, half in their usage. */
export async function change(share: number, round: number): Promise<{ accounts: string[]; batch: number }> {
  const part = Math.round(1 / share);
  const { rows } = await sql<{ id: string }>`
    update accounts set employees = (employees * 7 + ${round}) % 3000,
      industry = (array['Retail', 'Energy', 'Media'])[1 + (employees + ${round}) % 3]
    where right(id, 8)::int % ${part * 2} = ${round * 2} returning id`.execute(db);
  await transaction((tx) => recordChanges(tx, 'accounts', rows.map(({ id }) => ({ row_id: id, change: 'updated' })))); // prettier-ignore
  const used = await sql<{ id: string }>`
    update account_engagement set days_active_14 = (days_active_14 + 5) % 14,
      frequency = (array['daily', 'weekly', 'inactive'])[1 + (days_active_14 + ${round}) % 3]
    where right(account_id, 8)::int % ${part * 2} = ${round * 2 + 1} returning account_id as id`.execute(db);
  const accounts = used.rows.map(({ id }) => id);
  await transaction((tx) => record(tx, 'engagement.refreshed', { accounts }));
  const batches = await sql<{ batch: number }>`select max(batch) as batch from mirror_changes`.execute(db);
  return { accounts, batch: batches.rows[0]?.batch ?? 0 };
}

/** What the worker does about the changes: two reactions and a job. */
export async function follow({ accounts, batch }: { accounts: string[]; batch: number }): Promise<void> {
  await noteMirrorChange({ table: 'accounts', batch });
  await noteEngagement({ accounts });
  await refreshDueSegments();
}

/** How many entered or left in the newest incremental batch of that pair. */
export async function changesSince(pair: number): Promise<number> {
  const { rows } = await sql<{ count: number }>`select count(*) from segment_changes where batch > 0`.execute(
    db,
  );
  return Math.round((rows[0]?.count ?? 0) / Math.max(1, pair));
}

/** How many members a full look would change. */
export async function differing(): Promise<number> {
  const catalog = await wholeCatalog();
  let count = 0;
  for (const list of inOrder(await selectLists(db))) {
    const { missing, surplus } = await countDifferences(db, { list, catalog, now: now() });
    count += missing + surplus;
  }
  return count;
}

export const end = () => pool.end();
