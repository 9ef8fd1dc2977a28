import type { RawBuilder } from 'kysely';

import { sql, type Tx } from '../platform/db.ts';
import type { Catalog } from '../rules/fields.ts';
import { conditionsOf, isRule, type Rule } from '../rules/rules.ts';

/* A rule may ask about an account's relatives: those above and below it, who sells to it, whom it sells to. */

/** Through how many others a rule looks: 0 when it asks of the account alone, 2 of the children of its distributor. */
export function distanceOf(rule: Rule, catalog: Catalog): number {
  const distances = conditionsOf(rule).map(({ field, with: given = {} }) => {
    const within = Object.values(given).filter(isRule);
    const further = Math.max(0, ...within.map((each) => distanceOf(each, catalog)));
    return further + (catalog.get(field)?.isOfOthers === true ? 1 : 0);
  });
  return Math.max(0, ...distances);
}

/** The furthest that any of these lists looks, through the lists that its rule names. They stand in order. */
export function furthestOf(
  lists: readonly { id: string; rule: Rule; parts: readonly string[] }[],
  catalog: Catalog,
): number {
  const distances = new Map<string, number>();
  for (const { id, rule, parts } of lists) {
    const throughParts = Math.max(0, ...parts.map((part) => distances.get(part) ?? 0));
    distances.set(id, distanceOf(rule, catalog) + throughParts);
  }
  return Math.max(0, ...distances.values());
}

/**
 * Puts into the temporary table `segment_relatives` the accounts of `segment_look` and all whose rules may look at them through that many
 * others.
 */
export async function findRelatives(tx: Tx, distance: number): Promise<void> {
  await sql`
    create temporary table segment_relatives on commit drop as select account_id from segment_look`.execute(
    tx,
  );
  await sql`create unique index on segment_relatives (account_id)`.execute(tx);
  for (let step = 0; step < distance; step++) await sql`
    with recursive above as (
      select account_id as id from segment_relatives
      union select a.parent_id from above join accounts a on a.id = above.id where a.parent_id is not null
    ), below as (
      select account_id as id from segment_relatives
      union select a.id from below join accounts a on a.parent_id = below.id
    )
    insert into segment_relatives (account_id)
    select id from above union select id from below
    union select seller from accounts a, unnest(array[a.distributor_id, a.partner_id]) seller
      where a.id in (select account_id from segment_relatives) and seller is not null
    union select id from accounts where distributor_id in (select account_id from segment_relatives)
    union select id from accounts where partner_id in (select account_id from segment_relatives)
    on conflict do nothing`.execute(tx); // prettier-ignore
  await sql`analyze segment_relatives`.execute(tx);
}

/** The accounts of `segment_relatives`, as a query of their ids. */
export const related = sql`select account_id from segment_relatives`;

/**
 * Of a batch of changed accounts, keeps what they hang on now.
 * @returns a query of those that they hung on before and no longer do
 */
export async function followLinks(tx: Tx, batch: number): Promise<RawBuilder<unknown>> {
  const { rows } = await sql<{ id: string }>`
    with now as (
      select a.id, a.parent_id, a.distributor_id, a.partner_id from mirror_changes c join accounts a on a.id = c.row_id
      where c.batch = ${batch} and c.table_name = 'accounts'
    ), kept as (
      insert into segment_links as l (account_id, parent_id, distributor_id, partner_id) select * from now
      on conflict (account_id) do update set
        (parent_id, distributor_id, partner_id) = (excluded.parent_id, excluded.distributor_id, excluded.partner_id)
      where (l.parent_id, l.distributor_id, l.partner_id)
        is distinct from (excluded.parent_id, excluded.distributor_id, excluded.partner_id)
    )
    select distinct lost.id from now join segment_links l on l.account_id = now.id,
      lateral (values (l.parent_id, now.parent_id), (l.distributor_id, now.distributor_id), (l.partner_id, now.partner_id)) lost (id, now)
    where lost.id is not null and lost.id is distinct from lost.now`.execute(tx);
  return sql`select unnest(${rows.map(({ id }) => id)}::text[]) as account_id`;
}

/** Keeps what accounts hang on of which nothing was kept yet. */
export async function keepLinks(tx: Tx): Promise<void> {
  await sql`
    insert into segment_links (account_id, parent_id, distributor_id, partner_id)
    select id, parent_id, distributor_id, partner_id from accounts
    where deleted_at is null and (parent_id is not null or distributor_id is not null or partner_id is not null)
    on conflict do nothing`.execute(tx);
}
