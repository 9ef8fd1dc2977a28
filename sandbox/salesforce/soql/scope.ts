import { quote } from '../../database.ts';
import type { Context } from '../context.ts';
import { fieldSql } from '../schema/calculated.ts';
import type { Field, SObject } from '../schema/catalog.ts';
import { errorAtWord, malformed } from './source.ts';
import type { Source } from './source.ts';

/** What a whole query shares: its text, its parameters and the names it has given out. */
export interface Compilation {
  ctx: Context;
  source: Source;
  values: unknown[];
  aliases: number;
  /** The day in the user's time zone, which date literals count from. */
  today: string;
}

/** One FROM: the object, its name in SQL, and the parents joined to it so far. */
export interface Scope {
  compilation: Compilation;
  sobject: SObject;
  sql: string;
  /** Words that may stand before a field: the object's name and its alias. */
  names: string[];
  hops: Map<string, Hop>;
  joins: string[];
  /** In HAVING: the values of groups, not of records. */
  isGrouped?: boolean;
}

/** A parent reached by a path. With several possible objects each is joined when first asked for. */
interface Hop {
  field: Field;
  /** The reference column. */
  reference: string;
  targets: SObject[];
  sql: Map<string, string>;
}

/** A value of a query: its SQL and the field whose type it has. */
export interface Column {
  sql: string;
  field: Field;
  /** A moment as the clocks of the user's time zone show it. */
  isLocal?: boolean;
  /** One value of many records. */
  isAggregated?: boolean;
  /** The field's object; undefined where several are possible. */
  sobject: SObject | undefined;
}

export function openScope(compilation: Compilation, sobject: SObject, alias: string | undefined): Scope {
  const names = [sobject.name, alias ?? sobject.name].map((name) => name.toLowerCase());
  return { compilation, sobject, sql: nextAlias(compilation), names, hops: new Map(), joins: [] };
}

export const nextAlias = (compilation: Compilation): string => `t${String(compilation.aliases++)}`;

/** Adds a parameter and returns its place, `$1`. */
export const bind = (compilation: Compilation, value: unknown): string =>
  `$${String(compilation.values.push(value))}`;

/** The SQL of FROM: the table and every parent that was asked for. */
export const fromSql = (scope: Scope): string =>
  [`${quote(scope.sobject.name)} ${scope.sql}`, ...scope.joins].join(' ');

/** Finds a field by its path, joining parents on the way. @throws ApiError INVALID_FIELD at its place in the query. */
export function resolve(scope: Scope, path: string[]): Column {
  const steps = withoutName(scope, path);
  const name = steps.at(-1) ?? '';
  if (steps.length > 6)
    throw errorAtWord(scope.compilation.source, path.join('.'), [
      'INVALID_FIELD',
      `SOQL relationship path too long: ${path.join('.')}`,
    ]);
  const parents = steps.slice(0, -1);
  if (parents.length === 0)
    return ownColumn(scope, { sobject: scope.sobject, sql: scope.sql }, { name, path });
  return parentColumn(scope, hopTo(scope, parents, path), { name, path });
}

const MOST_PARENTS = 55;

/** The reference behind a relationship path, and the objects that it may point at. */
export function hopTo(scope: Scope, parents: string[], path: string[]): Hop {
  const key = parents.join('.').toLowerCase();
  const known = scope.hops.get(key);
  if (known) return known;
  const relationship = parents.at(-1) ?? '';
  const starts = startsOf(scope, parents.slice(0, -1), path);
  const found = starts.flatMap((start) => {
    const field = start.sobject.fields.find(
      (each) => each.relationshipName?.toLowerCase() === relationship.toLowerCase(),
    );
    return field && mayRead(scope, start.sobject, field) ? [{ field, start }] : [];
  })[0];
  if (!found)
    throw errorAtWord(scope.compilation.source, path.join('.'), [
      'INVALID_FIELD',
      unknownRelationship(relationship),
    ]);
  if (scope.hops.size >= MOST_PARENTS)
    throw malformed(`The number of parent relationships exceeds the maximum of ${String(MOST_PARENTS)}`);
  const { field, start } = found;
  const targets = field.referenceTo.flatMap((name) => scope.compilation.ctx.org.catalog.find(name) ?? []);
  const hop = {
    field,
    reference: `${start.sql()}.${quote(field.name)}`,
    targets,
    sql: new Map<string, string>(),
  };
  scope.hops.set(key, hop);
  return hop;
}

