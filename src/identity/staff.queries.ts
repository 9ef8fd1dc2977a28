import '../access/tables.ts';
import '../accounts/tables.ts';
import { db, sql, type Db } from '../platform/db.ts';

import './tables.ts';

/** The permission sets that make a Salesforce user staff. */
export const staffPermissionSets = ['Rapport_Rep', 'Rapport_Success', 'Rapport_Support', 'Rapport_Admin'];

/** The one active Salesforce user of that address who has a role here; undefined when there is none, or several. */
export async function staffUserByEmail(tx: Db, email: string): Promise<string | undefined> {
  const { rows } = await sql<{ id: string }>`
    select u.id from users u
    where lower(u.email) = ${email} and u.is_active and u.deleted_at is null
      and exists (select from permission_set_assignments a where a.user_id = u.id and a.deleted_at is null
                  and a.permission_set = any(${staffPermissionSets}))
    limit 2`.execute(tx);
  return rows.length === 1 ? rows[0]?.id : undefined;
}

/** Whether the person is that user now; not when they or somebody else are linked otherwise. */
export async function linkUser(tx: Db, personId: string, userId: string): Promise<boolean> {
  const { numAffectedRows } = await sql`
    update people set user_id = ${userId}
    where id = ${personId} and (user_id is null or user_id = ${userId})
      and not exists (select from people other where other.user_id = ${userId} and other.id <> ${personId})`.execute(
    tx,
  );
  return numAffectedRows === 1n;
}

/** The one member of staff whom Salesforce knows by that address, though they have never been here. */
export async function staffUserNamed(
  email: string,
): Promise<{ id: string; name: string; timeZone: string | null } | undefined> {
  const id = await staffUserByEmail(db, email);
  if (id === undefined) return undefined;
  return await db
    .selectFrom('users')
    .select(['id', 'name', 'time_zone as timeZone'])
    .where('id', '=', id)
    .executeTakeFirst();
}

/** An active user with a role here, by the id of 18 characters. */
export async function staffUser(userId: string) {
  const { rows } = await sql<{ id: string; name: string; email: string | null; timeZone: string | null }>`
    select u.id, u.name, lower(btrim(u.email)) as email, u.time_zone as "timeZone" from users u
    where u.id = ${userId}
      and u.is_active and u.deleted_at is null
      and exists (select from permission_set_assignments a where a.user_id = u.id and a.deleted_at is null
                  and a.permission_set = any(${staffPermissionSets}))`.execute(db);
  return rows[0];
}

export async function personOfUser(userId: string): Promise<string | undefined> {
  const row = await db.selectFrom('people').select('id').where('user_id', '=', userId).executeTakeFirst();
  return row?.id;
}
