import { now } from '../../clock.ts';
import { db, sql, transaction } from '../../db.ts';
import { log } from '../../log.ts';

import { suspectDiffering } from './differences.ts';
import { SAMPLE, settle, settledOf } from './drift.ts';
import { count, failRun, finishRuns, forgetRun } from './drift-runs.ts';
import { exclusively } from './exclusive.ts';
import type { Followed } from './poll.ts';
import { query } from '../wire/query.ts';
import { scan } from './scan.ts';
import { idList, select } from '../wire/soql.ts';
import { reload } from './states.ts';

/** More rows than these are not mended one by one: the object is loaded again. */
const MOST_SUSPECTS = 2_000;

/**
 * Compares every row of an object, in portions, and notes what differs or was not met for the second look. Too many to mend one by
 * one have the object loaded again.
 */
export async function compareAll(followed: Followed, runId: number, stopping: AbortSignal): Promise<void> {
  const { readable } = followed;
  const { sobject } = readable.mapping;
  await sql`update drift_runs set state = 'running', started_at = ${now()}, error = null, compared = 0,
              expected = ${followed.state.rowsExpected} where id = ${runId}`.execute(db);
  await forgetRun(runId);
  try {
    let differing = 0;
    for await (const { source, rows, readAt } of scan(readable, stopping)) {
      const compared = { source, readAt, settled: settledOf(followed) };
      differing += await transaction(async (tx) => {
        await sql`insert into drift_met (run_id, id) select ${runId}, s."Id" from ${source}`.execute(tx);
        const found = await suspectDiffering(tx, readable, compared, runId);
        await count(tx, sobject, runId, { compared: rows, differing: 0, mended: 0 });
        return found;
      });
    }
    differing += await suspectMissing(followed, runId);
    await sql`update drift_runs set finished_at = ${now()} where id = ${runId}`.execute(db);
    if (differing > MOST_SUSPECTS) await giveToLoad(followed, runId, differing);
    await finishRuns();
  } catch (error) {
    await failRun(runId, error);
    throw error;
  } finally {
    await sql`delete from drift_met where run_id = ${runId}`.execute(db);
  }
}

/** Living rows that the comparison did not meet. */
async function suspectMissing(followed: Followed, runId: number): Promise<number> {
  const { mapping } = followed.readable;
  const id = sql.ref(mapping.key === 'ours' ? 'm.salesforce_id' : 'm.id');
  return await transaction(async (tx) => {
    await sql`set local statement_timeout to '10min'`.execute(tx);
    const { rows } = await sql<{ count: number }>`
      with unmet as (
        select ${id} as id from ${sql.table(mapping.table)} m
        where m.deleted_at is null and ${id} is not null and m.modified_at <= ${settledOf(followed)}
          and ${mapping.sharesTable ? sql`m.sobject = ${mapping.sobject}` : sql`true`}
          and not exists (select from drift_met met where met.run_id = ${runId} and met.id = ${id})),
      kept as (
        insert into drift_suspects (run_id, id) select ${runId}, id from unmet on conflict do nothing)
      select count(*) as count from unmet`.execute(tx);
    return rows[0]?.count ?? 0;
  });
}

/** So many rows differ that only a load mends them, whatever times they claim; a few stay to be looked at, to show what it was. */
async function giveToLoad(
  { readable: { mapping } }: Followed,
  runId: number,
  differing: number,
): Promise<void> {
  const { sobject, key, table } = mapping;
  log.warn({ sobject, differing }, 'the mirror differs in many rows and is loaded again');
  const id = sql.ref(key === 'ours' ? 'm.salesforce_id' : 'm.id');
  await transaction(async (tx) => {
    await sql`set local statement_timeout to '10min'`.execute(tx);
    await sql`
      with others as (
        delete from drift_suspects where run_id = ${runId}
          and id not in (select id from drift_suspects where run_id = ${runId} order by id limit ${SAMPLE}) returning id)
      update ${sql.table(table)} m set modified_at = 'epoch' from others where ${id} = others.id`.execute(tx);
    const rest = differing - SAMPLE;
    await count(tx, sobject, runId, { compared: 0, differing: rest, mended: rest });
  });
  await reload(sobject);
}

/** The second look at what a full comparison suspects, some rows of each object. In the turn of the polls. */
export async function lookAtSuspects(followed: readonly Followed[]): Promise<number> {
  const { rows } = await sql<{ runId: number; sobject: string; ids: string[] }>`
    select r.id as "runId", r.sobject, array(select id from drift_suspects s where s.run_id = r.id order by id limit ${SAMPLE}) as ids
    from drift_runs r where exists (select from drift_suspects s where s.run_id = r.id)`.execute(db);
  let mended = 0;
  for (const { runId, sobject, ids } of rows) {
    const one = followed.find(({ readable }) => readable.mapping.sobject === sobject);
    if (one) mended += await exclusively(() => lookAtEach(one, runId, ids));
    await sql`delete from drift_suspects where run_id = ${runId} and id = any(${ids}::text[])`.execute(db);
  }
  if (rows.length > 0) await finishRuns();
  return mended;
}

async function lookAtEach(followed: Followed, runId: number, ids: readonly string[]): Promise<number> {
  const readAt = now();
  const { records, isWhole } = await query(
    select(followed.readable, { conditions: [`Id IN ${idList(ids)}`] }),
  );
  const met = new Set(records.map(({ Id }) => Id));
  const missing = isWhole ? ids.filter((id) => !met.has(id)) : [];
  return await settle(followed, { runId, readAt, records, missing, compared: 0 });
}
