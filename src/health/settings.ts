import type { Reading } from './readings.ts';

/** A reading with its thresholds: good from `good` on, poor from `poor` on; which of them is higher says which way is better. */
export interface Indicator {
  reading: Reading;
  /** Primary indicators set the rank; secondary ones move the score within it (HE20). */
  kind: 'primary' | 'secondary';
  good: number;
  poor: number;
  weight: number;
}

/** A test of a reading; days count as days before or after today. */
export interface Condition {
  reading: Reading;
  op: 'at_least' | 'at_most';
  value: number;
}

/** A red flag: whatever else is read, an account that meets all its conditions is poor (HE3). */
export interface Flag {
  code: string;
  name: string;
  conditions: Condition[];
}

/** How a profile judges. `shift`: by how many points the secondary indicators may move a score, at most. */
export interface Settings {
  shift: number;
  indicators: Indicator[];
  flags: Flag[];
}

/** The most that secondary indicators may ever move a score. */
export const MOST_SHIFT = 30;
