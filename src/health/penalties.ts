/** How an account stands: the same three marks everywhere. */
export const ranks = ['good', 'average', 'poor'] as const;
export type Rank = (typeof ranks)[number];

/** Good from 70, poor below 40, average between. */
export const RANKS = { good: 70, average: 40 } as const;

/** Priorities of a case that count as urgent, in the words of Salesforce's picklist. */
export const urgentPriorities = ['High', 'Urgent', 'Critical'] as const;

/** A reading that a penalty looks at: a column of `health`. */
export type Reading =
  | 'open_cases'
  | 'urgent_cases'
  | 'oldest_case_on'
  | 'contacts'
  | 'active_on'
  | 'renewal_on'
  | 'unprepared_renewal_on'
  | 'lapsed_on'
  | 'renewal_lost_on';

/** A line of the published table of penalties: what is taken off 100, and when. `threshold` counts things or days. */
export interface Penalty {
  code: string;
  reading: Reading;
  test: 'at_least' | 'at_most' | 'days_ago' | 'within_past_days' | 'within_next_days';
  threshold: number;
  points: number;
}

/** Why points were taken off: the penalty, and the reading that met it (a count, or a date as YYYY-MM-DD). */
export interface Reason {
  code: string;
  points: number;
  value: number | string;
}
