import type { RawBuilder } from 'kysely';

import { managerOf } from '../accounts/managers.ts';
import { notRemoved } from '../accounts/removals.ts';
import { countingLicense } from '../licenses/status.ts';
import { sql } from '../platform/db.ts';
import { sizes } from '../portfolio/filters.ts';

import type { Segmenting } from './report.ts';

type Sql = RawBuilder<unknown>;

/** Company sizes as lists have them. */
const sizeOf = sql`case ${sql.join(
  Object.entries(sizes)
    .toReversed()
    .map(([name, { from }]) => sql`when a.employees >= ${sql.lit(from)} then ${sql.lit(name)}`),
  sql` `,
)} end`;

/** The edition of the product whose license lasts longest, a paid one before a trial. */
const editionOf = sql`(
  select l.edition from licenses l left join products pr on pr.id = l.product_id
  where pr.kind is distinct from 'Add-On' and pr.kind is distinct from 'Support' and l.account_id = a.id and l.deleted_at is null and l.kind is distinct from 'Channel Code'
    and coalesce(l.status not in ('Replaced', 'Revoked'), true)
  order by l.is_trial, l.support_until desc nulls last, l.id limit 1)`;

const keys: Record<Segmenting, Sql> = {
  manager: managerOf('a'),
  size: sizeOf,
  industry: sql`a.industry`,
  country: sql`a.billing_country`,
  type: sql`a.type`,
  edition: editionOf,
};

/** What the account `a` is grouped by: a text, or null where it is not known. Without a grouping all are one group. */
export const keyOf = (by: Segmenting | undefined): Sql => (by === undefined ? sql`null::text` : keys[by]);

/** The name of a key: a person's for success managers, else the key itself. */
export const nameOf = (by: Segmenting | undefined, key: Sql): Sql =>
  by === 'manager' ? sql`(select u.name from users u where u.id = ${key})` : key;

/** The accounts `a` that count in a report: not deleted, not taken off the lists (AP8). */
export const counting = sql<boolean>`(a.deleted_at is null and ${notRemoved('a.id')})`;

/** CTE `grouped`: every account that counts, with the key of its group. */
export const grouped = (by: Segmenting | undefined): Sql => sql`
  grouped as materialized (select a.id as account_id, ${keyOf(by)} as key from accounts a where ${counting})`;

/**
 * CTE `coverage`: the stretches of days on which each account had support for something that it paid for, by the days on its
 * licenses. Stretches that touch are one.
 */
export const coverage = sql`
  coverage as materialized (
    select account_id, lower(span) as from_on, coalesce(upper(span) - 1, 'infinity'::date) as until_on
    from (select account_id, unnest(range_agg(daterange(purchased_on, support_until, '[]'))) as span
          from licenses
          where ${countingLicense} and not is_trial and account_id is not null and support_until >= purchased_on
          group by account_id) spans
  )`;
