import { sql } from '../platform/db.ts';

/** Company sizes by employees (HE11); the last has no end. */
export const sizes = {
  '1-49': { from: 1, to: 49 },
  '50-249': { from: 50, to: 249 },
  '250-999': { from: 250, to: 999 },
  '1000-4999': { from: 1000, to: 4999 },
  '5000+': { from: 5000, to: null },
} as const;
export type Size = keyof typeof sizes;
export const sizeNames = Object.keys(sizes) as Size[];

/** The size of the account `a`, or null where nobody knows. */
export const sizeOf = sql<Size | null>`case ${sql.join(
  sizeNames
    .toReversed()
    .map((name) => sql`when a.employees >= ${sql.lit(sizes[name].from)} then ${sql.lit(name)}`),
  sql` `,
)} end`;
