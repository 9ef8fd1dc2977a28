import { sql, type Tx } from '../../platform/db.ts';

import { flagOf, marks, OUTCOME_BITS, outcomes, type Outcome } from './outcomes.ts';

/*
 * Each function is a step of the transaction that takes posts in. Temporary tables: `taken` (events that nobody told before, each once, with the
 * flags of their delivery), `settled` (deliveries of which anything was told: flags before and after).
 */

export async function isOurTurn(tx: Tx): Promise<boolean> {
  const { rows } = await sql<{ ours: boolean }>`
    select pg_try_advisory_xact_lock(hashtextextended('hooks', 0)) as ours, set_config('random_page_cost', '1.1', true),
      set_config('work_mem', '32MB', true), set_config('default_statistics_target', '10', true)`.execute(tx);
  return rows[0]?.ours ?? false;
}

/* By their keys, one by one: with twenty thousand rows to find PostgreSQL may find it as good to read the whole ledger. */
async function byKey(tx: Tx, work: () => Promise<unknown>): Promise<void> {
  const allow = (joins: 'on' | 'off') =>
    sql`select set_config('enable_hashjoin', ${joins}, true), set_config('enable_mergejoin', ${joins}, true)`.execute(
      tx,
    );
  await allow('off');
  await work();
  await allow('on');
}

const MOST_POSTS = 500;

/** The oldest posts, until they hold that many events; at least one if there are any. */
export async function selectOldest(tx: Tx, most: number): Promise<number[]> {
  const { rows } = await sql<{ id: number; events: number }>`
    select id, events from hook_inbox order by id limit ${Math.min(most, MOST_POSTS)}`.execute(tx);
  let running = 0;
  const fitting = rows.findIndex(({ events }) => (running += Math.max(events, 1)) > most);
  return rows.slice(0, fitting < 0 ? rows.length : Math.max(fitting, 1)).map(({ id }) => id);
}

const among = (posts: readonly number[]) => sql`any(${[...posts]}::bigint[])`;

/** Takes the events of posts; those that were told before are left out. */
export async function take(tx: Tx, posts: readonly number[]): Promise<void> {
  await byKey(tx, () =>
    sql`create temporary table taken on commit drop as
      select e.id collate "C" as event_id, i.id as post, e.place, i.source, i.received_at, coalesce(e.name, e.kind) as event, e.kind,
        e.run as run_id, e.n, e.run is not null as is_ours, d.n is not null as is_known, d.batch, d.flags, e.email,
        to_timestamp(e.at) as occurred_at, e.machine is not null as is_machine, e.detail
      from hook_inbox i,
        unnest(i.event_ids, i.names, i.kinds, i.runs, i.ns, i.moments, i.machines, i.emails, i.details)
          with ordinality as e (id, name, kind, run, n, at, machine, email, detail, place)
        left join deliveries d on d.run_id = e.run and d.n = e.n
      where i.id = ${among(posts)} and not exists (select from delivery_events known where known.event_id = e.id collate "C")`.execute(
      tx,
    ),
  );
  const { rows } = await sql`select from taken group by event_id having count(*) > 1 limit 1`.execute(tx);
  if (rows.length > 0) await sql`
    delete from taken where ctid in (
      select ctid from (select ctid, row_number() over (partition by event_id order by post, place) as time from taken) t where time > 1)`.execute(tx); // prettier-ignore
}

