import type { RawBuilder } from 'kysely';

import { db, sql } from '../platform/db.ts';

import type { Comparison, Membership, SegmentChange, SegmentDay } from './history.ts';

type Condition = RawBuilder<boolean>;

/** The lists of an account or of its people that the condition over `s` (segments) lets through. */
export async function selectMemberships(scope: Condition, accountId: string): Promise<Membership[]> {
  const { rows } = await sql<Membership>`
    select s.id, s.name, s.description, m.entered_at as "enteredAt"
    from segment_members m join segments s on s.id = m.segment_id and s.archived_at is null and s.entity = 'account'
    where m.account_id = ${accountId} and m.entity_id = ${accountId} and ${scope}
    order by lower(s.name), s.id`.execute(db);
  return rows;
}

export async function selectChangesOf(scope: Condition, accountId: string): Promise<SegmentChange[]> {
  const { rows } = await sql<SegmentChange>`
    select c.id, c.segment_id as "segmentId", s.name as "segmentName", c.entity_id as "entityId", c.account_id as "accountId", a.name as "accountName",
           null as "personName", c.change, c.cause, c.occurred_at as "occurredAt"
    from segment_changes c join segments s on s.id = c.segment_id and s.entity = 'account'
    join accounts a on a.id = c.account_id
    where c.account_id = ${accountId} and ${scope} order by c.id desc limit 100`.execute(db);
  return rows;
}

/** Sorted by both, so that the list's own index tells the order: along that of all changes, those of other lists were passed over one by one. */
export async function selectChanges(
  id: string,
  change: SegmentChange['change'] | undefined,
  { limit, offset }: { limit: number; offset: number },
): Promise<SegmentChange[]> {
  const wanted = change === undefined ? sql`true` : sql`c.change = ${change}`;
  const { rows } = await sql<SegmentChange>`
    with page as materialized (
      select * from segment_changes c where c.segment_id between ${id} and ${id} and ${wanted}
      order by c.segment_id, c.id desc limit ${limit} offset ${offset}
    )
    select c.id, c.segment_id as "segmentId", s.name as "segmentName", c.entity_id as "entityId", c.account_id as "accountId",
           a.name as "accountName", p.name as "personName", c.change, c.cause, c.occurred_at as "occurredAt"
    from page c join segments s on s.id = c.segment_id
    left join accounts a on a.id = c.account_id
    left join account_people p on p.id = case when s.entity = 'person' then c.entity_id::bigint end
    order by c.id desc`.execute(db);
  return rows;
}

/** The size of a list on each of the last days, from its first one; a day without a row is like the one before. */
export async function selectDays(id: string, days: number, today: string): Promise<SegmentDay[]> {
  const { rows } = await sql<SegmentDay>`
    with first as (select min(day) as day from segment_days where segment_id = ${id})
    select d::date as day, coalesce(s.members, before.members, 0) as members, coalesce(s.entered, 0) as entered,
           coalesce(s.departed, 0) as departed
    from first, generate_series(greatest(first.day, ${today}::date - ${days}::int + 1), ${today}::date, '1 day') d
    left join segment_days s on s.segment_id = ${id} and s.day = d
    left join lateral (select members from segment_days b where b.segment_id = ${id} and b.day < d order by b.day desc limit 1) before
      on s.segment_id is null
    order by d`.execute(db);
  return rows;
}

export async function selectComparisons(id: string): Promise<Comparison[]> {
  const { rows } = await sql<Comparison>`
    select compared_at as "comparedAt", members, missing, surplus, milliseconds
    from segment_comparisons where segment_id = ${id} order by id desc limit 30`.execute(db);
  return rows;
}

/** What the last comparison of all lists that the condition over `s` lets through has found. */
export async function selectLastComparison(
  scope: Condition,
): Promise<{ comparedAt: Date | null; lists: number; members: number; drift: number }> {
  const { rows } = await sql<{ comparedAt: Date | null; lists: number; members: number; drift: number }>`
    select max(c.compared_at) as "comparedAt", count(*)::int as lists, coalesce(sum(c.members), 0)::int as members,
           coalesce(sum(c.missing + c.surplus), 0)::int as drift
    from segments s join lateral (
      select * from segment_comparisons where segment_id = s.id order by id desc limit 1) c on true
    where s.archived_at is null and ${scope}`.execute(db);
  return rows[0] ?? { comparedAt: null, lists: 0, members: 0, drift: 0 };
}

export async function selectRecentSizes(
  scope: Condition,
  days: number,
  today: string,
): Promise<{ id: string; sizes: number[] }[]> {
  const { rows } = await sql<{ id: string; sizes: number[] }>`
    select s.id, array_agg(d.members order by d.day) as sizes
    from segments s join segment_days d on d.segment_id = s.id and d.day > ${today}::date - ${days}::int
    where ${scope} group by s.id`.execute(db);
  return rows;
}
