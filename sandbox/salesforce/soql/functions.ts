import type { Field, FieldType } from '../schema/catalog.ts';
import { errorAtWord, malformed } from './source.ts';
import { resolve } from './scope.ts';
import type { Column, Scope } from './scope.ts';
import { textOf } from './syntax.ts';
import type { Expression } from './syntax.ts';

/** Functions that make one value of many records. */
export const aggregates = new Set(['COUNT', 'COUNT_DISTINCT', 'SUM', 'AVG', 'MIN', 'MAX', 'GROUPING']);

export const isAggregate = (expression: Expression): boolean =>
  expression.kind === 'call' && (aggregates.has(expression.name) || expression.args.some(isAggregate));

/** The SQL of a field or function. @throws ApiError for what Salesforce refuses too. */
export function columnOf(scope: Scope, expression: Expression): Column {
  if (expression.kind === 'field') return resolve(scope, expression.path);
  const { name, args } = expression;
  if (name === 'COUNT' && args.length === 0) return numberColumn('count(*)');
  const [first] = args;
  if (!first) throw malformed(`unexpected token: '${name}'`);
  return applied(scope, name, first);
}

function applied(scope: Scope, name: string, first: Expression): Column {
  const inner = columnOf(scope, first);
  if (name === 'CONVERTTIMEZONE') return inUsersTime(scope, inner);
  const make = functions[name];
  const refusal = make ? refusalOf(name, inner.field, textOf(first)) : `unexpected token: '${name}'`;
  if (make && refusal === undefined) {
    const isAggregated = aggregates.has(name) || inner.isAggregated === true;
    return { ...make(inner), isAggregated };
  }
  throw errorAtWord(scope.compilation.source, name, ['MALFORMED_QUERY', refusal ?? '']);
}

/** As text in the statement: a parameter would make two equal expressions of GROUP BY differ. */
function inUsersTime(scope: Scope, column: Column): Column {
  const zone = scope.compilation.ctx.user.timeZone.replaceAll("'", "''");
  return { ...column, sql: `(${column.sql} at time zone '${zone}')`, isLocal: true };
}

function refusalOf(name: string, { type }: Field, text: string): string | undefined {
  if (name === 'CONVERTCURRENCY') return 'convertCurrency() needs an organization with multiple currencies';
  if (needsNumber.has(name) && !numeric.has(type))
    return `field ${text} does not support aggregate operator ${name}`;
  const isDate = type === 'date' || type === 'datetime';
  return dateFunctions.has(name) && !isDate
    ? `Function ${name} cannot be applied to the field: ${text}`
    : undefined;
}

const numeric = new Set<FieldType>(['int', 'long', 'double', 'currency', 'percent']);
const needsNumber = new Set(['SUM', 'AVG']);

const plain = {
  name: '',
  label: '',
  precision: 0,
  scale: 0,
  length: 255,
  filterable: true,
  sortable: true,
  groupable: true,
};
const typed = (type: FieldType): Field => ({ ...plain, type }) as Field;
const numberColumn = (sql: string): Column => ({ sql, field: typed('int'), sobject: undefined });
const same = (column: Column, sql: string): Column => ({ ...column, sql });

/** The value to compare, sort and group by: text in any case is one value. */
export const keyOf = ({ sql, field }: Column): string => (isFolded(field) ? `lower(${sql})` : sql);

/** Whether two texts that differ in case only are equal in it. */
export const isFolded = (field: Field): boolean => foldedTypes.has(field.type) && !field.caseSensitive;

const foldedTypes = new Set<FieldType>([
  'string', 'textarea', 'email', 'phone', 'url', 'picklist', 'multipicklist', 'combobox',
]); // prettier-ignore

/** A date or a moment as a day; moments are seen in UTC, as Salesforce does without convertTimezone. */
const day = ({ sql, field, isLocal }: Column) =>
  field.type === 'datetime' && !isLocal ? `(${sql} at time zone 'UTC')` : sql;
