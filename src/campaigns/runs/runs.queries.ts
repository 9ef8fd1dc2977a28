import type { RawBuilder } from 'kysely';

import { db, sql, type Db, type Tx } from '../../platform/db.ts';

import type { Fixed, ListedRun, Run, RunState, ShownRun } from './runs.ts';

type Condition = RawBuilder<boolean>;

const listed = sql`
  r.id, r.campaign_id as "campaignId", r.revision, r.trigger_key as "triggerKey", r.triggered_by as "triggeredBy",
  r.triggered_at as "triggeredAt", r.state, r.paused_at as "pausedAt", r.paused_by as "pausedBy", r.pause_reason as "pauseReason",
  r.is_dry as "isDry", r.planned_at as "plannedAt", r.audience_count as "audienceCount", encode(r.audience_hash, 'hex') as "audienceHash",
  r.started_at as "startedAt", r.ended_at as "endedAt", encode(r.ledger_hash, 'hex') as "ledgerHash", r.trial`;
const columns = sql`${listed}, r.fixed`;

/** Whether the cohort of a run `r` whose turn is next is held. */
export const isHeld = sql`
  coalesce((select k.held_at is not null from run_cohorts k where k.run_id = r.id and k.let_go_at is null and k.people > 0
    order by k.cohort limit 1), false)`;

export async function maybeRun(at: Db, id: number): Promise<Run | undefined> {
  const { rows } = await sql<Run>`select ${columns} from runs r where r.id = ${id}`.execute(at);
  return rows[0];
}

/** The run, kept as it is until the transaction ends. */
export async function selectForUpdate(tx: Tx, id: number): Promise<Run | undefined> {
  const { rows } = await sql<Run>`select ${columns} from runs r where r.id = ${id} for update`.execute(tx);
  return rows[0];
}

export async function selectRuns(
  scope: Condition,
  { campaignId, state }: { campaignId?: string | undefined; state?: RunState | undefined },
  { limit, page }: { limit: number; page: number },
): Promise<{ runs: ListedRun[]; total: number }> {
  const { rows } = await sql<ListedRun & { total: number }>`
    select ${listed}, ${isHeld} as "isHeld", r.fixed ->> 'name' as "campaignName", coalesce(s.counts, '{}') as counts, count(*) over () as total
    from runs r left join run_statistics s on s.run_id = r.id
    where ${scope} and (${campaignId ?? null}::uuid is null or r.campaign_id = ${campaignId ?? null})
      and (${state ?? null}::text is null or r.state = ${state ?? null})
    order by r.id desc limit ${limit} offset ${(page - 1) * limit}`.execute(db);
  return { runs: rows, total: rows[0]?.total ?? 0 };
}

export async function selectShown(scope: Condition, id: number): Promise<ShownRun | undefined> {
  const { rows } = await sql<ShownRun>`
    select ${columns}, ${isHeld} as "isHeld", t.name as "triggeredByName", p.name as "pausedByName",
      json_build_object('id', c.id, 'name', c.name, 'channel', r.fixed -> 'channel', 'messageClass', r.fixed -> 'messageClass') as campaign,
      coalesce(s.counts, '{}') as counts,
      ${reasonsOf('skipped')} as "skippedBy", ${reasonsOf('failed')} as "failedBy",
      coalesce((select json_object_agg(state, count) from (
        select state, count(*) from batches where run_id = r.id group by state) b), '{}') as batches,
      coalesce((select json_agg(json_build_object('batch', batch, 'size', size, 'postedAt', posted_at, 'error', error) order by batch)
        from batches where run_id = r.id and state = 'doubt'), '[]') as doubts,
      (select max(due_at) from batches where run_id = r.id and state = 'ready') as "lastDueAt"
    from runs r join campaigns c on c.id = r.campaign_id left join run_statistics s on s.run_id = r.id
    left join people t on t.id = r.triggered_by left join people p on p.id = r.paused_by
    where r.id = ${id} and ${scope}`.execute(db);
  const run = rows[0];
  if (run === undefined) return undefined;
  const doubts = run.doubts.map((doubt) => ({
    ...doubt,
    postedAt: doubt.postedAt && new Date(doubt.postedAt),
  }));
  return { ...run, doubts };
}

/** Counts by reason, of counters named `skipped:capped`. */
const reasonsOf = (state: 'skipped' | 'failed') => sql`
  coalesce((select json_object_agg(substr(e.key, ${state.length + 2}), e.value) from jsonb_each(s.counts) e
    where e.key like ${`${state}:%`}), '{}')`;

interface NewRun {
  campaignId: string;
  revision: number;
  triggerKey: string;
  triggeredBy: string | null;
  triggeredAt: Date;
  isDry: boolean;
  fixed: Fixed;
}

/** @returns the run of this key, and whether this made it */
export async function insertRun(tx: Tx, run: NewRun): Promise<{ id: number; isNew: boolean }> {
  const { rows } = await sql<{ id: number }>`
    insert into runs (campaign_id, revision, trigger_key, triggered_by, triggered_at, state, is_dry, fixed)
    values (${run.campaignId}, ${run.revision}, ${run.triggerKey}, ${run.triggeredBy}, ${run.triggeredAt}, 'triggered', ${run.isDry},
      ${JSON.stringify(run.fixed)})
    on conflict (campaign_id, trigger_key) do nothing returning id`.execute(tx);
  if (rows[0] !== undefined) return { id: rows[0].id, isNew: true };
  const id = await selectRunOf(tx, run.campaignId, run.triggerKey);
  if (id === undefined) throw new Error(`no run ${run.triggerKey}`);
  return { id, isNew: false };
}

export async function selectRunOf(
  at: Db,
  campaignId: string,
  triggerKey: string,
): Promise<number | undefined> {
  const { rows } = await sql<{ id: number }>`
    select id from runs where campaign_id = ${campaignId} and trigger_key = ${triggerKey}`.execute(at);
  return rows[0]?.id;
}
