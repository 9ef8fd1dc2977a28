import type { RawBuilder } from 'kysely';

import { forStaff, type Viewer } from '../access/viewer.ts';
import { notRemoved } from '../accounts/removals.ts';
import { sizeOf } from '../accounts/sizes.ts';
import { now } from '../platform/clock.ts';
import { db, sql } from '../platform/db.ts';

/** What people are told apart by, to compare them (AN1). */
export const cohortKinds = ['began', 'stage', 'status', 'size', 'industry', 'country'] as const;
export type CohortKind = (typeof cohortKinds)[number];

/** People who have one thing in common. Days and windows are those of engagement. */
export interface Cohort {
  /** A month (YYYY-MM) for `began`, else the value; null where it is not known, or they never began. */
  name: string | null;
  people: number;
  /** Active within the window; of those who were active in the window before, how many still are. */
  active: number;
  before: number;
  kept: number;
  daily: number;
  weekly: number;
  occasionally: number;
  inactive: number;
  never: number;
  /** Averages of the active ones, in the window. */
  days: number | null;
  actions: number | null;
  seconds: number | null;
  modules: number | null;
}

const nameOf: Record<CohortKind, RawBuilder<unknown>> = {
  began: sql`to_char(p.first_active_on, 'YYYY-MM')`,
  stage: sql`e.stage`,
  status: sql`e.status`,
  size: sizeOf,
  industry: sql`a.industry`,
  country: sql`a.billing_country`,
};

const SHOWN = 24;
/** Every colleague sees the same, and it takes a look at every person there is. */
const REMEMBERED_MILLISECONDS = 60_000;
const remembered = new Map<CohortKind, { until: number; cohorts: Promise<Cohort[]> }>();

/** The people of all accounts, by what they have in common: the 24 latest months, or the 24 largest groups. */
export async function cohortsSeenBy(viewer: Viewer, kind: CohortKind): Promise<Cohort[]> {
  const scope = forStaff(viewer);
  if (viewer.kind !== 'staff') return await compare(kind, scope);
  const known = remembered.get(kind);
  if (known && known.until > now().getTime()) return await known.cohorts;
  const cohorts = compare(kind, scope);
  remembered.set(kind, { until: now().getTime() + REMEMBERED_MILLISECONDS, cohorts });
  cohorts.catch(() => remembered.delete(kind));
  return await cohorts;
}

async function compare(kind: CohortKind, scope: RawBuilder<boolean>): Promise<Cohort[]> {
  const frequency = (name: string) => sql`count(*) filter (where p.frequency = ${name}) as ${sql.ref(name)}`;
  const average = (column: string, name: string) =>
    sql`round(avg(${sql.ref(`p.${column}`)}) filter (where p.days_active_14 > 0), 1) as ${sql.ref(name)}`;
  const { rows } = await sql<Cohort>`
    select ${nameOf[kind]} as name, count(*) as people, count(*) filter (where p.days_active_14 > 0) as active,
      count(*) filter (where p.days_active_before > 0) as before,
      count(*) filter (where p.days_active_before > 0 and p.days_active_14 > 0) as kept,
      ${frequency('daily')}, ${frequency('weekly')}, ${frequency('occasionally')}, ${frequency('inactive')},
      count(*) filter (where p.frequency is null) as never,
      ${average('days_active_14', 'days')}, ${average('actions_14', 'actions')}, ${average('seconds_14', 'seconds')},
      ${average('modules_14', 'modules')}
    from account_people p join accounts a on a.id = p.account_id join account_engagement e on e.account_id = p.account_id
    where ${scope} and ${notRemoved('p.account_id')}
    group by 1 order by ${kind === 'began' ? sql`1 desc nulls last` : sql`2 desc, 1 nulls last`} limit ${SHOWN}`.execute(
    db,
  );
  return rows;
}
