import { exportJWK, exportPKCS8, generateKeyPair, importPKCS8, SignJWT } from 'jose';

import { keepState, maybeState } from './state.ts';

import type { CryptoKey, JWK } from 'jose';
import type { Db } from '../../database.ts';
import type { Org } from '../context.ts';
import type { Grant } from './tokens.ts';

/** Salesforce names its signing keys by number. */
const KEY_ID = '204';

/** The key that identity tokens are signed with: made once, then kept with the org. */
async function signingKey(db: Db): Promise<CryptoKey> {
  const kept = await maybeState(db, 'signing-key');
  if (typeof kept === 'string') return importPKCS8(kept, 'RS256', { extractable: true });
  const { privateKey } = await generateKeyPair('RS256', { extractable: true });
  await keepState(db, 'signing-key', await exportPKCS8(privateKey));
  return privateKey;
}

/** What `/id/keys` publishes: the public halves as a JWK set. */
export async function publicKeys(db: Db): Promise<{ keys: JWK[] }> {
  const { kty, n, e } = await exportJWK(await signingKey(db));
  return { keys: [{ kty, n, e, use: 'sig', alg: 'RS256', kid: KEY_ID } as JWK] };
}

/** The `id_token` of OpenID Connect for a grant. */
export async function identityToken(
  org: Org,
  origin: string,
  { user, client, nonce }: Grant,
): Promise<string> {
  return new SignJWT({
    preferred_username: user.username,
    email: user.email,
    name: user.name,
    organization_id: org.id,
    user_id: user.id,
    ...(nonce ? { nonce } : {}),
  })
    .setProtectedHeader({ alg: 'RS256', kid: KEY_ID, typ: 'JWT' })
    .setIssuer(origin)
    .setSubject(`${origin}/id/${org.id}/${user.id}`)
    .setAudience(client.id)
    .setIssuedAt()
    .setExpirationTime('2m')
    .sign(await signingKey(org.pool));
}
