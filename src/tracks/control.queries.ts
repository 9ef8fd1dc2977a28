import { sql, type Tx } from '../platform/db.ts';

import { withdrawOpen } from './approvals.queries.ts';
import { count } from './counts.queries.ts';

/** `keys`: those of its steps; each has its number in the ledger from the first time that it is there. */
export async function activate(
  tx: Tx,
  id: string,
  { version, keys, now }: { version: number; keys: readonly string[]; now: Date },
): Promise<void> {
  await sql`
    update track_versions set state = case when version = ${version} then 'active' else 'replaced' end,
      activated_at = case when version = ${version} then ${now}::timestamptz else activated_at end
    where track_id = ${id} and (version = ${version} or state = 'active')`.execute(tx);
  await sql`
    update tracks set activated_at = case when status = 'active' then activated_at else ${now}::timestamptz end,
      status = 'active', version = ${version}, paused_at = null, paused_by = null, pause_reason = null, asked_at = null
    where id = ${id}`.execute(tx);
  await sql`
    insert into track_steps (track_id, step, number)
    select ${id}, key, (select coalesce(max(number), 0) from track_steps where track_id = ${id}) + row_number() over (order by place)
    from unnest(${[...keys]}::text[]) with ordinality as k (key, place)
    where not exists (select from track_steps s where s.track_id = ${id} and s.step = key)`.execute(tx);
  await sql`
    update campaigns set status = 'active', revision = ${version}, activated_at = coalesce(activated_at, ${now}), changed_at = ${now} where id = ${id}`.execute(
    tx,
  );
}

export async function pause(
  tx: Tx,
  id: string,
  { by, reason, now }: { by: string | null; reason: string | null; now: Date },
): Promise<void> {
  await sql`
    update tracks set status = 'paused', paused_at = ${now}, paused_by = ${by}, pause_reason = ${reason} where id = ${id}`.execute(
    tx,
  );
}

export async function resume(tx: Tx, id: string): Promise<void> {
  await sql`
    update tracks set status = 'active', paused_at = null, paused_by = null, pause_reason = null, asked_at = null where id = ${id}`.execute(
    tx,
  );
}

export async function archive(
  tx: Tx,
  id: string,
  { personId, now }: { personId: string; now: Date },
): Promise<void> {
  await withdrawOpen(tx, id, { personId, now });
  await sql`update tracks set status = 'archived' where id = ${id}`.execute(tx);
  await sql`update campaigns set status = 'archived', changed_at = ${now}, changed_by = ${personId} where id = ${id}`.execute(
    tx,
  );
  await leave(tx, id, { reason: 'archived', now });
}

/** Has one person, or everybody, leave. @returns how many did */
export async function leave(
  tx: Tx,
  id: string,
  { reason, now, personId }: { reason: 'archived' | 'removed'; now: Date; personId?: number },
): Promise<number> {
  const { rows } = await sql<{ step: string; count: number }>`
    with left_now as (
      update track_people p set state = 'left', step = null, due_at = null, until_at = null, ended_at = ${now}, reason = ${reason}
      from track_people o
      where p.track_id = ${id} and p.state = 'in' and (${personId ?? null}::bigint is null or p.person_id = ${personId ?? null})
        and o.track_id = p.track_id and o.person_id = p.person_id and o.entry = p.entry
      returning o.step)
    select step, count(*) from left_now group by step`.execute(tx);
  const total = rows.reduce((sum, row) => sum + row.count, 0);
  await count(tx, id, {
    [`left:${reason}`]: total,
    ...Object.fromEntries(rows.map((row) => [`here:${row.step}`, -row.count])),
  });
  return total;
}
