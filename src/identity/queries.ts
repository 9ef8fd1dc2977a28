import './tables.ts';
import '../access/tables.ts';
import '../accounts/tables.ts';
import { db, sql, type Db } from '../platform/db.ts';

import type { SignIn } from './sessions.ts';
import type { PersonForSignIn } from './sign-in.ts';

const asPersonForSignIn = sql<PersonForSignIn>`
  select p.id, p.email, p.name, p.locale, c.password_hash as "passwordHash",
    exists (select from second_factors f where f.person_id = p.id and f.confirmed_at is not null) as "hasSecondFactor",
    p.is_admin or exists (
      select from users u join permission_set_assignments a on a.user_id = u.id and a.deleted_at is null
      where u.id = p.user_id and u.is_active and u.deleted_at is null and a.permission_set like 'Rapport\_%'
        and a.permission_set <> 'Rapport_Integration') as "isStaff"
  from people p left join credentials c on c.person_id = p.id`;

/** The person of that (normalized) address. Demo people exist in sandbox mode only. */
export async function maybePersonByEmail(email: string, demoAllowed: boolean): Promise<PersonForSignIn | undefined> {
  const { rows } = await sql<PersonForSignIn>`
    ${asPersonForSignIn} where p.email = ${email} and (${demoAllowed} or not p.is_demo)`.execute(db);
  return rows[0];
}

export async function maybePersonById(id: string, demoAllowed: boolean): Promise<PersonForSignIn | undefined> {
  const { rows } = await sql<PersonForSignIn>`
    ${asPersonForSignIn} where p.id = ${id} and (${demoAllowed} or not p.is_demo)`.execute(db);
  return rows[0];
}

/* Passwords */

export async function passwordHashOf(personId: string): Promise<string | undefined> {
  const row = await db.selectFrom('credentials').select('password_hash').where('person_id', '=', personId).executeTakeFirst();
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

/* Sessions */

export interface SessionRow {
  sid: string;
  sess: SignIn;
  seen_at: Date;
}

export async function sessionRows(personId: string, at: Date): Promise<SessionRow[]> {
  const { rows } = await sql<SessionRow>`
    select sid, sess, seen_at from sessions
    where sess ->> 'personId' = ${personId} and expire > ${at} order by seen_at desc`.execute(db);
  return rows;
}

export async function endSessions(
  personId: string,
  which: { only: string } | { except: string | undefined },
  tx: Db = db,
): Promise<void> {
  const condition = 'only' in which ? sql`sid = ${which.only}` : sql`sid is distinct from ${which.except ?? null}`;
  await sql`delete from sessions where sess ->> 'personId' = ${personId} and ${condition}`.execute(tx);
}

/** An UPDATE alone: a session that was ended meanwhile stays ended. */
export async function markSeen(sid: string, mark: { seenAt: Date; expire: Date; before: Date }): Promise<void> {
  await sql`update sessions set seen_at = ${mark.seenAt}, expire = greatest(expire, ${mark.expire}) where sid = ${sid} and seen_at < ${mark.before}`.execute(db);
}

/* Security events */

export interface SecurityEventRow {
  kind: string;
  personId: string | undefined;
  address: string;
  userAgent: string;
  at: Date;
}

export async function insertSecurityEvent(tx: Db, event: SecurityEventRow): Promise<void> {
  await tx
    .insertInto('security_events')
    .values({
      person_id: event.personId ?? null,
      kind: event.kind,
      address: event.address || null,
      user_agent: event.userAgent.slice(0, 300),
      recorded_at: event.at,
    })
    .execute();
}
