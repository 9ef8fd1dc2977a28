import { columnOf, isAggregate } from './functions.ts';
import type { Scope } from './scope.ts';
import { errorAtLast, errorAtWord, malformed } from './source.ts';
import { textOf } from './syntax.ts';
import type { Expression, Filter, Select } from './syntax.ts';

/** Whether a query answers with groups instead of records. */
export const isGrouped = (select: Select): boolean =>
  select.groupBy.length > 0 ||
  select.items.some((item) => item.kind === 'expression' && isAggregate(item.expression));

/** `COUNT()` */
export const isRowCount = (expression: Expression): boolean =>
  expression.kind === 'call' && expression.name === 'COUNT' && expression.args.length === 0;

/** `SELECT COUNT() FROM`: the number of rows is all that is asked for. */
export function countsRows({ items: [item, ...others] }: Select): boolean {
  return others.length === 0 && item?.kind === 'expression' && isRowCount(item.expression);
}

interface Required {
  expression: Expression;
  what: 'Field' | 'Ordered field';
}

/** @throws ApiError MALFORMED_QUERY for what is neither grouped by nor aggregated. */
export function requireGrouped(scope: Scope, { groupBy }: Select, { expression, what }: Required): void {
  const groups = new Set(groupBy.map((group) => textOf(group).toLowerCase()));
  if (isAggregate(expression) || groups.has(textOf(expression).toLowerCase())) return;
  const inner = expression.kind === 'call' ? expression.args[0] : undefined;
  if (inner && groups.has(textOf(inner).toLowerCase())) return;
  const error: [string, string] = [
    'MALFORMED_QUERY',
    `${what} must be grouped or aggregated: ${textOf(expression)}`,
  ];
  const { source } = scope.compilation;
  throw what === 'Field'
    ? errorAtWord(source, textOf(expression), error)
    : errorAtLast(source, textOf(expression), error);
}

/** What a query of groups may not say. @throws ApiError MALFORMED_QUERY */
export function checkGroups(scope: Scope, select: Select): void {
  if (isGrouped(select)) {
    const isWhole = select.groupBy.length === 0;
    if (isWhole && !countsRows(select)) refuseTail(select);
    for (const { expression } of countsRows(select) ? [] : select.orderBy) {
      columnOf(scope, expression);
      requireGrouped(scope, select, { expression, what: 'Ordered field' });
    }
    for (const expression of operandsOf(select.having))
      requireGrouped(scope, select, { expression, what: 'Field' });
  }
  const aggregate = operandsOf(select.where).find(isAggregate);
  if (aggregate)
    throw errorAtLast(scope.compilation.source, textOf(aggregate), [
      'MALFORMED_QUERY',
      `Aggregate expressions are not allowed in the WHERE clause: ${textOf(aggregate)}`,
    ]);
}

function refuseTail({ limit, orderBy }: Select): void {
  const clause = limit !== undefined ? 'LIMIT' : orderBy.length > 0 ? 'ORDER BY' : undefined;
  if (clause)
    throw malformed(`Non-grouped query that uses overall aggregate functions cannot also use ${clause}`);
}

function operandsOf(filter: Filter | undefined): Expression[] {
  if (filter === undefined) return [];
  switch (filter.kind) {
    case 'and':
    case 'or':
      return filter.parts.flatMap(operandsOf);
    case 'not':
      return operandsOf(filter.part);
    default:
      return [filter.left];
  }
}
