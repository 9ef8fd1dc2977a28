import type { RawBuilder } from 'kysely';

import { db, sql, type Tx } from '../platform/db.ts';

import type { TagTrigger } from './tag-triggers.ts';

type Condition = RawBuilder<boolean>;

/** What a trigger may do to one tag of one account in a day before it counts as going in circles. */
const MOST_A_DAY = 4;

export async function selectTriggers(scope: Condition): Promise<TagTrigger[]> {
  const { rows } = await sql<TagTrigger>`
    select t.id, t.segment_id as "segmentId", s.name as "segmentName", t.moment, t.act, t.tag, g.tone,
           t.paused_at as "pausedAt", p.name as "createdBy", t.created_at as "createdAt",
           (select count(*) from account_tag_changes c where c.trigger_id = t.id) as changes
    from tag_triggers t join segments s on s.id = t.segment_id join tags g on g.name = t.tag
    left join people p on p.id = t.created_by
    where ${scope} order by lower(s.name), t.moment, t.act, lower(t.tag)`.execute(db);
  return rows;
}

/** @returns its id; undefined where there is one like it, or the list is not a shared one of accounts */
export async function insertTrigger(
  tx: Tx,
  { segmentId, moment, act, tag }: Pick<TagTrigger, 'segmentId' | 'moment' | 'act' | 'tag'>,
  by: string | null,
  now: Date,
): Promise<number | undefined> {
  const { rows } = await sql<{ id: number }>`
    insert into tag_triggers (segment_id, moment, act, tag, created_by, created_at)
    select id, ${moment}, ${act}, ${tag}, ${by}::uuid, ${now} from segments
    where id = ${segmentId} and entity = 'account' and is_shared and archived_at is null
    on conflict do nothing returning id`.execute(tx);
  return rows[0]?.id;
}

export async function deleteTrigger(tx: Tx, id: number): Promise<boolean> {
  const { rows } = await sql`delete from tag_triggers where id = ${id} returning id`.execute(tx);
  return rows.length > 0;
}

/** Sets a trigger going again that was paused. */
export async function resumeTrigger(tx: Tx, id: number): Promise<boolean> {
  const { rows } = await sql`
    update tag_triggers set paused_at = null where id = ${id} and paused_at is not null returning id`.execute(
    tx,
  );
  return rows.length > 0;
}

/** @returns false when the batch was carried out before */
export async function beginBatch(tx: Tx, batch: number): Promise<boolean> {
  const { rows } = await sql`
    insert into tag_trigger_batches (batch) values (${batch}) on conflict do nothing returning batch`.execute(
    tx,
  );
  return rows.length > 0;
}

/** What triggers want of a batch: who entered and still is in the list, who left and still is not. */
export const wantedBy = (batch: number, act: TagTrigger['act']) => sql`
  select c.account_id, t.tag, t.id as trigger_id, s.name as segment
  from segment_changes c join tag_triggers t on t.segment_id = c.segment_id and t.moment = c.change
  join segments s on s.id = t.segment_id
  where c.batch = ${batch} and t.act = ${act} and t.paused_at is null
    and (c.change = 'entered') = exists (
      select from segment_members m where m.segment_id = c.segment_id and m.entity_id = c.entity_id)`;

/** What a trigger wants of those who are in its list already. */
export const wantedAtOnce = (trigger: number) => sql`
  select m.account_id, t.tag, t.id as trigger_id, s.name as segment
  from tag_triggers t join segment_members m on m.segment_id = t.segment_id join segments s on s.id = t.segment_id
  where t.id = ${trigger}`;

/** Pauses triggers that did the same to one account again and again today: some rule undoes what they do. */
export async function pauseCircling(tx: Tx, batch: number, now: Date): Promise<number> {
  const { rows } = await sql`
    update tag_triggers set paused_at = ${now}
    where paused_at is null and id in (
      select c.trigger_id
      from account_tag_changes b join account_tag_changes c on c.account_id = b.account_id and c.trigger_id = b.trigger_id
        and c.tag = b.tag and c.occurred_at > ${now}::timestamptz - interval '1 day'
      where b.batch = ${batch} and b.trigger_id is not null
      group by c.trigger_id, c.account_id, c.tag having count(*) > ${MOST_A_DAY}) returning id`.execute(tx);
  return rows.length;
}
