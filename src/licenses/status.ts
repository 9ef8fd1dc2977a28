import { sql } from '../platform/db.ts';

/** Where an account stands commercially (AP1). */
export const statuses = ['paying', 'free', 'cancelled', 'unknown'] as const;
export type Status = (typeof statuses)[number];

/** Licenses that count for a status: a channel code gives a partner nothing to run. */
export const countingLicense = sql<boolean>`(deleted_at is null and kind is distinct from 'Channel Code')`;

/**
 * The status of an account, aggregated over its counting licenses. Paying: a non-trial license with support until `today` or
 * later; cancelled: only earlier ones; free: trials alone.
 */
export const statusOfLicenses = (today: string) => sql<Status>`
  case when bool_or(not is_trial and support_until >= ${today}::date) then 'paying'
       when bool_or(not is_trial and support_until < ${today}::date) then 'cancelled'
       when bool_or(is_trial) then 'free'
       else 'unknown' end`;
