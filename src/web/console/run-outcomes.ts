import { flagOf, marks, outcomes } from '../../campaigns/outcomes/outcomes.ts';

/** What people look for in a ledger: what became of a message, and what machines did to it. */
export const outcomeNames = [...outcomes, ...marks] as const;

/** What tells nothing beside what followed from it. */
const passing: readonly string[] = ['processed', 'deferred'];

/** A row with the names of what became of it: all that was told, without what is only on the way to it. */
export function outcomesOf<Row extends { flags: number }>(row: Row): Row & { outcomes: string[] } {
  const told = outcomeNames.filter((name) => (row.flags & flagOf(name)) !== 0);
  const telling = told.filter((name) => !passing.includes(name));
  return { ...row, outcomes: telling.length > 0 ? telling : told.slice(-1) };
}
