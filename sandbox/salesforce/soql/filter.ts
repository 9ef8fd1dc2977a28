import type { Field } from '../schema/catalog.ts';
import { columnOf, keyOf } from './functions.ts';
import { comparable, isReference, valueOf } from './literals.ts';
import { bind } from './scope.ts';
import type { Column, Scope } from './scope.ts';
import { errorAtLast, malformed, unexpected } from './source.ts';
import { nameOf, textOf } from './syntax.ts';
import type { Expression, Filter, Literal, Operator, Select } from './syntax.ts';
import { periodOf } from './dates.ts';

type Comparison = Extract<Filter, { kind: 'compare' }>;

/** One side of a semi-join, and how the query writes it. */
export interface Joining {
  column: Column;
  text: string;
}

/** Compiles the select of a semi-join to SQL of one column. */
export type SubSelect = (select: Select, left: Joining) => string;

/** The SQL condition of a filter. @throws ApiError in Salesforce's wording. */
export function conditionOf(scope: Scope, filter: Filter, subSelect: SubSelect): string {
  switch (filter.kind) {
    case 'and':
      return joinedBy(
        'and',
        filter.parts.map((part) => conditionOf(scope, part, subSelect)),
      );
    case 'or':
      return withLowerBound(
        scope,
        filter.parts,
        joinedBy(
          'or',
          filter.parts.map((part) => conditionOf(scope, part, subSelect)),
        ),
      );
    case 'not':
      return `(${conditionOf(scope, filter.part, subSelect)}) is not true`;
    case 'semi-join': {
      const column = filterable(scope, filter.left);
      if (!isReference(column.field))
        throw malformed(
          `The left operand field in the where expression for outer query should be an id field, cannot use: '${textOf(filter.left)}'`,
        );
      const inside = `${column.sql} in (${subSelect(filter.select, { column, text: textOf(filter.left) })})`;
      return filter.negated ? `(${inside}) is not true` : inside;
    }
    case 'compare':
      return comparison(scope, filter);
  }
}

const joinedBy = (word: string, parts: string[]) => `(${parts.join(` ${word} `)})`;

/**
 * The keyset filter `S > x OR (S = x AND Id > y)` also gets `S >= x`, which the index on S can start at: each branch of
 * an OR that bounds the same field from below by the same value implies it.
 */
function withLowerBound(scope: Scope, parts: Filter[], sql: string): string {
  const bounds = parts.map(lowerBoundOf);
  const [first] = bounds;
  const same =
    first &&
    bounds.every(
      (bound) =>
        bound &&
        textOf(bound.left) === textOf(first.left) &&
        bound.literals[0]?.text === first.literals[0]?.text,
    );
  return same ? `(${comparison(scope, { ...first, operator: '>=' })} and ${sql})` : sql;
}

function lowerBoundOf(filter: Filter): Comparison | undefined {
  if (filter.kind === 'and') return filter.parts.map(lowerBoundOf).find((bound) => bound !== undefined);
  if (filter.kind !== 'compare' || filter.literals.length !== 1) return undefined;
  const type = filter.literals[0]?.type;
  return ['>', '>=', '='].includes(filter.operator) && (type === 'datetime' || type === 'date')
    ? filter
    : undefined;
}

function filterable(scope: Scope, left: Expression): Column {
  const column = columnOf(scope, left);
  if (column.field.filterable) return column;
  const message = `field '${nameOf(left)}' can not be filtered in a query call`;
  throw errorAtLast(scope.compilation.source, textOf(left), ['INVALID_FIELD', message]);
}

function comparison(scope: Scope, { left, operator, literals }: Comparison): string {
  const column = filterable(scope, left);
  checkOperator(scope, { left, operator, literals }, column.field);
  for (const literal of literals) comparable(scope, { left, field: column.field, literal });
  if (operator === 'IN' || operator === 'NOT IN') return listCondition(scope, column, { operator, literals });
  if (operator === 'INCLUDES' || operator === 'EXCLUDES')
    return multiCondition(scope, column, { operator, literals });
  const [literal] = literals;
  if (literals.length > 1) throw unexpected(scope.compilation.source, '(');
  return literal ? single(scope, column, { operator, literal }) : 'false';
}

function single(
  scope: Scope,
  column: Column,
  { operator, literal }: { operator: Operator; literal: Literal },
): string {
  if (literal.type === 'null' || isEmptyText(literal)) return nullCondition(scope, column, operator);
  if (literal.type === 'period') return periodCondition(scope, column, { operator, literal });
  if (operator === 'LIKE')
    return `lower(${column.sql}) like ${bind(scope.compilation, literal.text.toLowerCase())}::text`;
  const left = folded(scope, column);
  const right = `${bind(scope.compilation, valueOf(column.field, literal))}${castOf(column.field)}`;
  return operator === '!=' ? `${left} is distinct from ${right}` : `${left} ${operator} ${right}`;
}

