import '../access/tables.ts';
import { accessOf, type PersonRow } from '../access/people.ts';
import { db, prepared, sql, type Db } from '../platform/db.ts';

import type { SignIn } from './sessions.ts';
import './tables.ts';

export interface SessionRow {
  sid: string;
  sess: SignIn;
  seen_at: Date;
}

/** A session that has not ended, and whose it is with all that they may see: one statement, which every page begins with. */
export async function sessionWithPerson(
  sid: string,
  at: Date,
): Promise<{ sess: SignIn; person: PersonRow | undefined } | undefined> {
  const [row] = await prepared(sql<PersonRow & { sess: SignIn }>`
    select s.sess, person.*
    from sessions s left join lateral (${accessOf(sql`(s.sess ->> 'personId')::uuid`)}) person on true
    where s.sid = ${sid} and s.expire >= ${at}`);
  if (row === undefined) return undefined;
  const { sess, ...person } = row;
  return { sess, person: (person.id as string | null) === null ? undefined : person };
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
  const condition =
    'only' in which ? sql`sid = ${which.only}` : sql`sid is distinct from ${which.except ?? null}`;
  await sql`delete from sessions where sess ->> 'personId' = ${personId} and ${condition}`.execute(tx);
}

/** An UPDATE alone: a session that was ended meanwhile stays ended. */
export async function markSeen(
  sid: string,
  mark: { seenAt: Date; expire: Date; before: Date },
): Promise<void> {
  await sql`update sessions set seen_at = ${mark.seenAt}, expire = greatest(expire, ${mark.expire}) where sid = ${sid} and seen_at < ${mark.before}`.execute(
    db,
  );
}

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