/** Where the last step of a relationship path may start: the object itself, or each object that its parent may be. */
function startsOf(
  scope: Scope,
  parents: string[],
  path: string[],
): { sobject: SObject; sql: () => string }[] {
  if (parents.length === 0) return [{ sobject: scope.sobject, sql: () => scope.sql }];
  const hop = hopTo(scope, parents, path);
  return hop.targets.map((sobject) => ({ sobject, sql: () => joined(scope, hop, sobject) }));
}

function withoutName(scope: Scope, path: string[]): string[] {
  const first = (path[0] ?? '').toLowerCase();
  const isName = path.length > 1 && scope.names.includes(first);
  const isRelationship = scope.sobject.fields.some(
    (field) => field.relationshipName?.toLowerCase() === first,
  );
  return isName && !isRelationship ? path.slice(1) : path;
}

interface Asked {
  name: string;
  path: string[];
}

function ownColumn(scope: Scope, start: { sobject: SObject; sql: string }, { name, path }: Asked): Column {
  const { sobject, sql } = start;
  const field = readable(scope, sobject, name);
  if (!field)
    throw errorAtWord(scope.compilation.source, path.join('.'), [
      'INVALID_FIELD',
      noSuchColumn(name, sobject.name),
    ]);
  return { sql: fieldSql(scope.compilation.ctx, { sobject, field }, sql), field, sobject };
}

function parentColumn(scope: Scope, hop: Hop, asked: Asked): Column {
  const [only] = hop.targets;
  if (hop.targets.length === 1 && only)
    return ownColumn(scope, { sobject: only, sql: joined(scope, hop, only) }, asked);
  if (asked.name.toLowerCase() === 'type') return typeColumn(hop);
  const columns = hop.targets.flatMap((sobject) => {
    const isName = asked.name.toLowerCase() === 'name';
    const field = isName ? sobject.nameField : readable(scope, sobject, asked.name);
    const row = field ? joined(scope, hop, sobject) : '';
    return field ? [{ field, sql: fieldSql(scope.compilation.ctx, { sobject, field }, row) }] : [];
  });
  const [first] = columns;
  if (!first)
    throw errorAtWord(scope.compilation.source, asked.path.join('.'), [
      'INVALID_FIELD',
      noSuchColumn(asked.name, 'Name'),
    ]);
  return {
    sql: `coalesce(${columns.map((column) => column.sql).join(', ')})`,
    field: first.field,
    sobject: undefined,
  };
}

/** `What.Type`: the object that a reference points at, told by its key prefix. */
function typeColumn(hop: Hop): Column {
  const cases = hop.targets.map(({ keyPrefix, name }) => `when '${keyPrefix}' then '${name}'`).join(' ');
  const type = hop.field;
  return {
    sql: `case left(${hop.reference}, 3) ${cases} end`,
    field: { ...type, name: 'Type', type: 'string', referenceTo: [] },
    sobject: undefined,
  };
}

/** The SQL name of a parent, joined once. */
export function joined(scope: Scope, hop: Hop, target: SObject): string {
  const known = hop.sql.get(target.name);
  if (known) return known;
  const sql = nextAlias(scope.compilation);
  scope.joins.push(`left join ${quote(target.name)} ${sql} on ${sql}."Id" = ${hop.reference}`);
  hop.sql.set(target.name, sql);
  return sql;
}

function readable(scope: Scope, sobject: SObject, name: string): Field | undefined {
  const field = sobject.field(name);
  return field && mayRead(scope, sobject, field) ? field : undefined;
}

const mayRead = ({ compilation: { ctx } }: Scope, sobject: SObject, field: Field) =>
  ctx.org.security.mayRead(ctx.user, sobject, field);

const append = (suffix: string, what: string) =>
  `If you are attempting to use a custom ${what}, be sure to append the '${suffix}' after the custom ${what} name. Please reference your WSDL or the describe call for the appropriate names.`;

const noSuchColumn = (name: string, entity: string) =>
  `No such column '${name}' on entity '${entity}'. ${append('__c', 'field')}`;

export const unknownRelationship = (name: string, where = 'field path') =>
  `Didn't understand relationship '${name}' in ${where}. ${append('__r', 'relationship')}`;
