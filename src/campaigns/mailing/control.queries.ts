import { sql, type Tx } from '../../platform/db.ts';

import { failures } from './troubles.queries.ts';

/** Holds runs that are under way and not held yet. @returns which */
export async function pause(
  tx: Tx,
  runIds: readonly number[],
  { at, by, reason }: { at: Date; by: string | null; reason: string },
): Promise<number[]> {
  const { rows } = await sql<{ id: number }>`
    update runs set paused_at = ${at}, paused_by = ${by}, pause_reason = ${reason}
    where id = any(${[...runIds]}::bigint[]) and state in ('triggered', 'planned', 'sending') and paused_at is null
    returning id`.execute(tx);
  return rows.map(({ id }) => id);
}

/** What waited for a provider that knows us again waits no longer. */
export async function resume(tx: Tx, runId: number, at: Date): Promise<boolean> {
  const { rows } = await sql`
    update runs r set paused_at = null, paused_by = null, pause_reason = null,
      failures_forgiven = coalesce((select ${failures} from run_statistics s where s.run_id = r.id), 0)
    where id = ${runId} and state in ('triggered', 'planned', 'sending') and paused_at is not null returning id`.execute(
    tx,
  );
  await sql`
    update batches set due_at = ${at} where run_id = ${runId} and state = 'ready' and due_at > ${at} and attempts > 0`.execute(
    tx,
  );
  return rows.length > 0;
}

export async function cancel(tx: Tx, runId: number, at: Date): Promise<boolean> {
  const { rows } = await sql`
    update runs set state = 'cancelled', ended_at = ${at}, paused_at = null, paused_by = null, pause_reason = null
    where id = ${runId} and state in ('triggered', 'planned', 'sending') returning id`.execute(tx);
  await sql`
    update batches set state = 'cancelled', leased_by = null, leased_until = null
    where run_id = ${runId} and state in ('waiting', 'ready')`.execute(tx);
  return rows.length > 0;
}

/** How a run stands, in words for a person; undefined when there is none. */
export async function maybeState(tx: Tx, runId: number): Promise<string | undefined> {
  const { rows } = await sql<{ state: string }>`
    select case when paused_at is not null then 'paused' else state end as state from runs where id = ${runId}`.execute(
    tx,
  );
  return rows[0]?.state;
}

/** The runs of a campaign that are under way, held for this reason where one is named; kept as they are until the transaction ends. */
export async function openRunsOf(tx: Tx, campaignId: string, reason?: string): Promise<number[]> {
  const { rows } = await sql<{ id: number }>`
    select id from runs where campaign_id = ${campaignId} and state in ('triggered', 'planned', 'sending')
      and (${reason ?? null}::text is null or pause_reason = ${reason ?? null}) order by id for update`.execute(
    tx,
  );
  return rows.map(({ id }) => id);
}
