import type { RawBuilder } from 'kysely';

import { countingLicense } from '../licenses/status.ts';
import { db, sql } from '../platform/db.ts';

import { nameOf } from './groups.queries.ts';
import { paying } from './portfolio.queries.ts';
import type { Asked, Row } from './report.ts';

type Condition = RawBuilder<boolean>;

/** How each plan or edition is used (AN5). */
export async function selectAdoption(scope: Condition, by: Asked['by']): Promise<Row[]> {
  const { rows } = await sql<Row>`
    with ${paying(by, scope)}
    select key, ${nameOf(by, sql`key`)} as group, count(*)::int as accounts, sum(value)::bigint as value,
      avg((days_active_14 > 0)::int) filter (where tracked_since is not null) as "activeShare",
      round(avg(people_active_14), 1) as people, round(avg(modules_14), 1) as modules, avg(utilization) / 100 as utilization,
      round(avg(engagement)) as engagement
    from paying group by key order by accounts desc, key`.execute(db);
  return rows;
}

/** 10.2 comes after 9.5; a version without a number is before all others. */
const versionOrder = (column: string) =>
  sql`string_to_array(substring(${sql.ref(column)} from '^[0-9]+(?:[.][0-9]+)*'), '.')::numeric[]`;

/** From this share of its seats on, an account has outgrown them: percent. */
const FULL = 90;

/**
 * Accounts in good health that have outgrown what they have: nearly all their seats in use, or a version behind the newest of their
 * edition; and no upgrade is being talked about.
 */
export async function selectUpgradeReady(
  scope: Condition,
  { today, limit }: Pick<Asked, 'today' | 'limit'>,
): Promise<Row[]> {
  const { rows } = await sql<Row>`
    with ${paying(undefined, scope)},
    newest as (
      select distinct on (family, edition) family, edition, version from products
      where is_active and deleted_at is null and kind = 'Product' and version is not null
      order by family, edition, ${versionOrder('version')} desc nulls last
    ), license as (
      select l.*, pr.family from (select * from licenses where ${countingLicense}) l join products pr on pr.id = l.product_id and pr.kind = 'Product'
      where not l.is_trial and l.support_until >= ${today}::date and coalesce(l.status not in ('Replaced', 'Revoked'), true)
    ), held as (
      select distinct on (account_id) account_id, family, edition, version from license order by account_id, support_until desc, id
    ), ready as (
      select p.*, h.edition, h.version, n.version as newest, coalesce(p.utilization >= ${FULL}::int, false) as is_full,
        coalesce(${versionOrder('n.version')} > ${versionOrder('h.version')}, false) as is_behind
      from paying p left join held h on h.account_id = p.account_id
      left join newest n on n.edition = h.edition and n.family is not distinct from h.family
      where p.rank = 'good' and p.days_active_14 > 0 and not exists (
        select from opportunities o where o.account_id = p.account_id and not o.is_closed and o.deleted_at is null and o.type ilike '%upgrade%')
    )
    select a.id, a.name as account, m.name as manager, r.edition, r.version, r.newest, r.utilization / 100.0 as utilization, r.engagement,
      r.value, case when r.is_full and r.is_behind then 'both' when r.is_full then 'full' else 'behind' end as why
    from ready r join accounts a on a.id = r.account_id left join users m on m.id = r.manager
    where r.is_full or r.is_behind order by r.is_full desc, r.engagement desc nulls last, r.value desc, a.id limit ${limit}`.execute(
    db,
  );
  return rows;
}
