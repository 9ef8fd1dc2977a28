import { db, sql } from '../../platform/db.ts';

export const openStates = ['waiting', 'ready', 'sending', 'doubt'] as const;

interface ProvenRun {
  campaign: string;
  state: string;
  audienceCount: number | null;
  ledgerHash: string | null;
  /** Whether it goes out in cohorts, and not dry. */
  hasCohorts: boolean;
}

export async function maybeRun(runId: number): Promise<ProvenRun | undefined> {
  const { rows } = await sql<ProvenRun>`
    select coalesce(fixed ->> 'name', '') as campaign, state, audience_count as "audienceCount", encode(ledger_hash, 'hex') as "ledgerHash",
      not is_dry and coalesce(jsonb_typeof(fixed #> '{policy,rollout}') = 'object', false) as "hasCohorts"
    from runs where id = ${runId}`.execute(db);
  return rows[0];
}

interface Rows {
  people: number;
  sent: number;
  skipped: number;
  failed: number;
  doubt: number;
  planned: number;
  skippedBy: Record<string, number>;
  failedBy: Record<string, number>;
  sentWithoutBatch: number;
}

/** The ledger, counted from its rows. */
export async function selectRows(runId: number): Promise<Rows> {
  const { rows } = await sql<{ state: string; reason: string | null; rows: number; strays: number }>`
    select d.state, d.reason, count(*) as rows,
      count(*) filter (where d.state = 'sent' and b.state is distinct from 'sent' and b.state is distinct from 'doubt') as strays
    from deliveries d left join batches b on b.run_id = d.run_id and b.batch = d.batch
    where d.run_id = ${runId} group by 1, 2`.execute(db);
  const of = (state: string) => rows.filter((row) => row.state === state);
  const count = (state: string) => of(state).reduce((sum, row) => sum + row.rows, 0);
  const by = (state: string) => Object.fromEntries(of(state).map((row) => [row.reason ?? '', row.rows]));
  return {
    people: rows.reduce((sum, row) => sum + row.rows, 0),
    sent: count('sent'), skipped: count('skipped'), failed: count('failed'), doubt: count('doubt'), planned: count('planned'),
    skippedBy: by('skipped'), failedBy: by('failed'), sentWithoutBatch: rows.reduce((sum, row) => sum + row.strays, 0),
  }; // prettier-ignore
}

/** How many people fewer or more the cohorts of a run have than was written down when it was planned. */
export async function countStrayed(runId: number): Promise<number> {
  const { rows } = await sql<{ strayed: number }>`
    select coalesce(sum(abs(coalesce(k.people, 0) - coalesce(x.people, 0))), 0)::int as strayed
    from (select cohort, people from run_cohorts where run_id = ${runId}) k
    full join (
      select b.cohort, count(*) as people from deliveries d join batches b on b.run_id = d.run_id and b.batch = d.batch
      where d.run_id = ${runId} group by b.cohort) x on x.cohort = k.cohort`.execute(db);
  return rows[0]?.strayed ?? 0;
}

interface Told {
  byKind: Record<string, number>;
  heard: number;
  unsent: number;
  takenTwice: number;
}

/**
 * The provider's events. A message that it says it took twice was sent twice; one that it tells of and that we do not hold for sent would be a
 * hole in the ledger.
 */
export async function selectEvents(runId: number): Promise<Told> {
  const kinds = await sql<{ kind: string; messages: number }>`
    select kind, count(distinct n) as messages from delivery_events where run_id = ${runId} group by kind order by 2 desc`.execute(
    db,
  );
  const { rows } = await sql<Omit<Told, 'byKind'>>`
    with told as (
      select n, count(*) filter (where kind in ('processed', 'dropped')) as taken from delivery_events where run_id = ${runId} group by n)
    select count(*) filter (where d.state = 'sent') as heard, count(*) filter (where d.state is distinct from 'sent') as unsent,
      count(*) filter (where told.taken > 1) as "takenTwice"
    from told left join deliveries d on d.run_id = ${runId} and d.n = told.n`.execute(db);
  return {
    byKind: Object.fromEntries(kinds.rows.map(({ kind, messages }) => [kind, messages])),
    ...(rows[0] ?? { heard: 0, unsent: 0, takenTwice: 0 }),
  };
}

export async function selectBatches(runId: number): Promise<Record<string, number>> {
  const { rows } = await sql<{ state: string; batches: number }>`
    select state, count(*) as batches from batches where run_id = ${runId} group by state`.execute(db);
  return Object.fromEntries(rows.map(({ state, batches }) => [state, batches]));
}

export async function selectCounters(runId: number): Promise<Record<string, number>> {
  const { rows } = await sql<{ counts: Record<string, number> }>`
    select counts from run_statistics where run_id = ${runId}`.execute(db);
  return rows[0]?.counts ?? {};
}

/** How many counters of the states of rows are not what the rows say. */
export function differing(counters: Record<string, number>, rows: Rows): number {
  const states = ['sent', 'skipped', 'failed', 'doubt', 'planned'] as const;
  return states.filter((state) => (counters[state] ?? 0) !== rows[state]).length;
}
