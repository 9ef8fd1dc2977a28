import type { RawBuilder } from 'kysely';

import { managerOf } from '../accounts/managers.ts';
import { notRemoved } from '../accounts/removals.ts';
import { db, sql } from '../platform/db.ts';

import type { Group, Leaderboard, PeopleFilter, PeopleOrder, PeopleSorting, Person } from './people.ts';

type Condition = RawBuilder<boolean>;

/** People on a page of the list. */
export const PAGE_SIZE = 50;
/** More are not counted: a list of ten thousand is to be narrowed down. */
export const MOST_COUNTED = 10_000;

/** From which score on somebody is called a power user, if they come weekly at least. */
const POWER = 80;

/** What a person's own page says besides. */
export interface Details {
  phone: string | null;
  department: string | null;
  accountStatus: string | null;
  /** How many other people of the account were active, and how many of those did more. */
  colleagues: number;
  busier: number;
  /** What the sources told of them: attribute and value. */
  traits: Record<string, unknown>;
}

const person = sql`
  p.id, p.name, p.title, p.email_normalized as email, p.account_id as "accountId", a.name as "accountName", p.contact_id as "contactId",
  p.usage_person is not null as "isUser", coalesce(c.is_beta, false) as "isBeta", p.first_active_on as "firstActiveOn",
  p.last_active_on as "lastActiveOn", p.days_active_14 as "daysActive", p.days_active_before as "daysBefore", p.actions_14 as actions,
  p.actions_before as "actionsBefore", p.seconds_14 as seconds, p.modules_14 as modules, p.engagement, p.frequency`;

const named = sql`join accounts a on a.id = p.account_id left join contacts c on c.id = p.contact_id`;

const isGroup: Record<Group, RawBuilder<unknown>> = {
  power: sql`p.engagement >= ${POWER} and p.frequency in ('daily', 'weekly')`,
  regular: sql`p.frequency in ('daily', 'weekly') and p.engagement < ${POWER}`,
  fading: sql`p.days_active_14 > 0 and p.actions_14 * 2 <= p.actions_before and p.days_active_before >= 2`,
  gone: sql`p.days_active_14 = 0 and p.last_active_on is not null`,
  never: sql`p.first_active_on is null`,
  beta: sql`p.engagement >= ${POWER} and p.contact_id is not null
    and not exists (select from contacts k where k.id = p.contact_id and k.is_beta)`,
};

const sortedBy: Record<PeopleSorting, RawBuilder<unknown>> = {
  name: sql`lower(p.name)`,
  account: sql`(select lower(b.name) from accounts b where b.id = p.account_id)`,
  engagement: sql`p.engagement`,
  daysActive: sql`p.days_active_14`,
  actions: sql`p.actions_14`,
  change: sql`p.actions_14 - p.actions_before`,
  time: sql`p.seconds_14`,
  modules: sql`p.modules_14`,
  lastActive: sql`p.last_active_on`,
};

const containing = (text: string) => `%${text.toLowerCase().replace(/[\\%_]/g, '\\$&')}%`;

const ofManager = (id: string) =>
  sql`p.account_id in (select a.id from accounts a where a.deleted_at is null and ${managerOf()} = ${id})`;

function matching(scope: Condition, filter: PeopleFilter): Condition {
  const { search, group, frequency, status, accountId, managerId } = filter;
  const wanted = [
    scope,
    notRemoved('p.account_id'),
    search &&
      sql`(lower(p.name) like ${containing(search)} or p.email_normalized like ${containing(search)})`,
    group && isGroup[group],
    frequency && sql`p.frequency = ${frequency}`,
    status && sql`p.account_id in (select e.account_id from account_engagement e where e.status = ${status})`,
    accountId && sql`p.account_id = ${accountId}`,
    managerId && ofManager(managerId),
  ].filter((each): each is RawBuilder<unknown> => typeof each === 'object');
  return sql<boolean>`(${sql.join(wanted, sql` and `)})`;
}

/** Only the page's rows get their names; without a filter its order comes from the index of scores. */
export async function selectPeople(
  scope: Condition,
  filter: PeopleFilter,
  { sort, direction, page }: PeopleOrder,
): Promise<{ people: Person[]; total: number }> {
  const way = direction === 'asc' ? sql`asc nulls last` : sql`desc nulls last`;
  const order = sql`${sortedBy[sort]} ${way}, p.id`;
  const where = matching(scope, filter);
  const [{ rows }, counted] = await Promise.all([
    sql<Person>`
      with page as materialized (
        select p.id from account_people p where ${where} order by ${order} limit ${PAGE_SIZE} offset ${(page - 1) * PAGE_SIZE})
      select ${person} from page join account_people p on p.id = page.id ${named} order by ${order}`.execute(
      db,
    ),
    sql<{ total: number }>`
      select count(*) as total from (select from account_people p where ${where} limit ${MOST_COUNTED}) found`.execute(
      db,
    ),
  ]);
  return { people: rows, total: counted.rows[0]?.total ?? 0 };
}

export async function selectPerson(scope: Condition, id: number): Promise<(Person & Details) | undefined> {
  const { rows } = await sql<Person & Details>`
    select ${person}, c.phone, c.department, e.status as "accountStatus", coalesce(u.traits, '{}') as traits,
      (select count(*) from account_people o where o.account_id = p.account_id and o.id <> p.id and o.days_active_14 > 0) as colleagues,
      (select count(*) from account_people o where o.account_id = p.account_id and o.actions_14 > p.actions_14) as busier
    from account_people p ${named} left join account_engagement e on e.account_id = p.account_id
    left join usage_people u on u.id = p.usage_person
    where p.id = ${id} and ${scope}`.execute(db);
  return rows[0];
}

export async function selectPeopleOf(scope: Condition, accountId: string): Promise<Person[]> {
  const { rows } = await sql<Person>`
    select ${person} from account_people p ${named} where p.account_id = ${accountId} and ${scope}
    order by p.engagement desc nulls last, p.last_active_on desc nulls last, lower(p.name), p.id limit 500`.execute(
    db,
  );
  return rows;
}

export async function selectElsewhere(scope: Condition, id: number, email: string): Promise<Person[]> {
  const { rows } = await sql<Person>`
    select ${person} from account_people p ${named}
    where p.email_normalized = ${email} and p.id <> ${id} and ${scope} order by lower(a.name) limit 50`.execute(
    db,
  );
  return rows;
}

const boards: Record<keyof Leaderboard, { among: RawBuilder<unknown>; order: RawBuilder<unknown> }> = {
  power: { among: isGroup.power, order: sql`p.engagement desc, p.actions_14 desc, p.id` },
  fading: { among: isGroup.fading, order: sql`p.actions_before - p.actions_14 desc, p.id` },
  gone: { among: isGroup.gone, order: sql`p.last_active_on desc, p.days_active_before desc, p.id` },
};

export async function selectBoard(
  scope: Condition,
  board: keyof Leaderboard,
  { managerId, today }: { managerId: string | undefined; today: string },
): Promise<Person[]> {
  const { among, order } = boards[board];
  const lately = board === 'gone' ? sql`p.last_active_on > ${today}::date - 90` : sql`true`;
  const { rows } = await sql<Person>`
    select ${person} from (
      select * from account_people p where ${matching(scope, { managerId })} and ${among} and ${lately} order by ${order} limit 12) p ${named}
    order by ${order}`.execute(db);
  return rows;
}
