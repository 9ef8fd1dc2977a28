import { db, sql, type Db, type Tx } from '../../platform/db.ts';

/** Whether batches of a run wait, for their hour or for a variant, are in flight or in doubt. */
export async function isOpen(at: Db, runId: number): Promise<boolean> {
  const { rows } = await sql`
    select where exists (select from batches where run_id = ${runId} and state in ('ready', 'sending', 'doubt'))
      or exists (select from batches where run_id = ${runId} and state = 'waiting')`.execute(at);
  return rows.length > 0;
}

/** Runs of which nothing is open, or that were cancelled and are not sealed yet. */
export async function selectDone(): Promise<number[]> {
  const { rows } = await sql<{ id: number }>`
    select id from runs r where (state = 'sending' or (state = 'cancelled' and ledger_hash is null)) and not is_dry
      and not exists (select from batches b where b.run_id = r.id and b.state in ('sending', 'doubt')
        or b.run_id = r.id and b.state in ('waiting', 'ready') and r.state = 'sending')`.execute(db);
  return rows.map(({ id }) => id);
}

export async function isCancelled(runId: number): Promise<boolean> {
  const { rows } = await sql`select from runs where id = ${runId} and state = 'cancelled'`.execute(db);
  return rows.length > 0;
}

/**
 * Skips what waits in cancelled batches, some at a time; `answered_at` says which are done. A batch whose answer came just when the run was
 * cancelled, and that was to go out again, is cancelled here.
 */
export async function skipCancelled(
  tx: Tx,
  runId: number,
  { most, at }: { most: number; at: Date },
): Promise<{ rows: number; batches: number }> {
  await sql`update batches set state = 'cancelled' where run_id = ${runId} and state in ('waiting', 'ready')`.execute(
    tx,
  );
  const taken = await sql<{ batch: number }>`
    update batches set answered_at = ${at} where run_id = ${runId} and batch in (
      select batch from batches where run_id = ${runId} and state = 'cancelled' and answered_at is null
      order by batch limit ${most} for update)
    returning batch`.execute(tx);
  const batches = taken.rows.map(({ batch }) => batch);
  if (batches.length === 0) return { rows: 0, batches: 0 };
  const { numAffectedRows } = await sql`
    update deliveries set state = 'skipped', reason = 'cancelled', settled_at = ${at}
    where run_id = ${runId} and batch = any(${batches}::integer[]) and state = 'planned'`.execute(tx);
  return { rows: Number(numAffectedRows ?? 0), batches: batches.length };
}

export async function countOpenRows(runId: number): Promise<number> {
  const { rows } = await sql<{ open: number }>`
    select count(*) as open from deliveries where run_id = ${runId} and state in ('planned', 'doubt')`.execute(
    db,
  );
  return rows[0]?.open ?? 0;
}

/** @returns whether it had not ended before */
export async function end(tx: Tx, runId: number, { hash, at }: { hash: Buffer; at: Date }): Promise<boolean> {
  const { rows } = await sql`
    update runs set ledger_hash = ${hash}, ended_at = coalesce(ended_at, ${at}),
      state = case when state = 'cancelled' then state else 'completed' end, paused_at = null, paused_by = null,
      pause_reason = case when state = 'cancelled' then pause_reason end
    where id = ${runId} and state in ('sending', 'cancelled') and ledger_hash is null returning id`.execute(
    tx,
  );
  return rows.length > 0;
}

export async function selectExtent(runId: number): Promise<{ audienceHash: Buffer; last: number }> {
  const { rows } = await sql<{ audienceHash: Buffer; last: number }>`
    select coalesce(audience_hash, ''::bytea) as "audienceHash",
      coalesce((select max(n) from deliveries where run_id = r.id), 0) as last
    from runs r where id = ${runId}`.execute(db);
  return rows[0] ?? { audienceHash: Buffer.alloc(0), last: 0 };
}

/** sha256 of the rows in order, a line each. (Microseconds since 1970 are exact in a double, and a tenth of the work.) */
export async function selectLink(
  runId: number,
  { first, last }: { first: number; last: number },
): Promise<Buffer> {
  const { rows } = await sql<{ link: Buffer }>`
    select sha256(convert_to(coalesce(string_agg(
      concat_ws('|', n, person_id, account_id, step, entry, coalesce(batch::text, ''), state, coalesce(reason, ''),
        coalesce((date_part('epoch', settled_at) * 1000000)::bigint::text, '')), E'\n' order by n), ''), 'UTF8')) as link
    from deliveries where run_id = ${runId} and n between ${first} and ${last}`.execute(db);
  return rows[0]?.link ?? Buffer.alloc(0);
}
