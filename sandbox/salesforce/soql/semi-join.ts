import { conditionOf } from './filter.ts';
import type { Joining, SubSelect } from './filter.ts';
import { columnOf } from './functions.ts';
import { isReference } from './literals.ts';
import { objectNamed } from './object-named.ts';
import { fromSql, openScope } from './scope.ts';
import type { Column, Compilation } from './scope.ts';
import { errorAtLast, malformed } from './source.ts';
import { textOf } from './syntax.ts';
import type { Select } from './syntax.ts';

/** How `Id IN (SELECT AccountId FROM Contact)` is compiled: to a select of ids. */
export function semiJoins(compilation: Compilation, all: boolean): SubSelect {
  const compile: SubSelect = (select, left) => {
    const sobject = objectNamed(compilation, select.from);
    const scope = openScope(compilation, sobject, select.alias);
    const expression = onlyItem(select);
    const column = columnOf(scope, expression);
    const text = textOf(expression);
    if (!isReference(column.field))
      throw malformed(`Semi join sub-selects can only query id fields, cannot use: '${text}'`);
    checkTargets(compilation, left, { column, text });
    const where = [`${column.sql} is not null`];
    if (!all && sobject.field('IsDeleted')) where.push(`not ${scope.sql}."IsDeleted"`);
    if (select.where) where.push(conditionOf(scope, select.where, compile));
    return `select ${column.sql} from ${fromSql(scope)} where ${where.join(' and ')}`;
  };
  return compile;
}

function onlyItem({ items: [item, ...others] }: Select) {
  if (item?.kind === 'expression' && others.length === 0) return item.expression;
  throw malformed('Only one field may be selected in a semi join sub-select');
}

/** Both sides have to hold ids of the same object. */
function checkTargets({ source }: Compilation, left: Joining, inner: Joining): void {
  const targets = targetsOf(inner.column);
  if (targetsOf(left.column).some((target) => targets.includes(target))) return;
  const message = `The selected field '${inner.text}' in the subquery and the left operand field '${left.text}' in the where expression in the outer query should point to the same object type`;
  throw errorAtLast(source, left.text, ['MALFORMED_QUERY', message]);
}

const targetsOf = ({ field, sobject }: Column): string[] =>
  field.type === 'id' ? [sobject?.name ?? ''] : field.referenceTo;
