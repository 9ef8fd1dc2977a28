import type { RawBuilder } from 'kysely';

import { sql } from '../platform/db.ts';

import type { Topic } from './topics.ts';

/** All topics that need consent. While it is refused, so is each of them; whoever then grants one has the others refused one by one. */
export const ALL_TOPICS = '*';

/** What consents and suppressions know an address by: erasure_hash, in a form that PostgreSQL works out in place for sets. */
export const addressHash = (address: RawBuilder<unknown>): RawBuilder<Buffer> =>
  sql<Buffer>`sha256((select salt from erasure_salt) || convert_to(lower(btrim(${address})), 'UTF8'))`;

/** Whether a topic may be sent to an address, for set-based statements. `hash` is an expression of `addressHash`. */
export function hasConsent(
  hash: RawBuilder<unknown>,
  { code, messageClass, isOptIn }: Pick<Topic, 'code' | 'messageClass' | 'isOptIn'>,
): RawBuilder<boolean> {
  if (messageClass === 'transactional') return sql<boolean>`true`;
  const refused = sql<boolean>`exists (select from consent_states s
    where s.address_hash = ${hash} and s.topic in (${ALL_TOPICS}, ${code}) and not s.is_granted)`;
  if (!isOptIn) return sql<boolean>`not ${refused}`;
  return sql<boolean>`(not ${refused} and exists (select from consent_states s
    where s.address_hash = ${hash} and s.topic = ${code} and s.is_granted))`;
}
