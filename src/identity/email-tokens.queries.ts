import '../access/tables.ts';
import { sql, type Db } from '../platform/db.ts';

import type { TokenPurpose } from './tables.ts';

export interface TokenRow {
  email: string;
  personId: string | null;
  data: Record<string, string | undefined>;
}

export async function insertToken(
  tx: Db,
  row: {
    token_hash: Buffer;
    purpose: TokenPurpose;
    email: string;
    person_id: string | null;
    data: string;
    created_at: Date;
    expires_at: Date;
  },
): Promise<void> {
  await tx
    .insertInto('email_tokens')
    .values({ ...row, used_at: null })
    .execute();
}

interface TokenAsked {
  purpose: TokenPurpose;
  tokenHash: Buffer;
  at: Date;
}

export async function liveToken(
  tx: Db,
  { purpose, tokenHash, at }: TokenAsked,
): Promise<TokenRow | undefined> {
  const { rows } = await sql<TokenRow>`
    select email, person_id as "personId", data from email_tokens
    where token_hash = ${tokenHash} and purpose = ${purpose} and used_at is null and expires_at > ${at}`.execute(
    tx,
  );
  return rows[0];
}

export async function takeLiveToken(
  tx: Db,
  { purpose, tokenHash, at }: TokenAsked,
): Promise<TokenRow | undefined> {
  const { rows } = await sql<TokenRow>`
    update email_tokens set used_at = ${at}
    where token_hash = ${tokenHash} and purpose = ${purpose} and used_at is null and expires_at > ${at}
    returning email, person_id as "personId", data`.execute(tx);
  const [taken] = rows;
  if (taken)
    await sql`
      update email_tokens set used_at = ${at}
      where purpose = ${purpose} and email = ${taken.email} and used_at is null`.execute(tx);
  return taken;
}

export async function retireResetTokens(tx: Db, personId: string, at: Date): Promise<void> {
  await sql`
    update email_tokens set used_at = ${at}
    where person_id = ${personId} and purpose = 'password-reset' and used_at is null`.execute(tx);
}
