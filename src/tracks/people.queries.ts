import type { RawBuilder } from 'kysely';

import { db, sql } from '../platform/db.ts';

import type { PersonFilter, PersonInTrack } from './people.ts';

type Condition = RawBuilder<boolean>;

const columns = sql`
  t.person_id as "personId", p.name, p.email_normalized as email, p.account_id as "accountId", a.name as "accountName", t.entry, t.state, t.step,
  t.entered_at as "enteredAt", t.arrived_at as "arrivedAt", t.due_at as "dueAt", t.until_at as "untilAt", t.ended_at as "endedAt", t.reason`;

const rowsOf = sql`
  track_people t left join account_people p on p.id = t.person_id left join accounts a on a.id = p.account_id`;

const containing = (text: string) => `%${text.replace(/[\\%_]/g, '\\$&')}%`;

function matching(scope: Condition, trackId: string, { search = '', step, state }: PersonFilter): Condition {
  const parts: RawBuilder<unknown>[] = [scope, sql`t.track_id = ${trackId}`];
  if (search !== '') parts.push(sql`t.person_id in (${found(containing(search.toLowerCase()))})`);
  if (step !== undefined) parts.push(sql`t.step = ${step}`);
  if (state !== undefined) parts.push(sql`t.state = ${state}`);
  return sql<boolean>`(${sql.join(parts, sql` and `)})`;
}

const found = (pattern: string) => sql`
  select i.id from account_people i where lower(i.name) like ${pattern} or i.email_normalized like ${pattern}
  union select i.id from accounts o join account_people i on i.account_id = o.id where lower(o.name) like ${pattern}`;

/* Nobody turns so many pages. */
const COUNTED = 10_000;

export async function selectPage(
  scope: Condition,
  trackId: string,
  filter: PersonFilter,
  { limit, page }: { limit: number; page: number },
): Promise<{ people: PersonInTrack[]; total: number }> {
  const which = matching(scope, trackId, filter);
  const { rows } = await sql<PersonInTrack>`
    select ${columns} from ${rowsOf} where ${which}
    order by t.person_id desc, t.entry desc limit ${limit} offset ${(page - 1) * limit}`.execute(db);
  const { rows: counted } = await sql<{ total: number }>`
    select count(*) as total from (select from track_people t where ${which} limit ${COUNTED}) c`.execute(db);
  return { people: rows, total: counted[0]?.total ?? 0 };
}

export const CHUNK = 1_000;

export async function selectAfter(
  scope: Condition,
  trackId: string,
  filter: PersonFilter,
  last: Pick<PersonInTrack, 'personId' | 'entry'> | undefined,
): Promise<PersonInTrack[]> {
  const after =
    last === undefined
      ? sql`true`
      : sql`(t.person_id, t.entry) < (${last.personId}::bigint, ${last.entry}::smallint)`;
  const { rows } = await sql<PersonInTrack>`
    select ${columns} from ${rowsOf} where ${matching(scope, trackId, filter)} and ${after}
    order by t.person_id desc, t.entry desc limit ${CHUNK}`.execute(db);
  return rows;
}
