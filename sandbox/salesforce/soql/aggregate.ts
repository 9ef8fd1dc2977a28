import { columnOf, isFolded, keyOf } from './functions.ts';
import { converterOf } from './plan.ts';
import type { Outputs, Plan } from './plan.ts';
import type { Column, Scope } from './scope.ts';
import { malformed } from './source.ts';
import { isRowCount, requireGrouped } from './grouping.ts';
import type { Item, Select } from './syntax.ts';

/** The columns of an aggregate result: fields keep their name, functions are expr0, expr1 … unless they have an alias. */
export function planAggregate(scope: Scope, outputs: Outputs, select: Select): Plan {
  const plan: Plan = { type: undefined, id: -1, entries: new Map() };
  let unnamed = 0;
  for (const item of select.items) {
    const { expression, alias } = checked(scope, select, item);
    const column = columnOf(scope, expression);
    const isField = expression.kind === 'field';
    const own = isField ? column.field.name : `expr${String(alias === undefined ? unnamed++ : unnamed)}`;
    const name = alias ?? own;
    if (plan.entries.has(name)) throw malformed(`duplicate alias: ${name}`);
    plan.entries.set(name, {
      kind: 'value',
      index: outputs.place(groupValue(column, select)),
      convert: converterOf(column.field),
    });
  }
  return plan;
}

/** @throws ApiError MALFORMED_QUERY for what a group doesn't have. */
function checked(scope: Scope, select: Select, item: Item): Extract<Item, { kind: 'expression' }> {
  if (item.kind !== 'expression')
    throw malformed('Grouped query cannot use child relationships in the SELECT list');
  if (isRowCount(item.expression) && select.items.length > 1)
    throw malformed('Count() must be the only element in the SELECT list');
  requireGrouped(scope, select, { expression: item.expression, what: 'Field' });
  return item;
}

/** A group of texts that differ in case only shows the first of them; a sub-total of ROLLUP shows none. */
function groupValue(column: Column, { totals }: Select): string {
  const { sql, field, isAggregated } = column;
  if (!isFolded(field) || isAggregated) return sql;
  const first = `min(${sql} collate "C")`;
  return totals ? `case when grouping(${keyOf(column)}) = 0 then ${first} end` : first;
}
