import { sql, type Db, type Tx } from '../../platform/db.ts';

import { type Claimed, endsWhenIdle, type Waiting } from './batches.ts';

/** How far the limit of a provider may be made up for: a lane that comes late does not slow it down. */
const BURST = '10 seconds';

/**
 * Takes a batch that is due, of any run whose turn it is: each run alike, however large, so that a small one need not wait for a large
 * one. Skips what others are taking. @returns undefined when nothing may go out now
 */
export async function claim(
  at: Db,
  { channels, holder, now, until }: { channels: readonly string[]; holder: string; now: Date; until: Date },
): Promise<Claimed | undefined> {
  const { rows } = await sql<Claimed & { size: number; isLimited: boolean }>`
    with open as materialized (
      select r.id, r.campaign_id, r.fixed, c.per_minute, c.troubles > 0 as is_troubled from runs r join channel_states c on c.channel = r.fixed ->> 'channel'
      where r.state = 'sending' and r.paused_at is null and not r.is_dry and c.channel = any(${[...channels]}::text[])
        and (c.closed_until is null or c.closed_until <= ${now}) and (c.next_at is null or c.next_at <= ${now})),
    chosen as materialized (
      select first.* from open cross join lateral (
        select run_id, batch from batches b
        where b.run_id = open.id and b.state = 'ready' and b.due_at <= ${now} and (b.leased_until is null or b.leased_until <= ${now})
        order by b.due_at limit 1 for update skip locked) first
      order by random() limit 1)
    update batches b set fence = b.fence + 1, attempts = b.attempts + 1, leased_by = ${holder}, leased_until = ${until}
    from chosen join open on open.id = chosen.run_id
    where b.run_id = chosen.run_id and b.batch = chosen.batch
    returning b.run_id as "runId", b.batch, b.fence, b.attempts, b.size, open.fixed ->> 'channel' as channel,
      open.campaign_id as "campaignId", open.fixed, open.per_minute is not null as "isLimited", open.is_troubled as "isTroubled"`.execute(
    at,
  );
  const claimed = rows[0];
  if (claimed?.isLimited === true && !(await takeTurn(at, claimed, now))) {
    await release(at, claimed);
    return undefined;
  }
  return claimed;
}

/** The channel's next turn comes after as long as this batch may take of its limit. @returns whether this was its turn */
async function takeTurn(
  at: Db,
  { channel, size }: { channel: string; size: number },
  now: Date,
): Promise<boolean> {
  const { rows } = await sql`
    update channel_states
    set next_at = greatest(next_at, ${now}::timestamptz - ${BURST}::interval) + make_interval(secs => ${size}::float * 60 / per_minute)
    where channel = ${channel} and (next_at is null or next_at <= ${now}) returning channel`.execute(at);
  return rows.length > 0;
}

/** Puts a batch off, since people where it goes are asleep. */
export async function putOff(at: Db, { runId, batch, fence }: Held, dueAt: Date): Promise<void> {
  await sql`
    update batches set due_at = ${dueAt}, leased_by = null, leased_until = null, attempts = attempts - 1
    where run_id = ${runId} and batch = ${batch} and fence = ${fence} and state = 'ready'`.execute(at);
}

/** When it is no longer quiet where this batch goes. */
export async function afterQuiet(
  at: Db,
  { runId, batch }: Omit<Held, 'fence'>,
  { now, from, until }: { now: Date; from: number; until: number },
): Promise<Date> {
  const { rows } = await sql<{ at: Date }>`
    select after_quiet_hours(${now}::timestamptz, zone, ${from}::int, ${until}::int) as at
    from batches where run_id = ${runId} and batch = ${batch} and zone is not null`.execute(at);
  return rows[0]?.at ?? now;
}

interface Held {
  runId: number;
  batch: number;
  fence: number;
}

/** The rows of a batch that wait, in their order. */
export async function selectWaiting(at: Db, { runId, batch }: Omit<Held, 'fence'>): Promise<Waiting[]> {
  const { rows } = await sql<Waiting>`
    select n, person_id as "personId", account_id as "accountId", address, locale, variant from deliveries
    where run_id = ${runId} and batch = ${batch} and state = 'planned' order by n`.execute(at);
  return rows;
}

/** Keeps the run as it is until the transaction ends. @returns whether it goes on */
export async function isGoingOn(tx: Tx, runId: number): Promise<boolean> {
  const { rows } = await sql`
    select ${endsWhenIdle} from runs where id = ${runId} and state = 'sending' and paused_at is null for share`.execute(
    tx,
  );
  return rows.length > 0;
}

