import { z } from 'zod';

import { kindOf, type Reading, readingNames } from './readings.ts';

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

/** The most that secondary indicators may ever move a score, and that an indicator may weigh. */
export const MOST = { shift: 30, weight: 100, flags: 10, conditions: 3, threshold: 1_000_000 } as const;

const reading = z.enum(readingNames);
const threshold = z
  .int('healthProfiles.errors.number')
  .min(-MOST.threshold, 'healthProfiles.errors.number')
  .max(MOST.threshold, 'healthProfiles.errors.number');

/** Whether a reading can have that value at all. */
const isPossible = (name: Reading, value: number): boolean => {
  const { least = -Infinity, most = Infinity } = kindOf(name);
  return value >= least && value <= most;
};

const Indicator = z
  .object({
    reading,
    kind: z.enum(['primary', 'secondary']),
    good: threshold,
    poor: threshold,
    weight: z
      .int('healthProfiles.errors.weight')
      .min(1, 'healthProfiles.errors.weight')
      .max(MOST.weight, 'healthProfiles.errors.weight'),
  })
  .check(({ value: { reading, good, poor }, issues }) => {
    const wrong = (path: string, message: string) =>
      issues.push({ code: 'custom', input: good, path: [path], message });
    if (!isPossible(reading, good)) wrong('good', 'healthProfiles.errors.impossible');
    if (!isPossible(reading, poor)) wrong('poor', 'healthProfiles.errors.impossible');
    if (good === poor) wrong('poor', 'healthProfiles.errors.same');
  });

const Flag = z.object({
  code: z.string().regex(/^[a-z0-9-]{1,40}$/),
  name: z.string().trim().min(1, 'healthProfiles.errors.flagName').max(80, 'errors.tooLong'),
  conditions: z
    .array(z.object({ reading, op: z.enum(['at_least', 'at_most']), value: threshold }))
    .min(1, 'healthProfiles.errors.noCondition')
    .max(MOST.conditions),
});

/** What an administrator may choose. Errors are locale keys. */
export const SettingsSchema: z.ZodType<Settings> = z
  .object({
    shift: z
      .int('healthProfiles.errors.shift')
      .min(0, 'healthProfiles.errors.shift')
      .max(MOST.shift, 'healthProfiles.errors.shift'),
    indicators: z.array(Indicator).max(readingNames.length),
    flags: z.array(Flag).max(MOST.flags),
  })
  .refine(({ indicators }) => indicators.some(({ kind }) => kind === 'primary'), {
    path: ['form'],
    message: 'healthProfiles.errors.noPrimary',
  });
