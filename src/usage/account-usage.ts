import { forStaff, type Viewer } from '../access/viewer.ts';
import { db, sql } from '../platform/db.ts';

/** How often somebody of an account uses the product, by the days of the last 14 on which anybody did (AP5). */
export const frequencies = ['daily', 'weekly', 'occasionally', 'inactive'] as const;
export type VisitFrequency = (typeof frequencies)[number];

export const frequencyOf = (activeDays: number): VisitFrequency =>
  activeDays >= 9 ? 'daily' : activeDays >= 5 ? 'weekly' : activeDays >= 2 ? 'occasionally' : 'inactive';

/** The time spans that usage is told for: so many full days and today as far as it has gone; yesterday is a day of its own (AP10). */
export const periods = ['today', 'yesterday', '3', '7', '14', '30', '90'] as const;
export type Period = (typeof periods)[number];

export interface Sums {
  events: number;
  people: number;
  seconds: number;
}

/** The use of one account. Days are of UTC, YYYY-MM-DD. */
export interface AccountUsage {
  /** Days of the last 14 with any use. */
  activeDays: number;
  frequency: VisitFrequency;
  lastOn: string;
  sums: Record<Period, Sums>;
  /** The last 90 days and today, each one. */
  days: { day: string; events: number; people: number }[];
  /** Of the last 30 days, the most frequent first. */
  actions: { action: string; module: string; events: number; people: number }[];
  modules: { module: string; events: number }[];
  leaders: { name: string; contactId: string | null; events: number; days: number; lastOn: string }[];
}

const SHOWN = 8;

/** How the people of an account used the product up to that day; undefined when nothing was ever told of it. Staff only. */
export async function usageOfAccount(
  viewer: Viewer,
  accountId: string,
  today: string,
): Promise<AccountUsage | undefined> {
  const ours = sql`select u.id from usage_accounts u where u.account_id = ${accountId} and ${forStaff(viewer)}`;
  const days = await lastDays(ours, today);
  const lastOn = days.findLast(({ events }) => events > 0)?.day ?? (await lastDay(ours, today));
  if (lastOn === undefined) return undefined;
  const activeDays = days.slice(-15).filter(({ events }) => events > 0).length;
  const [sums, actions, modules, leaders] = await Promise.all([
    sumsOf(ours, today),
    actionsOf(ours, today),
    modulesOf(ours, today),
    leadersOf(ours, today),
  ]);
  return {
    activeDays: Math.min(14, activeDays),
    frequency: frequencyOf(activeDays),
    lastOn,
    sums,
    days,
    actions,
    modules,
    leaders,
  };
}

type Ours = ReturnType<typeof sql>;

async function lastDays(ours: Ours, today: string): Promise<AccountUsage['days']> {
  const { rows } = await sql<AccountUsage['days'][number]>`
    select each.at::date as day, coalesce(sum(d.events), 0)::int as events, coalesce(sum(d.people), 0)::int as people
    from generate_series(${today}::date - 90, ${today}::date, '1 day') each (at)
    left join usage_account_days d on d.day = each.at::date and d.usage_account in (${ours})
    group by 1 order by 1`.execute(db);
  return rows;
}

async function lastDay(ours: Ours, today: string): Promise<string | undefined> {
  const { rows } = await sql<{ day: string | null }>`
    select max(day) as day from usage_account_days where usage_account in (${ours}) and day <= ${today}::date`.execute(
    db,
  );
  return rows[0]?.day ?? undefined;
}

const spans: Record<Period, readonly [first: number, last: number]> = {
  today: [0, 0],
  yesterday: [1, 1],
  3: [3, 0],
  7: [7, 0],
  14: [14, 0],
  30: [30, 0],
  90: [90, 0],
};

/** The spans as a table: `period`, and how many days ago its `first` and its `last` day are. */
export const spansOf = () => sql`
  jsonb_to_recordset(${JSON.stringify(
    Object.entries(spans).map(([period, [first, last]]) => ({ period, first, last })),
  )}::jsonb) as span (period text, first int, last int)`;

async function sumsOf(ours: Ours, today: string): Promise<AccountUsage['sums']> {
  const { rows } = await sql<Sums & { period: Period }>`
    select span.period, coalesce(sum(d.events), 0)::int as events, coalesce(sum(d.seconds), 0)::int as seconds,
      count(distinct d.person) filter (where d.person > 0) as people
    from ${spansOf()}
    left join usage_person_days d on d.usage_account in (${ours})
      and d.day between ${today}::date - span.first and ${today}::date - span.last
    group by span.period`.execute(db);
  return Object.fromEntries(rows.map(({ period, ...sums }) => [period, sums])) as AccountUsage['sums'];
}

async function actionsOf(ours: Ours, today: string): Promise<AccountUsage['actions']> {
  const { rows } = await sql<AccountUsage['actions'][number]>`
    select action, module, sum(events)::int as events, count(distinct person) filter (where person > 0) as people
    from usage_days where usage_account in (${ours}) and day between ${today}::date - 30 and ${today}::date
    group by action, module order by events desc, action, module limit ${SHOWN}`.execute(db);
  return rows;
}

async function modulesOf(ours: Ours, today: string): Promise<AccountUsage['modules']> {
  const { rows } = await sql<AccountUsage['modules'][number]>`
    select module, sum(events)::int as events from usage_days
    where usage_account in (${ours}) and day between ${today}::date - 30 and ${today}::date
    group by module order by events desc, module limit ${SHOWN}`.execute(db);
  return rows;
}

async function leadersOf(ours: Ours, today: string): Promise<AccountUsage['leaders']> {
  const { rows } = await sql<AccountUsage['leaders'][number]>`
    select coalesce(min(c.name), p.name, p.email, p.external_id) as name, p.contact_id as "contactId", sum(d.events)::int as events,
      count(distinct d.day) as days, max(d.day) as "lastOn"
    from usage_days d join usage_people p on p.id = d.person left join contacts c on c.id = p.contact_id
    where d.usage_account in (${ours}) and d.day between ${today}::date - 30 and ${today}::date
    group by p.id order by events desc, name limit ${SHOWN}`.execute(db);
  return rows;
}
