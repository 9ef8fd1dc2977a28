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

export interface LiveSession {
  sess: SignIn;
  /** Whose it is, with all that they may see. */
  person: PersonRow | undefined;
}

/** These sessions, each at its place; undefined for one that has ended. The statement that every page begins with. */
export async function sessionsWithPeople(
  sids: readonly string[],
  at: Date,
): Promise<(LiveSession | undefined)[]> {
  const rows = await prepared(sql<PersonRow & { place: number; sess: SignIn }>`
    select asked.place, s.sess, person.*
    from unnest(${sids}::text[]) with ordinality asked (sid, place)
    join sessions s on s.sid = asked.sid and s.expire >= ${at}
    left join lateral (${accessOf(sql`(s.sess ->> 'personId')::uuid`)}) person on true`);
  const found = new Array<LiveSession | undefined>(sids.length).fill(undefined);
  for (const { place, sess, ...person } of rows)
    found[place - 1] = { sess, person: (person.id as string | null) === null ? undefined : person };
  return found;
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
