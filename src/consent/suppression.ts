import type { RawBuilder } from 'kysely';

import { now } from '../platform/clock.ts';
import { sql, type Tx } from '../platform/db.ts';

import * as queries from './suppression.queries.ts';

export type Channel = 'email' | 'chat' | 'in_app' | 'push';

/** Why nothing is sent to an address; `gone`: an endpoint or chat user that is no more. */
export type SuppressionReason = 'bounced' | 'blocked' | 'complained' | 'invalid' | 'gone' | 'manual';

export interface NewSuppression {
  address: string;
  channel: Channel;
  reason: SuppressionReason;
  /** Till when; for good where it is missing. */
  until?: Date;
  comment?: string;
  runId?: number;
  n?: number;
  saidBy?: string;
  at: Date;
}

/** Whether nothing may be sent to an address of a channel now, for set-based statements. `hash` is an expression of `addressHash`. */
export const isSuppressed = (hash: RawBuilder<unknown>, channel: Channel): RawBuilder<boolean> =>
  sql<boolean>`exists (select from suppressed_addresses x
    where x.address_hash = ${hash} and x.channel = ${channel} and (x.until is null or x.until > ${now()}))`;

/** Keeps addresses from being sent to. One that is suppressed for good already stays so. */
export async function suppress(tx: Tx, suppressions: readonly NewSuppression[]): Promise<void> {
  if (suppressions.length > 0) await queries.insertSuppressions(tx, suppressions);
}
