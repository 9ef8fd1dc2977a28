import { createHash, createPublicKey } from 'node:crypto';

import { decodeJwt, jwtVerify } from 'jose';

import { hasAgreedOnce, isAdmitted } from './admission.ts';
import { isSecretOf, maybeClient } from './clients.ts';
import { isOutdated, issueToken, mayRefresh, maybeRefresh, newRefreshToken, rotate } from './tokens.ts';
import { isPasswordOf, maybeUser, maybeUserNamed } from './users.ts';

import type { JWTPayload } from 'jose';
import type { Org } from '../context.ts';
import type { Client } from './clients.ts';
import type { TokenReply } from './tokens.ts';
import type { Person } from './users.ts';

/** A refusal of the OAuth endpoints: `{ error, error_description }` with HTTP 400. */
export class OAuthError extends Error {
  readonly error: string;

  constructor(error: string, description: string) {
    super(description);
    this.error = error;
  }
}

/** The form of a token request, and where it came in. */
export interface TokenRequest {
  org: Org;
  origin: string;
  form: Record<string, string | undefined>;
}

const grants = new Map<string, (request: TokenRequest) => Promise<TokenReply>>(
  Object.entries({
    authorization_code: redeemCode,
    refresh_token: refresh,
    client_credentials: actAsClient,
    password: signInWithPassword,
    'urn:ietf:params:oauth:grant-type:jwt-bearer': redeemAssertion,
  }),
);

/** Issues a token for one of the five grants. @throws OAuthError in Salesforce's words. */
export async function grant(request: TokenRequest): Promise<TokenReply> {
  const redeem = grants.get(request.form.grant_type ?? '');
  if (!redeem) throw new OAuthError('unsupported_grant_type', 'grant type not supported');
  return redeem(request);
}

async function redeemCode(request: TokenRequest): Promise<TokenReply> {
  const { org, origin, form } = request;
  const client = await clientOf(request);
  const { rows } = await org.pool.query(
    `delete from _oauth_code where code = $1 and client_id = $2 returning user_id as "userId",
       redirect_uri as "redirectUri", scope, nonce, challenge, created_at > now() - interval '15 minutes' as "isFresh"`,
    [form.code ?? null, client.id],
  );
  const code = (rows as Code[])[0];
  if (!code?.isFresh) throw new OAuthError('invalid_grant', 'expired authorization code');
  if (form.redirect_uri !== code.redirectUri)
    throw new OAuthError('redirect_uri_mismatch', 'redirect_uri must match configuration');
  proveFirstAsker(client, code, form);
  const user = await activeUser(maybeUser(org.pool, code.userId));
  const reply = await issueToken(org, origin, { user, client, scope: code.scope, nonce: code.nonce });
  if (!mayRefresh(code.scope)) return reply;
  const refreshed = { userId: user.id, clientId: client.id, scope: code.scope };
  return { ...reply, refresh_token: await newRefreshToken(org.pool, refreshed) };
}

interface Code {
  userId: string;
  redirectUri: string;
  scope: string;
  nonce: string | null;
  challenge: string | null;
  isFresh: boolean;
}

/** By the client's secret, by the PKCE verifier, or by both when both were used; a verifier may have any length. */
function proveFirstAsker(client: Client, code: Code, form: TokenRequest['form']): void {
  const isPublic = client.policies ? client.policies.isSecretOptional : code.challenge !== null;
  if (form.client_secret !== undefined || !isPublic) checkSecret(client, form.client_secret);
  if (code.challenge === null) return;
  if (form.code_verifier === undefined)
    throw new OAuthError('invalid_grant', 'missing required code verifier');
  const challenge = createHash('sha256').update(form.code_verifier).digest('base64url');
  if (challenge !== code.challenge) throw new OAuthError('invalid_grant', 'invalid code verifier');
}

async function refresh(request: TokenRequest): Promise<TokenReply> {
  const { org, origin, form } = request;
  const client = await clientOf(request);
  if (form.client_secret !== undefined || client.policies?.isSecretNeededToRefresh)
    checkSecret(client, form.client_secret);
  const token = form.refresh_token ?? '';
  const found = await maybeRefresh(org.pool, token);
  if (found?.clientId !== client.id || isOutdated(found, client))
    throw new OAuthError('invalid_grant', 'expired access/refresh token');
  const user = await activeUser(maybeUser(org.pool, found.userId));
  const next = await rotate(org.pool, token, { refresh: found, client });
  const reply = await issueToken(org, origin, { user, client, scope: found.scope });
  return next === undefined ? reply : { ...reply, refresh_token: next };
}

async function actAsClient(request: TokenRequest): Promise<TokenReply> {
  const { org, origin, form } = request;
  const client = await clientOf(request);
  checkSecret(client, form.client_secret);
  if (client.runAs === null || client.policies?.hasClientCredentials === false)
    throw new OAuthError('invalid_grant', 'no client credentials user enabled');
  const user = await activeUser(maybeUserNamed(org.pool, client.runAs));
  return issueToken(org, origin, { user, client, scope: scopeFor(client, 'api') });
}

