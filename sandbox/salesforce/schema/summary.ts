import pg from 'pg';

import { quote } from '../../database.ts';
import { isStored } from './tables.ts';

import type { Catalog, Field, SObject, Summary, SummaryFilter } from './catalog.ts';

/** The value of a roll-up summary for a row, counted anew at each reading: so children never touch their parent. */
export function summarySql(catalog: Pick<Catalog, 'find'>, summary: Summary, row: string): string {
  const child = catalog.find(summary.child);
  if (!child) return '0';
  const inner = `s_${row.replace(/\W/g, '')}`.slice(0, 60);
  const value = summary.field === null ? '*' : `${inner}.${quote(summary.field)}`;
  const conditions = [
    `${inner}.${quote(summary.foreignKey)} = ${row}."Id"`,
    ...(child.field('IsDeleted') ? [`not ${inner}."IsDeleted"`] : []),
    ...summary.filters.map((filter) => filterSql(child, filter, inner)),
  ];
  const total = `(select ${summary.operation}(${value}) from ${quote(child.name)} ${inner} where ${conditions.join(' and ')})`;
  return summary.operation === 'sum' ? `coalesce(${total}, 0)` : total;
}

function filterSql(child: SObject, { field: name, operation, value }: SummaryFilter, row: string): string {
  const field = child.field(name);
  if (!field) return 'true';
  const column = `${row}.${quote(field.name)}`;
  const compare = comparisons[operation] ?? equal;
  const any = value.split(',').map((text) => compare(column, literal(field, text.trim())));
  return negative.has(operation) ? `(${any.join(' or ')}) is not true` : `(${any.join(' or ')})`;
}

const negative = new Set(['notEqual', 'notContain', 'excludes']);
const equal = (column: string, text: string) => `${column} is not distinct from ${text}`;
const holds = (column: string, text: string) => `strpos(lower(${column}), lower(${text})) > 0`;
const comparisons: Record<string, (column: string, text: string) => string> = {
  lessThan: (column, text) => `${column} < ${text}`,
  greaterThan: (column, text) => `${column} > ${text}`,
  lessOrEqual: (column, text) => `${column} <= ${text}`,
  greaterOrEqual: (column, text) => `${column} >= ${text}`,
  contains: holds,
  notContain: holds,
  includes: holds,
  excludes: holds,
  startsWith: (column, text) => `starts_with(lower(${column}), lower(${text}))`,
};

function literal({ type }: Field, text: string): string {
  if (text === '') return 'null';
  if (type === 'boolean') return /^(true|1)$/i.test(text) ? 'true' : 'false';
  return pg.escapeLiteral(text);
}

/** What Salesforce would say against a roll-up; undefined when it is sound. */
export function summaryProblem(
  catalog: Pick<Catalog, 'find'>,
  parent: SObject,
  { operation, child: childName, foreignKey, field }: Summary,
): string | undefined {
  const child = catalog.find(childName);
  const key = child?.field(foreignKey);
  if (!child || !key?.referenceTo.includes(parent.name))
    return `The summary foreign key ${childName}.${foreignKey} is not a master-detail relationship to ${parent.name}`;
  if (field !== null) return summarizedProblem(child, operation, field);
  return operation === 'count' ? undefined : 'Must specify a field to summarize';
}

function summarizedProblem(child: SObject, operation: string, name: string): string | undefined {
  const field = child.field(name);
  if (!field || !isStored(field)) return `Field ${name} does not exist. Check spelling.`;
  const isAllowed = numeric.has(field.type) || (operation !== 'sum' && moments.has(field.type));
  return isAllowed ? undefined : `Field ${field.name} cannot be summarized by ${operation}`;
}

const numeric = new Set<Field['type']>(['int', 'long', 'double', 'currency', 'percent']);
const moments = new Set<Field['type']>(['date', 'datetime']);
