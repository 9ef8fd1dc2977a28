import type { RawBuilder } from 'kysely';

import { NotFound } from '../platform/errors.ts';

import type { Question } from './compile.ts';
import { selectLeaves } from './queries.ts';
import { type Condition, isAll, isAny, isCondition, isNot, partsOf, type Rule } from './rules.ts';

/** Which parts of a rule hold for one account or person. */
export interface Explanation {
  rule: Rule;
  /** Null: not known, and so as good as false. */
  holds: boolean | null;
  /** What the field of a condition is now; a number of money is in minor units, a date YYYY-MM-DD; null when not known. */
  value: string | number | boolean | string[] | null;
  parts: Explanation[];
}

/**
 * Which conditions of a rule hold for one account or person, by its id. One statement.
 * @throws NotFound when there is none within the scope
 */
export async function explain(
  rule: Rule,
  id: string,
  question: Omit<Question, 'among'>,
  scope: RawBuilder<boolean>,
): Promise<Explanation> {
  const leaves = leavesOf(rule);
  const answers = await selectLeaves(leaves, { id, question, scope });
  if (answers === undefined) throw new NotFound();
  return explained(rule, new Map(leaves.map((leaf, i) => [leaf, answers[i]])));
}

/** The conditions themselves, in order; not those within them, about single licenses or people. */
const leavesOf = (rule: Rule): Condition[] =>
  isCondition(rule) ? [rule] : partsOf(rule).flatMap((part) => leavesOf(part));

export interface Leaf {
  holds: boolean | null;
  value: Explanation['value'];
}

function explained(rule: Rule, answers: ReadonlyMap<Condition, Leaf | undefined>): Explanation {
  if (isCondition(rule)) {
    const { holds, value } = answers.get(rule) ?? { holds: null, value: null };
    return { rule, holds, value, parts: [] };
  }
  const parts = partsOf(rule).map((part) => explained(part, answers));
  return { rule, holds: together(rule, parts.map(({ holds }) => holds)), value: null, parts }; // prettier-ignore
}

/** As SQL does it: unknown stays unknown unless the other parts decide. */
function together(rule: Rule, parts: readonly (boolean | null)[]): boolean | null {
  if (isNot(rule)) return parts[0] === null || parts[0] === undefined ? null : !parts[0];
  const decisive = isAny(rule);
  if (parts.includes(decisive)) return decisive;
  return parts.includes(null) ? null : isAll(rule);
}
