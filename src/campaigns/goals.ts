import { z } from 'zod';

/** What success is: the person, or their account, comes to meet a rule within so many days of the message. */
export const Goal = z.strictObject({
  name: z.string().trim().min(1).max(120),
  entity: z.enum(['account', 'person']),
  /** A rule of src/rules, checked against the catalog where it is saved. */
  rule: z.unknown(),
  days: z.number().int().min(1).max(365),
});
export type Goal = z.infer<typeof Goal>;
