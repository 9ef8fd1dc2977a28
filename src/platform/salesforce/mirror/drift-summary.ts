import { DAY, now } from '../../clock.ts';
import { db, sql } from '../../db.ts';

import type { DriftCause } from './tables.ts';

/** What the comparisons of one object came to. */
export interface ObjectDrift {
  sobject: string;
  /** Today, and in the last 30 days. */
  today: number;
  compared: number;
  differing: number;
  mended: number;
  sampledAt: Date | null;
  /** Of the last full comparison. */
  comparedAt: Date | null;
  state: 'waiting' | 'running' | 'done' | 'failed' | null;
  error: string | null;
  rowsCompared: number;
  rowsExpected: number | null;
}

/** How many days are shown, today among them. */
export const DRIFT_DAYS = 30;

const firstDay = (): string => new Date(now().getTime() - (DRIFT_DAYS - 1) * DAY).toISOString().slice(0, 10);

/** Every object that can be compared, in the order of loading. */
export async function objectDrift(): Promise<ObjectDrift[]> {
  const { rows } = await sql<ObjectDrift>`
    select s.sobject, coalesce(days.today, 0) as today, coalesce(days.compared, 0) as compared,
      coalesce(days.differing, 0) as differing, coalesce(days.mended, 0) as mended,
      sampled.finished_at as "sampledAt", full_run.finished_at as "comparedAt", full_run.state, full_run.error,
      coalesce(full_run.compared, 0) as "rowsCompared", full_run.expected as "rowsExpected"
    from sync_states s
    left join lateral (
      select sum(compared) as compared, sum(differing) as differing, sum(mended) as mended,
        sum(compared) filter (where day = ${now()}::timestamptz at time zone 'UTC')::bigint as today
      from drift_days d where d.sobject = s.sobject and d.day >= ${firstDay()}::date) days on true
    left join lateral (
      select finished_at from drift_runs r where r.sobject = s.sobject and r.kind = 'sampled' order by id desc limit 1) sampled on true
    left join lateral (
      select state, error, compared, expected, finished_at from drift_runs r
      where r.sobject = s.sobject and r.kind = 'full' order by id desc limit 1) full_run on true
    order by s.is_chosen, s.position`.execute(db);
  return rows;
}

export interface DriftDay {
  day: string;
  compared: number;
  differing: number;
  mended: number;
}

/** What each of the last 30 days came to, of all objects together; days without a comparison are zeros. */
export async function driftDays(): Promise<DriftDay[]> {
  const { rows } = await sql<DriftDay>`
    select to_char(days.day, 'YYYY-MM-DD') as day, coalesce(sum(d.compared), 0) as compared,
      coalesce(sum(d.differing), 0) as differing, coalesce(sum(d.mended), 0) as mended
    from generate_series(${firstDay()}::date, (${now()}::timestamptz at time zone 'UTC')::date, interval '1 day') as days (day)
    left join drift_days d on d.day = days.day::date
    group by days.day order by days.day`.execute(db);
  return rows;
}

/** What 30 days of comparing came to. */
export async function driftSums(): Promise<Omit<DriftDay, 'day'>> {
  const { rows } = await sql<Omit<DriftDay, 'day'>>`
    select coalesce(sum(compared), 0) as compared, coalesce(sum(differing), 0) as differing, coalesce(sum(mended), 0) as mended
    from drift_days where day >= ${firstDay()}::date`.execute(db);
  return rows[0] ?? { compared: 0, differing: 0, mended: 0 };
}

/** A difference that was found. */
export interface Finding {
  id: number;
  sobject: string;
  recordId: string;
  field: string | null;
  ours: string | null;
  theirs: string | null;
  cause: DriftCause;
  isMended: boolean;
  foundAt: Date;
}

/** The differences found last, newest first; of one object where it is given. */
export async function driftFindings(
  sobject: string | undefined,
  { page, size }: { page: number; size: number },
): Promise<{ findings: Finding[]; total: number }> {
  const ofObject = sql`${sobject ?? null}::text is null or sobject = ${sobject ?? null}`;
  const counted = await sql<{ total: number }>`
    select count(*) as total from drift_findings where ${ofObject}`.execute(db);
  const { rows } = await sql<Finding>`
    select id, sobject, record_id as "recordId", field, ours, theirs, cause, is_mended as "isMended", found_at as "foundAt"
    from drift_findings where ${ofObject}
    order by found_at desc, id desc limit ${size} offset ${(page - 1) * size}`.execute(db);
  return { findings: rows, total: counted.rows[0]?.total ?? 0 };
}
