import type { RawBuilder } from 'kysely';

import { managerOf } from '../accounts/managers.ts';
import { notRemoved } from '../accounts/removals.ts';
import { db, prepared, sql } from '../platform/db.ts';

import type { AccountChoices, AccountFilter, AccountOrder, ListedAccount, Sorting } from './accounts.ts';
import { type Condition, matching, sources } from './conditions.ts';

/** Rows of `sources` become a listed account; names of users and tags are looked up for those of one page alone. */
const listed = sql`
  a.id, a.name, a.type, a.industry, a.billing_city as city, a.billing_country as country, a.website, a.phone, a.employees,
  a.annual_revenue_minor as "annualRevenueMinor", a.owner_id as "ownerId", u.name as "ownerName", a.created_at as "createdAt",
  ${managerOf()} as "managerId", coalesce(m.name, a.success_manager_id) as "managerName",
  coalesce(h.status, 'unknown') as status, h.rank, h.score, coalesce(h.reasons, '[]') as reasons, coalesce(h.open_cases, 0) as "openCases",
  coalesce(h.urgent_cases, 0) as "urgentCases", coalesce(h.contacts, 0) as contacts, h.active_on as "activeOn",
  h.renewal_on as "renewalOn", e.stage, e.engagement, e.frequency, e.days_active_14 as "daysActive", e.people_active_14 as people,
  e.seconds_14 as seconds, e.last_active_on as "lastUsedOn", e.seats, e.utilization, e.contract_value_minor as "contractValueMinor",
  r.level as risk,
  (select coalesce(json_agg(json_build_object('name', g.name, 'tone', g.tone) order by g.name), '[]')
   from account_tags tagged join tags g on g.name = tagged.tag where tagged.account_id = a.id) as tags`;

const users = sql`left join users u on u.id = a.owner_id left join users m on m.id = ${managerOf()}`;

const sortColumns: Record<Sorting, RawBuilder<unknown>> = {
  name: sql`lower(a.name)`,
  health: sql`h.score`,
  status: sql`h.status`,
  type: sql`a.type`,
  owner: sql`lower(u.name)`,
  manager: sql`lower(coalesce(m.name, a.success_manager_id))`,
  openCases: sql`h.open_cases`,
  urgentCases: sql`h.urgent_cases`,
  contacts: sql`h.contacts`,
  renewalOn: sql`h.renewal_on`,
  activeOn: sql`h.active_on`,
  industry: sql`a.industry`,
  city: sql`a.billing_city`,
  country: sql`a.billing_country`,
  employees: sql`a.employees`,
  annualRevenue: sql`a.annual_revenue_minor`,
  createdAt: sql`a.created_at`,
  stage: sql`e.stage`,
  engagement: sql`e.engagement`,
  frequency: sql`e.days_active_14`,
  people: sql`e.people_active_14`,
  time: sql`e.seconds_14`,
  lastUsedOn: sql`e.last_active_on`,
  utilization: sql`e.utilization`,
  value: sql`e.contract_value_minor`,
  risk: sql`array_position(array['green', 'yellow', 'red'], r.level)`,
};

/**
 * The page's ids are found and sorted first; the rest of their rows is read for them alone. What a filter finds is gathered once,
 * for the page and its count; without a filter, each comes from an index by itself.
 */
export async function selectPage(
  scope: Condition,
  filter: AccountFilter,
  { sort, direction, limit, offset }: AccountOrder & { limit: number; offset: number },
): Promise<{ accounts: ListedAccount[]; total: number }> {
  const isFiltered = Object.values(filter).some((value) => value !== undefined);
  const order = ordered(sort, direction);
  const { rows } = await sql<{ total: number; accounts: ListedAccount[] | null }>`
    with matched as ${isFiltered ? sql`materialized` : sql`not materialized`} (
      select a.id, ${sortColumns[sort]} as sorted_by
      from ${sources} ${users} where ${matching(scope, filter)}
    ), page as materialized (
      select id, sorted_by from matched order by ${order} limit ${limit} offset ${offset}
    ), account as (
      select ${listed}, p.sorted_by from page p join (${sources}) on a.id = p.id ${users}
    )
    select (select count(*) from matched) as total,
           (select json_agg(to_json(account) order by ${order}) from account) as accounts`.execute(db);
  const [{ total, accounts } = { total: 0, accounts: null }] = rows;
  return { total, accounts: (accounts ?? []).map(withDates) };
}

/** What has no value comes last either way. A name always has one: its index then serves both ways. */
function ordered(sort: Sorting, direction: AccountOrder['direction']): RawBuilder<unknown> {
  const way = direction === 'asc' ? sql`asc` : sql`desc`;
  return sort === 'name' ? sql`sorted_by ${way}, id ${way}` : sql`sorted_by ${way} nulls last, id`;
}

const withDates = (account: ListedAccount): ListedAccount => ({
  ...account,
  createdAt: account.createdAt === null ? null : new Date(account.createdAt),
});

/** Up to a thousand by name, after `last`. The database alone says what a name is in lower case: JavaScript's ΟΜΙΛΟΣ ends with another letter. */
export async function selectAfter(
  scope: Condition,
  filter: AccountFilter,
  last: ListedAccount | undefined,
): Promise<ListedAccount[]> {
  const after = last ? sql`(lower(a.name), a.id) > (lower(${last.name}), ${last.id})` : sql`true`;
  const { rows } = await sql<ListedAccount>`
    select ${listed} from ${sources} ${users}
    where ${matching(scope, filter)} and ${after} order by lower(a.name), a.id limit 1000`.execute(db);
  return rows;
}

/** Those of the viewer are looked for by their index; those of others only as far as there is room left. */
export async function selectInNeed(
  scope: Condition,
  userId: string | null,
  limit: number,
): Promise<ListedAccount[]> {
  const inNeed = (whose: RawBuilder<boolean>, place: number) => sql`
    (select ${listed}, ${place}::int as place from ${sources} ${users}
     where h.rank in ('poor', 'average') and a.deleted_at is null and ${notRemoved('a.id')} and ${scope} and ${whose}
     order by h.score, h.account_id limit ${limit})`;
  const { rows } = await sql<ListedAccount>`
    ${inNeed(sql`${managerOf()} = ${userId}`, 1)} union all ${inNeed(sql`${managerOf()} is distinct from ${userId}`, 2)}
    order by place, score, id limit ${limit}`.execute(db);
  return rows;
}

/** The different values of an indexed column, one index look-up each, however many accounts there are. */
const different = (value: RawBuilder<unknown>) => sql`(
    with recursive found as (
      (select min(${value}) as value from accounts a where deleted_at is null)
      union all
      select (select min(${value}) from accounts a where deleted_at is null and ${value} > found.value)
      from found where found.value is not null
    ) select coalesce(array_agg(value), '{}') from found where value is not null)`;

type Choices = Pick<AccountChoices, 'types' | 'industries' | 'countries' | 'managers' | 'tags'>;

export async function selectChoices(scope: Condition): Promise<Choices> {
  const [choices] = await prepared(sql<Choices>`
    select ${different(sql`type`)} as types, ${different(sql`industry`)} as industries, ${different(sql`billing_country`)} as countries,
           array(select name from tags order by lower(name)) as tags,
           (select coalesce(json_agg(json_build_object('id', one.id, 'name', coalesce(m.name, one.id)) order by lower(coalesce(m.name, one.id))), '[]')
            from unnest(${different(managerOf())}::text[]) one (id) left join users m on m.id = one.id) as managers
    where ${scope}`);
  return choices ?? { types: [], industries: [], countries: [], managers: [], tags: [] };
}