/** Keeps what nobody can make use of where people see it. Mails that are of no run are no strays. */
export async function setAsideStrays(tx: Tx, posts: readonly number[]): Promise<void> {
  await sql`
    insert into stray_events (event_id, source, why, received_at, data)
    select 'post-' || id, source, 'unreadable', received_at, jsonb_build_object('body', left(body, 4000))
    from hook_inbox where id = ${among(posts)} and events < 0
    on conflict do nothing`.execute(tx);
  await sql`
    insert into stray_events (event_id, source, why, kind, occurred_at, received_at, data)
    select event_id, s.source, case when kind is null then 'unknown_kind' else 'unknown_delivery' end, left(event, 100), occurred_at,
      s.received_at, case when raw ~* '\\\\u(0000|d[89a-f])' then jsonb_build_object('text', raw) else raw::jsonb end
    from (select t.*, (i.body::json -> (t.place::integer - 1))::text as raw from taken t join hook_inbox i on i.id = t.post
          where t.is_ours and (t.kind is null or not t.is_known)) s
    on conflict do nothing`.execute(tx);
}

/**
 * Keeps the events of deliveries. Nobody else writes any meanwhile, so what was not there when they were taken is not there now.
 * @returns how many, with those of other mails that say something of an address
 */
export async function keepFresh(tx: Tx): Promise<number> {
  const { numAffectedRows } = await sql`
    insert into delivery_events (event_id, run_id, n, kind, occurred_at, received_at, is_machine, detail)
    select event_id, run_id, n, kind, occurred_at, received_at, is_machine, detail from taken where is_known and kind is not null`.execute(
    tx,
  );
  const { rows } = await sql<{ count: number }>`
    select count(*) from taken where not is_ours and kind = any(${[...telling]})`.execute(tx);
  return Number(numAffectedRows ?? 0) + (rows[0]?.count ?? 0);
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

/* The bit of what is told, null for what has none; a machine's opens and clicks are no outcomes. */
const bit = sql`case when is_machine then ${bitAmong(outcomes, flagOfMachine)} else ${bitAmong([...outcomes, 'dismissed'], flagOf)} end`;

function bitAmong<Name extends Outcome | 'dismissed'>(names: readonly Name[], flag: (name: Name) => number) {
  const cases = names.map((name) => sql`when ${sql.lit(name)} then ${sql.lit(flag(name))}`);
  return sql`case kind ${sql.join(cases, sql` `)} end`; // prettier-ignore
}

function flagOfMachine(name: Outcome): number {
  if (name === 'opened') return flagOf('machine_opened');
  return name === 'clicked' ? flagOf('machine_clicked') : flagOf(name);
}

/** Sets what happened on the deliveries. We alone write these bits, so the flags that the statement sees are those that it changes. */
export async function setOutcomes(tx: Tx): Promise<void> {
  await sql`create temporary table settled on commit drop as
    select run_id, n, min(batch) as batch, min(flags) as before, min(flags) | bit_or(bit) as after
    from (select run_id, n, batch, flags, ${bit} as bit from taken where is_known) told where bit is not null group by run_id, n`.execute(
    tx,
  );
  await sql`analyze settled`.execute(tx);
  /* Whoever notes what a provider answered holds the batch, too, before its rows: so neither waits for rows that the other has. */
  await sql`
    select from batches b join (select distinct run_id, batch from settled) s using (run_id, batch)
    order by run_id, batch for no key update of b`.execute(tx);
  await byKey(tx, () =>
    sql`
      update deliveries d set flags = d.flags | s.after, outcome = ${rankOf(sql`(d.flags | s.after)`)}
      from settled s where d.run_id = s.run_id and d.n = s.n and s.after <> s.before`.execute(tx),
  );
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

export async function forget(tx: Tx, posts: readonly number[]): Promise<void> {
  await sql`delete from hook_inbox where id = ${among(posts)}`.execute(tx);
}

/** Keeps the oldest post aside, which PostgreSQL cannot read. */
export async function setAsideOldest(tx: Tx, at: Date): Promise<void> {
  await sql`
    with oldest as (delete from hook_inbox where id = (select min(id) from hook_inbox) returning *)
    insert into stray_events (event_id, source, why, received_at, data)
    select 'post-' || id, source, 'unreadable', coalesce(received_at, ${at}), jsonb_build_object('body', left(body, 4000)) from oldest
    on conflict do nothing`.execute(tx);
}
