import { FormulaError } from './syntax.ts';
import { common, demand, nameOf, settled } from './types.ts';

import type { Operator } from './syntax.ts';
import type { FormulaType, Typed } from './types.ts';

type Join = (operator: Operator, left: Typed, right: Typed) => Typed;

/** Two parts joined by an operator. @throws FormulaError for types that it doesn't take */
export const binarySql: Join = (operator, left, right) => joins[operator](operator, left, right);

function joined(operator: Operator, left: Typed, right: Typed): Typed {
  for (const part of [left, right]) demand(`operator '${operator}'`, part, ['boolean']);
  const word = operator === '||' ? 'or' : 'and';
  return { type: 'boolean', sql: `(${settled(left, 'boolean')} ${word} ${settled(right, 'boolean')})` };
}

function equality(operator: Operator, left: Typed, right: Typed): Typed {
  const type = sameType(operator, left, right);
  const word = operator === '=' ? 'is not distinct from' : 'is distinct from';
  return { type: 'boolean', sql: `(${settled(left, type)} ${word} ${settled(right, type)})` };
}

function sameType(operator: Operator, left: Typed, right: Typed): FormulaType {
  for (const part of [left, right]) demand(`operator '${operator}'`, part, plain);
  return common(`operator '${operator}'`, [left, right]);
}

const plain: FormulaType[] = ['text', 'number', 'boolean', 'date', 'datetime', 'time'];

function order(operator: Operator, left: Typed, right: Typed): Typed {
  const type = sameType(operator, left, right);
  if (type === 'boolean')
    throw new FormulaError(`Incorrect parameter type for operator '${operator}'. Expected Number, Date, DateTime, received ${nameOf(type)}`);
  const bytes = type === 'text' ? ' collate "C"' : '';
  return { type: 'boolean', sql: `coalesce(${settled(left, type)} ${operator} ${settled(right, type)}${bytes}, false)` };
} // prettier-ignore

function concatenation(operator: Operator, left: Typed, right: Typed): Typed {
  for (const part of [left, right]) demand(`operator '${operator}'`, part, ['text']);
  return { type: 'text', sql: `(${settled(left, 'text')} || ${settled(right, 'text')})` };
}

const isMoment = ({ type }: Typed) => type === 'date' || type === 'datetime';

/** Numbers, moments and days, or texts. */
function sum(operator: Operator, left: Typed, right: Typed): Typed {
  const where = `operator '${operator}'`;
  if (operator === '+' && (left.type === 'text' || right.type === 'text'))
    return concatenation(operator, left, right);
  for (const part of [left, right]) demand(where, part, ['number', 'date', 'datetime']);
  if (isMoment(left))
    return isMoment(right) ? difference(operator, left, right) : moved(operator, left, right);
  if (isMoment(right)) {
    if (operator === '-') demand(where, right, ['number']);
    return moved(operator, right, left);
  }
  return { type: 'number', sql: `(${settled(left, 'number')} ${operator} ${settled(right, 'number')})` };
}

function difference(operator: Operator, left: Typed, right: Typed): Typed {
  if (operator === '+') demand(`operator '+'`, right, ['number']);
  if (left.type !== right.type) demand(`operator '-'`, right, [left.type]);
  if (left.type === 'date') return { type: 'number', sql: `(${left.sql} - ${right.sql})::numeric` };
  return { type: 'number', sql: `(extract(epoch from ${left.sql} - ${right.sql}) / 86400)` };
}

/** A moment so many days later. */
function moved(operator: Operator, { type, sql }: Typed, number: Typed): Typed {
  const days = `${operator === '-' ? '-' : ''}(${settled(number, 'number')})`;
  if (type === 'date')
    return { type, sql: `(${sql} + least(greatest(floor(${days}), -1000000), 1000000)::integer)` };
  return { type, sql: `(${sql} + (${days})::double precision * interval '1 day')` };
}

function product(operator: Operator, left: Typed, right: Typed): Typed {
  for (const part of [left, right]) demand(`operator '${operator}'`, part, ['number']);
  const [one, other] = [settled(left, 'number'), settled(right, 'number')];
  return { type: 'number', sql: operator === '^' ? powerSql(one, other) : quotient(operator, one, other) };
}

const quotient = (operator: Operator, one: string, other: string) =>
  operator === '*' ? `(${one} * ${other})` : `(${one} / nullif(${other}, 0))`;

/** Empty where there is no such power. */
export const powerSql = (base: string, exponent: string): string =>
  `case when ${base} > 0 or (${exponent} = trunc(${exponent}) and (${base} <> 0 or ${exponent} >= 0)) then power(${base}, ${exponent}) end`;

const joins: Record<Operator, Join> = {
  '||': joined, '&&': joined, '=': equality, '<>': equality, '<': order, '<=': order, '>': order, '>=': order, '+': sum,
  '-': sum, '&': concatenation, '*': product, '/': product, '^': product,
}; // prettier-ignore
