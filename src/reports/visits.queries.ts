import type { RawBuilder } from 'kysely';

import './tables.ts';
import { db, sql } from '../platform/db.ts';

import type { Row } from './report.ts';

type Condition = RawBuilder<boolean>;

interface PageDay {
  personId: string;
  day: string;
  surface: string;
  pages: number;
}

/** Adds pages to the days; whoever has gone meanwhile is passed over. */
export async function addPages(days: readonly PageDay[]): Promise<void> {
  await sql`
    insert into page_days (person_id, day, surface, pages)
    select d."personId", d.day, d.surface, d.pages
    from jsonb_to_recordset(${JSON.stringify(days)}::jsonb) as d ("personId" uuid, day date, surface text, pages int)
    join people p on p.id = d."personId"
    order by d.day, d."personId", d.surface
    on conflict (day, person_id, surface) do update set pages = page_days.pages + excluded.pages`.execute(db);
}

/** How many people used Rapport on each day, staff and others. */
export async function selectVisitors(scope: Condition, since: string, until: string): Promise<Row[]> {
  const { rows } = await sql<Row>`
    select each.at::date as day, count(distinct d.person_id) filter (where d.surface = 'console')::int as staff,
      count(distinct d.person_id) filter (where d.surface in ('portal', 'partner'))::int as customers, coalesce(sum(d.pages), 0)::int as pages
    from generate_series(${since}::date, ${until}::date, interval '1 day') each (at)
    left join page_days d on d.day = each.at::date and ${scope} group by 1 order by 1`.execute(db);
  return rows;
}

/** The people who use Rapport most: by days, then by pages. */
export async function selectMostFrequent(
  scope: Condition,
  { since, until, limit }: { since: string; until: string; limit: number },
): Promise<Row[]> {
  const { rows } = await sql<Row>`
    select p.name as person, p.email, case when p.user_id is not null or bool_or(d.surface = 'console') then 'staff' else 'customer' end as kind,
      (select min(a.name) from memberships m join accounts a on a.id = m.account_id where m.person_id = p.id) as company,
      count(distinct d.day)::int as days, sum(d.pages)::int as pages, max(d.day) as "lastOn"
    from page_days d join people p on p.id = d.person_id
    where d.day between ${since}::date and ${until}::date and ${scope}
    group by p.id order by days desc, pages desc, p.name limit ${limit}`.execute(db);
  return rows;
}

/** Forgets what is older than the reports look back. */
export async function deletePagesBefore(day: string): Promise<void> {
  await sql`delete from page_days where day < ${day}::date`.execute(db);
}
