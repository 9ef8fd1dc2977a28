import { db, sql, type Tx } from '../platform/db.ts';

import { flagOf, marks, OUTCOME_BITS, outcomes } from './outcomes.ts';

/*
 * Each function is a step of the transaction that takes posts in. Temporary tables: `posts` (what is taken, still locked in the inbox), `taken`
 * (its events, each once), `fresh` (those that nobody told before), `settled` (deliveries whose flags change: before and after).
 */

export async function isOurTurn(tx: Tx): Promise<boolean> {
  const { rows } = await sql<{ ours: boolean }>`
    select pg_try_advisory_xact_lock(hashtextextended('hooks', 0)) as ours`.execute(tx);
  return rows[0]?.ours ?? false;
}

/* The oldest posts, until they hold that many events; at least one. */
const due = (most: number) => sql`
  select id from (
    select id, sum(greatest(events, 1)) over (order by id) as running
    from (select id, events from hook_inbox order by id limit ${Math.min(most, 500)}) oldest) counted
  where running <= ${most} or id = (select min(id) from hook_inbox)`;

/** Takes the oldest posts, until they hold that many events; those that were told before are left out. @returns how many posts */
export async function take(tx: Tx, most: number): Promise<number> {
  await sql`create temporary table posts on commit drop as
    with due as (${due(most)}) select id, source, received_at, events from hook_inbox where id in (select id from due)`.execute(
    tx,
  );
  const { rows } = await sql<{ count: number }>`select count(*) from posts`.execute(tx);
  const count = rows[0]?.count ?? 0;
  if (count === 0) return 0;
  await sql`create temporary table taken on commit drop as
    select distinct on (event_id) e.id collate "C" as event_id, p.id as post, e.place, p.source, p.received_at, e.event, e.kind, e.bit,
      e.run as run_id, e.n, e.run is not null as is_ours, e.email, to_timestamp(e.at) as occurred_at, e.machine as is_machine, e.detail
    from posts p join hook_inbox i on i.id = p.id and i.reading is not null,
      lateral json_to_recordset(i.reading) as e (
        id text, event text, kind text, bit integer, run bigint, n integer, at double precision, machine boolean, email text,
        detail text, place integer)
    where not exists (select from delivery_events known where known.event_id = e.id collate "C")
    order by event_id, post, place`.execute(tx);
  await sql`analyze taken`.execute(tx);
  return count;
}

/** Keeps what nobody can make use of where people see it, and takes it from `taken`. Mails that are of no run are no strays. */
export async function setAsideStrays(tx: Tx): Promise<void> {
  await sql`
    insert into stray_events (event_id, source, why, received_at, data)
    select 'post-' || id, source, 'unreadable', received_at, jsonb_build_object('body', left(body, 4000))
    from hook_inbox where id in (select id from posts where events < 0)
    on conflict do nothing`.execute(tx);
  await sql`
    with strays as (
      delete from taken t where t.kind is null
        or (t.is_ours and not exists (select from deliveries d where d.run_id = t.run_id and d.n = t.n))
      returning t.*)
    insert into stray_events (event_id, source, why, kind, occurred_at, received_at, data)
    select event_id, s.source, case when kind is null then 'unknown_kind' else 'unknown_delivery' end, left(event, 100), occurred_at,
      s.received_at, case when raw ~* '\\\\u(0000|d[89a-f])' then jsonb_build_object('text', raw) else raw::jsonb end
    from (select s.*, (i.body::json -> s.place)::text as raw from strays s join hook_inbox i on i.id = s.post) s
    where kind is not null or s.is_ours on conflict do nothing`.execute(tx);
}

/** Keeps the events of deliveries that are news. @returns how many */
export async function keepFresh(tx: Tx): Promise<number> {
  await sql`create temporary table fresh on commit drop as
    with kept as (
      insert into delivery_events (event_id, run_id, n, kind, occurred_at, received_at, is_machine, detail)
      select event_id, run_id, n, kind, occurred_at, received_at, is_machine, detail from taken where is_ours
      on conflict do nothing returning event_id)
    select t.* from taken t join kept using (event_id)
    union all select t.* from taken t where not is_ours and bit >= ${sql.lit(flagOf('dropped'))}
      and kind in ('dropped', 'blocked', 'bounced', 'complained', 'unsubscribed')`.execute(tx);
  const { rows } = await sql<{ count: number }>`select count(*) from fresh`.execute(tx);
  return rows[0]?.count ?? 0;
}

