import type { RawBuilder } from 'kysely';

import { notRemoved } from '../accounts/removals.ts';
import { db, sql, type Db, type Tx } from '../platform/db.ts';
import { compileAll, existing } from '../rules/compile.ts';
import type { Catalog } from '../rules/fields.ts';
import type { Rule } from '../rules/rules.ts';

/** What a refresh has to know of a list. */
export interface Refreshed {
  id: string;
  entity: 'account' | 'person';
  rule: Rule;
  revision: number;
  refreshedRevision: number | null;
  refreshedOn: string | null;
  isStale: boolean;
  trouble: string | null;
  /** The lists that its rule names. */
  parts: string[];
  /** Whether other lists name it. */
  isPart: boolean;
}

export type Cause = 'data' | 'rule' | 'time' | 'comparison';

/** One refresh at a time: two would count the same members twice. A million accounts may take their minutes. */
export async function waitForTurn(tx: Tx): Promise<void> {
  await sql`select set_config('statement_timeout', '600000', true)`.execute(tx);
  await sql`select pg_advisory_xact_lock(hashtextextended('segments', 0))`.execute(tx);
}

export async function selectLists(tx: Db): Promise<Refreshed[]> {
  const { rows } = await sql<Refreshed>`
    select s.id, s.entity, s.rule, s.revision, s.refreshed_revision as "refreshedRevision", s.refreshed_on as "refreshedOn",
           s.is_stale as "isStale", s.trouble,
           array(select part_id::text from segment_parts where segment_id = s.id) as parts,
           exists (select from segment_parts where part_id = s.id) as "isPart"
    from segments s where s.archived_at is null order by s.created_at, s.id`.execute(tx);
  return rows;
}

/**
 * Takes up to that many accounts that wait into the temporary table `segment_look`. They wait no longer when the transaction is
 * kept. Of what rules ask, few rows are wanted from then on: indexes are the shorter way. @returns how many they are
 */
export async function takeDue(tx: Tx, most: number): Promise<number> {
  await sql`select set_config('random_page_cost', '1.1', true)`.execute(tx);
  await sql`
    create temporary table segment_look on commit drop as
    with due as (
      delete from segment_due where account_id in (select account_id from segment_due order by account_id limit ${most})
      returning account_id
    )
    select account_id from due`.execute(tx);
  const { rows } = await sql<{ count: number }>`select count(*) from segment_look`.execute(tx);
  await sql`create unique index on segment_look (account_id)`.execute(tx);
  await sql`analyze segment_look`.execute(tx);
  return rows[0]?.count ?? 0;
}

/** The accounts of `segment_look`, as a query of their ids. */
export const looked = sql`select account_id from segment_look`;

interface Look<Lists> {
  lists: Lists;
  catalog: Catalog;
  /** The accounts that are looked at; all of them without it. */
  among?: RawBuilder<unknown> | undefined;
  now: Date;
}

type List = Pick<Refreshed, 'id' | 'entity' | 'rule'>;

const dayOf = (at: Date): string => at.toISOString().slice(0, 10);

/**
 * Who belongs into which of the lists, all of accounts or all of people, by their rules now, as the common table `belonging`: segment_id,
 * entity_id, account_id. One look for all lists. The accounts that are looked at are found first, so that however many tables the rules
 * ask are asked about them alone; those that were put off the lists belong to none.
 */
function belonging({ lists, catalog, among, now }: Look<readonly List[]>): RawBuilder<unknown> {
  const entity = lists[0]?.entity ?? 'account';
  const rules = lists.map(({ rule }) => rule);
  const { sources, conditions } = compileAll(rules, { entity, catalog, today: dayOf(now), among });
  const how = among === undefined ? sql`not materialized` : sql`materialized`;
  const [id, people] =
    entity === 'account'
      ? [sql`a.id`, sql``]
      : [sql`p.id::text`, sql`join account_people p on p.account_id = a.id`];
  return sql`
    seen as ${how} (select a.* from accounts a where ${existing({ among })} and ${notRemoved('a.id')}),
    belonging as materialized (
      select list.id as segment_id, judged.entity_id, judged.account_id
      from (
        select ${id} as entity_id, a.id as account_id, array[${sql.join(conditions)}]::boolean[] as holds from seen a ${people} ${sources}
      ) judged, unnest(${lists.map((list) => list.id)}::uuid[], judged.holds) as list (id, holds) where list.holds
    )`;
}

/** How many entered and left a list. */
export interface Outcome {
  segment: string;
  entered: number;
  departed: number;
}

/**
 * Has the lists hold those who belong into them, and writes down who entered and who left under the batch. One statement, whatever the
 * number of accounts. Lists that name each other take one after the other.
 */
export async function refresh(
  tx: Tx,
  { batch, cause, ...look }: Look<readonly List[]> & { batch: number; cause: Cause },
): Promise<Outcome[]> {
  const { lists, among, now } = look;
  const here = among === undefined ? sql`true` : sql`m.account_id in (${among})`;
  const { rows } = await sql<Outcome>`
    with ${belonging(look)},
    gone as (
      delete from segment_members m
      where m.segment_id = any(${lists.map(({ id }) => id)}::uuid[]) and ${here}
        and not exists (select from belonging b where b.segment_id = m.segment_id and b.entity_id = m.entity_id)
      returning m.segment_id, m.entity_id, m.account_id
    ), come as (
      insert into segment_members (segment_id, entity_id, account_id, entered_at)
      select b.segment_id, b.entity_id, b.account_id, ${now}::timestamptz from belonging b
      where not exists (select from segment_members m where m.segment_id = b.segment_id and m.entity_id = b.entity_id)
      on conflict do nothing
      returning segment_id, entity_id, account_id
    ), moved as (
      select segment_id, entity_id, account_id, 'entered' as change from come
      union all select segment_id, entity_id, account_id, 'left' from gone
    ), told as (
      insert into segment_changes (batch, segment_id, entity_id, account_id, change, cause, occurred_at)
      select ${batch}::bigint, segment_id, entity_id, account_id, change, ${cause}::text, ${now}::timestamptz from moved
    )
    select segment_id as segment, (count(*) filter (where change = 'entered'))::int as entered,
           (count(*) filter (where change = 'left'))::int as departed
    from moved group by segment_id`.execute(tx);
  return rows;
}

