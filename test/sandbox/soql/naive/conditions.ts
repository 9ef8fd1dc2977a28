/** Conditions: true or false, nothing in between. */
import { kindOfTerm, termValue, valueAt } from './terms.ts';
import { compare, daysOf, holdsAll, isLike, keyOf, startOfDay } from './values.ts';

import type { Kind } from './model.ts';
import type { Condition, Literal, Period, Scalar } from './query.ts';
import type { Row, Scope } from './terms.ts';

/** Whether a condition holds for a row, or for the rows of a group. */
export function holds(scope: Scope, condition: Condition, rows: Row[]): boolean {
  switch (condition.kind) {
    case 'and':
      return condition.parts.every((part) => holds(scope, part, rows));
    case 'or':
      return condition.parts.some((part) => holds(scope, part, rows));
    case 'not':
      return !holds(scope, condition.part, rows);
    case 'semi':
      return joins(scope, condition, rows);
    case 'compare':
      return compares(scope, condition, rows);
  }
}

type SemiJoin = Extract<Condition, { kind: 'semi' }>;

function joins(scope: Scope, join: SemiJoin, [row]: Row[]): boolean {
  const own = row ? valueAt(scope.world, scope.object, row, join.left) : null;
  const isIn = own !== null && joined(scope, join).includes(own);
  return join.isNegated ? !isIn : isIn;
}

/** What a semi-join found, so that it is not looked for again for each row. */
const found = new WeakMap<SemiJoin, Scalar[]>();

function joined(scope: Scope, join: SemiJoin): Scalar[] {
  const known = found.get(join);
  if (known) return known;
  const values: Scalar[] = [];
  for (const row of scope.world.rows[join.object] ?? []) {
    if (row.IsDeleted === true && !scope.isAllRows) continue;
    if (join.where && !holds({ ...scope, object: join.object }, join.where, [row])) continue;
    values.push(row[join.column] ?? null);
  }
  found.set(join, values);
  return values;
}

type Comparison = Extract<Condition, { kind: 'compare' }>;

function compares(scope: Scope, { left, operator, literals }: Comparison, rows: Row[]): boolean {
  const kind = kindOfTerm(scope, left);
  const given = termValue(scope, left, rows);
  const value = kind === 'boolean' && given === null ? false : given;
  const fits = (literal: Literal, sign: string) =>
    one(scope, { kind, value, operator: sign, wanted: literal.value });
  const includes = ({ value: wanted }: Literal) => typeof wanted === 'string' && holdsAll(value, wanted);
  switch (operator) {
    case 'IN':
      return literals.some((literal) => fits(literal, '='));
    case 'NOT IN':
      return !literals.some((literal) => fits(literal, '='));
    case 'INCLUDES':
      return literals.some(includes);
    case 'EXCLUDES':
      return !literals.some(includes);
    default:
      return literals.every((literal) => fits(literal, operator));
  }
}

interface Single {
  kind: Kind;
  value: Scalar;
  operator: string;
  wanted: Scalar | Period;
}

function one(scope: Scope, { kind, value, operator, wanted }: Single): boolean {
  if (typeof wanted === 'object' && wanted !== null)
    return inPeriod(scope, { kind, value, operator, period: wanted });
  if (wanted === null || wanted === '') {
    if (kind === 'boolean') return operator === '!=';
    return operator === '=' ? value === null : value !== null;
  }
  if (operator === 'LIKE') return isLike(value, String(wanted));
  const [own, other] = [keyOf(kind, value), keyOf(kind, wanted)];
  if (own === null || other === null) return operator === '!=';
  return signHolds(operator, compare(own, other));
}

/** `order` is negative, 0 or positive: before, equal, after. */
function signHolds(sign: string, order: number): boolean {
  const answers: Record<string, boolean> = {
    '=': order === 0,
    '!=': order !== 0,
    '<': order < 0,
    '<=': order <= 0,
    '>': order > 0,
    '>=': order >= 0,
  };
  return answers[sign] ?? false;
}

interface InPeriod {
  kind: Kind;
  value: Scalar;
  operator: string;
  period: Period;
}

function inPeriod({ world }: Scope, { kind, value, operator, period }: InPeriod): boolean {
  const edge = (day: string) => (kind === 'datetime' ? startOfDay(world.timeZone, day) : day);
  const [first, end] = daysOf(period, world.today).map(edge);
  const own = keyOf(kind, value);
  if (own === null || first === undefined || end === undefined) return operator === '!=';
  const isBefore = compare(own, first) < 0;
  const isAfter = compare(own, end) >= 0;
  return signHolds(operator, isBefore ? -1 : isAfter ? 1 : 0);
}
