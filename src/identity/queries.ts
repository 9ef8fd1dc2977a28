import '../access/tables.ts';
import '../accounts/tables.ts';
import { db, sql, type Db } from '../platform/db.ts';

import { staffPermissionSets } from './staff.queries.ts';
import type { PersonForSignIn } from './sign-in.ts';
import './tables.ts';

const asPersonForSignIn = sql<PersonForSignIn>`
  select p.id, p.email, p.name, p.locale, c.password_hash as "passwordHash",
    exists (select from second_factors f where f.person_id = p.id and f.confirmed_at is not null) as "hasSecondFactor",
    p.is_admin or exists (
      select from users u join permission_set_assignments a on a.user_id = u.id and a.deleted_at is null
      where u.id = p.user_id and u.is_active and u.deleted_at is null 
        and a.permission_set = any(${staffPermissionSets})) as "isStaff"
  from people p left join credentials c on c.person_id = p.id`;

/** The person of that (normalized) address. Demo people exist in sandbox mode only. */
export async function maybePersonByEmail(
  email: string,
  demoAllowed: boolean,
): Promise<PersonForSignIn | undefined> {
  const { rows } = await sql<PersonForSignIn>`
    ${asPersonForSignIn} where p.email = ${email} and (${demoAllowed} or not p.is_demo)`.execute(db);
  return rows[0];
}

export async function maybePersonById(
  id: string,
  demoAllowed: boolean,
): Promise<PersonForSignIn | undefined> {
  const { rows } = await sql<PersonForSignIn>`
    ${asPersonForSignIn} where p.id = ${id} and (${demoAllowed} or not p.is_demo)`.execute(db);
  return rows[0];
}

export async function passwordHashOf(personId: string, tx: Db = db): Promise<string | undefined> {
  const row = await tx
    .selectFrom('credentials')
    .select('password_hash')
    .where('person_id', '=', personId)
    .executeTakeFirst();
  return row?.password_hash;
}

export async function savePassword(tx: Db, personId: string, passwordHash: string, at: Date): Promise<void> {
  const changed = { password_hash: passwordHash, changed_at: at };
  await tx
    .insertInto('credentials')
    .values({ person_id: personId, ...changed })
    .onConflict((conflict) => conflict.column('person_id').doUpdateSet(changed))
    .execute();
}

/** A new person, or the one who already has that mailbox. */
export async function findOrAddPerson(
  tx: Db,
  {
    email,
    name,
    locale,
    at,
    timeZone = 'UTC',
  }: { email: string; name: string; locale: string; at: Date; timeZone?: string },
): Promise<string> {
  const { id } = await tx
    .insertInto('people')
    .values({
      email,
      name,
      locale,
      time_zone: timeZone,
      user_id: null,
      chosen_account_id: null,
      created_at: at,
    })
    .onConflict((conflict) => conflict.column('email').doUpdateSet({ email }))
    .returning('id')
    .executeTakeFirstOrThrow();
  return id;
}

export async function saveProfile(
  personId: string,
  { name, locale, timeZone }: { name: string; locale: string; timeZone: string },
): Promise<void> {
  await db
    .updateTable('people')
    .set({ name, locale, time_zone: timeZone })
    .where('id', '=', personId)
    .execute();
}

export async function grantAdmin(tx: Db, personId: string): Promise<void> {
  await tx.updateTable('people').set({ is_admin: true }).where('id', '=', personId).execute();
}

export async function deleteExpired({
  at,
  securityEventsBefore,
}: {
  at: Date;
  securityEventsBefore: Date;
}): Promise<void> {
  await sql`delete from email_tokens where expires_at < ${at}`.execute(db);
  await sql`delete from rate_limits where expire < ${at.getTime()}`.execute(db);
  await sql`delete from sessions where expire < ${at}`.execute(db);
  await sql`delete from security_events where recorded_at < ${securityEventsBefore}`.execute(db);
}
