import pg from 'pg';
import type { Context } from '../context.ts';
import { malformed } from './source.ts';
import { startCompilation } from './compilation.ts';
import { resolve } from './scope.ts';
import { compileSelect, statement } from './select.ts';
import { objectNamed } from './object-named.ts';
import { parseSoql } from './parse.ts';
import { fieldsOfKind } from './plan.ts';
import { columnOf, isAggregate } from './functions.ts';
import type { Column, Scope } from './scope.ts';
import { textOf } from './syntax.ts';
import type { Item, Select } from './syntax.ts';
import { ApiError } from '../errors.ts';
import { quote } from '../../database.ts';
import type { FieldType } from '../schema/catalog.ts';

/** A flat select for streaming: one column per selected field, its values as Bulk CSV writes them. */
export interface StreamingQuery {
  sobject: string;
  text: string;
  values: unknown[];
  /** The same statement without parameters, for COPY. */
  inlined: string;
  columns: { name: string; type: FieldType }[];
}

/** Compiles SOQL for Bulk: no compound fields, contents, sub-queries or aggregates. @throws ApiError */
export function compileForStreaming(
  ctx: Context,
  soql: string,
  { all = false }: { all?: boolean } = {},
): StreamingQuery {
  const { select, source } = parseSoql(soql);
  refuse(select);
  const compilation = startCompilation(ctx, source);
  const sobject = objectNamed(compilation, select.from);
  const compiled = compileSelect(compilation, { ...select, items: [] }, sobject, { all });
  const selected = select.items.flatMap((item) => columnsOf(compiled.scope, item));
  const columns = selected
    .map(({ sql, name }, at) => `${sql} as ${quote(`${String(at)} ${name}`)}`)
    .join(', ');
  const text = statement(compiled, { columns });
  const { values } = compilation;
  return {
    sobject: sobject.name,
    text,
    values,
    inlined: inline(text, values),
    columns: selected.map(({ name, type }) => ({ name, type })),
  };
}

function refuse(select: Select): void {
  const grouped =
    select.groupBy.length > 0 ||
    select.items.some((item) => item.kind === 'expression' && isAggregate(item.expression));
  if (grouped) throw unsupported('Aggregate Relationships not supported in Bulk Query');
  if (select.items.some((item) => item.kind !== 'expression'))
    throw unsupported('Nested Queries not supported in Bulk Query');
  if (select.offset !== undefined) throw unsupported('OFFSET not supported in Bulk Query');
}

const unsupported = (message: string) => new ApiError(400, 'API_ERROR', message);

interface Selected {
  name: string;
  type: FieldType;
  sql: string;
}

function columnsOf(scope: Scope, item: Item): Selected[] {
  if (item.kind !== 'expression') return [];
  const { expression, alias } = item;
  if (expression.kind === 'call' && expression.name === 'FIELDS') {
    const fields = fieldsOfKind(scope, scope.sobject, textOf(expression).slice(7, -1).toUpperCase());
    return fields
      .filter((field) => field.type !== 'address' && field.type !== 'base64')
      .map((field) => selected({ ...resolve(scope, [field.name]) }, field.name));
  }
  const column = columnOf(scope, expression);
  if (column.field.type === 'address' || column.field.type === 'base64')
    throw unsupported('Selecting compound data not supported in Bulk Query');
  return [selected(column, alias ?? nameOf(column, expression.kind === 'field' ? expression.path : []))];
}

/** `Account.Owner.Name` as asked, its last step in the field's own case. */
function nameOf({ field, sobject }: Column, path: string[]): string {
  if (path.length === 0) return field.name;
  return [...path.slice(0, -1), sobject ? field.name : (path.at(-1) ?? field.name)].join('.');
}

const selected = ({ sql, field }: Column, name: string): Selected => ({
  name,
  type: field.type,
  sql: csvSql(sql, field.type),
});

function csvSql(sql: string, type: FieldType): string {
  if (type === 'datetime') return `to_char(${sql}, 'YYYY-MM-DD"T"HH24:MI:SS".000Z"')`;
  if (type === 'boolean') return `case when ${sql} then 'true' else 'false' end`;
  return sql;
}

/** Replaces each parameter by its literal. Outside of parameters the compiler writes no text of the user's. */
function inline(text: string, values: unknown[]): string {
  return text.replace(/\$(\d+)/g, (_, number: string) => literal(values[Number(number) - 1]));
}

function literal(value: unknown): string {
  if (Array.isArray(value)) return `array[${value.map(literal).join(', ')}]`;
  if (typeof value !== 'string' && typeof value !== 'boolean') throw malformed('unexpected literal');
  return pg.escapeLiteral(String(value));
}
