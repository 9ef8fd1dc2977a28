import { createHash, randomBytes } from 'node:crypto';

import { MINUTE, now } from '../platform/clock.ts';
import type { Db, Tx } from '../platform/db.ts';
import { NotFound } from '../platform/errors.ts';

import {
  insertToken,
  liveToken,
  retireResetTokens,
  takeLiveToken,
  type TokenRow,
} from './email-tokens.queries.ts';
import type { TokenPurpose } from './tables.ts';

/** The link was used, is older than fifteen minutes, or never was one. */
export class LinkExpired extends NotFound {}

const LIFETIME = 15 * MINUTE;

const digest = (token: string) => createHash('sha256').update(token).digest();

interface TokenGiven {
  purpose: TokenPurpose;
  email: string;
  personId?: string;
  data?: Record<string, string>;
}

/** Makes the secret of a link in a mail: 256 bits, of which the database keeps only the SHA-256. */
export async function issueToken(
  db: Db,
  { purpose, email, personId, data = {} }: TokenGiven,
): Promise<string> {
  const token = randomBytes(32).toString('base64url');
  const created_at = now();
  const expires_at = new Date(created_at.getTime() + LIFETIME);
  await insertToken(db, {
    token_hash: digest(token),
    purpose,
    email,
    person_id: personId ?? null,
    data: JSON.stringify(data),
    created_at,
    expires_at,
  });
  return token;
}

/**
 * Reads what a link is for and leaves it usable: mail scanners open links too, so only a POST uses one up.
 * @throws LinkExpired
 */
export async function tokenSeen(db: Db, purpose: TokenPurpose, token: string): Promise<TokenRow> {
  const row = await liveToken(db, { purpose, tokenHash: digest(token), at: now() });
  if (!row) throw new LinkExpired();
  return row;
}

/**
 * Uses a link up, and with it every other of its purpose and mailbox. Of two at once, one gets it.
 * @throws LinkExpired
 */
export async function takeToken(tx: Db, purpose: TokenPurpose, token: string): Promise<TokenRow> {
  const row = await takeLiveToken(tx, { purpose, tokenHash: digest(token), at: now() });
  if (!row) throw new LinkExpired();
  return row;
}

/** Has links for a new password open nothing any more: they lie in a mailbox that is no longer theirs. */
export async function retireResets(tx: Tx, personId: string): Promise<void> {
  await retireResetTokens(tx, personId, now());
}