/** How many belong into the list and are not in it, and how many are in it and do not belong; nothing is changed. */
export async function countDifferences(
  tx: Db,
  { list, ...look }: Omit<Look<never>, 'lists'> & { list: List },
): Promise<{ members: number; missing: number; surplus: number }> {
  const { rows } = await sql<{ members: number; missing: number; surplus: number }>`
    with ${belonging({ ...look, lists: [list] })},
    member as materialized (select entity_id from segment_members where segment_id = ${list.id})
    select (select count(*) from member) as members,
           (select count(*) from belonging b where not exists (select from member m where m.entity_id = b.entity_id)) as missing,
           (select count(*) from member m where not exists (select from belonging b where b.entity_id = m.entity_id)) as surplus`.execute(
    tx,
  );
  return rows[0] ?? { members: 0, missing: 0, surplus: 0 };
}

export async function nextBatch(tx: Tx): Promise<number> {
  const { rows } = await sql<{ batch: number }>`select nextval('segment_batches') as batch`.execute(tx);
  return rows[0]?.batch ?? 0;
}

/** Keeps how large the list is now, today and at all. Whom it holds when it is filled first did not come today. */
export async function noteSize(
  tx: Tx,
  { id, refreshedRevision }: Pick<Refreshed, 'id' | 'refreshedRevision'>,
  { entered, departed, now }: { entered: number; departed: number; now: Date },
): Promise<void> {
  const [came, went] = refreshedRevision === null ? [0, 0] : [entered, departed];
  await sql`
    with sized as (
      update segments set members = members + ${entered}::int - ${departed}::int, refreshed_at = ${now}
      where id = ${id} returning id, members
    )
    insert into segment_days as d (segment_id, day, members, entered, departed)
    select id, ${dayOf(now)}::date, members, ${came}::int, ${went}::int from sized
    on conflict (segment_id, day) do update set
      (members, entered, departed) = (excluded.members, d.entered + excluded.entered, d.departed + excluded.departed)`.execute(
    tx,
  );
}

/** Keeps that every account was looked at, by which revision of the rule and on what day. */
export async function noteFull(
  tx: Tx,
  { id, revision }: Pick<Refreshed, 'id' | 'revision'>,
  now: Date,
): Promise<void> {
  await sql`
    update segments set refreshed_revision = ${revision}, refreshed_on = ${dayOf(now)}::date, refreshed_at = ${now}, is_stale = false,
      trouble = null where id = ${id}`.execute(tx);
}

/** Keeps why a list could not be looked at. It is looked at whole when it can be again. */
export async function noteTrouble(tx: Db, id: string, trouble: string): Promise<void> {
  await sql`update segments set trouble = ${trouble.slice(0, 500)}, is_stale = true where id = ${id}`.execute(
    tx,
  );
}

/** Half-loaded data would have accounts enter lists that they do not belong into; so would health that nobody has judged yet. */
export async function isLoading(): Promise<boolean> {
  const { rows } = await sql`
    select 1 from sync_states
    where table_name in ('accounts', 'contacts', 'opportunities', 'licenses', 'cases') and phase <> 'live' and error is null
    union all
    select 1 where exists (select from accounts) and not exists (select from health) limit 1`.execute(db);
  return rows.length > 0;
}

/** Has every list looked at in full. */
export async function markStale(tx: Tx): Promise<void> {
  await sql`update segments set is_stale = true where archived_at is null and not is_stale`.execute(tx);
}

export async function insertComparison(
  tx: Tx,
  id: string,
  found: { members: number; missing: number; surplus: number; milliseconds: number; at: Date },
): Promise<void> {
  await sql`
    insert into segment_comparisons (segment_id, compared_at, members, missing, surplus, milliseconds)
    values (${id}, ${found.at}, ${found.members}, ${found.missing}, ${found.surplus}, ${Math.round(found.milliseconds)})`.execute(
    tx,
  );
  await sql`
    delete from segment_comparisons where segment_id = ${id} and compared_at < ${found.at}::timestamptz - interval '90 days'`.execute(
    tx,
  );
}

/** Days for which it is kept who entered and left, and how large lists were. */
const KEPT_DAYS = 400;

/** Forgets what is too old to be asked for. */
export async function forgetOld(tx: Tx, now: Date): Promise<void> {
  const oldest = sql`${now}::timestamptz - ${KEPT_DAYS} * interval '1 day'`;
  await sql`delete from segment_changes where occurred_at < ${oldest}`.execute(tx);
  await sql`delete from segment_days where day < (${oldest})::date`.execute(tx);
  await sql`delete from tag_trigger_batches where batch < (select coalesce(min(batch), 0) from segment_changes)`.execute(
    tx,
  );
}
