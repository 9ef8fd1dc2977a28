import { db, sql, type Tx } from '../../platform/db.ts';

import type { Trial } from '../definition/policy.ts';
import type { Fixed, TrialResult } from '../runs/runs.ts';

/** Runs under way whose variants were out long enough: everything that was tried has its answer. */
export async function selectRipe(now: Date): Promise<number[]> {
  const { rows } = await sql<{ id: number }>`
    select r.id from runs r
    where r.state = 'sending' and r.paused_at is null and r.trial is null
      and exists (select from batches b where b.run_id = r.id and b.state = 'waiting')
      and not exists (select from batches b where b.run_id = r.id and b.state in ('ready', 'sending', 'doubt'))
      and coalesce((select max(b.answered_at) from batches b where b.run_id = r.id and not b.is_rest), '-infinity')
        + make_interval(hours => (r.fixed #>> '{policy,trial,hours}')::int) <= ${now}`.execute(db);
  return rows.map(({ id }) => id);
}

/** A run that still waits for a variant, kept as it is until the transaction ends. */
export async function holdWaiting(
  tx: Tx,
  runId: number,
): Promise<{ fixed: Fixed; trial: Trial } | undefined> {
  const { rows } = await sql<{ fixed: Fixed }>`
    select fixed from runs r where id = ${runId} and state = 'sending' and trial is null
      and exists (select from batches b where b.run_id = r.id and b.state = 'waiting') for update`.execute(
    tx,
  );
  const fixed = rows[0]?.fixed;
  return fixed?.policy.trial ? { fixed, trial: fixed.policy.trial } : undefined;
}

/** The rest of the run gets this variant, and goes out as soon as its hour allows. */
export async function release(tx: Tx, runId: number, trial: TrialResult): Promise<void> {
  await sql`
    update deliveries d set variant = ${trial.variant} from batches b
    where b.run_id = ${runId} and b.state = 'waiting' and d.run_id = b.run_id and d.batch = b.batch
      and d.state = 'planned' and d.variant <> ${trial.variant}`.execute(tx);
  await sql`update batches set state = 'ready' where run_id = ${runId} and state = 'waiting'`.execute(tx);
  await sql`update runs set trial = ${JSON.stringify(trial)} where id = ${runId}`.execute(tx);
}

/** How far a trial that is not settled is: how many batches of it are out, and when the last of them went. */
export async function selectCourse(
  runId: number,
): Promise<{ open: number; lastAt: Date | null; waiting: number }> {
  const { rows } = await sql<{ open: number; lastAt: Date | null; waiting: number }>`
    select count(*) filter (where state in ('ready', 'sending', 'doubt')) as open, max(answered_at) filter (where not is_rest) as "lastAt",
      coalesce(sum(size) filter (where state = 'waiting'), 0)::int as waiting
    from batches where run_id = ${runId}`.execute(db);
  return rows[0] ?? { open: 0, lastAt: null, waiting: 0 };
}
