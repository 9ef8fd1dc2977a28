import type { RawBuilder } from 'kysely';

import { managerOf } from '../accounts/managers.ts';
import { db, sql } from '../platform/db.ts';
import { NotFound } from '../platform/errors.ts';

import type { Member, MemberOrder, MemberSorting } from './members.ts';
import type { Segment } from './segments.ts';

type Of = Pick<Segment, 'id' | 'entity'>;

/** One place for what is read of an account in a list, whether the list is of accounts or of people. */
const accountColumns = sql`
  a.id as "accountId", a.name as "accountName", a.industry, a.billing_country as country, a.employees, u.name as "managerName",
  coalesce(h.status, 'unknown') as status, h.rank, h.score, h.renewal_on as "renewalOn", h.open_cases as "openCases", r.level as risk, r.reason as "riskReason"`;

const columnsOf: Record<Segment['entity'], RawBuilder<unknown>> = {
  account: sql`
    ${accountColumns}, e.stage, e.engagement, e.frequency, e.people_active_14 as "peopleActive", e.utilization,
    e.last_active_on as "lastActiveOn", e.contract_value_minor as "contractValueMinor",
    array(select json_build_object('name', t.name, 'tone', t.tone) from account_tags at join tags t on t.name = at.tag
          where at.account_id = a.id order by lower(t.name)) as tags`,
  person: sql`
    ${accountColumns}, p.name as "personName", p.email_normalized as email, p.title, p.engagement, p.frequency,
    p.last_active_on as "lastActiveOn", p.days_active_14 as "daysActive", p.actions_14 as actions`,
};

const sources: Record<Segment['entity'], RawBuilder<unknown>> = {
  account: sql`
    segment_members m join accounts a on a.id = m.entity_id and a.deleted_at is null
    left join account_engagement e on e.account_id = a.id`,
  person: sql`
    segment_members m join account_people p on p.id = m.entity_id::bigint
    join accounts a on a.id = p.account_id and a.deleted_at is null`,
};

const more = sql`
  left join health h on h.account_id = a.id left join account_risk r on r.account_id = a.id
  left join users u on u.id = ${managerOf('a')}`;

const personSorting: Partial<Record<MemberSorting, RawBuilder<unknown>>> = {
  person: sql`lower(p.name)`,
  title: sql`lower(p.title)`,
  email: sql`p.email_normalized`,
  engagement: sql`p.engagement`,
  lastActiveOn: sql`p.last_active_on`,
  daysActive: sql`p.days_active_14`,
  actions: sql`p.actions_14`,
};

const accountSorting: Partial<Record<MemberSorting, RawBuilder<unknown>>> = {
  engagement: sql`e.engagement`,
  lastActiveOn: sql`e.last_active_on`,
  peopleActive: sql`e.people_active_14`,
  utilization: sql`e.utilization`,
  contractValue: sql`e.contract_value_minor`,
  stage: sql`e.stage`,
};

const commonSorting: Partial<Record<MemberSorting, RawBuilder<unknown>>> = {
  name: sql`lower(a.name)`,
  enteredAt: sql`m.entered_at`,
  health: sql`h.score`,
  status: sql`h.status`,
  manager: sql`lower(u.name)`,
  risk: sql`array_position(array['red', 'yellow', 'green'], r.level)`,
  renewalOn: sql`h.renewal_on`,
  openCases: sql`h.open_cases`,
  industry: sql`a.industry`,
  country: sql`a.billing_country`,
  employees: sql`a.employees`,
};

/** What is always there needs no word on where the others come, so that an index can tell the order. */
const alwaysThere = new Set<MemberSorting>(['name', 'person', 'enteredAt']);

function valueOf(entity: Segment['entity'], sort: MemberSorting): RawBuilder<unknown> | undefined {
  const own = entity === 'person' ? personSorting : accountSorting;
  return own[sort] ?? commonSorting[sort];
}

function wayOf(entity: Segment['entity'], { sort, direction }: MemberOrder): RawBuilder<unknown> {
  const last = valueOf(entity, sort) === undefined || alwaysThere.has(sort) ? sql`` : sql`nulls last`;
  return sql`${direction === 'asc' ? sql`asc` : sql`desc`} ${last}`;
}

/** `%` and `_` are letters in a search, not wildcards. */
const containing = (text: string) => `%${text.replace(/[\\%_]/g, '\\$&')}%`;

export interface MemberFilter {
  search: string;
  /** The user whose accounts alone are asked for. */
  managerId: string | undefined;
}

