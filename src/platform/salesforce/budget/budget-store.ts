import { db, sql, transaction, type Tx } from '../../db.ts';

import type { Feature, Threshold, Verdict } from './budget-rules.ts';
import { startOfHour } from './forecast.ts';
import type { Reading } from './limits.ts';

/** The newest reading and whether the org takes calls, as all processes share it. */
export interface Ledger {
  reading: Reading | undefined;
  readAt: Date | null;
  limitsReadAt: Date | null;
  exhaustedSince: Date | null;
  probeAt: Date | null;
  probes: number;
}

/** Calls by feature that a process has sent since it last wrote them down. */
export type Spent = ReadonlyMap<string, number>;

/** Adds calls to the hour's, and takes a reading over unless a newer one is known. */
export async function addCalls(spent: Spent, read: { reading: Reading; at: Date } | undefined, at: Date) {
  const calls = [...spent].map(([feature, calls]) => ({ feature, calls }));
  await transaction(async (tx) => {
    if (calls.length > 0)
      await sql`
        insert into api_calls as known (hour, feature, calls)
        select ${new Date(startOfHour(at))}, feature, calls
        from jsonb_to_recordset(${JSON.stringify(calls)}::jsonb) as given (feature text, calls bigint)
        order by feature
        on conflict (hour, feature) do update set calls = known.calls + excluded.calls`.execute(tx);
    if (read) await takeReading(tx, read.reading, read.at);
  });
}

async function takeReading(tx: Tx, { org, app }: Reading, at: Date): Promise<void> {
  await sql`
    update api_budget set used = ${org.used}, max = ${org.limit}, app_used = ${app?.used ?? null},
      app_max = ${app?.limit ?? null}, read_at = ${at}
    where read_at is null or read_at <= ${at}`.execute(tx);
  await sql`
    insert into api_readings as known (hour, used, max, read_at)
    values (${new Date(startOfHour(at))}, ${org.used}, ${org.limit}, ${at})
    on conflict (hour) do update set used = excluded.used, max = excluded.max, read_at = excluded.read_at
    where known.read_at <= excluded.read_at`.execute(tx);
}

export async function readLedger(): Promise<Ledger> {
  const row = await db.selectFrom('api_budget').selectAll().executeTakeFirstOrThrow();
  const org = row.used === null || row.max === null ? undefined : { used: row.used, limit: row.max };
  const app =
    row.app_used === null || row.app_max === null ? undefined : { used: row.app_used, limit: row.app_max };
  return {
    reading: org && { org, app },
    readAt: row.read_at,
    limitsReadAt: row.limits_read_at,
    exhaustedSince: row.exhausted_since,
    probeAt: row.probe_at,
    probes: row.probes,
  };
}

/** The published thresholds, what is shed last first. */
export async function readThresholds(): Promise<Threshold[]> {
  const rows = await db
    .selectFrom('budget_features')
    .select([
      'feature',
      'sheds_at as shedsAt',
      'resumes_at as resumesAt',
      'sheds_by_forecast as shedsByForecast',
    ])
    .select(['hourly_ceiling as hourlyCeiling', 'shed_since as shedSince', 'shed_reason as shedReason'])
    .orderBy('position')
    .execute();
  return rows as Threshold[];
}

/** Carries verdicts out, and tells which were news: another process may have come to them first. */
export async function carryOut(verdicts: readonly Verdict[], at: Date): Promise<Feature[]> {
  const { rows } = await sql<{ feature: Feature }>`
    update budget_features b set shed_reason = given.reason, shed_since = case when given.reason is not null then ${at}::timestamptz end
    from jsonb_to_recordset(${JSON.stringify(verdicts.map(({ feature, shedReason }) => ({ feature, reason: shedReason })))}::jsonb)
      as given (feature text, reason text)
    where b.feature = given.feature and (b.shed_reason is null) <> (given.reason is null)
    returning b.feature`.execute(db);
  return rows.map(({ feature }) => feature);
}

export async function callsInHour(at: Date): Promise<Map<string, number>> {
  const rows = await db
    .selectFrom('api_calls')
    .select(['feature', 'calls'])
    .where('hour', '=', new Date(startOfHour(at)))
    .execute();
  return new Map(rows.map(({ feature, calls }) => [feature, calls]));
}

/** Calls by hour and feature since then, oldest first. */
export async function callsSince(since: Date): Promise<{ hour: Date; feature: string; calls: number }[]> {
  return await db.selectFrom('api_calls').selectAll().where('hour', '>=', since).orderBy('hour').execute();
}

export async function readingsSince(since: Date): Promise<{ hour: Date; used: number; max: number }[]> {
  return await db
    .selectFrom('api_readings')
    .select(['hour', 'used', 'max'])
    .where('hour', '>=', since)
    .orderBy('hour')
    .execute();
}

/** The org takes no more calls: it is asked again at `probeAt`. Known already, nothing changes but the count of refused probes. */
export async function noteExhausted(at: Date, probeAt: Date): Promise<boolean> {
  const { rows } = await sql`
    update api_budget set exhausted_since = ${at}, probe_at = ${probeAt}, probes = 0
    where exhausted_since is null returning true`.execute(db);
  return rows.length === 1;
}

/** Whether this process is the one that asks the org now; the next time to ask is set already, should it be refused. */
export async function takeProbe(at: Date, nextAt: Date): Promise<boolean> {
  const { rows } = await sql`
    update api_budget set probe_at = ${nextAt}, probes = probes + 1
    where exhausted_since is not null and probe_at <= ${at} returning true`.execute(db);
  return rows.length === 1;
}

export async function noteRecovered(): Promise<boolean> {
  const { rows } = await sql`
    update api_budget set exhausted_since = null, probe_at = null, probes = 0
    where exhausted_since is not null returning true`.execute(db);
  return rows.length === 1;
}

/** Whether this process is the one that reads the org's limits now. */
export async function takeLimitsReading(at: Date, olderThan: Date): Promise<boolean> {
  const { rows } = await sql`
    update api_budget set limits_read_at = ${at}
    where limits_read_at is null or limits_read_at <= ${olderThan} returning true`.execute(db);
  return rows.length === 1;
}

export async function keepLimits(limits: { name: string; max: number; remaining: number }[], at: Date) {
  await sql`
    insert into org_limits (name, max, remaining, read_at)
    select name, max, remaining, ${at} from jsonb_to_recordset(${JSON.stringify(limits)}::jsonb)
      as given (name text, max bigint, remaining bigint)
    on conflict (name) do update set max = excluded.max, remaining = excluded.remaining, read_at = excluded.read_at`.execute(
    db,
  );
}

/** Forgets what no page shows any more. */
export async function forgetCalls(before: Date): Promise<void> {
  await sql`delete from api_calls where hour < ${before}`.execute(db);
  await sql`delete from api_readings where hour < ${before}`.execute(db);
}
