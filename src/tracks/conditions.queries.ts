import type { RawBuilder } from 'kysely';

import { type Goal, isOfRule } from '../campaigns/definition/goals.ts';
import { sql } from '../platform/db.ts';
import { compile, existing } from '../rules/compile.ts';
import type { Catalog, Subject } from '../rules/fields.ts';
import type { Rule } from '../rules/rules.ts';

/** Whom something is asked about, and as of when. */
export interface Look {
  /** A query of one column: the accounts whose people may be asked about at all. */
  accounts: RawBuilder<unknown>;
  catalog: Catalog;
  now: Date;
}

/** The ids of the people (of these accounts) for whom a rule holds: a query of one column. */
export function meeting(
  rule: Rule,
  { accounts, catalog, now }: Look,
  entity: Subject = 'person',
): RawBuilder<unknown> {
  const today = now.toISOString().slice(0, 10);
  const { sources, condition } = compile(rule, { entity, catalog, today, among: accounts });
  return sql`
    select p.id from account_people p join accounts a on a.id = p.account_id ${sources}
    where ${existing({ among: accounts })} and ${condition}`;
}

/** Whether a signal came, after a moment, to a person or to their whole account. */
export const signalled = (
  kind: string,
  of: { person: RawBuilder<unknown>; account: RawBuilder<unknown>; since: RawBuilder<unknown> },
): RawBuilder<boolean> => sql<boolean>`
  exists (select from signals g where g.kind = ${kind} and g.rule_id is null and g.account_id = ${of.account}
    and (g.person is null or g.person = ${of.person}) and g.noted_at > ${of.since})`;

/** Whether somebody has reached a goal since a moment; of a rule, whether it holds. */
export const atGoal = (
  goal: Goal,
  look: Look,
  of: { person: RawBuilder<unknown>; account: RawBuilder<unknown>; since: RawBuilder<unknown> },
): RawBuilder<boolean> =>
  isOfRule(goal)
    ? sql<boolean>`${of.person} in (${meeting(goal.rule as Rule, look, goal.entity)})`
    : signalled(goal.signal, of);
