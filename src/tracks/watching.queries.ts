import type { RawBuilder } from 'kysely';

import { sql, type Db, type Tx } from '../platform/db.ts';

import type { Entry } from './definition.ts';

/** Active tracks, and when each was asked last who meets the rule of its entry. */
export async function selectWatched(at: Db): Promise<{ id: string; askedAt: Date | null }[]> {
  const { rows } = await sql<{ id: string; askedAt: Date | null }>`
    select id, asked_at as "askedAt" from tracks where status = 'active' order by id`.execute(at);
  return rows;
}

export async function noteAsked(at: Db, id: string, now: Date): Promise<void> {
  await sql`update tracks set asked_at = ${now} where id = ${id}`.execute(at);
}

/** The people of a track that are in it, and not due, at these steps or at any, as `w`, with their account. */
const waiting = (trackId: string, steps: readonly string[] | undefined, now: Date) => sql`
  (select t.person_id, t.entry, t.entered_at, t.arrived_at, i.account_id from track_people t
   join account_people i on i.id = t.person_id
   where t.track_id = ${trackId} and t.state = 'in' and t.due_at > ${now}
     and (${steps === undefined}::boolean or t.step = any(${[...(steps ?? [])]}::text[]))) w`;

/** Everybody's accounts, for rules that look at some alone. */
export const accountsIn = (trackId: string): RawBuilder<unknown> => sql`
  select i.account_id from track_people t join account_people i on i.id = t.person_id where t.track_id = ${trackId} and t.state = 'in'`;

/** Those who are there no more, or whose account is not, are looked at with the next wave, to leave. @returns how many */
export async function wakeGone(tx: Tx, trackId: string, now: Date): Promise<number> {
  const { numAffectedRows = 0n } = await sql`
    update track_people p set due_at = ${now}
    where p.track_id = ${trackId} and p.state = 'in' and p.due_at > ${now} and not exists (
      select from account_people i join accounts a on a.id = i.account_id and a.deleted_at is null
      where i.id = p.person_id and not exists (select from removed_accounts r where r.account_id = a.id))`.execute(
    tx,
  );
  return Number(numAffectedRows);
}

/** Those who wait and for whom a condition (over `w`) holds are looked at with the next wave. @returns how many */
export async function wake(
  tx: Tx,
  { trackId, steps, now }: { trackId: string; steps?: readonly string[]; now: Date },
  condition: RawBuilder<unknown>,
): Promise<number> {
  const { numAffectedRows = 0n } = await sql`
    update track_people p set due_at = ${now} from ${waiting(trackId, steps, now)}
    where p.track_id = ${trackId} and p.person_id = w.person_id and p.entry = w.entry and p.state = 'in' and p.due_at > ${now}
      and coalesce(${condition}, false)`.execute(tx);
  return Number(numAffectedRows);
}

/** Large tracks are read whole instead of being looked up person by person. */
export async function settle(tx: Tx, trackId: string): Promise<void> {
  await sql`
    select set_config('enable_nestloop', case when (
        select coalesce(sum(count), 0) from track_counts where track_id = ${trackId} and name like 'here:%') > 5000 then 'off' else 'on' end, true),
      set_config('work_mem', '64MB', true), set_config('jit', 'off', true), set_config('random_page_cost', '1.1', true),
      set_config('statement_timeout', '300000', true)`.execute(tx);
}

/** The accounts that got a tag, or lost it, in a batch of changes, since a moment. */
export async function selectTagged(
  at: Db,
  { batch, tag, act, since }: { batch: number; tag: string; act: 'added' | 'removed'; since: Date },
): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    select distinct account_id as id from account_tag_changes
    where batch = ${batch} and lower(tag) = lower(${tag}) and change = ${act} and occurred_at >= ${since} order by 1`.execute(
    at,
  );
  return rows.map(({ id }) => id);
}

/** Whether a batch of changes of lists, or of signals, has any that these entries wait for. */
export async function hasChanges(
  at: Db,
  { batch, segmentId, moment, since }: { batch: number; segmentId: string; moment: string; since: Date },
): Promise<boolean> {
  const { rows } = await sql`
    select from segment_changes where batch = ${batch} and segment_id = ${segmentId} and change = ${moment} and cause <> 'rule'
      and occurred_at >= ${since} limit 1`.execute(at);
  return rows.length > 0;
}

export async function hasSignals(
  at: Db,
  { batch, signal, since }: { batch: number; signal: string; since: Date },
): Promise<boolean> {
  const { rows } = await sql`
    select from signals where batch = ${batch} and kind = ${signal} and rule_id is null and noted_at >= ${since} limit 1`.execute(
    at,
  );
  return rows.length > 0;
}

interface Awaiting<Kind extends Entry['kind']> {
  id: string;
  entry: Extract<Entry, { kind: Kind }>;
  since: Date;
}

/** Active tracks whose entry is of this kind, with what it says and since when it counts. */
export async function selectAwaiting<Kind extends Entry['kind']>(
  at: Db,
  kind: Kind,
): Promise<Awaiting<Kind>[]> {
  const { rows } = await sql<Awaiting<Kind>>`
    select t.id, v.definition -> 'entry' as entry, t.activated_at as since from tracks t
    join track_versions v on v.track_id = t.id and v.version = t.version
    where t.status = 'active' and v.definition #>> '{entry,kind}' = ${kind} order by t.id`.execute(at);
  return rows;
}
