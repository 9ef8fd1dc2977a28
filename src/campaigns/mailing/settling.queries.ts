import { sql, type Tx } from '../../platform/db.ts';

import { endsWhenIdle, LostBatch } from './batches.ts';

interface Named {
  runId: number;
  batch: number;
}

/**
 * Holds a batch that went out, until the transaction ends; its rows are changed after it, here and where events are taken in.
 * @returns its state @throws LostBatch when it was given to somebody else meanwhile, or somebody decided about it
 */
export async function holdPosted(
  tx: Tx,
  { runId, batch, fence }: Named & { fence: number },
): Promise<string> {
  const { rows } = await sql<{ state: string }>`
    select state, ${endsWhenIdle} from batches where run_id = ${runId} and batch = ${batch} and fence = ${fence} and state in ('sending', 'doubt')
    for update`.execute(tx);
  if (rows[0] === undefined) throw new LostBatch();
  return rows[0].state;
}

/** @returns how many */
export async function markAccepted(tx: Tx, { runId, batch }: Named, at: Date): Promise<number> {
  const { numAffectedRows } = await sql`
    update deliveries set state = 'sent', settled_at = ${at}
    where run_id = ${runId} and batch = ${batch} and state = 'planned'`.execute(tx);
  return Number(numAffectedRows ?? 0);
}

/** @returns by how much each counter of the run changes */
export async function markSent(
  tx: Tx,
  { runId, batch }: Named,
  at: Date,
  only?: readonly number[],
): Promise<Record<string, number>> {
  const among = only === undefined ? sql`` : sql`and d.n = any(${[...only]}::integer[])`;
  const doubtful = await sql<{ rows: number }>`
    select count(*) as rows from deliveries d
    where run_id = ${runId} and batch = ${batch} and state = 'doubt' ${among}`.execute(tx);
  const { numAffectedRows } = await sql`
    update deliveries d set state = 'sent', settled_at = ${at}
    where run_id = ${runId} and batch = ${batch} and state in ('planned', 'doubt') ${among}`.execute(tx);
  const sent = Number(numAffectedRows ?? 0);
  const doubt = doubtful.rows[0]?.rows ?? 0;
  return { sent, doubt: -doubt, planned: doubt - sent };
}

/** Who posted it stays written on it. */
export async function closeSent(
  tx: Tx,
  { runId, batch }: Named,
  { at, providerId }: { at: Date; providerId: string | null },
): Promise<void> {
  await sql`
    update batches set state = 'sent', answered_at = ${at}, provider_id = coalesce(${providerId}, provider_id),
      leased_until = null, error = null
    where run_id = ${runId} and batch = ${batch}`.execute(tx);
}

/** It goes out again. @returns how many of its rows were in doubt */
export async function ready(
  tx: Tx,
  { runId, batch }: Named,
  { dueAt, error }: { dueAt: Date; error: string },
): Promise<number> {
  await sql`
    update batches set state = 'ready', due_at = ${dueAt}, leased_by = null, leased_until = null, posted_at = null, answered_at = null,
      error = ${error}
    where run_id = ${runId} and batch = ${batch}`.execute(tx);
  const { numAffectedRows } = await sql`
    update deliveries set state = 'planned' where run_id = ${runId} and batch = ${batch} and state = 'doubt'`.execute(
    tx,
  );
  return Number(numAffectedRows ?? 0);
}

/** @returns how many of its rows waited */
export async function doubt(
  tx: Tx,
  { runId, batch }: Named,
  { at, reason }: { at: Date; reason: string },
): Promise<number> {
  await sql`
    update batches set state = 'doubt', leased_until = ${at}, leased_by = null, error = ${reason}
    where run_id = ${runId} and batch = ${batch}`.execute(tx);
  const { numAffectedRows } = await sql`
    update deliveries set state = 'doubt' where run_id = ${runId} and batch = ${batch} and state = 'planned'`.execute(
    tx,
  );
  return Number(numAffectedRows ?? 0);
}