const part = (name: string) => (column: Column) =>
  numberColumn(`extract(${name} from ${day(column)})::integer`);
const counted = (sql: (day: string) => string) => (column: Column) => numberColumn(sql(day(column)));
const weekOf = (unit: string) => counted((it) => `((extract(${unit} from ${it})::integer - 1) / 7 + 1)`);

const dates: Record<string, (column: Column) => Column> = {
  CALENDAR_YEAR: part('year'),
  CALENDAR_QUARTER: part('quarter'),
  CALENDAR_MONTH: part('month'),
  FISCAL_YEAR: part('year'),
  FISCAL_QUARTER: part('quarter'),
  FISCAL_MONTH: part('month'),
  DAY_IN_MONTH: part('day'),
  DAY_IN_YEAR: part('doy'),
  HOUR_IN_DAY: part('hour'),
  DAY_IN_WEEK: counted((it) => `(extract(dow from ${it})::integer + 1)`),
  WEEK_IN_MONTH: weekOf('day'),
  WEEK_IN_YEAR: weekOf('doy'),
  DAY_ONLY: (column) => ({ sql: `${day(column)}::date`, field: typed('date'), sobject: undefined }),
};
const dateFunctions = new Set(Object.keys(dates));

const functions: Record<string, (column: Column) => Column> = {
  ...dates,
  COUNT: ({ sql }) => numberColumn(`count(${sql})`),
  COUNT_DISTINCT: (column) => numberColumn(`count(distinct ${keyOf(column)})`),
  SUM: (column) => same(column, `sum(${column.sql})`),
  AVG: ({ sql }) => ({ sql: `avg(${sql})`, field: typed('double'), sobject: undefined }),
  MIN: (column) => extreme(column, 'min'),
  MAX: (column) => extreme(column, 'max'),
  GROUPING: (column) => numberColumn(`grouping(${keyOf(column)})`),
  TOLABEL: labelled,
  FORMAT: formatted,
  CONVERTCURRENCY: (column) => column,
};

/** Text is compared without its case here too; of what differs in nothing else the first in code order is taken. */
function extreme(column: Column, name: 'min' | 'max'): Column {
  const { sql, field } = column;
  const way = name === 'min' ? 'asc' : 'desc';
  const text = `(array_agg(${sql} order by ${keyOf(column)} ${way}, ${sql} collate "C" ${way}) filter (where ${sql} is not null))[1]`;
  return { ...same(column, isFolded(field) ? text : `${name}(${sql})`), isAggregated: true };
}

/** A picklist's labels in place of its values. */
function labelled(column: Column): Column {
  const renamed = column.field.picklistValues.filter(({ label, value }) => label !== value);
  if (renamed.length === 0) return column;
  const text = (value: string) => `'${value.replaceAll("'", "''")}'`;
  const cases = renamed.map(({ value, label }) => `when ${text(value)} then ${text(label)}`).join(' ');
  return same(column, `case ${column.sql} ${cases} else ${column.sql} end`);
}

/** A value as an American reads it: `USD 1,234.50`, `11/22/2026, 3:15 PM`. */
function formatted(column: Column): Column {
  const { sql, field } = column;
  const text = (expression: string): Column => ({
    sql: expression,
    field: typed('string'),
    sobject: undefined,
  });
  switch (field.type) {
    case 'currency':
      return text(`'$' || to_char(${sql}, 'FM999,999,999,999,990.00')`);
    case 'double':
    case 'int':
      return text(
        `to_char(${sql}, 'FM999,999,999,999,990${field.scale > 0 ? '.' + '0'.repeat(field.scale) : ''}')`,
      );
    case 'percent':
      return text(`to_char(${sql}, 'FM999,990') || '%'`);
    case 'date':
      return text(`to_char(${sql}, 'FMMM/FMDD/YYYY')`);
    case 'datetime':
      return text(`to_char(${sql}, 'FMMM/FMDD/YYYY, FMHH12:MI AM')`);
    default:
      return column;
  }
}
