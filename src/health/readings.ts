/** What a health model looks at (HE19): one group of indicators each. */
export const components = ['engagement', 'utilization', 'satisfaction', 'support', 'outcomes'] as const;
export type Component = (typeof components)[number];

export { urgentPriorities } from '../cases/status.ts';

/**
 * How a reading is to be taken. `ago` and `ahead` are days, told as numbers of days before or after the day of judgement.
 * `absent`: what it means that there is none: nothing is known, or nothing is wrong. `least` and `most` are its natural ends.
 */
export interface ReadingKind {
  component: Component;
  source: 'usage' | 'salesforce';
  unit: 'count' | 'percent' | 'minutes' | 'points' | 'ago' | 'ahead';
  absent: 'unknown' | 'fine';
  least?: number;
  most?: number;
}

const used = { source: 'usage', absent: 'unknown', least: 0 } as const;
const counted = { source: 'salesforce', unit: 'count', absent: 'unknown', least: 0 } as const;
const dated = { source: 'salesforce', unit: 'ago', absent: 'fine', least: 0 } as const;

/** Every reading, by the name of its column in `health`; windows are so many full days and today as far as it has gone. */
export const readings = {
  /** Days of the last 14 on which anybody used the product. */
  days_active: { ...used, component: 'engagement', unit: 'count', most: 14 },
  people_active: { ...used, component: 'engagement', unit: 'count' },
  /** The engagement score: the share of accounts of the same status that do less (HE15). */
  engagement: { ...used, component: 'engagement', unit: 'points', most: 100 },
  /** Time spent over the last 7 days by all its people (HE13). */
  weekly_minutes: { ...used, component: 'engagement', unit: 'minutes' },
  /** Actions of the last 14 days against those of the 14 before. */
  usage_change: { ...used, component: 'engagement', unit: 'percent', least: -100 },
  /** People active in 14 days of the seats bought (HE14). */
  utilization: { ...used, component: 'utilization', unit: 'percent' },
  modules: { ...used, component: 'utilization', unit: 'count' },
  /** Cases that were opened again within 90 days. */
  reopened_cases: { ...counted, component: 'satisfaction' },
  contacts: { ...counted, component: 'satisfaction' },
  /** The last sign of life in Salesforce: an activity, a case, an opportunity. */
  active_on: { ...dated, component: 'satisfaction', absent: 'unknown' },
  open_cases: { ...counted, component: 'support' },
  urgent_cases: { ...counted, component: 'support' },
  oldest_case_on: { ...dated, component: 'support' },
  /** What was won in the last 365 days against the 365 before. */
  contract_change: {
    source: 'salesforce',
    component: 'outcomes',
    unit: 'percent',
    absent: 'unknown',
    least: -100,
  },
  /** What the customer gets out of the product, in a field that the company keeps on its accounts (HE23). */
  impact: { source: 'salesforce', component: 'outcomes', unit: 'count', absent: 'unknown' },
  /** The next end of support for which no renewal opportunity is open. */
  unprepared_renewal_on: { ...dated, component: 'outcomes', unit: 'ahead' },
  lapsed_on: { ...dated, component: 'outcomes' },
  renewal_lost_on: { ...dated, component: 'outcomes' },
} as const satisfies Record<string, ReadingKind>;

export type Reading = keyof typeof readings;
export const readingNames = Object.keys(readings) as Reading[];

export const kindOf = (reading: Reading): ReadingKind => readings[reading];
export const isDate = (reading: Reading): boolean => ['ago', 'ahead'].includes(readings[reading].unit);

/** What is known of an account: counts, and days as YYYY-MM-DD. */
export type Readings = Record<Reading, number | string | null>;
