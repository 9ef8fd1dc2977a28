import { now } from '../platform/clock.ts';
import { db, type Db } from '../platform/db.ts';
import { log } from '../platform/log.ts';

import { insertSecurityEvent } from './sessions.queries.ts';

/** What is kept of who did what to whose sign-in, and from where (ASVS v5.0.0-16.3.1 to 16.3.3). */
export type SecurityEvent =
  | 'signed-in'
  | 'signed-out'
  | 'sign-in-failed'
  | 'sign-in-limited'
  | 'code-failed'
  | 'signed-up'
  | 'password-changed'
  | 'password-reset'
  | 'email-changed'
  | 'second-factor-added'
  | 'second-factor-removed'
  | 'recovery-code-used'
  | 'recovery-codes-renewed'
  | 'session-ended';

/** Where a request comes from. */
export interface Origin {
  address: string;
  userAgent: string;
}

/** Writes a security event to the table and the log, never with a secret. */
export async function noteSecurity(
  kind: SecurityEvent,
  { address, userAgent }: Origin,
  personId?: string,
  tx: Db = db,
): Promise<void> {
  log.info({ securityEvent: kind, personId, address }, 'security');
  await insertSecurityEvent(tx, { kind, personId, address, userAgent, at: now() });
}
