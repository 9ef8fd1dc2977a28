import { db, sql, type Db, type Tx } from '../../platform/db.ts';

export async function start(tx: Tx, runId: number, at: Date): Promise<void> {
  await sql`
    update runs set state = 'sending', started_at = ${at} where id = ${runId} and state = 'planned' and not is_dry`.execute(
    tx,
  );
}

/** Whether there is anything to look after: a run on its way, or batches in flight of one that was cancelled. */
export async function isAnythingOpen(): Promise<boolean> {
  const { rows } = await sql`
    select where exists (select from runs where state in ('planned', 'sending') and not is_dry)
      or exists (select from batches where state in ('ready', 'sending', 'doubt'))
      or exists (select from runs where state = 'cancelled' and ledger_hash is null)`.execute(db);
  return rows.length > 0;
}

export async function isAnythingDue(at: Date): Promise<boolean> {
  const { rows } = await sql`
    select from runs r join channel_states c on c.channel = r.fixed ->> 'channel'
    where r.state = 'sending' and r.paused_at is null and not r.is_dry and (c.closed_until is null or c.closed_until <= ${at})
      and exists (select from batches b where b.run_id = r.id and b.state = 'ready' and b.due_at <= ${at}) limit 1`.execute(
    db,
  );
  return rows.length > 0;
}

/** When the next batch may go out, if that is before `until`: it is due, its channel is open, nobody holds it. */
export async function selectNext(
  at: Db,
  { now, until }: { now: Date; until: Date },
): Promise<Date | undefined> {
  const { rows } = await sql<{ at: Date | null }>`
    select min(greatest(${now}::timestamptz, b.due_at, c.closed_until, c.next_at)) as at
    from runs r join channel_states c on c.channel = r.fixed ->> 'channel' cross join lateral (
      select due_at from batches where run_id = r.id and state = 'ready' and (leased_until is null or leased_until <= ${now})
      order by due_at limit 1) b
    where r.state = 'sending' and r.paused_at is null and not r.is_dry
      and greatest(b.due_at, c.closed_until, c.next_at) < ${until}`.execute(at);
  return rows[0]?.at ?? undefined;
}
