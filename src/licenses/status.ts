import { sql } from '../platform/db.ts';

/** Where an account stands commercially (AP1). */
export const statuses = ['paying', 'free', 'cancelled', 'unknown'] as const;
export type Status = (typeof statuses)[number];

/** Licenses that count for a status: a channel code gives a partner nothing to run. */
export const countingLicense = sql<boolean>`(deleted_at is null and kind is distinct from 'Channel Code')`;

/** How a status follows from licenses. */
export interface LicenseRule {
  /** So many days after its support ended, a license still counts as paid. */
  graceDays: number;
  /** What an account is that has nothing but trials that are over. */
  overTrials: 'free' | 'cancelled' | 'unknown';
}

export const deliveredLicenseRule: LicenseRule = { graceDays: 0, overTrials: 'free' };

/**
 * The status of an account, aggregated over its counting licenses. Paying: a non-trial license with support until `today` or
 * later (or so many days of grace before); cancelled: only earlier ones; free: trials alone.
 */
export const statusOfLicenses = (today: string, rule = deliveredLicenseRule) => sql<Status>`
  case when bool_or(not is_trial and support_until >= ${today}::date - ${rule.graceDays}::int) then 'paying'
       when bool_or(not is_trial and support_until is not null) then 'cancelled'
       when bool_or(is_trial and coalesce(support_until >= ${today}::date, true)) then 'free'
       when bool_or(is_trial) then ${rule.overTrials}
       else 'unknown' end`;
