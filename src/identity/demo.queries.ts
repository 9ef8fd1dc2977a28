import '../access/tables.ts';
import '../accounts/tables.ts';
import { db, sql, type Db } from '../platform/db.ts';

import './tables.ts';

interface DemoCandidate {
  email: string;
  name: string;
  timeZone: string | null;
  userId: string | null;
  contactId: string | null;
  hasPassword: boolean;
  /** They exist, with what the mirror knows of them now. */
  isComplete: boolean;
}

/** Those of the addresses that the mirror knows as a user or a contact. */
export async function demoCandidates(emails: readonly string[]): Promise<DemoCandidate[]> {
  const { rows } = await sql<DemoCandidate>`
    select wanted.email, coalesce(u.name, c.name) as name, u.time_zone as "timeZone", u.id as "userId", c.id as "contactId",
      k.person_id is not null as "hasPassword",
      p.id is not null and k.person_id is not null and (u.id is null or p.user_id = u.id)
        and (c.id is null or exists (select from person_contacts pc where pc.person_id = p.id and pc.contact_id = c.id))
        as "isComplete"
    from unnest(${emails}::text[]) as wanted (email)
    left join lateral (select id, name, time_zone from users where lower(email) = wanted.email and is_active
                       and deleted_at is null order by id limit 1) u on true
    left join lateral (select id, name from contacts where email_normalized = wanted.email and deleted_at is null
                       order by id limit 1) c on u.id is null
    left join people p on p.email = wanted.email
    left join credentials k on k.person_id = p.id
    where coalesce(u.id, c.id) is not null`.execute(db);
  return rows;
}

export async function insertDemoPerson(
  tx: Db,
  {
    email,
    name,
    timeZone,
    userId,
    at,
  }: { email: string; name: string; timeZone: string | null; userId: string | null; at: Date },
): Promise<string> {
  const { id } = await tx
    .insertInto('people')
    .values({
      email,
      name,
      time_zone: timeZone ?? 'UTC',
      user_id: userId,
      chosen_account_id: null,
      is_demo: true,
      created_at: at,
    })
    .onConflict((conflict) => conflict.column('email').doUpdateSet({ name, user_id: userId }))
    .returning('id')
    .executeTakeFirstOrThrow();
  return id;
}