const isEmptyText = (literal: Literal) => literal.type === 'string' && literal.text === '';

function nullCondition(scope: Scope, column: Column, operator: Operator): string {
  if (column.field.type === 'boolean') return operator === '!=' ? 'true' : 'false';
  const sql = scope.isGrouped ? keyOf(column) : column.sql;
  return operator === '=' || operator === 'LIKE' ? `${sql} is null` : `${sql} is not null`;
}

/** What is compared: text without its case, and a checkbox of a parent that there isn't as one that isn't ticked. */
function folded(scope: Scope, column: Column): string {
  const isParents = column.field.type === 'boolean' && !column.sql.startsWith(`${scope.sql}.`);
  return isParents ? `coalesce(${column.sql}, false)` : keyOf(column);
}

/** The parameter's type: without it PostgreSQL takes it for text where the left side is an expression. */
const castOf = (field: Field): string => casts[field.type] ?? '::text';
const casts: Partial<Record<Field['type'], string>> = {
  id: '::text collate "C"',
  reference: '::text collate "C"',
  boolean: '::boolean',
  int: '::numeric',
  long: '::numeric',
  double: '::numeric',
  currency: '::numeric',
  percent: '::numeric',
  date: '::date',
  datetime: '::timestamptz',
  time: '::time',
};

/** @throws ApiError INVALID_QUERY_FILTER_OPERATOR for an operator that the type of a field doesn't take. */
function checkOperator(scope: Scope, { left, operator }: Omit<Comparison, 'kind'>, field: Field): void {
  const isMulti = operator === 'INCLUDES' || operator === 'EXCLUDES';
  const refusal =
    operator === 'LIKE' && isReference(field) ? 'invalid operator on id field'
    : isMulti && field.type !== 'multipicklist' ? `invalid operator on ${field.type} field`
    : field.type === 'boolean' && operator !== '=' && operator !== '!=' ? 'invalid operator on boolean field'
    : undefined; // prettier-ignore
  if (refusal)
    throw errorAtLast(scope.compilation.source, textOf(left), ['INVALID_QUERY_FILTER_OPERATOR', refusal]);
}

interface Listed {
  operator: Operator;
  literals: Literal[];
}

function listCondition(scope: Scope, column: Column, { operator, literals }: Listed): string {
  const periods = literals.filter((literal) => literal.type === 'period');
  const plain = literals.filter(
    (literal) => literal.type !== 'period' && literal.type !== 'null' && !isEmptyText(literal),
  );
  const conditions = periods.map((literal) => periodCondition(scope, column, { operator: '=', literal }));
  if (periods.length + plain.length < literals.length) conditions.push(nullCondition(scope, column, '='));
  if (plain.length > 0) {
    const values = [...new Set(plain.map((literal) => valueOf(column.field, literal)))];
    const cast = castOf(column.field).replace(/^::(\w+)/, '::$1[]');
    conditions.push(`${folded(scope, column)} = any(${bind(scope.compilation, values)}${cast})`);
  }
  const any = joinedBy('or', conditions);
  return operator === 'IN' ? any : `${any} is not true`;
}

/** INCLUDES ('A;B', 'C'): holds both A and B, or C. */
function multiCondition(scope: Scope, { sql }: Column, { operator, literals }: Listed): string {
  const values = `string_to_array(lower(${sql}), ';')`;
  const conditions = literals.map(
    ({ text }) => `${values} @> ${bind(scope.compilation, text.toLowerCase().split(';'))}::text[]`,
  );
  const any = joinedBy('or', conditions);
  return operator === 'INCLUDES' ? any : `${any} is not true`;
}

function periodCondition(
  scope: Scope,
  column: Column,
  { operator, literal }: { operator: Operator; literal: Literal },
): string {
  const { compilation } = scope;
  const period = periodOf(literal.text, compilation.today);
  if (!period)
    throw errorAtLast(compilation.source, literal.text, [
      'MALFORMED_QUERY',
      `unexpected token: '${literal.text}'`,
    ]);
  const zone = compilation.ctx.user.timeZone;
  const edge = (day: string) =>
    column.field.type === 'datetime'
      ? `${bind(compilation, day)}::timestamp at time zone ${bind(compilation, zone)}::text`
      : `${bind(compilation, day)}::date`;
  const within = () => `(${column.sql} >= ${edge(period.start)} and ${column.sql} < ${edge(period.end)})`;
  switch (operator) {
    case '=':
      return within();
    case '!=':
      return `${within()} is not true`;
    case '>':
      return `${column.sql} >= ${edge(period.end)}`;
    case '>=':
      return `${column.sql} >= ${edge(period.start)}`;
    case '<':
      return `${column.sql} < ${edge(period.start)}`;
    default:
      return `${column.sql} < ${edge(period.end)}`;
  }
}
