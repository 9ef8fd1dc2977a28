import { z } from 'zod';

import { winnerMeasures } from '../results/variants.ts';
import { Rollout } from './rollout.ts';

export const messageClasses = ['marketing', 'success', 'transactional'] as const;
export type MessageClass = (typeof messageClasses)[number];

/** At most so many messages within so many days, counted from what was sent and what is planned. No cap is null, never 0. */
export const Cap = z.strictObject({
  messages: z.number().int().min(1, 'campaigns.errors.cap').max(1000),
  days: z.number().int().min(1).max(365),
});
export type Cap = z.infer<typeof Cap>;

/** Full hours of the person's own clock; from 21 until 8 goes over midnight. */
export const QuietHours = z
  .strictObject({ from: z.number().int().min(0).max(23), until: z.number().int().min(0).max(23) })
  .refine(({ from, until }) => from !== until, { message: 'campaigns.errors.quietHours', path: ['until'] });
export type QuietHours = z.infer<typeof QuietHours>;

/** Variants are tried on a share of the people first; the rest get the one that did best, so many hours after the last of these went out. */
export const Trial = z.strictObject({
  percent: z.number().int().min(5, 'campaigns.errors.trialPercent').max(90, 'campaigns.errors.trialPercent'),
  hours: z.number().int().min(1, 'campaigns.errors.trialHours').max(168, 'campaigns.errors.trialHours'),
  by: z.enum(winnerMeasures),
});
export type Trial = z.infer<typeof Trial>;

/** Whom a campaign spares, beside what counts for all. Missing members are as they stand here. */
export const Policy = z.strictObject({
  /** Whether somebody who got it may get it again: never, with every run, or after so many days. */
  again: z.union([z.enum(['never', 'always']), z.number().int().min(1).max(730)]).default('never'),
  /** Caps of its own, beside the house's: both are kept. */
  personCap: Cap.nullable().default(null),
  accountCap: Cap.nullable().default(null),
  /** Days that somebody's next free slot may lie ahead; who would wait longer is left out. */
  waitDays: z.number().int().min(0).max(30).default(0),
  quietHours: z.union([z.enum(['house', 'none']), QuietHours]).default('house'),
  /** The share that gets nothing, so that the effect can be told. */
  holdoutPercent: z.number().min(0).max(50).default(0),
  trial: Trial.nullable().default(null),
  /** A run goes out in cohorts; null goes out as a whole. */
  rollout: Rollout.nullable().default(null),
  /** How far the audience may be from the approved one, in percent of it: who came and who left. */
  tolerancePercent: z.number().int().min(0).max(100).default(5),
  /** The run pauses when more than this share of what was tried has failed. */
  failurePercent: z.number().int().min(1).max(100).default(10),
});
export type Policy = z.infer<typeof Policy>;

/** The hours that a campaign keeps: its own, or the house's. */
export function quietHoursOf({
  policy,
  limits,
}: {
  policy: Policy;
  limits: { quietHours: QuietHours | null };
}): QuietHours | null {
  if (policy.quietHours === 'none') return null;
  return policy.quietHours === 'house' ? limits.quietHours : policy.quietHours;
}
