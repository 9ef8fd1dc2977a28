import { managerOf } from '../accounts/managers.ts';
import { db, sql } from '../platform/db.ts';

import type { Follow, Followable } from './follows.ts';

interface Target {
  kind: Followable;
  target: string;
}

/** @returns false when there is no such account, or no list that the person may see. */
export async function insertFollow(personId: string, { kind, target }: Target, at: Date): Promise<boolean> {
  const exists =
    kind === 'account'
      ? sql`select from accounts where id = ${target} and deleted_at is null`
      : sql`select from segments where id = ${target}::uuid and archived_at is null and (is_shared or owner_id = ${personId})`;
  const { rows } = await sql`
    insert into follows (person_id, kind, target, followed_at)
    select ${personId}, ${kind}, ${target}, ${at} where exists (${exists})
    on conflict (person_id, kind, target) do update set kind = excluded.kind returning 1`.execute(db);
  return rows.length > 0;
}

export async function deleteFollow(personId: string, { kind, target }: Target): Promise<void> {
  await sql`delete from follows where person_id = ${personId} and kind = ${kind} and target = ${target}`.execute(
    db,
  );
}

export async function existsFollow(personId: string, { kind, target }: Target): Promise<boolean> {
  const { rows } = await sql`
    select 1 from follows where person_id = ${personId} and kind = ${kind} and target = ${target}`.execute(
    db,
  );
  return rows.length > 0;
}

export async function selectFollows(personId: string, userId: string | null): Promise<Follow[]> {
  const { rows } = await sql<Follow>`
    select f.kind, f.target, coalesce(a.name, g.name) as name, f.followed_at as "followedAt", h.rank, h.score,
      g.members, case when g.id is not null then (
        select count(distinct m.account_id) from segment_members m join accounts a on a.id = m.account_id
        where m.segment_id = g.id and ${userId}::text in (a.owner_id, ${managerOf('a')})) end as own,
      case when a.id is not null then (select max(s.occurred_at) from signals s where s.account_id = a.id) end as "lastSignalAt"
    from follows f
    left join accounts a on f.kind = 'account' and a.id = f.target
    left join health h on h.account_id = a.id
    left join segments g on f.kind = 'segment' and g.id = (case when f.kind = 'segment' then f.target::uuid end)
    where f.person_id = ${personId} and coalesce(a.name, g.name) is not null and g.archived_at is null
    order by f.kind desc, lower(coalesce(a.name, g.name)), f.target`.execute(db);
  return rows;
}

/** Hangs follows, mutes and signals of accounts on those that they became. */
export async function moveFollows(batch: number): Promise<void> {
  await sql`
    with moved as (select from_id, to_id from mirror_moves where batch = ${batch} and table_name = 'accounts'),
    followed as (
      insert into follows (person_id, kind, target, followed_at)
      select f.person_id, 'account', moved.to_id, f.followed_at from follows f join moved on moved.from_id = f.target
      where f.kind = 'account' on conflict do nothing),
    left_behind as (delete from follows f using moved where f.kind = 'account' and f.target = moved.from_id),
    muted as (
      insert into alert_mutes (person_id, rule_id, account_id, muted_at)
      select m.person_id, m.rule_id, moved.to_id, m.muted_at from alert_mutes m join moved on moved.from_id = m.account_id
      on conflict do nothing),
    unmuted as (delete from alert_mutes m using moved where m.account_id = moved.from_id),
    told as (update alert_signals l set account_id = moved.to_id from moved where l.account_id = moved.from_id)
    update signals s set account_id = moved.to_id from moved where s.account_id = moved.from_id`.execute(db);
}
