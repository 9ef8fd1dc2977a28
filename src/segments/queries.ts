import type { RawBuilder } from 'kysely';

import { db, sql, type Db, type Tx } from '../platform/db.ts';
import type { Rule } from '../rules/rules.ts';

import type { Draft, Segment, SegmentUses } from './segments.ts';

type Condition = RawBuilder<boolean>;

const columns = sql`
  s.id, s.name, s.description, s.folder, s.entity, s.rule, s.is_shared as "isShared", s.owner_id as "ownerId", p.name as "ownerName",
  s.members, s.trouble, s.refreshed_at as "refreshedAt", s.archived_at as "archivedAt", s.changed_at as "changedAt",
  s.refreshed_revision is not distinct from s.revision as "isCurrent", s.owner_id is null as "isSuggested"`;

/** The lists that somebody may see, favorites first; with what each gained and lost in the last seven days. */
export async function selectSegments(
  scope: Condition,
  personId: string,
  { today, isArchived }: { today: string; isArchived: boolean },
): Promise<Segment[]> {
  const { rows } = await sql<Segment>`
    select ${columns}, f.segment_id is not null as "isFavorite", coalesce(w.entered, 0) as entered, coalesce(w.departed, 0) as departed
    from segments s left join people p on p.id = s.owner_id
    left join segment_favorites f on f.segment_id = s.id and f.person_id = ${personId}
    left join (
      select segment_id, sum(entered)::int as entered, sum(departed)::int as departed from segment_days
      where day > ${today}::date - 7 group by segment_id) w on w.segment_id = s.id
    where ${scope} and (s.archived_at is not null) = ${isArchived}::boolean
    order by f.segment_id is null, lower(coalesce(s.folder, '')), lower(s.name), s.id`.execute(db);
  return rows;
}

export async function selectSegment(
  scope: Condition,
  id: string,
  personId: string,
): Promise<Segment | undefined> {
  const { rows } = await sql<Segment>`
    select ${columns}, exists (
      select from segment_favorites f where f.segment_id = s.id and f.person_id = ${personId}) as "isFavorite", 0 as entered, 0 as departed
    from segments s left join people p on p.id = s.owner_id where s.id = ${id} and ${scope}`.execute(db);
  return rows[0];
}

/** Changes of rules take turns, so that two of them together cannot make a circle. */
export async function waitToChange(tx: Tx): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtextextended('segment_rules', 0))`.execute(tx);
}

interface Written extends Draft {
  personId: string;
  now: Date;
}

/** @returns its id; undefined when a shared list has that name */
export async function insertSegment(tx: Tx, draft: Written): Promise<string | undefined> {
  const { name, description, folder, entity, rule, isShared, personId, now } = draft;
  const { rows } = await sql<{ id: string }>`
    insert into segments (name, description, folder, entity, rule, owner_id, is_shared, created_at, changed_at, changed_by)
    values (${name}, ${description}, ${folder}, ${entity}, ${JSON.stringify(rule)}::jsonb, ${personId}, ${isShared}, ${now}, ${now},
            ${personId})
    on conflict do nothing returning id`.execute(tx);
  return rows[0]?.id;
}

/** @returns false when a shared list has that name */
export async function updateSegment(tx: Tx, id: string, draft: Written): Promise<boolean> {
  const { name, description, folder, rule, isShared, personId, now } = draft;
  if (await isNameTaken(tx, id, draft)) return false;
  await sql`
    update segments set (name, description, folder, rule, is_shared, changed_at, changed_by)
      = (${name}, ${description}, ${folder}, ${JSON.stringify(rule)}::jsonb, ${isShared}, ${now}, ${personId}::uuid),
      owner_id = coalesce(owner_id, case when not ${isShared}::boolean then ${personId}::uuid end),
      revision = revision + (rule <> ${JSON.stringify(rule)}::jsonb)::int
    where id = ${id}`.execute(tx);
  return true;
}

async function isNameTaken(
  tx: Tx,
  id: string,
  { name, isShared }: Pick<Draft, 'name' | 'isShared'>,
): Promise<boolean> {
  const { rows } = await sql`
    select 1 from segments
    where lower(name) = lower(${name}) and is_shared and archived_at is null and ${isShared}::boolean and id <> ${id}`.execute(
    tx,
  );
  return rows.length > 0;
}

export async function replaceParts(tx: Tx, id: string, parts: readonly string[]): Promise<void> {
  await sql`delete from segment_parts where segment_id = ${id} and part_id <> all(${parts}::uuid[])`.execute(
    tx,
  );
  await sql`
    insert into segment_parts (segment_id, part_id) select ${id}::uuid, unnest(${parts}::uuid[]) on conflict do nothing`.execute(
    tx,
  );
}

/** Of every list its rule, what it names, and whether something depends on its saying nothing of risk. */
export interface Known {
  id: string;
  rule: Rule;
  isShared: boolean;
  isArchived: boolean;
  ownerId: string | null;
  parts: string[];
  hasRiskRule: boolean;
}

export async function selectKnown(tx: Db): Promise<Known[]> {
  const { rows } = await sql<Known>`
    select s.id, s.rule, s.is_shared as "isShared", s.archived_at is not null as "isArchived", s.owner_id as "ownerId",
           array(select part_id::text from segment_parts where segment_id = s.id) as parts,
           exists (select from risk_rules r where r.segment_id = s.id) as "hasRiskRule"
    from segments s`.execute(tx);
  return rows;
}

/** @param archivedAt null brings it back; it is then looked at in full @returns false when its name is taken meanwhile */
export async function archive(tx: Tx, id: string, archivedAt: Date | null): Promise<boolean> {
  const { rows } = await sql`
    update segments s set archived_at = ${archivedAt}::timestamptz, is_stale = is_stale or ${archivedAt === null}::boolean
    where id = ${id} and (${archivedAt !== null}::boolean or not is_shared or not exists (
      select from segments o where o.id <> s.id and lower(o.name) = lower(s.name) and o.is_shared and o.archived_at is null))
    returning id`.execute(tx);
  return rows.length > 0;
}

export async function deleteSegment(tx: Tx, id: string): Promise<void> {
  await sql`delete from segments where id = ${id}`.execute(tx);
}

/** What would miss the list. */
export async function selectUses(tx: Db, id: string): Promise<SegmentUses> {
  const { rows } = await sql<SegmentUses>`
    select array(select s.name from segment_parts p join segments s on s.id = p.segment_id where p.part_id = ${id} order by lower(s.name)) as segments,
           (select count(*)::int from tag_triggers where segment_id = ${id}) as triggers,
           (select count(*)::int from risk_rules where segment_id = ${id}) as "riskRules",
           (select count(*)::int from follows where kind = 'segment' and target = ${id}::text) as followers`.execute(
    tx,
  );
  return rows[0] ?? { segments: [], triggers: 0, riskRules: 0, followers: 0 };
}

export async function insertFavorite(personId: string, id: string): Promise<void> {
  await sql`insert into segment_favorites (person_id, segment_id) values (${personId}, ${id}) on conflict do nothing`.execute(
    db,
  );
}

export async function deleteFavorite(personId: string, id: string): Promise<void> {
  await sql`delete from segment_favorites where person_id = ${personId} and segment_id = ${id}`.execute(db);
}
