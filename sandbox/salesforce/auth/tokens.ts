import { createHmac, randomUUID } from 'node:crypto';

import { opaque, openSession } from './sessions.ts';
import { identityToken } from './keys.ts';
import { isRotating } from './state.ts';

import type { Db } from '../../database.ts';
import type { Org } from '../context.ts';
import type { Client } from './clients.ts';
import type { SessionKind } from './sessions.ts';
import type { Person } from './users.ts';

/** What a client with no say in the matter gets. */
export const DEFAULT_SCOPE = 'refresh_token web openid api id';

/** What a token is issued for. */
export interface Grant {
  user: Person;
  client: Client;
  scope: string;
  nonce?: string | null | undefined;
  kind?: SessionKind;
}

/** The answer of the token endpoint. */
export type TokenReply = Record<string, string>;

/** Opens a session and words it as the token endpoint answers. */
export async function issueToken(org: Org, origin: string, grant: Grant): Promise<TokenReply> {
  const { user, client, scope } = grant;
  const issuedAt = String(Date.now());
  const id = `${origin}/id/${org.id}/${user.id}`;
  return {
    access_token: await openSession(org, {
      userId: user.id,
      clientId: client.id,
      kind: grant.kind ?? 'oauth',
      scope,
    }),
    signature: createHmac('sha256', client.secret ?? '')
      .update(id + issuedAt)
      .digest('base64'),
    scope,
    ...(wants(scope, ['openid']) ? { id_token: await identityToken(org, origin, grant) } : {}),
    instance_url: origin,
    id,
    token_type: 'Bearer',
    issued_at: issuedAt,
  };
}

/** Whether the scope lets the client come back without the user. */
export const mayRefresh = (scope: string) => wants(scope, ['refresh_token', 'offline_access', 'full']);

const wants = (scope: string, any: string[]) => any.some((each) => scope.split(' ').includes(each));

/** A new refresh token; `family` ties together those that rotation makes out of one sign-in. */
export async function newRefreshToken(
  db: Db,
  {
    userId,
    clientId,
    scope,
    family = randomUUID(),
  }: { userId: string; clientId: string; scope: string; family?: string },
): Promise<string> {
  const token = `5Aep861${opaque(80)}`;
  await db.query('insert into _refresh_token (token, family, client_id, user_id, scope) values ($1, $2, $3, $4, $5)', [
    token, family, clientId, userId, scope,
  ]); // prettier-ignore
  return token;
}

/** What a refresh token stands for. */
export interface Refresh {
  userId: string;
  clientId: string;
  scope: string;
  family: string;
  /** Seconds since it was issued, and since it was used last. */
  age: number;
  idle: number;
}

/** Looks a refresh token up. One that rotation has replaced ends all of its family when it comes again. */
export async function maybeRefresh(db: Db, token: string | undefined): Promise<Refresh | undefined> {
  const { rows } = await db.query(
    `select user_id as "userId", client_id as "clientId", scope, family, replaced,
       extract(epoch from now() - created_at) as age, extract(epoch from now() - used_at) as "idle"
     from _refresh_token where token = $1`,
    [token ?? null],
  );
  const found = (rows as (Refresh & { replaced: boolean })[])[0];
  if (!found?.replaced) return found;
  await db.query('delete from _refresh_token where family = $1', [found.family]);
  return undefined;
}

/** Whether the app's policy has ended a refresh token. */
export function isOutdated({ age, idle }: Refresh, { policies }: Client): boolean {
  const most = policies?.refreshSeconds ?? null;
  return most !== null && (policies?.refreshFromUse ? idle : age) >= most;
}

/** With rotation on, for the org or the app: replaces the token and returns the next one; otherwise nothing. */
export async function rotate(
  db: Db,
  token: string,
  { refresh, client }: { refresh: Refresh; client: Client },
): Promise<string | undefined> {
  if (!(client.policies?.isRotating ?? false) && !(await isRotating(db))) {
    await db.query('update _refresh_token set used_at = now() where token = $1', [token]);
    return undefined;
  }
  const { rowCount } = await db.query(
    'update _refresh_token set replaced = true where token = $1 and not replaced',
    [token],
  );
  return rowCount === 1 ? newRefreshToken(db, refresh) : undefined;
}

/** Revokes a refresh token with all that came of it, or an access token. Tells whether there was one. */
export async function revoke(db: Db, token: string): Promise<boolean> {
  const { rows } = await db.query(
    `delete from _refresh_token where family = (select family from _refresh_token where token = $1)
     returning user_id as "userId", client_id as "clientId"`,
    [token],
  );
  const owner = (rows as Refresh[])[0];
  const { rowCount } = owner
    ? await db.query(`delete from _session where user_id = $1 and client_id = $2`, [
        owner.userId,
        owner.clientId,
      ])
    : await db.query('delete from _session where id = $1', [token]);
  return owner !== undefined || rowCount === 1;
}
