import { SANDBOX_PASSWORD } from '../../cast.ts';

import type { Db } from '../../database.ts';
import type { OrgUser } from '../context.ts';

/** A user with what the identity answers tell beyond `OrgUser`. */
export interface Person extends OrgUser {
  isActive: boolean;
  firstName: string | null;
  lastName: string;
  nickname: string;
  phone: string | null;
  timeZone: string;
  locale: string;
  language: string;
  userType: string;
  modifiedAt: string;
}

/** Columns of `Person`, for a statement in which the user is `u` and its profile `p`. */
export const personColumns = `
  u."Id" as id, u."Username" as username, u."Name" as name, u."Email" as email, u."ProfileId" as "profileId",
  coalesce(p."Name" = 'System Administrator', false) as "isAdmin", u."IsActive" as "isActive",
  u."FirstName" as "firstName", u."LastName" as "lastName", coalesce(u."CommunityNickname", u."Alias", u."Username") as nickname,
  u."Phone" as phone, coalesce(u."TimeZoneSidKey", 'America/New_York') as "timeZone",
  coalesce(u."LocaleSidKey", 'en_US') as locale, coalesce(u."LanguageLocaleKey", 'en_US') as language,
  coalesce(u."UserType", 'Standard') as "userType", u."LastModifiedDate" as "modifiedAt",
  array(select a."PermissionSetId" from "PermissionSetAssignment" a where a."AssigneeId" = u."Id") as "permissionSetIds"`;

/** Where `personColumns` come from. */
export const personTables = `"User" u left join "Profile" p on p."Id" = u."ProfileId"`;

/** The user of that username, in whatever case; undefined when there is none. */
export async function maybeUserNamed(db: Db, username: string): Promise<Person | undefined> {
  const { rows } = await db.query(
    `select ${personColumns} from ${personTables} where lower(u."Username") = lower($1) order by u."Id" limit 1`,
    [username],
  );
  return (rows as Person[])[0];
}

/** The user of that id (18 characters); undefined when there is none. */
export async function maybeUser(db: Db, id: string): Promise<Person | undefined> {
  const { rows } = await db.query(`select ${personColumns} from ${personTables} where u."Id" = $1`, [id]);
  return (rows as Person[])[0];
}

/** Whether the password is the user's; until one is set it is `sandbox`. */
export async function isPasswordOf(db: Db, userId: string, password: string): Promise<boolean> {
  const { rows } = await db.query('select password from _password where user_id = $1', [userId]);
  return password === ((rows as { password: string }[])[0]?.password ?? SANDBOX_PASSWORD);
}

/** Sets a user's password. */
export async function setPassword(db: Db, userId: string, password: string): Promise<void> {
  await db.query(
    'insert into _password (user_id, password) values ($1, $2) on conflict (user_id) do update set password = $2',
    [userId, password],
  );
}

/** Id and name of the org, as its Organization record has them. */
export async function organization(db: Db): Promise<{ id: string; name: string }> {
  const { rows } = await db.query(
    'select "Id" as id, "Name" as name from "Organization" order by "Id" limit 1',
  );
  const found = (rows as { id: string; name: string }[])[0];
  if (!found) throw new Error('the org has no Organization record');
  return found;
}
