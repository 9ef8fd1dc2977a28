import { z } from 'zod';

import { answerable } from './triggers.ts';

const name = z.string().trim().min(1).max(120);
const days = z.number().int().min(1).max(365);

/** The person, or their account, comes to meet a rule. Who meets it when the message goes has nothing to reach. */
const RuleGoal = z.strictObject({
  name,
  days,
  entity: z.enum(['account', 'person']),
  /** A rule of src/rules, checked against the catalog where it is saved. */
  rule: z.unknown(),
});

/** Something happens to the account, or to the person where it is about one. */
const SignalGoal = z.strictObject({ name, days, signal: z.enum(answerable as [string, ...string[]]) });

/** What success is, within so many days of the message. */
export const Goal = z.union([SignalGoal, RuleGoal]);
export type Goal = z.infer<typeof Goal>;
export type RuleGoal = z.infer<typeof RuleGoal>;

export const isOfRule = (goal: Goal): goal is RuleGoal => 'rule' in goal;
