import type { RawBuilder } from 'kysely';

import { db, sql } from '../platform/db.ts';

import type { AccountChoices, AccountFilter, AccountOrder, ListedAccount, Sorting } from './accounts.ts';

type Condition = RawBuilder<boolean>;

/** Rows of `a` (accounts) and `h` (health) become a listed account; the owner `u` is joined to those of one page alone. */
const listed = sql`
  a.id, a.name, a.type, a.industry, a.billing_city as city, a.billing_country as country, a.website, a.phone, a.employees,
  a.annual_revenue_minor as "annualRevenueMinor", a.owner_id as "ownerId", u.name as "ownerName", a.created_at as "createdAt",
  coalesce(h.status, 'unknown') as status, h.rank, h.score, coalesce(h.reasons, '[]') as reasons, coalesce(h.open_cases, 0) as "openCases",
  coalesce(h.urgent_cases, 0) as "urgentCases", coalesce(h.contacts, 0) as contacts, h.active_on as "activeOn",
  h.renewal_on as "renewalOn"`;

const sources = sql`accounts a left join health h on h.account_id = a.id`;

const sortColumns: Record<Sorting, RawBuilder<unknown>> = {
  name: sql`lower(a.name)`,
  health: sql`h.score`,
  status: sql`h.status`,
  type: sql`a.type`,
  owner: sql`lower(u.name)`,
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
};

/** `%` and `_` are letters in a search, not wildcards. */
const containing = (text: string) => `%${text.replace(/[\\%_]/g, '\\$&')}%`;

function matching(scope: Condition, filter: AccountFilter): Condition {
  const conditions = [sql`a.deleted_at is null`, scope];
  const { search, type, industry, country, ownerId, status, rank } = filter;
  if (search !== undefined) conditions.push(found(containing(search)));
  if (type !== undefined) conditions.push(sql`a.type = ${type}`);
  if (industry !== undefined) conditions.push(sql`a.industry = ${industry}`);
  if (country !== undefined) conditions.push(sql`a.billing_country = ${country}`);
  if (ownerId !== undefined) conditions.push(sql`a.owner_id = ${ownerId}`);
  if (status === 'unknown') conditions.push(sql`(h.status = 'unknown' or h.status is null)`);
  else if (status !== undefined) conditions.push(sql`h.status = ${status}`);
  if (rank !== undefined) conditions.push(sql`h.rank = ${rank}`);
  return sql<boolean>`(${sql.join(conditions, sql` and `)})`;
}

const found = (pattern: string) => sql`lower(a.name) like lower(${pattern})`;

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
      from ${sources} ${sort === 'owner' ? owner : sql``} where ${matching(scope, filter)}
    ), page as materialized (
      select id, sorted_by from matched order by ${order} limit ${limit} offset ${offset}
    ), account as (
      select ${listed}, p.sorted_by from page p join ${sources} on a.id = p.id ${owner}
    )
    select (select count(*) from matched) as total,
           (select json_agg(to_json(account) order by ${order}) from account) as accounts`.execute(db);
  const [{ total, accounts } = { total: 0, accounts: null }] = rows;
  return { total, accounts: (accounts ?? []).map(withDates) };
}

const owner = sql`left join users u on u.id = a.owner_id`;

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
    select ${listed} from ${sources} left join users u on u.id = a.owner_id
    where ${matching(scope, filter)} and ${after} order by lower(a.name), a.id limit 1000`.execute(db);
  return rows;
}

export async function selectInNeed(
  scope: Condition,
  userId: string | null,
  limit: number,
): Promise<ListedAccount[]> {
  const inNeed = (whose: RawBuilder<boolean>, place: number) => sql`
    (select ${listed}, ${place}::int as place
     from health h join accounts a on a.id = h.account_id ${owner}
     where h.rank in ('poor', 'average') and a.deleted_at is null and ${scope} and ${whose}
     order by h.score, h.account_id limit ${limit})`;
  const { rows } = await sql<ListedAccount>`
    ${inNeed(sql`a.owner_id = ${userId}`, 1)} union all ${inNeed(sql`a.owner_id is distinct from ${userId}`, 2)}
    order by place, score, id limit ${limit}`.execute(db);
  return rows;
}

/** The different values of an indexed column, one index look-up each, however many accounts there are. */
const different = (column: string) => {
  const value = sql.ref(column);
  return sql`(
    with recursive found as (
      (select min(${value}) as value from accounts where deleted_at is null)
      union all
      select (select min(${value}) from accounts where deleted_at is null and ${value} > found.value)
      from found where found.value is not null
    ) select coalesce(array_agg(value), '{}') from found where value is not null)`;
};

export async function selectChoices(
  scope: Condition,
): Promise<Pick<AccountChoices, 'types' | 'industries' | 'countries' | 'owners'>> {
  const { rows } = await sql<Pick<AccountChoices, 'types' | 'industries' | 'countries' | 'owners'>>`
    select ${different('type')} as types, ${different('industry')} as industries, ${different('billing_country')} as countries,
           (select coalesce(json_agg(json_build_object('id', id, 'name', name) order by lower(name), id), '[]')
            from users where id = any(${different('owner_id')}::text[])) as owners
    where ${scope}`.execute(db);
  return rows[0] ?? { types: [], industries: [], countries: [], owners: [] };
}
