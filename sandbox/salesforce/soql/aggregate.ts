import { columnOf, isAggregate, isFolded, keyOf } from './functions.ts';
import { converterOf } from './plan.ts';
import type { Outputs, Plan } from './plan.ts';
import type { Column, Scope } from './scope.ts';
import { errorAtWord, malformed } from './source.ts';
import { textOf } from './syntax.ts';
import type { Expression, Select } from './syntax.ts';

/** The columns of an aggregate result: fields keep their name, functions are expr0, expr1 … unless they have an alias. */
export function planAggregate(scope: Scope, outputs: Outputs, select: Select): Plan {
  const plan: Plan = { type: undefined, id: -1, entries: new Map() };
  const groups = new Set(select.groupBy.map((group) => textOf(group).toLowerCase()));
  let unnamed = 0;
  for (const item of select.items) {
    if (item.kind !== 'expression')
      throw malformed('Grouped query cannot use child relationships in the SELECT list');
    const { expression, alias } = item;
    checkGrouped(scope, expression, groups);
    const column = columnOf(scope, expression);
    const { field } = column;
    const name =
      alias ?? (expression.kind === 'field' ? (expression.path.at(-1) ?? '') : `expr${String(unnamed++)}`);
    if (plan.entries.has(name)) throw malformed(`duplicate alias: ${name}`);
    const canonical = !alias && expression.kind === 'field' ? field.name : name;
    plan.entries.set(canonical, {
      kind: 'value',
      index: outputs.place(groupValue(column, select)),
      convert: converterOf(field),
    });
  }
  return plan;
}

/** A group of texts that differ in case only shows the first of them; a sub-total of ROLLUP shows none. */
function groupValue(column: Column, { totals }: Select): string {
  const { sql, field, isAggregated } = column;
  if (!isFolded(field) || isAggregated) return sql;
  const first = `min(${sql} collate "C")`;
  return totals ? `case when grouping(${keyOf(column)}) = 0 then ${first} end` : first;
}

function checkGrouped(scope: Scope, expression: Expression, groups: Set<string>): void {
  if (isAggregate(expression) || groups.has(textOf(expression).toLowerCase())) return;
  const inner = expression.kind === 'call' ? expression.args[0] : undefined;
  if (inner && groups.has(textOf(inner).toLowerCase())) return;
  const message = `Field must be grouped or aggregated: ${textOf(expression)}`;
  throw errorAtWord(scope.compilation.source, textOf(expression), ['MALFORMED_QUERY', message]);
}
