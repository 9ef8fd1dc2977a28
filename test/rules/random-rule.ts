import { type Catalog, type Entity, type Field, maybeAsk } from '../../src/rules/fields.ts';
import {
  type Argument, type Condition, type Operand, type Operator, operandOf, operators, type Rule, type Value,
} from '../../src/rules/rules.ts'; // prettier-ignore
import type { Random } from '../convergence/random.ts';

import { dayFrom, hostile } from './world.ts';

/* Rules that a seed draws: such as are valid, and such as are broken in one place. */

const pick = <T>(random: Random, of: readonly T[]): T => of[random.below(of.length)]!;

/** Texts that the world has, and some that it lacks. */
const texts = [
  'alpha', 'BETA', 'gamma', 'ray', 'Delta_1', 'Customer', 'DE', 'U1', 'U2', 'Desktop', 'Active', 'Renewal', 'Closed Won', 'New', 'High',
  'open', 'run', 'Restore', 'x', 'y', 'Decision Maker', 'de', 'a', '9', 'https', ...hostile.filter((text) => text.trim() !== ''),
]; // prettier-ignore

export function randomRule(random: Random, catalog: Catalog, entity: Entity, depth = 0): Rule {
  if (depth < 3 && random.happens(depth === 0 ? 0.7 : 0.3)) {
    const parts = Array.from({ length: 1 + random.below(3) }, () =>
      randomRule(random, catalog, entity, depth + 1),
    );
    if (random.happens(0.25)) return { not: parts[0]! };
    return random.happens(0.5) ? { all: parts } : { any: parts };
  }
  const fields = [...catalog.values()].filter((field) => maybeAsk(entity, field));
  return randomCondition(random, catalog, pick(random, fields), depth);
}

function randomCondition(random: Random, catalog: Catalog, field: Field, depth: number): Condition {
  const op = pick(random, Object.keys(operators[field.type])) as Operator;
  const value = randomValue(random, field, op);
  const given = Object.fromEntries(
    (field.parameters ?? []).flatMap(({ name, type, choices, entity = 'account', isOptional }): [string, Argument][] => {
      if (isOptional && random.happens(0.4)) return [];
      if (type === 'rule') return depth < 2 ? [[name, randomRule(random, catalog, entity, depth + 1)]] : [];
      if (type === 'days') return [[name, 1 + random.below(40)]];
      return [[name, pick(random, choices ?? (name === 'module' ? ['Restore', 'Reports', "o'neil"] : ['open', 'run', '%']))]];
    }),
  );
  return {
    field: field.name,
    op,
    ...(Object.keys(given).length > 0 ? { with: given } : {}),
    ...(value === undefined ? {} : { value }),
  };
} // prettier-ignore

function randomValue(random: Random, { type, choices }: Field, op: Operator): Value | undefined {
  const text = () => pick(random, choices ?? texts);
  const number = () => (random.happens(0.05) ? pick(random, [1e13, -1e13, 0.1, 1e-9]) : random.below(60) - (random.happens(0.3) ? 40 : 0));
  const day = () => dayFrom(random.below(200) - 120);
  const pair = <T extends string | number>(one: T, other: T) => (one < other ? [one, other] : [other, one]) as Value;
  const values: Record<Operand, () => Value | undefined> = {
    none: () => undefined,
    text,
    texts: () => (random.happens(0.3) ? text() : Array.from({ length: 1 + random.below(3) }, text)),
    number,
    numbers: () => pair(number(), number()),
    date: day,
    dates: () => pair(day(), day()),
    days: () => (random.happens(0.05) ? 3650 : 1 + random.below(90)),
    boolean: () => random.happens(0.5),
  };
  return values[operandOf(type, op) ?? 'none']();
} // prettier-ignore

const broken: unknown[] = [
  null, undefined, [], {}, '', 'x'.repeat(300), '\0', '\ud800', Number.NaN, Infinity, 1e300, -1, 0.5, true, [null], [[]], { all: [] },
  { not: null }, Array.from({ length: 500 }, () => 'a'), '2026-02-30', '9999-99-99', "'; select pg_sleep(9); --", { $ne: 1 },
]; // prettier-ignore

/** The rule with something in it that does not belong, or is missing. It may happen to be valid still. */
export function brokenRule(random: Random, rule: Rule): unknown {
  const copy = JSON.parse(JSON.stringify({ rule })) as Record<string, unknown>;
  let at: Record<string, unknown> = copy;
  let key = 'rule';
  for (let steps = random.below(6); steps > 0; steps -= 1) {
    const within = at[key];
    if (typeof within !== 'object' || within === null || Object.keys(within).length === 0) break;
    at = within as Record<string, unknown>;
    key = pick(random, Object.keys(at));
  }
  if (random.happens(0.2) && !Array.isArray(at))
    at[pick(random, ['sql', '__proto__x', 'op2', 'constructor'])] = 1;
  else at[key] = pick(random, broken);
  return copy.rule;
}
