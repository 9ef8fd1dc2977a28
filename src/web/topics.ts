import { z } from 'zod';

const code = z.string().max(40);
const Topics = z.object({
  topics: z.union([code.transform((one) => [one]), z.array(code).max(100)]).catch([]),
});

/** The topics that a preferences form ticked; none when it sent none. */
export const topicsIn = (body: unknown): string[] => Topics.parse(body ?? {}).topics;
