import type { RawBuilder } from 'kysely';

import { notRemoved } from '../accounts/removals.ts';
import { now } from '../platform/clock.ts';
import { sql } from '../platform/db.ts';
import { Invalid } from '../platform/errors.ts';
import { compile, selecting } from '../rules/compile.ts';
import type { Subject } from '../rules/fields.ts';
import type { Rule } from '../rules/rules.ts';
import { issuesOf } from '../rules/schema.ts';
import { wholeCatalog } from '../segments/catalog.ts';

/** A rule's own condition as SQL: the left joins it needs, and what holds over `a` (accounts), or `p` (account_people) with `a`. */
export interface Compiled {
  sources: RawBuilder<unknown>;
  condition: RawBuilder<boolean>;
}

const today = () => now().toISOString().slice(0, 10);

/** @throws Invalid for what is no rule about accounts or people; null for none. */
export async function checkedCondition(input: unknown, entity: Subject): Promise<unknown> {
  if (input === null || input === undefined || isEmpty(input)) return null;
  if (issuesOf(input, await wholeCatalog(), entity).length > 0)
    throw new Invalid({ condition: 'alerts.errors.condition' });
  return input;
}

const isEmpty = (input: unknown): boolean =>
  typeof input === 'object' &&
  input !== null &&
  'all' in input &&
  Array.isArray(input.all) &&
  input.all.length === 0;

/** The condition on the account of a signal; without one, everything holds. */
export async function conditionOn(condition: unknown): Promise<Compiled> {
  if (condition === null || condition === undefined) return { sources: sql``, condition: sql<boolean>`true` };
  const compiled = compile(condition as Rule, {
    entity: 'account',
    catalog: await wholeCatalog(),
    today: today(),
  });
  return { ...compiled, condition: sql<boolean>`coalesce(${compiled.condition}, false)` };
}

/** The ids of the accounts or people that meet a condition now. */
export async function meeting(condition: unknown, entity: Subject): Promise<RawBuilder<{ id: string }>> {
  return selecting(
    condition as Rule,
    { entity, catalog: await wholeCatalog(), today: today() },
    notRemoved('a.id'),
  );
}
