import type { Size } from '../accounts/sizes.ts';
import type { Rank } from '../health/ranks.ts';
import type { Status } from '../licenses/status.ts';
import type { VisitFrequency } from '../usage/account-usage.ts';

export { type Size, sizeNames, sizes } from '../accounts/sizes.ts';
export { frequencies } from '../usage/account-usage.ts';
export { stages } from '../usage/engagement-rules.ts';

export const riskLevels = ['red', 'yellow', 'green'] as const;

/** How old a poor rank is to be called persistent (HE22). */
export const PERSISTENT_DAYS = 30;

/** What stands in a filter for accounts without a value. */
export const NONE = '-';

/** Which accounts are asked for; an empty condition asks for all. */
export interface AccountFilter {
  /** A part of the name. */
  search?: string | undefined;
  type?: string | undefined;
  industry?: string | undefined;
  country?: string | undefined;
  ownerId?: string | undefined;
  /** Who looks after them: a user's id, or NONE. */
  managerId?: string | undefined;
  size?: Size | typeof NONE | undefined;
  status?: Status | undefined;
  rank?: Rank | undefined;
  stage?: string | undefined;
  frequency?: VisitFrequency | typeof NONE | undefined;
  risk?: (typeof riskLevels)[number] | typeof NONE | undefined;
  tag?: string | undefined;
  /** Poor or average. */
  isNeedy?: boolean | undefined;
  /** Poor for at least PERSISTENT_DAYS (HE22). */
  persistent?: boolean | undefined;
  /** Support ends within so many days. */
  renewalDays?: number | undefined;
  /** An attribute under Salesforce's name, and its value. */
  attribute?: { name: string; value: string } | undefined;
}

/** What accounts are broken down by on the dashboard; any attribute besides. */
export const groupings = [
  'manager',
  'size',
  'industry',
  'type',
  'country',
  'stage',
  'frequency',
  'risk',
] as const;
export type Grouping = (typeof groupings)[number];
