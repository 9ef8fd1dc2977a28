import { sql, type Tx } from '../../platform/db.ts';

import { flagOf, marks, OUTCOME_BITS, outcomes, type Outcome } from './outcomes.ts';

/*
 * Each function is a step of the transaction that takes posts in. Temporary tables: `posts` (what is taken, still locked in the inbox), `taken`
 * (their events that nobody told before), `fresh` (those that were kept, each once), `settled` (deliveries whose flags change: before and after).
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
    select e.id collate "C" as event_id, p.id as post, e.place, p.source, p.received_at, coalesce(e.event, e.kind) as event, e.kind,
      e.run as run_id, e.n, e.run is not null as is_ours, d.n is not null as is_known, e.email, to_timestamp(e.at) as occurred_at,
      e.machine is not null as is_machine, e.detail
    from posts p join hook_inbox i on i.id = p.id and i.reading is not null,
      lateral rows from (json_to_recordset(i.reading) as (
        id text, event text, kind text, run bigint, n integer, at double precision, machine boolean, email text, detail text))
        with ordinality as e (id, event, kind, run, n, at, machine, email, detail, place)
      left join deliveries d on d.run_id = e.run and d.n = e.n
    where not exists (select from delivery_events known where known.event_id = e.id collate "C")`.execute(tx);
  return count;
}

/** Keeps what nobody can make use of where people see it. Mails that are of no run are no strays. */
export async function setAsideStrays(tx: Tx): Promise<void> {
  await sql`
    insert into stray_events (event_id, source, why, received_at, data)
    select 'post-' || id, source, 'unreadable', received_at, jsonb_build_object('body', left(body, 4000))
    from hook_inbox where id in (select id from posts where events < 0)
    on conflict do nothing`.execute(tx);
  await sql`
    insert into stray_events (event_id, source, why, kind, occurred_at, received_at, data)
    select event_id, s.source, case when kind is null then 'unknown_kind' else 'unknown_delivery' end, left(event, 100), occurred_at,
      s.received_at, case when raw ~* '\\\\u(0000|d[89a-f])' then jsonb_build_object('text', raw) else raw::jsonb end
    from (select t.*, (i.body::json -> (t.place::integer - 1))::text as raw from taken t join hook_inbox i on i.id = t.post
          where t.is_ours and (t.kind is null or not t.is_known)) s
    on conflict do nothing`.execute(tx);
}

/** Keeps the events of deliveries that are news. @returns how many, with those of other mails that say something of an address */
export async function keepFresh(tx: Tx): Promise<number> {
  await sql`create temporary table fresh on commit drop as
    with kept as (
      insert into delivery_events (event_id, run_id, n, kind, occurred_at, received_at, is_machine, detail)
      select event_id, run_id, n, kind, occurred_at, received_at, is_machine, detail from taken where is_known and kind is not null
      on conflict do nothing returning event_id, run_id, n, kind, is_machine)
    select event_id, run_id, n, kind, is_machine from kept
    union all select event_id, null, null, kind, is_machine from taken where not is_ours and kind = any(${[...telling]})`.execute(
    tx,
  );
  const { rows } = await sql<{ count: number }>`select count(*) from fresh`.execute(tx);
  return rows[0]?.count ?? 0;
}

/** Kinds that say something of the address beyond the delivery. */
export const telling = [
  'bounced',
  'blocked',
  'dropped',
  'complained',
  'unsubscribed',
  'resubscribed',
] as const;

/** The rank of the highest outcome among flags. */
export const rankOf = (flags: ReturnType<typeof sql>) =>
  sql`length(ltrim((${flags} & ${sql.lit(OUTCOME_BITS)})::bit(${sql.lit(outcomes.length)})::text, '0'))`;

/* Bits of what is told; a machine's opens and clicks are no outcomes. */
const bits = sql`(values ${sql.join([
  ...outcomes.map((name) => sql`(${sql.lit(name)}, false, ${sql.lit(flagOf(name))})`),
  sql`('dismissed', false, ${sql.lit(flagOf('dismissed'))})`,
  ...outcomes.map((name) => sql`(${sql.lit(name)}, true, ${sql.lit(flagOfMachine(name))})`),
])}) b (kind, is_machine, bit)`;

function flagOfMachine(name: Outcome): number {
  if (name === 'opened') return flagOf('machine_opened');
  return name === 'clicked' ? flagOf('machine_clicked') : flagOf(name);
}

/** Sets what happened on the deliveries. We alone write these bits, so the flags that the statement sees are those that it changes. */
export async function setOutcomes(tx: Tx): Promise<void> {
  await sql`create temporary table settled on commit drop as
    select d.run_id, d.n, d.batch, d.flags as before, d.flags | f.bits as after
    from (select run_id, n, bit_or(bit) as bits from fresh join ${bits} using (kind, is_machine)
          where run_id is not null group by run_id, n) f
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
  const changes = [...outcomes, ...marks].map((name) => {
    const bit = sql.lit(flagOf(name));
    return sql`${sql.lit(name)}, count(*) filter (where (after & ${bit}) <> 0) - count(*) filter (where (before & ${bit}) <> 0)`;
  });
  const { rows } = await sql<{ runId: number; counts: Record<string, number> }>`
    select run_id as "runId", json_build_object(${sql.join(changes)}) as counts
    from settled where after <> before group by run_id order by run_id`.execute(tx);
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
