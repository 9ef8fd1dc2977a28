import type { RawBuilder } from 'kysely';

import { sql } from '../platform/db.ts';
import { compileAll } from '../rules/compile.ts';
import type { Catalog } from '../rules/fields.ts';
import type { Rule } from '../rules/rules.ts';

interface Choosing {
  id: number;
  appliesTo: Rule | null;
}

/**
 * The CTE `profiled`: the rows of `reading`, each with the profile that judges it: the first whose rule holds. Only paying accounts
 * are judged (AP1).
 */
export function profiled(
  profiles: readonly Choosing[],
  { today, catalog }: { today: string; catalog: Catalog },
): RawBuilder<unknown> {
  const ruled = profiles.flatMap(({ id, appliesTo }) =>
    appliesTo === null ? [] : [{ id, rule: appliesTo }],
  );
  const rest = profiles.find(({ appliesTo }) => appliesTo === null);
  const { sources, conditions } = compileAll(
    ruled.map(({ rule }) => rule),
    { entity: 'account', catalog, today, among: sql`select account_id from reading` },
  );
  const cases = ruled.map(({ id }, index) => sql`when ${conditions[index]} then ${id}::int`);
  const first =
    cases.length === 0
      ? sql`${rest?.id}::int`
      : sql`case ${sql.join(cases, sql` `)} else ${rest?.id}::int end`;
  const accounts = cases.length === 0 ? sql`` : sql`join accounts a on a.id = r.account_id ${sources}`;
  return sql`profiled as materialized (
    select r.*, case when r.status = 'paying' then ${first} end as profile_id from reading r ${accounts}
  )`;
}
