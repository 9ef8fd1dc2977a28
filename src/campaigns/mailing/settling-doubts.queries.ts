import type { ChannelName } from '../../channels/channel.ts';
import { db, sql, type Db, type Tx } from '../../platform/db.ts';

import { GRACE_MILLISECONDS } from './batches.ts';

export interface Doubtful {
  runId: number;
  batch: number;
}

/** Batches that are on their way, whose holder's lease is over. */
export async function selectLost(at: Date): Promise<Doubtful[]> {
  const { rows } = await sql<Doubtful>`
    select run_id as "runId", batch from batches where state = 'sending' and leased_until < ${at} order by run_id, batch`.execute(
    db,
  );
  return rows;
}

/** Channels whose providers can be asked, row by row: what is heard of one row says nothing of the others. */
const isOf = (asked: readonly string[]) => sql<boolean>`r.fixed ->> 'channel' = any(${[...asked]}::text[])`;

/** Doubtful ones that a provider told of. */
export async function selectHeard(at: Db, asked: readonly string[]): Promise<Doubtful[]> {
  const { rows } = await sql<Doubtful>`
    select run_id as "runId", batch from batches b join runs r on r.id = b.run_id
    where b.state = 'doubt' and heard_at is not null and not ${isOf(asked)} order by run_id, batch`.execute(
    at,
  );
  return rows;
}

/** Doubtful ones of channels that can be asked, in doubt since before that moment, with their rows. */
export async function selectAskable(
  at: Db,
  { asked, before }: { asked: readonly string[]; before: Date },
): Promise<(Doubtful & { channel: ChannelName; since: Date; rows: { n: number; address: string }[] })[]> {
  const { rows } = await sql<
    Doubtful & { channel: ChannelName; since: Date; rows: { n: number; address: string }[] }
  >`
    select b.run_id as "runId", b.batch, r.fixed ->> 'channel' as channel, coalesce(b.posted_at, r.started_at, r.triggered_at) as since,
      (select coalesce(json_agg(json_build_object('n', d.n, 'address', d.address) order by d.n), '[]') from deliveries d
       where d.run_id = b.run_id and d.batch = b.batch and d.state = 'doubt') as rows
    from batches b join runs r on r.id = b.run_id
    where b.state = 'doubt' and b.leased_until < ${before} and ${isOf(asked)} order by b.run_id, b.batch limit 20`.execute(
    at,
  );
  return rows;
}

/* Of the same channel, whatever run: what was posted later was heard of, and still nothing came of this one. */
const laterWereHeard = sql`exists (
  select from batches l join runs lr on lr.id = l.run_id
  where l.heard_at is not null and l.posted_at > b.posted_at and lr.fixed ->> 'channel' = r.fixed ->> 'channel')`;

const open = sql`b.state = 'doubt' and b.heard_at is null`;

/** Doubtful ones whose grace was over before that moment, while later ones were heard of. */
export async function selectSilent(at: Db, before: Date, asked: readonly string[]): Promise<Doubtful[]> {
  const { rows } = await sql<Doubtful>`
    select b.run_id as "runId", b.batch from batches b join runs r on r.id = b.run_id
    where ${open} and b.leased_until < ${before} and not ${isOf(asked)} and ${laterWereHeard} order by b.run_id, b.batch`.execute(
    at,
  );
  return rows;
}

/** Doubtful ones whose grace is over, of which and after which nothing was heard, or that could not be asked about: a person has to decide. */
export async function selectStuck(
  at: Db,
  before: Date,
  asked: readonly string[],
): Promise<(Doubtful & { size: number })[]> {
  const { rows } = await sql<Doubtful & { size: number }>`
    select b.run_id as "runId", b.batch, b.size from batches b join runs r on r.id = b.run_id
    where b.state = 'doubt' and b.leased_until < ${before} and b.answered_at is null
      and (${isOf(asked)} or (b.heard_at is null and not ${laterWereHeard})) order by b.run_id, b.batch`.execute(
    at,
  );
  return rows;
}

/** Whether it is so still, now that it is held. What came within its grace and was not taken in yet may tell of it. */
export async function isSilent(tx: Tx, { runId, batch }: Doubtful, before: Date): Promise<boolean> {
  const { rows } = await sql`
    select from batches b where run_id = ${runId} and batch = ${batch} and ${open} and leased_until < ${before}
      and not exists (select from hook_inbox where received_at <= b.leased_until + ${GRACE_MILLISECONDS} * interval '1 millisecond')`.execute(
    tx,
  );
  return rows.length > 0;
}

/** Holds a batch until the transaction ends. @returns whether it is in doubt */
export async function holdDoubtful(tx: Tx, { runId, batch }: Doubtful): Promise<boolean> {
  const { rows } = await sql`
    select from batches where run_id = ${runId} and batch = ${batch} and state = 'doubt' for update`.execute(
    tx,
  );
  return rows.length > 0;
}

/** Holds one of which the holder's lease is over by that moment, if it still is. */
export async function holdLost(tx: Tx, { runId, batch }: Doubtful, at: Date): Promise<boolean> {
  const { rows } = await sql`
    select from batches where run_id = ${runId} and batch = ${batch} and state = 'sending' and leased_until < ${at} for update`.execute(
    tx,
  );
  return rows.length > 0;
}

/** Notes that the owner was told. @returns whether that is new */
export async function noteTold(tx: Tx, { runId, batch }: Doubtful, at: Date): Promise<boolean> {
  const { rows } = await sql`
    update batches set answered_at = ${at} where run_id = ${runId} and batch = ${batch} and answered_at is null returning batch`.execute(
    tx,
  );
  return rows.length > 0;
}

export async function selectDoubtful(tx: Tx, { runId, batch }: Doubtful): Promise<number[]> {
  const { rows } = await sql<{ n: number }>`
    select n from deliveries where run_id = ${runId} and batch = ${batch} and state = 'doubt' order by n`.execute(
    tx,
  );
  return rows.map(({ n }) => n);
}

export async function close(tx: Tx, { runId, batch }: Doubtful, at: Date): Promise<void> {
  await sql`
    update batches set state = 'refused', answered_at = ${at}, leased_by = null, leased_until = null
    where run_id = ${runId} and batch = ${batch}`.execute(tx);
}
