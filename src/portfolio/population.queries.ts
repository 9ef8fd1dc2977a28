import type { RawBuilder } from 'kysely';

import { managerOf } from '../accounts/managers.ts';
import { notRemoved } from '../accounts/removals.ts';
import { prepared, sql } from '../platform/db.ts';

import { type Condition, matching, persistentlyPoor, sources } from './conditions.ts';
import { type AccountFilter, type Grouping, sizes } from './filters.ts';
import type { Group, GroupedBy, Population, PopulationDay } from './population.ts';

export async function selectVersion(): Promise<string> {
  const [row] = await prepared(sql<{ version: string }>`
    select concat((select max(id) from health_history), '.', (select count(*) from removed_accounts), '.',
                  (select max(removed_at) from removed_accounts)) as version`);
  return row?.version ?? '';
}

const of = (rank: 'good' | 'average' | 'poor') => sql`count(*) filter (where h.rank = ${rank})::int`;

export async function countPopulation(
  scope: Condition,
  filter: AccountFilter,
  renewalDays: number,
): Promise<Omit<Population, 'score'>> {
  const soon = sql`h.renewal_on <= current_date + ${renewalDays}::int`;
  const value = sql`coalesce(e.contract_value_minor, 0)`;
  const [row] = await prepared(sql<Omit<Population, 'score'>>`
    select count(*)::int as paying, ${of('good')} as good, ${of('average')} as average, ${of('poor')} as poor,
           coalesce(sum(${value}) filter (where h.rank = 'poor'), 0) as "poorValueMinor", coalesce(sum(${value}), 0) as "valueMinor",
           count(*) filter (where ${persistentlyPoor})::int as persistent,
           count(*) filter (where ${soon})::int as renewals, coalesce(sum(${value}) filter (where ${soon}), 0) as "renewalValueMinor",
           coalesce(sum(h.open_cases), 0)::int as "openCases", coalesce(sum(h.urgent_cases), 0)::int as "urgentCases"
    from ${sources} where ${matching(scope, { ...filter, status: 'paying' })}`);
  if (row === undefined) throw new Error('counting accounts answered nothing');
  return row;
}

export async function selectDays(scope: Condition, from: string): Promise<Omit<PopulationDay, 'score'>[]> {
  return await prepared(sql<Omit<PopulationDay, 'score'>>`
    select day, good, average, poor from health_days where day >= ${from}::date and ${scope} order by day`);
}

const sizeOf = sql`case ${sql.join(
  Object.entries(sizes)
    .map(([name, { from }]) => sql`when a.employees >= ${sql.lit(from)} then ${sql.lit(name)}`)
    .toReversed(),
  sql` `,
)} end`;

const keys: Record<Grouping, RawBuilder<unknown>> = {
  manager: managerOf(),
  size: sizeOf,
  industry: sql`a.industry`,
  type: sql`a.type`,
  country: sql`a.billing_country`,
  stage: sql`e.stage`,
  frequency: sql`e.frequency`,
  risk: sql`r.level`,
};

const keyOf = (by: GroupedBy): RawBuilder<unknown> =>
  typeof by === 'string' ? keys[by] : sql`nullif(a.attributes ->> ${by.attribute}, '')`;

/** The largest first; those without a value among them. Ids of users get their names, whatever the attribute. */
export async function selectGroups(scope: Condition, by: GroupedBy): Promise<Group[]> {
  const total = sql`count(*)`;
  return await prepared(sql<Group>`
    with grouped as (
      select ${keyOf(by)} as key, ${of('good')} as good, ${of('average')} as average, ${of('poor')} as poor, ${total} as total,
             coalesce(sum(e.contract_value_minor), 0) as value
      from health h join accounts a on a.id = h.account_id left join account_engagement e on e.account_id = a.id
      left join account_risk r on r.account_id = a.id
      where h.rank is not null and a.deleted_at is null and ${notRemoved('a.id')} and ${scope} group by 1)
    select g.key, coalesce(u.name, g.key) as label, g.good, g.average, g.poor, g.value as "valueMinor"
    from grouped g left join users u on u.id = g.key order by g.total desc, g.key limit 200`);
}