/** The rank of the highest outcome among flags. */
export const rankOf = (flags: ReturnType<typeof sql>) =>
  sql`length(ltrim((${flags} & ${sql.lit(OUTCOME_BITS)})::bit(${sql.lit(outcomes.length)})::text, '0'))`;

/** Bits of an event: a machine's opens and clicks are no outcomes. */
const bitOf = sql`
  case when is_machine and kind = 'opened' then ${sql.lit(flagOf('machine_opened'))}
       when is_machine and kind = 'clicked' then ${sql.lit(flagOf('machine_clicked'))} else bit end`;

/** Sets what happened on the deliveries. We alone write these bits, so the flags that the statement sees are those that it changes. */
export async function setOutcomes(tx: Tx): Promise<void> {
  await sql`create temporary table settled on commit drop as
    select d.run_id, d.n, d.batch, d.flags as before, d.flags | f.bits as after
    from (select run_id, n, bit_or(${bitOf}) as bits from fresh where is_ours group by run_id, n) f
    join deliveries d on d.run_id = f.run_id and d.n = f.n`.execute(tx);
  await sql`analyze settled`.execute(tx);
  /* Whoever notes what a provider answered holds the batch, too, before its rows: so neither waits for rows that the other has. */
  await sql`
    select from batches b join (select distinct run_id, batch from settled) s using (run_id, batch)
    order by run_id, batch for no key update of b`.execute(tx);
  await sql`
    update deliveries d set flags = d.flags | s.after, outcome = ${rankOf(sql`(d.flags | s.after)`)}
    from settled s where d.run_id = s.run_id and d.n = s.n and s.after <> s.before`.execute(tx);
}

/** A batch of which anything was told has been taken by the provider. */
export async function noteHeard(tx: Tx, at: Date): Promise<void> {
  await sql`
    update batches b set heard_at = ${at} from (select distinct run_id, batch from settled where batch is not null) s
    where b.run_id = s.run_id and b.batch = s.batch and b.heard_at is null`.execute(tx);
}

/** By how much each counter of each run changed, in the order of the runs. */
export async function changedCounts(tx: Tx): Promise<{ runId: number; counts: Record<string, number> }[]> {
  const names = sql.join(
    [...outcomes, ...marks].map((name) => sql`(${name}::text, ${sql.lit(flagOf(name))}::integer)`),
  );
  const { rows } = await sql<{ runId: number; counts: Record<string, number> }>`
    select run_id as "runId", json_object_agg(name, change) as counts from (
      select s.run_id, f.name, sum(((s.after & f.bit) <> 0)::integer - ((s.before & f.bit) <> 0)::integer) as change
      from (select run_id, before, after from settled where after <> before) s, (values ${names}) f (name, bit)
      group by 1, 2) changes
    where change <> 0 group by run_id order by run_id`.execute(tx);
  return rows;
}

export async function forgetTaken(tx: Tx): Promise<void> {
  await sql`delete from hook_inbox where id in (select id from posts)`.execute(tx);
}

/** Keeps the oldest post aside, which PostgreSQL cannot read. */
export async function setAsideOldest(tx: Tx, at: Date): Promise<void> {
  await sql`
    with oldest as (delete from hook_inbox where id = (select min(id) from hook_inbox) returning *)
    insert into stray_events (event_id, source, why, received_at, data)
    select 'post-' || id, source, 'unreadable', coalesce(received_at, ${at}), jsonb_build_object('body', left(body, 4000)) from oldest
    on conflict do nothing`.execute(tx);
}

export interface StrayEvent {
  id: string;
  source: string;
  why: 'unknown_delivery' | 'unknown_kind' | 'unreadable';
  kind: string | null;
  occurredAt: Date | null;
  receivedAt: Date;
  data: unknown;
}

export async function selectStrays(limit: number): Promise<StrayEvent[]> {
  const { rows } = await sql<StrayEvent>`
    select event_id as id, source, why, kind, occurred_at as "occurredAt", received_at as "receivedAt", data
    from stray_events order by received_at desc limit ${limit}`.execute(db);
  return rows;
}
