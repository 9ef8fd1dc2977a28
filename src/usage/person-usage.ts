import { forStaff, type Viewer } from '../access/viewer.ts';
import { db, sql } from '../platform/db.ts';

import { type Period, spansOf, type Sums } from './account-usage.ts';
import type { Person } from './people.ts';

/** How one human uses the product for one account. */
export interface PersonUsage {
  sums: Record<Period, Pick<Sums, 'events' | 'seconds'> & { days: number }>;
  /** The last 90 days and today, each one. */
  days: { day: string; events: number; seconds: number }[];
  modules: { module: string; events: number }[];
  actions: { action: string; module: string; events: number; lastOn: string }[];
  /** What they did day by day, the latest first. */
  stream: { day: string; seconds: number; actions: { action: string; events: number }[] }[];
  /** Cases that they opened, the latest first. */
  cases: {
    salesforceId: string | null;
    number: string | null;
    subject: string;
    status: string;
    isClosed: boolean;
    createdAt: Date;
  }[];
}

/** Everything that a person did for the account, up to that day (YYYY-MM-DD). Staff only. */
export async function usageOfPerson(viewer: Viewer, person: Person, today: string): Promise<PersonUsage> {
  const whose = sql`
    d.usage_account in (select u.id from usage_accounts u where u.account_id = ${person.accountId}) and ${forStaff(viewer)}
    and d.person in (
      select u.id from account_people p join usage_people u
        on u.id = p.usage_person or u.contact_id = p.contact_id or (u.email = p.email_normalized and p.email_normalized is not null)
      where p.id = ${person.id})`;
  const [sums, days, actions, stream, cases] = await Promise.all([
    sumsOf(whose, today),
    daysOf(whose, today),
    actionsOf(whose, today),
    streamOf(whose, today),
    casesOf(viewer, person),
  ]);
  const modules = Map.groupBy(actions, ({ module }) => module);
  return {
    sums,
    days,
    actions: actions.slice(0, SHOWN),
    stream,
    cases,
    modules: [...modules]
      .filter(([module]) => module !== '')
      .map(([module, all]) => ({ module, events: all.reduce((sum, { events }) => sum + events, 0) })),
  };
}

const SHOWN = 10;

type Whose = ReturnType<typeof sql>;

async function sumsOf(whose: Whose, today: string): Promise<PersonUsage['sums']> {
  const { rows } = await sql<{ period: Period; events: number; seconds: number; days: number }>`
    select span.period, coalesce(sum(d.events), 0)::int as events, coalesce(sum(d.seconds), 0)::int as seconds,
      count(distinct d.day) as days
    from ${spansOf()} left join usage_person_days d
      on d.day between ${today}::date - span.first and ${today}::date - span.last and ${whose}
    group by span.period`.execute(db);
  return Object.fromEntries(rows.map(({ period, ...sums }) => [period, sums])) as PersonUsage['sums'];
}

async function daysOf(whose: Whose, today: string): Promise<PersonUsage['days']> {
  const { rows } = await sql<PersonUsage['days'][number]>`
    select each.at::date as day, coalesce(sum(d.events), 0)::int as events, coalesce(sum(d.seconds), 0)::int as seconds
    from generate_series(${today}::date - 90, ${today}::date, '1 day') each (at)
    left join usage_person_days d on d.day = each.at::date and ${whose}
    group by 1 order by 1`.execute(db);
  return rows;
}

async function actionsOf(whose: Whose, today: string): Promise<PersonUsage['actions']> {
  const { rows } = await sql<PersonUsage['actions'][number]>`
    select d.action, d.module, sum(d.events)::int as events, max(d.day) as "lastOn" from usage_days d
    where ${whose} and d.day between ${today}::date - 30 and ${today}::date
    group by 1, 2 order by 3 desc, 1, 2 limit 200`.execute(db);
  return rows;
}

async function streamOf(whose: Whose, today: string): Promise<PersonUsage['stream']> {
  const { rows } = await sql<PersonUsage['stream'][number]>`
    select day, sum(seconds)::int as seconds, json_agg(json_build_object('action', action, 'events', events) order by events desc, action) as actions
    from (select d.day, d.action, sum(d.events)::int as events, sum(d.seconds)::int as seconds from usage_days d
          where ${whose} and d.day between ${today}::date - 90 and ${today}::date group by 1, 2) done
    group by day order by day desc limit 14`.execute(db);
  return rows;
}

async function casesOf(viewer: Viewer, person: Person): Promise<PersonUsage['cases']> {
  const { rows } = await sql<PersonUsage['cases'][number]>`
    select c.salesforce_id as "salesforceId", c.number, c.subject, c.status, c.is_closed as "isClosed", c.created_at as "createdAt"
    from cases c where c.contact_id = ${person.contactId} and c.account_id = ${person.accountId} and c.deleted_at is null
      and ${forStaff(viewer)} order by c.is_closed, c.created_at desc limit 20`.execute(db);
  return rows;
}
