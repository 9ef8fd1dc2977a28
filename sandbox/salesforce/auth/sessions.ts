import { randomBytes } from 'node:crypto';

import { personColumns, personTables } from './users.ts';

import type { Request } from 'express';
import type { Db } from '../../database.ts';
import type { Org } from '../context.ts';
import type { Person } from './users.ts';

/** How a session came about: through OAuth, SOAP login, or a browser. */
export type SessionKind = 'oauth' | 'soap' | 'web';

/** A signed-in user's session. */
export interface Session {
  id: string;
  clientId: string | null;
  kind: SessionKind;
  scope: string;
  createdAt: string;
  user: Person;
}

/** Sessions end after two hours without a request, as an org's default setting has it. */
export const SESSION_SECONDS = 7200;

/** Opens a session; its id is what clients send as access token: org id, `!`, 96 opaque characters; never a JWT. */
export async function openSession(
  org: Org,
  session: { userId: string; clientId: string | null; kind: SessionKind; scope: string },
): Promise<string> {
  const id = `${org.id.slice(0, 15)}!AQ4AQ${opaque(91)}`;
  await org.pool.query('insert into _session (id, user_id, client_id, kind, scope) values ($1, $2, $3, $4, $5)', [
    id, session.userId, session.clientId, session.kind, session.scope,
  ]); // prettier-ignore
  return id;
}

/** The live session of that id with its user as they are now; undefined when it has ended or the user is inactive. */
export async function maybeSession(db: Db, id: string | undefined): Promise<Session | undefined> {
  if (!id?.includes('!')) return undefined;
  const { rows } = await db.query(
    `select ${personColumns}, s.client_id as "clientId", s.kind, s.scope, s.created_at as "createdAt",
       s.used_at < now() - interval '1 minute' as "isStale"
     from _session s join ${personTables} on u."Id" = s.user_id
     where s.id = $1 and u."IsActive" and s.used_at > now() - make_interval(secs => $2)`,
    [id, SESSION_SECONDS],
  );
  const row = (rows as (Person & Omit<Session, 'id' | 'user'> & { isStale: boolean })[])[0];
  if (!row) return undefined;
  const { clientId, kind, scope, createdAt, isStale, ...user } = row;
  if (isStale) await db.query('update _session set used_at = now() where id = $1', [id]);
  return { id, clientId, kind, scope, createdAt, user };
}

/** Ends a session; tells whether there was one. */
export async function closeSession(db: Db, id: string): Promise<boolean> {
  const { rowCount } = await db.query('delete from _session where id = $1', [id]);
  return rowCount === 1;
}

/** Clears away sessions that ended by themselves, and codes that nobody redeemed. */
export async function forgetEndedSessions(db: Db): Promise<void> {
  await db.query('delete from _session where used_at < now() - make_interval(secs => $1)', [SESSION_SECONDS]);
  await db.query(`delete from _oauth_code where created_at < now() - interval '15 minutes'`);
}

/** Ends sessions at once: all, or those of one user. Refresh tokens stay good. Returns how many ended. */
export async function expireSessions(db: Db, userId?: string): Promise<number> {
  const { rowCount } = await db.query('delete from _session where $1::text is null or user_id = $1', [
    userId ?? null,
  ]);
  return rowCount ?? 0;
}

/** The access token of a REST request, from its Authorization header or, where Salesforce takes it, the query. */
export function bearerOf(req: Request): string | undefined {
  const [, token] = /^(?:Bearer|OAuth)\s+(\S+)$/i.exec(req.headers.authorization ?? '') ?? [];
  return token;
}

/** `http://host:port` as the client called us. */
export const originOf = (req: Request): string => `${req.protocol}://${req.get('host') ?? '127.0.0.1'}`;

/** A random string of base64url characters. */
export function opaque(length: number): string {
  return randomBytes(length).toString('base64url').slice(0, length);
}
