import { z } from 'zod';

import { deliveredLicenseRule, statuses } from '../licenses/status.ts';
import { sql, type Db } from '../platform/db.ts';

/** Where an account is on its way. */
export const stages = ['trial', 'onboarding', 'established', 'cancelled'] as const;

/** What the engagement score ranks by: what people do, or how long they are at it. */
export const metrics = ['actions', 'time'] as const;

/** The value of an account's field that means this. */
const meaning = <T extends string>(means: readonly T[]) =>
  z.object({ value: z.string().min(1).max(255), means: z.enum(means) });

const fieldName = z.string().regex(/^[A-Za-z]\w{0,79}$/, 'engagementSettings.errors.field');
const days = (least: number, most: number) => z.coerce.number().int().min(least).max(most);

/** What administrators choose about status, stage and engagement. Members that are missing are as delivered. */
export const EngagementRules = z.object({
  status: z
    .object({
      /** A field of Salesforce's Account whose values tell the status; what they do not tell follows from licenses. */
      field: fieldName.nullable().default(null),
      meanings: z.array(meaning(statuses)).max(50).default([]),
      graceDays: days(0, 365).default(deliveredLicenseRule.graceDays),
      overTrials: z.enum(['free', 'cancelled', 'unknown']).default(deliveredLicenseRule.overTrials),
    })
    .prefault({}),
  stage: z
    .object({
      field: fieldName.nullable().default(null),
      meanings: z.array(meaning(stages)).max(50).default([]),
      /** A paying account is being onboarded for so many days since it became a customer. */
      onboardingDays: days(0, 730).default(90),
    })
    .prefault({}),
  metric: z.enum(metrics).default('actions'),
  /** Won opportunities of so many days make up what an account pays a year. */
  contractDays: days(30, 1095).default(365),
  /** From how many days of the last fourteen on a visit frequency is reached (AP5). */
  frequency: z
    .object({
      daily: days(1, 14).default(9),
      weekly: days(1, 14).default(5),
      occasionally: days(1, 14).default(2),
    })
    .prefault({}),
});
export type EngagementRules = z.infer<typeof EngagementRules>;

/** The rules in force. */
export async function engagementRules(tx: Db): Promise<EngagementRules> {
  const { rows } = await sql<{ settings: unknown }>`select settings from engagement_settings`.execute(tx);
  return EngagementRules.parse(rows[0]?.settings ?? {});
}