/** The batch is with the provider from this commit on, for all that anybody knows. @returns whether it was ours */
export async function begin(
  tx: Tx,
  { runId, batch, fence }: Held,
  at: { now: Date; until: Date },
): Promise<boolean> {
  const { rows } = await sql`
    update batches set state = 'sending', posted_at = ${at.now}, leased_until = ${at.until}, error = null
    where run_id = ${runId} and batch = ${batch} and fence = ${fence} and state = 'ready' returning batch`.execute(
    tx,
  );
  return rows.length > 0;
}

/** Leaves a claimed batch as it was. */
export async function release(at: Db, { runId, batch, fence }: Held): Promise<void> {
  await sql`
    update batches set leased_by = null, leased_until = null, attempts = attempts - 1
    where run_id = ${runId} and batch = ${batch} and fence = ${fence} and state = 'ready'`.execute(at);
}

/**
 * Ends rows of a batch that wait or are in doubt.
 * @returns by how much each counter of the run changes
 */
export async function endRows(
  tx: Tx,
  { runId, batch }: Omit<Held, 'fence'>,
  {
    rows,
    state,
    at,
  }: { rows: readonly { n: number; reason: string }[]; state: 'skipped' | 'failed'; at: Date },
): Promise<Record<string, number>> {
  const ended = await sql<{ before: string; reason: string; rows: number }>`
    with ending as (
      select d.n, d.state as before, e.reason from deliveries d
      join json_to_recordset(${JSON.stringify(rows)}::json) as e (n integer, reason text) using (n)
      where d.run_id = ${runId} and d.batch = ${batch} and d.state in ('planned', 'doubt')),
    ended as (
      update deliveries d set state = ${state}, reason = e.reason, settled_at = ${at} from ending e
      where d.run_id = ${runId} and d.n = e.n returning e.before, e.reason)
    select before, reason, count(*) as rows from ended group by before, reason`.execute(tx);
  const counts: Record<string, number> = {};
  const add = (name: string, by: number) => (counts[name] = (counts[name] ?? 0) + by);
  for (const { before, reason, rows: number } of ended.rows) {
    add(before, -number);
    add(state, number);
    add(`${state}:${reason}`, number);
  }
  return counts;
}

/** Closes a batch of which nobody is left to write to. */
export async function close(tx: Tx, { runId, batch, fence }: Held, at: Date): Promise<void> {
  await sql`
    update batches set state = 'refused', answered_at = ${at}, leased_by = null, leased_until = null
    where run_id = ${runId} and batch = ${batch} and fence = ${fence}`.execute(tx);
}

/**
 * Moves rows that wait into batches of their own, each group one, due at once. They come after all other batches of the run. The caller holds
 * the run or the batch.
 */
export async function split(
  tx: Tx,
  { runId, batch }: Omit<Held, 'fence'>,
  groups: readonly (readonly number[])[],
  dueAt: Date,
): Promise<void> {
  const members = groups.flatMap((group, index) => group.map((n) => ({ n, place: index + 1 })));
  await sql`select from runs where id = ${runId} for no key update`.execute(tx);
  await sql`
    with members as materialized (select n, place from json_to_recordset(${JSON.stringify(members)}::json) as m (n integer, place integer)),
    last as materialized (select max(batch) as batch from batches where run_id = ${runId}),
    added as (
      insert into batches (run_id, batch, size, zone, state, due_at, is_rest, cohort)
      select b.run_id, last.batch + m.place, count(*), b.zone, 'ready', ${dueAt}, b.is_rest, b.cohort
      from members m, last, batches b where b.run_id = ${runId} and b.batch = ${batch} group by b.run_id, last.batch, m.place, b.zone, b.is_rest, b.cohort)
    update deliveries d set batch = last.batch + m.place from members m, last
    where d.run_id = ${runId} and d.n = m.n and d.batch = ${batch} and d.state = 'planned'`.execute(tx);
  await sql`
    update batches set size = size - ${members.length} where run_id = ${runId} and batch = ${batch}`.execute(
    tx,
  );
}

/** Holds a claimed batch of a run that goes on until the transaction ends. @returns whether it is still ours */
export async function holdClaimed(tx: Tx, { runId, batch, fence }: Held): Promise<boolean> {
  await sql`select from runs where id = ${runId} for no key update`.execute(tx);
  const { rows } = await sql`
    select from batches where run_id = ${runId} and batch = ${batch} and fence = ${fence} and state = 'ready' for update`.execute(
    tx,
  );
  return rows.length > 0;
}