async function signInWithPassword(request: TokenRequest): Promise<TokenReply> {
  const { org, origin, form } = request;
  const client = await clientOf(request);
  checkSecret(client, form.client_secret);
  const user = await maybeUserNamed(org.pool, form.username ?? '');
  if (client.policies || !user || !(await isPasswordOf(org.pool, user.id, form.password ?? '')))
    throw new OAuthError('invalid_grant', 'authentication failure');
  await activeUser(Promise.resolve(user));
  return issueToken(org, origin, { user, client, scope: form.scope ?? 'web openid api id' });
}

async function redeemAssertion(request: TokenRequest): Promise<TokenReply> {
  const { org, origin, form } = request;
  const assertion = form.assertion ?? '';
  const claims = readClaims(assertion);
  const client = await maybeClient(org.pool, claims.iss);
  if (!client || client.policies?.isEnabled === false)
    throw new OAuthError('invalid_client_id', 'client identifier invalid');
  await checkSignature(client, assertion);
  checkAudience(claims, origin);
  if (secondsOf(claims.exp) < Date.now() / 1000 - 180)
    throw new OAuthError('invalid_grant', 'expired authorization code');
  const user = await approvedUser(org, client, claims.sub ?? '');
  return issueToken(org, origin, {
    user,
    client,
    scope: scopeFor(client, form.scope ?? 'web openid api id'),
  });
}

/** The user an assertion speaks of, if the app may act for them without their being there. */
async function approvedUser(org: Org, client: Client, username: string): Promise<Person> {
  const user = await maybeUserNamed(org.pool, username);
  const needsConsent = client.policies?.admitted === null;
  if (!user || (needsConsent && !(await hasAgreedOnce(org, user, client))))
    throw new OAuthError('invalid_grant', "user hasn't approved this consumer");
  if (!(await isAdmitted(org, user, client)))
    throw new OAuthError('invalid_app_access', 'user is not admin approved to access this app');
  return activeUser(Promise.resolve(user));
}

function readClaims(assertion: string): JWTPayload {
  try {
    return decodeJwt(assertion);
  } catch (cause) {
    throw Object.assign(new OAuthError('invalid_grant', 'invalid assertion'), { cause });
  }
}

/** The signature alone: times are judged apart, since some clients count `exp` in milliseconds. */
async function checkSignature(client: Client, assertion: string): Promise<void> {
  for (const pem of client.publicKeys) {
    const outcome = await jwtVerify(assertion, createPublicKey(pem), {
      algorithms: ['RS256'],
      currentDate: new Date(0),
    }).catch((error: unknown) => error);
    if (!(outcome instanceof Error) || isTimeError(outcome)) return;
  }
  throw new OAuthError('invalid_grant', 'invalid assertion');
}

const isTimeError = (error: Error) =>
  ['ERR_JWT_CLAIM_VALIDATION_FAILED', 'ERR_JWT_EXPIRED'].includes(
    String((error as Error & { code?: unknown }).code),
  );

/** The login address with or without a trailing slash, and Salesforce's own, which some clients hold fixed. */
function checkAudience(claims: JWTPayload, origin: string): void {
  const known = [origin, 'https://login.salesforce.com', 'https://test.salesforce.com'];
  const given = [claims.aud ?? []].flat().map((each) => each.replace(/\/(services\/oauth2\/token)?$/, ''));
  if (!given.some((each) => known.includes(each) || isLoopback(each)))
    throw new OAuthError('invalid_grant', 'audience is invalid');
}

const isLoopback = (address: string) =>
  URL.canParse(address) && ['localhost', '127.0.0.1', '[::1]'].includes(new URL(address).hostname);

/** `exp` in seconds, whichever unit it came in. */
const secondsOf = (moment = 0) => (moment > 1e11 ? moment / 1000 : moment);

async function clientOf({ org, form }: TokenRequest): Promise<Client> {
  const client = await maybeClient(org.pool, form.client_id);
  if (!client || client.policies?.isEnabled === false)
    throw new OAuthError('invalid_client_id', 'client identifier invalid');
  return client;
}

/** A deployed app has the scopes of its settings; others what fits the flow. */
const scopeFor = ({ policies }: Client, otherwise: string): string =>
  policies && policies.scopes.length > 0 ? policies.scopes.join(' ') : otherwise;

function checkSecret(client: Client, secret: string | undefined): void {
  if (!isSecretOf(client, secret)) throw new OAuthError('invalid_client', 'invalid client credentials');
}

async function activeUser(looked: Promise<Person | undefined>): Promise<Person> {
  const user = await looked;
  if (!user) throw new OAuthError('invalid_grant', 'authentication failure');
  if (!user.isActive) throw new OAuthError('inactive_user', 'user is inactive');
  return user;
}
