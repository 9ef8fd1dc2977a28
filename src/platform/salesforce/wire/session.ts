import { createPrivateKey } from 'node:crypto';

import { SignJWT } from 'jose';
import { z } from 'zod';

import { now } from '../../clock.ts';
import { config } from '../../config.ts';
import { type Db, db, sql, transaction, type Tx } from '../../db.ts';
import { seal, unseal } from '../../sealed.ts';

import { SalesforceFailure } from './errors.ts';
import { expectSameOrg, noteOrg } from '../mirror/orgs.ts';
import { keepRefreshToken, newestRefreshToken } from './refresh-token.ts';
import { exchange } from './transport.ts';

/** The server's own access to Salesforce. */
export interface Session {
  token: string;
  instanceUrl: string;
  /** The integration user, 18 characters. */
  userId: string;
  orgId: string | null;
}

/** Where we sign in, and as which application: the sandbox's when Salesforce is unset. */
export const client = config.isSandbox
  ? {
      loginUrl: config.SANDBOX_URL,
      id: 'rapport',
      secret: 'rapport-secret',
      privateKey: undefined,
      username: undefined,
      refreshToken: config.SALESFORCE_REFRESH_TOKEN,
    }
  : {
      loginUrl: (config.SALESFORCE_LOGIN_URL ?? '').replace(/\/$/, ''),
      id: config.SALESFORCE_CLIENT_ID ?? '',
      secret: config.SALESFORCE_CLIENT_SECRET,
      privateKey: config.SALESFORCE_PRIVATE_KEY,
      username: config.SALESFORCE_USERNAME,
      refreshToken: config.SALESFORCE_REFRESH_TOKEN,
    };

const storedUnder = `${client.id}@${client.loginUrl}`;
const TIMEOUT = 15_000;

/**
 * A session that works as far as anyone knows: the one that all processes share or, when that is `stale`, a new one. Processes
 * that find it stale at the same time wait for the first, and take what it obtained.
 * @throws SalesforceFailure of kind auth when Salesforce does not let us in.
 */
export async function sessionBeside(stale?: string): Promise<Session> {
  const kept = await keptSession(db);
  if (kept && kept.token !== stale) return await ofSameOrg(kept);
  while (renewing) {
    const renewed = await renewing;
    if (renewed.token !== stale) return await ofSameOrg(renewed);
  }
  renewing = renew(stale).finally(() => (renewing = undefined));
  return await ofSameOrg(await renewing);
}

async function ofSameOrg(session: Session): Promise<Session> {
  if (session.orgId !== null) await expectSameOrg(session.orgId);
  return session;
}

/** One renewal at a time in this process: each waits with a connection of the pool in its hand. */
let renewing: Promise<Session> | undefined;

async function renew(stale: string | undefined): Promise<Session> {
  return await transaction(async (tx) => {
    await waitForTurn(tx);
    const meanwhile = await keptSession(tx);
    if (meanwhile && meanwhile.token !== stale) return meanwhile;
    const fresh = await obtain(tx);
    const row = {
      sealed_token: seal(fresh.token),
      instance_url: fresh.instanceUrl,
      user_id: fresh.userId,
      org_id: fresh.orgId,
      obtained_at: now(),
    };
    if (fresh.orgId !== null) await noteOrg(tx, fresh.orgId, fresh.instanceUrl);
    await tx
      .insertInto('salesforce_sessions')
      .values({ client: storedUnder, ...row })
      .onConflict((conflict) => conflict.column('client').doUpdateSet(row))
      .execute();
    return fresh;
  });
}

async function waitForTurn(tx: Tx): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtextextended('salesforce session', 0))`.execute(tx);
}

async function keptSession(at: Db): Promise<Session | undefined> {
  const row = await at
    .selectFrom('salesforce_sessions')
    .selectAll()
    .where('client', '=', storedUnder)
    .executeTakeFirst();
  const token = row && unseal(row.sealed_token);
  return row && token
    ? { token, instanceUrl: row.instance_url, userId: row.user_id, orgId: row.org_id }
    : undefined;
}

const TokenAnswer = z.object({
  access_token: z.string(),
  instance_url: z.url(),
  id: z.string(),
  refresh_token: z.string().optional(),
});

/** A session of its own, which the other processes do not hear of. @throws SalesforceFailure of kind auth */
export async function signInAfresh(): Promise<Session> {
  return await transaction(async (tx) => {
    await waitForTurn(tx);
    return await obtain(tx);
  });
}

async function obtain(tx: Tx): Promise<Session> {
  const answer = await exchange(
    {
      method: 'POST',
      url: `${client.loginUrl}/services/oauth2/token`,
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams(await grant(tx)).toString(),
    },
    TIMEOUT,
  );
  if (answer.statusCode >= 500)
    throw new SalesforceFailure(
      `ERROR_HTTP_${String(answer.statusCode)}`,
      'Salesforce cannot sign anyone in now',
    );
  const body: unknown = parsed(answer.body);
  const token = TokenAnswer.safeParse(body);
  if (token.success) return await taken(tx, token.data);
  const { error = 'invalid answer', error_description: description = '' } = (body ?? {}) as Record<
    string,
    string
  >;
  throw new SalesforceFailure(error, `Salesforce does not let Rapport in: ${description || error}`, {
    kind: 'auth',
  });
}

async function taken(tx: Tx, answer: z.infer<typeof TokenAnswer>): Promise<Session> {
  const { access_token: token, instance_url: instanceUrl, refresh_token: rotated, id } = answer;
  if (rotated !== undefined && client.refreshToken !== undefined)
    await keepRefreshToken(tx, storedUnder, { configured: client.refreshToken, rotated });
  const [orgId, userId] = id.split('/').slice(-2);
  return { token, instanceUrl, userId: userId ?? '', orgId: orgId ?? null };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/**
 * The refresh token of somebody's consent where one is configured, JWT bearer where there is a private key, else client credentials;
 * never a person's password (OP1).
 */
async function grant(tx: Tx): Promise<Record<string, string>> {
  const secret = client.secret === undefined ? {} : { client_secret: client.secret };
  if (client.refreshToken !== undefined)
    return {
      grant_type: 'refresh_token',
      refresh_token: await newestRefreshToken(tx, storedUnder, client.refreshToken),
      client_id: client.id,
      ...secret,
    };
  if (client.privateKey === undefined)
    return { grant_type: 'client_credentials', client_id: client.id, ...secret };
  const assertion = await new SignJWT()
    .setProtectedHeader({ alg: 'RS256' })
    .setIssuer(client.id)
    .setSubject(client.username ?? '')
    .setAudience(`${client.loginUrl}/`)
    .setExpirationTime('3m')
    .sign(createPrivateKey(client.privateKey.replaceAll('\\n', '\n')));
  return { grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer', assertion };
}
