import type { SObject } from '../schema/catalog.ts';
import { planAggregate } from './aggregate.ts';
import { conditionOf } from './filter.ts';
import type { SubSelect } from './filter.ts';
import { columnOf, keyOf } from './functions.ts';
import { checkGroups, countsRows, isGrouped } from './grouping.ts';
import { createOutputs } from './plan.ts';
import type { Outputs, Plan } from './plan.ts';
import { planRecord } from './record-plan.ts';
import { semiJoins } from './semi-join.ts';
import { bind, fromSql, openScope, resolve } from './scope.ts';
import type { Column, Compilation, Scope } from './scope.ts';
import { errorAtWord } from './source.ts';
import type { Order, Select } from './syntax.ts';
import { textOf } from './syntax.ts';

/** A SELECT in parts, from which the statements of its pages, its count and its ids are put together. */
export interface Compiled {
  scope: Scope;
  outputs: Outputs;
  plan: Plan;
  /** Sub-queries of the SELECT list, by the place that the plan names. */
  children: Select[];
  isAggregate: boolean;
  /** `SELECT COUNT() FROM`: only the number is asked for. */
  isCount: boolean;
  where: string[];
  tail: {
    groupBy: string;
    having: string;
    orderBy: string;
    limit: number | undefined;
    offset: number | undefined;
  };
}

interface CompileOptions {
  all: boolean;
}

/** Compiles one SELECT on an object. @throws ApiError in Salesforce's wording. */
export function compileSelect(
  compilation: Compilation,
  select: Select,
  sobject: SObject,
  { all }: CompileOptions,
): Compiled {
  const scope = openScope(compilation, sobject, select.alias);
  const outputs = createOutputs();
  const grouped = isGrouped(select);
  const isCount = countsRows(select);
  const children: Select[] = [];
  const plan =
    grouped && !isCount
      ? planAggregate(scope, outputs, select)
      : planRecord(scope, { outputs, children }, isCount ? [] : select.items);
  checkGroups(scope, select);
  const subSelect = semiJoins(compilation, all || select.allRows);
  const where = restrictions(scope, select, { all, subSelect });
  const tail = {
    groupBy: groupingSql(scope, select),
    having: select.having ? conditionOf({ ...scope, isGrouped: true }, select.having, subSelect) : '',
    orderBy: isCount ? '' : select.orderBy.map((order) => orderSql(scope, order)).join(', '),
    limit: select.limit,
    offset: select.offset,
  };
  return { scope, outputs, plan, children, isAggregate: grouped, isCount, where, tail };
}

interface Restricting {
  all: boolean;
  subSelect: SubSelect;
}

/** Which records there are for the query, and which of them it wants. */
function restrictions(scope: Scope, select: Select, { all, subSelect }: Restricting): string[] {
  const where: string[] = [];
  if (!all && !select.allRows && scope.sobject.field('IsDeleted')) where.push(`not ${scope.sql}."IsDeleted"`);
  const { compilation } = scope;
  if (select.isOwn)
    where.push(`${resolve(scope, ['OwnerId']).sql} = ${bind(compilation, compilation.ctx.user.id)}`);
  if (select.where) where.push(conditionOf(scope, select.where, subSelect));
  return where;
}

interface Change {
  columns?: string;
  limit?: number;
  /** One more condition. */
  extra?: string;
  ordered?: boolean;
}

/** The SQL of the records, with more conditions, or fewer rows, than the query itself asks for. */
export function statement(
  compiled: Compiled,
  { columns, limit, extra = '', ordered = true }: Change = {},
): string {
  const { scope, outputs, where, tail } = compiled;
  const limits = [tail.limit, limit].filter((each) => each !== undefined);
  return [
    `select ${columns ?? outputs.sql.join(', ')} from ${fromSql(scope)}`,
    clause('where', [...where, extra].filter(Boolean).join(' and ')),
    clause('group by', tail.groupBy),
    clause('having', tail.having),
    clause('order by', ordered ? tail.orderBy : ''),
    clause('limit', limits.length > 0 ? String(Math.min(...limits)) : ''),
    clause('offset', String(tail.offset ?? '')),
  ].filter(Boolean).join(' '); // prettier-ignore
}

const clause = (word: string, text: string) => (text === '' ? '' : `${word} ${text}`);

/** How many rows the whole query has. */
export const countStatement = (compiled: Compiled): string =>
  `select count(*) from (${statement(compiled, { columns: '1', ordered: compiled.tail.limit !== undefined })}) counted`;

function groupingSql(scope: Scope, { groupBy, totals }: Select): string {
  const columns = groupBy.map((expression) => {
    const column = columnOf(scope, expression);
    const { field } = column;
    if (!field.groupable && expression.kind === 'field')
      throw errorAtWord(scope.compilation.source, textOf(expression), [
        'INVALID_FIELD',
        `field '${textOf(expression)}' can not be grouped in a query call`,
      ]);
    return keyOf(column);
  });
  return totals ? `${totals} (${columns.join(', ')})` : columns.join(', ');
}

function orderSql(scope: Scope, order: Order): string {
  const column = columnOf(scope, order.expression);
  const { field } = column;
  const text = textOf(order.expression);
  if (!field.sortable)
    throw errorAtWord(scope.compilation.source, text, [
      'INVALID_FIELD',
      `field '${text}' can not be sorted in a query call`,
    ]);
  const isParent = column.sql.split('.')[0] !== scope.sql;
  const way = `${order.descending ? 'desc' : 'asc'}${nullsClause(order, field.nillable || isParent)}`;
  return sortKeys(column).map((key) => `${key} ${way}`).join(', '); // prettier-ignore
}

/** Text is sorted without regard to its case, picklists in the order of their values; what isn't among these comes last. */
function sortKeys(column: Column): string[] {
  const key = keyOf(column);
  const { type, picklistValues } = column.field;
  if (type !== 'picklist' || picklistValues.length === 0 || column.isAggregated) return [key];
  const values = picklistValues
    .map(({ value }) => `'${value.toLowerCase().replaceAll("'", "''")}'`)
    .join(', ');
  const place = `coalesce(array_position(array[${values}]::text[], ${key}), ${String(picklistValues.length + 1)})`;
  return [`case when ${key} is not null then ${place} end`, key];
}

/** Nulls come first either way unless the query says otherwise; nothing is said where the index's own order does. */
function nullsClause({ descending, nullsLast }: Order, nillable: boolean): string {
  if (!nillable || descending !== nullsLast) return '';
  return nullsLast ? ' nulls last' : ' nulls first';
}

/** The column of an id in the query's own object. */
export const idColumn = (scope: Scope): string => resolve(scope, ['Id']).sql;
