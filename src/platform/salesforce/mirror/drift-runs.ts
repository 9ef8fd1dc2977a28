import { DAY, now } from '../../clock.ts';
import { db, sql, type Tx } from '../../db.ts';

import type { Difference } from './differences.ts';
import { toFailure } from '../wire/errors.ts';

/** Differences that one look writes down at most; all are counted. */
const MOST_FINDINGS = 200;

const FINDINGS_KEPT = 30 * DAY;

/** The samples of one object and day are one run. */
export async function sampledRun(sobject: string): Promise<number> {
  const at = now();
  const { rows } = await sql<{ id: number }>`
    with today as (
      select id from drift_runs where sobject = ${sobject} and kind = 'sampled' and asked_at >= date_trunc('day', ${at}::timestamptz)
      order by id desc limit 1),
    begun as (
      insert into drift_runs (sobject, kind, state, asked_at, started_at)
      select ${sobject}, 'sampled', 'done', ${at}, ${at} where not exists (select from today) returning id)
    select id from today union all select id from begun`.execute(db);
  return rows[0]?.id ?? 0;
}

/** Writes down what differed, a limited number of it: what a run came to is counted. */
export async function keepFindings(
  tx: Tx,
  sobject: string,
  runId: number,
  found: readonly Difference[],
): Promise<void> {
  if (found.length === 0) return;
  await tx
    .insertInto('drift_findings')
    .values(
      found.slice(0, MOST_FINDINGS).map(({ recordId, field, ours, theirs, cause }) => ({
        run_id: runId,
        sobject,
        record_id: recordId,
        field,
        ours: ours?.slice(0, 1_000) ?? null,
        theirs: theirs?.slice(0, 1_000) ?? null,
        cause,
        is_mended: true,
        found_at: now(),
      })),
    )
    .execute();
}

interface Counts {
  compared: number;
  differing: number;
  mended: number;
}

/** Adds to what a run and its day came to. */
export async function count(tx: Tx, sobject: string, runId: number, counts: Counts): Promise<void> {
  const { compared, differing, mended } = counts;
  await sql`
    update drift_runs set compared = compared + ${compared}, differing = differing + ${differing}, mended = mended + ${mended},
      finished_at = case when kind = 'sampled' then ${now()} else finished_at end
    where id = ${runId}`.execute(tx);
  await sql`
    insert into drift_days as d (sobject, day, compared, differing, mended)
    values (${sobject}, ${now()}::timestamptz at time zone 'UTC', ${compared}, ${differing}, ${mended})
    on conflict (sobject, day) do update set compared = d.compared + excluded.compared,
      differing = d.differing + excluded.differing, mended = d.mended + excluded.mended`.execute(tx);
}

/** Ends a comparison that could not be brought to an end. */
export async function failRun(runId: number, error: unknown): Promise<void> {
  const { code, message } = toFailure(error);
  await sql`update drift_runs set state = 'failed', error = ${`${code}: ${message}`}, finished_at = ${now()} where id = ${runId}`.execute(
    db,
  );
  await forgetRun(runId);
}

/** Forgets what a comparison has met and suspects. */
export async function forgetRun(runId: number): Promise<void> {
  await sql`delete from drift_met where run_id = ${runId}`.execute(db);
  await sql`delete from drift_suspects where run_id = ${runId}`.execute(db);
}

/** A full run is done when it has read everything and nothing of it is suspected any more. */
export async function finishRuns(): Promise<void> {
  await sql`
    update drift_runs r set state = 'done'
    where state = 'running' and finished_at is not null and not exists (select from drift_suspects s where s.run_id = r.id)`.execute(
    db,
  );
}

/** Asks for a comparison of every row of an object; one that waits already is enough. */
export async function askForComparison(sobject: string, askedBy: string | null): Promise<void> {
  await sql`
    insert into drift_runs (sobject, kind, state, asked_by, asked_at)
    select ${sobject}, 'full', 'waiting', ${askedBy}, ${now()}
    where not exists (select from drift_runs where sobject = ${sobject} and kind = 'full' and state in ('waiting', 'running'))`.execute(
    db,
  );
}

/** The same for every object that is live: what the clock asks for each night. */
export async function askForAll(askedBy: string | null = null): Promise<void> {
  const { rows } = await sql<{ sobject: string }>`
    select sobject from sync_states where mark_at is not null and not is_paused order by position`.execute(
    db,
  );
  for (const { sobject } of rows) await askForComparison(sobject, askedBy);
}

/** The next full comparison that waits. One whose process was lost begins anew. */
export async function nextRun(): Promise<{ id: number; sobject: string } | undefined> {
  const { rows } = await sql<{ id: number; sobject: string }>`
    select id, sobject from drift_runs
    where kind = 'full' and (state = 'waiting' or state = 'running' and finished_at is null) order by id limit 1`.execute(
    db,
  );
  return rows[0];
}

/** Forgets what was found long ago; the sums of the days stay. */
export async function forgetFindings(): Promise<void> {
  const before = new Date(now().getTime() - FINDINGS_KEPT);
  await sql`delete from drift_runs where asked_at < ${before} and state in ('done', 'failed')`.execute(db);
  await sql`delete from field_notices where noticed_at < ${before}`.execute(db);
}
