import { columnOf, isAggregate } from './functions.ts';
import { converterOf } from './plan.ts';
import type { Outputs, Plan } from './plan.ts';
import type { Scope } from './scope.ts';
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
    const { sql, field } = columnOf(scope, expression);
    const name =
      alias ?? (expression.kind === 'field' ? (expression.path.at(-1) ?? '') : `expr${String(unnamed++)}`);
    if (plan.entries.has(name)) throw malformed(`duplicate alias: ${name}`);
    const canonical = !alias && expression.kind === 'field' ? field.name : name;
    plan.entries.set(canonical, { kind: 'value', index: outputs.place(sql), convert: converterOf(field) });
  }
  return plan;
}

function checkGrouped(scope: Scope, expression: Expression, groups: Set<string>): void {
  if (isAggregate(expression) || groups.has(textOf(expression).toLowerCase())) return;
  const inner = expression.kind === 'call' ? expression.args[0] : undefined;
  if (inner && groups.has(textOf(inner).toLowerCase())) return;
  const message = `Field must be grouped or aggregated: ${textOf(expression)}`;
  throw errorAtWord(scope.compilation.source, textOf(expression), ['MALFORMED_QUERY', message]);
}
