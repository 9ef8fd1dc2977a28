import { createHash } from 'node:crypto';

import { now } from '../../clock.ts';
import { sql, type Tx } from '../../db.ts';
import { seal, unseal } from '../../sealed.ts';

/* An org may rotate refresh tokens: each is good for one use, and its answer brings the next. A token used twice ends all that came
   of it, so the next is written down before anybody uses the session that came with it. */

/** The refresh token to use now: the one that rotation brought last, unless another has been configured since. */
export async function newestRefreshToken(tx: Tx, client: string, configured: string): Promise<string> {
  const { rows } = await sql<{ sealed_token: string }>`
    select sealed_token from salesforce_refresh_tokens
    where client = ${client} and origin = ${originOf(configured)}`.execute(tx);
  return (rows[0] && unseal(rows[0].sealed_token)) ?? configured;
}

export async function keepRefreshToken(
  tx: Tx,
  client: string,
  { configured, rotated }: { configured: string; rotated: string },
): Promise<void> {
  await sql`
    insert into salesforce_refresh_tokens (client, origin, sealed_token, obtained_at)
    values (${client}, ${originOf(configured)}, ${seal(rotated)}, ${now()})
    on conflict (client) do update set origin = excluded.origin, sealed_token = excluded.sealed_token,
      obtained_at = excluded.obtained_at`.execute(tx);
}

/** Tells which configured token a kept one came of. */
const originOf = (configured: string): string => createHash('sha256').update(configured).digest('hex');
