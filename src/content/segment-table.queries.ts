import type { RawBuilder } from 'kysely';

import { sql, type Db } from '../platform/db.ts';
import { compileRows } from '../rules/compile.ts';
import type { Catalog } from '../rules/fields.ts';

import type { Reach, SegmentTable, TableObject } from './document.ts';
import { tableEntity } from './segment-table.ts';

/** Accounts that tables start from: recipients with the same ones share a group. */
export interface Group {
  accountIds: readonly string[];
}

/** From each group's accounts (`base`: k, account_id) to those whose rows are listed. */
const steps: Record<Reach, RawBuilder<unknown>> = {
  own: sql`select k, account_id from base`,
  parents: sql`select b.k, own.parent_id from base b join accounts own on own.id = b.account_id where own.parent_id is not null`,
  children: sql`select b.k, c.id from base b join accounts c on c.parent_id = b.account_id`,
  siblings: sql`
    select b.k, c.id from base b join accounts own on own.id = b.account_id join accounts c on c.parent_id = own.parent_id and c.id <> own.id`,
  branch: sql`
    (with recursive branch (k, account_id, depth) as (
       select k, account_id, 0 from base
       union select b.k, c.id, b.depth + 1 from branch b join accounts c on c.parent_id = b.account_id where b.depth < 12
     ) select k, account_id from branch)`,
  distributed: sql`select b.k, c.id from base b join accounts c on c.distributor_id = b.account_id`,
  partnered: sql`select b.k, c.id from base b join accounts c on c.partner_id = b.account_id`,
};

/** The rows of each object, under the alias that rules about it have; `a` is their account. */
const objects: Record<
  TableObject,
  { from: RawBuilder<unknown>; where: RawBuilder<boolean>; id: RawBuilder<unknown> }
> = {
  accounts: { from: sql``, where: sql`true`, id: sql`a.id` },
  opportunities: {
    from: sql`join opportunities o on o.account_id = a.id`,
    where: sql`o.deleted_at is null`,
    id: sql`o.id`,
  },
  licenses: {
    from: sql`join licenses l on l.account_id = a.id`,
    where: sql`l.deleted_at is null and l.kind is distinct from 'Channel Code'`,
    id: sql`l.id`,
  },
  cases: {
    from: sql`join cases c on c.account_id = a.id`,
    where: sql`c.deleted_at is null`,
    id: sql`c.id::text`,
  },
};

export interface FoundRow {
  k: number;
  total: number;
  cells: unknown[];
  totals: (number | null)[];
}

const LONGEST_CELL = 300;

/** The first rows of a table for each group, in order: one statement for all. */
export async function selectTable(
  tx: Db,
  table: SegmentTable,
  groups: readonly Group[],
  { catalog, today }: { catalog: Catalog; today: string },
): Promise<FoundRow[]> {
  const entity = tableEntity[table.of];
  const columns = table.columns.map(({ field }) => field);
  const among = sql`select account_id from reached`;
  const { sources, condition, values } = compileRows({
    entity, catalog, today, among, rule: table.rule, fields: [...columns, table.sort.field],
  }); // prettier-ignore
  const cells = values.slice(0, -1);
  const by = values.at(-1) ?? sql`null`;
  const base = groups.flatMap(({ accountIds }, k) => accountIds.map((id) => [k, id] as const));
  const { from, where, id } = objects[table.of];
  const { rows } = await sql<FoundRow>`
    with base as (
      select k, account_id from unnest(${base.map(([k]) => k)}::int[], ${base.map(([, id]) => id)}::text[]) b (k, account_id)),
    reached (k, account_id) as (select distinct k, account_id from (${steps[table.reach]}) step (k, account_id)),
    listed as (
      select r.k, json_build_array(${sql.join(cells.map((cell, i) => shortened(cell, columns[i], catalog)))}) as cells,
             row_number() over (partition by r.k order by ${orderOf(by, table, catalog)}, ${id}) as place,
             count(*) over (partition by r.k)::int as total,
             json_build_array(${sql.join(cells.map((cell, i) => totalOf(cell, columns[i], catalog)))}) as totals
      from reached r join accounts a on a.id = r.account_id ${from} ${sources}
      where a.deleted_at is null and not exists (select from removed_accounts g where g.account_id = a.id) and ${where} and ${condition}
        and ${withinSegment(table)})
    select k, total, cells, totals from listed where place <= ${table.limit} order by k, place`.execute(tx);
  return rows;
}

const typeOf = (field: string | undefined, catalog: Catalog) => catalog.get(field ?? '')?.type;

const isText = (type: string | undefined) => type === 'text' || type === 'choice';

const shortened = (cell: RawBuilder<unknown>, field: string | undefined, catalog: Catalog) =>
  isText(typeOf(field, catalog)) ? sql`left(${cell}::text, ${LONGEST_CELL})` : cell;

/** Counted things add up; ages, scores and days left do not. */
const addsUp = /(seats|amount|value|revenue|opportunities|licenses|cases|people|actions)$/i;

function totalOf(cell: RawBuilder<unknown>, field: string | undefined, catalog: Catalog) {
  const type = typeOf(field, catalog);
  const isSum = type === 'money' || (type === 'number' && addsUp.test(field ?? ''));
  return isSum ? sql`sum(${cell}) over (partition by r.k)` : sql`null::numeric`;
}

function orderOf(by: RawBuilder<unknown>, { sort }: SegmentTable, catalog: Catalog) {
  const value = isText(typeOf(sort.field, catalog)) ? sql`lower(${by})` : by;
  return sort.direction === 'ascending' ? sql`${value} asc nulls last` : sql`${value} desc nulls last`;
}

const withinSegment = ({ segmentId }: SegmentTable) =>
  segmentId === undefined
    ? sql`true`
    : sql`exists (select from segment_members m where m.segment_id = ${segmentId}::uuid and m.account_id = a.id and m.entity_id = a.id)`;

/** Every account of each of these people: of all who have their address (contract: one mail a person over all their accounts). */
export async function selectAccountsOf(tx: Db, people: readonly number[]): Promise<Map<number, string[]>> {
  const { rows } = await sql<{ id: number; accountIds: string[] }>`
    select id, array_agg(distinct account_id order by account_id) as "accountIds"
    from (
      select p.id, p.account_id from account_people p where p.id = any(${people}::bigint[])
      union
      select p.id, o.account_id from account_people p join account_people o on o.email_normalized = p.email_normalized
      join accounts a on a.id = o.account_id and a.deleted_at is null
      where p.id = any(${people}::bigint[])
    ) each group by id`.execute(tx);
  return new Map(rows.map(({ id, accountIds }) => [id, accountIds]));
}

/** What templates may say of each account: fields' values, in the order of the fields. */
export async function selectAccounts(
  tx: Db,
  accountIds: readonly string[],
  fields: readonly string[],
  { catalog, today }: { catalog: Catalog; today: string },
): Promise<Map<string, unknown[]>> {
  const among = sql`select unnest(${accountIds}::text[])`;
  const { sources, values } = compileRows({ entity: 'account', catalog, today, among, fields });
  const { rows } = await sql<{ id: string; found: unknown[] }>`
    select a.id, json_build_array(${sql.join(values.map((value, i) => shortened(value, fields[i], catalog)))}) as found
    from accounts a ${sources} where a.id = any(${accountIds}::text[]) and a.deleted_at is null`.execute(tx);
  return new Map(rows.map(({ id, found }) => [id, found]));
}
