import type { RawBuilder } from 'kysely';

import { managerOf } from '../accounts/managers.ts';
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

/** Beyond this many, an exact count is not worth its while each time. */
export const COUNTED = 1_000;

/** So many are sorted quicker than the whole base is walked through in their order: those that match may all come last in it. */
const SORTED = 10_000;

/** What is not always there: those without it come last. A name always is. */
const isAlwaysThere = (sort: Sorting) => sort === 'name';

export type Paged = AccountOrder & { limit: number; offset: number };

/** How many match, more than COUNTED meaning at least that, and, where it is not more, the ids of one page. */
export async function selectFew(
  scope: Condition,
  filter: AccountFilter,
  order: Paged,
): Promise<{ found: number; ids: string[] }> {
  const few = found(sql`${matching(scope, filter)} limit ${COUNTED + 1}`, order.sort);
  const limit = sql`(select case when count(*) > ${COUNTED} then 0 else ${order.limit}::int end from found)`;
  const { rows } = await sql<{ found: number; ids: string[] }>`
    with ${few} select (select count(*) from found) as found, array(${ordered(order, limit)}) as ids`.execute(
    db,
  );
  return rows[0] ?? { found: 0, ids: [] };
}

/** The ids of one page of the `total` accounts that match. */
export async function selectPage(
  scope: Condition,
  filter: AccountFilter,
  order: Paged,
  total: number,
): Promise<string[]> {
  if (total > SORTED) return await selectAlong(scope, filter, order, total);
  return await idsOf(
    sql`with ${found(matching(scope, filter), order.sort)} ${ordered(order, sql`${order.limit}`)}`,
  );
}

/** CTE `found`: those that match, by whatever finds them soonest, with what they are sorted by. */
const found = (where: RawBuilder<unknown>, sort: Sorting) =>
  sql`found as materialized (select a.id, ${sortColumns[sort]} as value from ${sources} ${usersFor(sort)} where ${where})`;

const ordered = ({ direction, offset }: Paged, limit: RawBuilder<unknown>) => {
  const way = direction === 'asc' ? sql`asc` : sql`desc`;
  return sql`select id from found order by value ${way} nulls last, id ${way} limit ${limit} offset ${offset}`;
};

/**
 * Those that have a value to be sorted by come first, so that an index can give them in order and be left after a page; the others are
 * looked at only where the page reaches them.
 */
async function selectAlong(
  scope: Condition,
  filter: AccountFilter,
  order: Paged,
  total: number,
): Promise<string[]> {
  const ids = await idsOf(idsIn(scope, filter, { ...order, isWhole: isAlwaysThere(order.sort) }));
  const isShort = ids.length < order.limit && order.offset + ids.length < total && !isAlwaysThere(order.sort);
  return isShort ? await idsOf(idsIn(scope, filter, { ...order, isWhole: true })) : ids;
}

async function idsOf(query: RawBuilder<unknown>): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`${query}`.execute(db);
  return rows.map(({ id }) => id);
}

const usersFor = (sort: Sorting) => (sort === 'owner' || sort === 'manager' ? users : sql``);

/** `isWhole`: those without a value are among them, last. */
function idsIn(
  scope: Condition,
  filter: AccountFilter,
  { sort, direction, limit, offset, isWhole }: Paged & { isWhole: boolean },
) {
  const column = sortColumns[sort];
  const way = direction === 'asc' ? sql`asc` : sql`desc`;
  const isThere = isWhole ? sql`true` : sql`${column} is not null`;
  const last = isWhole && !isAlwaysThere(sort) ? sql`nulls last` : sql``;
  return sql`
    select a.id from ${sources} ${usersFor(sort)} where ${matching(scope, filter)} and ${isThere}
    order by ${column} ${way} ${last}, a.id ${way} limit ${limit} offset ${offset}`;
}

/** The first of those that have a value to be sorted by, uncounted. */
export async function selectFirst(
  scope: Condition,
  filter: AccountFilter,
  order: AccountOrder & { limit: number },
): Promise<string[]> {
  const found = await prepared(
    sql<{ id: string }>`${idsIn(scope, filter, { ...order, offset: 0, isWhole: false })}`,
  );
  return found.map(({ id }) => id);
}

export async function countAll(scope: Condition, filter: AccountFilter): Promise<number> {
  const { rows } = await sql<{ total: number }>`
    select count(*) as total from ${sources} where ${matching(scope, filter)}`.execute(db);
  return rows[0]?.total ?? 0;
}

/** The accounts of these ids, in their order. */
export async function selectListed(scope: Condition, ids: readonly string[]): Promise<ListedAccount[]> {
  if (ids.length === 0) return [];
  return await prepared(sql<ListedAccount>`
    select ${listed} from unnest(${ids}::text[]) with ordinality wanted (id, place)
    join (${sources}) on a.id = wanted.id ${users} where ${scope} order by wanted.place`);
}

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