function matching({ id, entity }: Of, { search, managerId }: MemberFilter): RawBuilder<boolean> {
  const conditions = [sql`m.segment_id = ${id}`];
  const named =
    entity === 'person'
      ? sql`(lower(a.name) like lower(${containing(search)}) or lower(p.name) like lower(${containing(search)})
             or p.email_normalized like lower(${containing(search)}))`
      : sql`lower(a.name) like lower(${containing(search)})`;
  if (search !== '') conditions.push(named);
  if (managerId !== undefined) conditions.push(sql`${managerOf('a')} = ${managerId}`);
  return sql<boolean>`(${sql.join(conditions, sql` and `)})`;
}

/** Beyond this many, an exact count is not worth its while each time. */
export const COUNTED = 1_000;

/** So many are sorted quicker than the whole base is walked through in their order. */
const SORTED = 10_000;

/** How many a list's filter finds; more than COUNTED means at least that. */
export async function countSome(of: Of, filter: MemberFilter): Promise<number> {
  const { rows } = await sql<{ found: number }>`
    select count(*) as found from (select from ${sources[of.entity]} where ${matching(of, filter)} limit ${COUNTED + 1}) found`.execute(
    db,
  );
  return rows[0]?.found ?? 0;
}

/** Who is on a page of the `total` members that a list's filter finds. */
export async function selectPage(
  of: Of,
  filter: MemberFilter,
  order: MemberOrder & { limit: number; offset: number },
  total: number,
): Promise<string[]> {
  const { limit, offset } = order;
  const value = valueOf(of.entity, order.sort) ?? sql`lower(a.name)`;
  const way = wayOf(of.entity, order);
  const part = sql`limit ${limit} offset ${offset}`;
  const all = sql`from ${sources[of.entity]} ${more} where ${matching(of, filter)}`;
  const sorted = sql`
    with found as materialized (select m.entity_id as id, ${value} as value ${all}) select id from found order by value ${way}, id ${part}`;
  const along = sql`select m.entity_id as id ${all} order by ${value} ${way}, m.entity_id ${part}`;
  const { rows } = await sql<{ id: string }>`${total <= SORTED ? sorted : along}`.execute(db);
  return rows.map(({ id }) => id);
}

export async function countAll(of: Of, filter: MemberFilter): Promise<number> {
  const { rows } = await sql<{ total: number }>`
    select count(*) as total from ${sources[of.entity]} where ${matching(of, filter)}`.execute(db);
  return rows[0]?.total ?? 0;
}

/** The members of these ids, in their order. */
export async function selectMembers(of: Of, ids: readonly string[]): Promise<Member[]> {
  if (ids.length === 0) return [];
  const { rows } = await sql<Member>`
    select m.entity_id as "entityId", m.entered_at as "enteredAt", ${columnsOf[of.entity]}
    from unnest(${ids}::text[]) with ordinality wanted (id, place)
    join (${sources[of.entity]}) on m.segment_id = ${of.id} and m.entity_id = wanted.id ${more} order by wanted.place`.execute(
    db,
  );
  return rows;
}

/** Up to a thousand members by their ids, after `last`. */
export async function selectAfter(of: Of, filter: MemberFilter, last: string): Promise<Member[]> {
  const { rows } = await sql<Member>`
    select m.entity_id as "entityId", m.entered_at as "enteredAt", ${columnsOf[of.entity]}
    from ${sources[of.entity]} ${more}
    where ${matching(of, filter)} and m.entity_id > ${last} order by m.entity_id limit 1000`.execute(db);
  return rows;
}

/** What somebody is called and since when they are in a list. */
export async function selectOne(
  { id, entity }: Of,
  entityId: string,
): Promise<{ name: string; accountId: string; accountName: string; enteredAt: Date | null }> {
  const found =
    entity === 'person'
      ? sql`select p.name, a.id, a.name as account from account_people p join accounts a on a.id = p.account_id where p.id::text = ${entityId}`
      : sql`select a.name, a.id, a.name as account from accounts a where a.id = ${entityId}`;
  const { rows } = await sql<{
    name: string;
    accountId: string;
    accountName: string;
    enteredAt: Date | null;
  }>`
    select one.name, one.id as "accountId", one.account as "accountName", m.entered_at as "enteredAt"
    from (${found}) one left join segment_members m on m.segment_id = ${id} and m.entity_id = ${entityId}`.execute(
    db,
  );
  const [one] = rows;
  if (one === undefined) throw new NotFound();
  return one;
}

/** The accounts of a list's members, each once. */
export async function selectAccounts(id: string): Promise<string[]> {
  const { rows } = await sql<{ account_id: string }>`
    select distinct account_id from segment_members where segment_id = ${id}`.execute(db);
  return rows.map((row) => row.account_id);
}
