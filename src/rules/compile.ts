import type { RawBuilder } from 'kysely';

import { sql } from '../platform/db.ts';

import {
  type Asked, type Catalog, type Columns, type Compiled, type Entity, givenOf, type On, type Subject,
} from './fields.ts'; // prettier-ignore
import { test } from './operators.ts';
import { type Condition, isAll, isAny, isNot, type Rule } from './rules.ts';
import { isAskable } from './schema.ts';

export interface Question {
  /** What the rule selects. */
  entity: Subject;
  catalog: Catalog;
  /** The calendar day that counts as today, YYYY-MM-DD (UTC). */
  today: string;
  /** A query of account ids, in one column: only these accounts, or the people of these, are asked about. */
  among?: RawBuilder<unknown> | undefined;
}

/**
 * A rule as SQL with bound parameters, over `a` (accounts) or `p` (account_people) with `a` its account. It never fails: a
 * condition that can no longer be asked (its field is gone, has another type) is not known, and so holds for nobody.
 */
export function compile(rule: Rule, question: Question): Compiled {
  const { sources, conditions } = compileAll([rule], question);
  return { sources, condition: conditions[0] ?? unknown };
}

/** Several rules for one statement; what they need in common is joined once. */
export function compileAll(
  rules: readonly Rule[],
  { entity, catalog, today, among }: Question,
): { sources: RawBuilder<unknown>; conditions: RawBuilder<boolean>[] } {
  const scope = scopeOf({ entity, catalog, today, among, count: { joins: 0 } });
  const conditions = rules.map((rule) => conditionOf(rule, scope));
  return { sources: joined(scope), conditions };
}

/**
 * The ids of the accounts or people that a rule selects, as texts, in a query of one column, `id`. What Salesforce deleted or staff removed is
 * never among them. @param scope what the viewer may see, over the same aliases
 */
export function selecting(
  rule: Rule,
  question: Question,
  scope: RawBuilder<boolean> = sql`true`,
): RawBuilder<{ id: string }> {
  const { sources, condition } = compile(rule, question);
  return sql`
    select ${question.entity === 'account' ? sql`a.id` : sql`p.id::text as id`} from ${subjects(question.entity)} ${sources}
    where ${existing(question)} and ${scope} and ${condition}`;
}

/** The rows that a rule is about, under their aliases. */
export const subjects = (entity: Subject): RawBuilder<unknown> =>
  entity === 'account' ? sql`accounts a` : sql`account_people p join accounts a on a.id = p.account_id`;

/** Whether a row of `subjects` is one to be found at all, and among those that are asked about: neither deleted nor removed (AP8). */
export const existing = ({ among }: Pick<Question, 'among'>): RawBuilder<boolean> => sql`
  a.deleted_at is null and not exists (select from removed_accounts r where r.account_id = a.id)
  and ${among === undefined ? sql`true` : sql`a.id in (${among})`}`;

interface Scope {
  entity: Entity;
  catalog: Catalog;
  today: string;
  among: RawBuilder<unknown> | undefined;
  /** Shared by all scopes of a statement, so that no alias is given twice. */
  count: { joins: number };
  joins: Map<string, { columns: Columns; sql: RawBuilder<unknown> }>;
}

const scopeOf = (scope: Omit<Scope, 'joins'>): Scope => ({ ...scope, joins: new Map() });

const joined = ({ joins }: Scope): RawBuilder<unknown> =>
  joins.size === 0 ? sql`` : sql.join([...joins.values()].map((join) => join.sql), sql` `); // prettier-ignore

const unknown = sql<boolean>`null::boolean`;

function conditionOf(rule: Rule, scope: Scope): RawBuilder<boolean> {
  if (isAll(rule)) return together(rule.all, sql` and `, scope) ?? sql`true`;
  if (isAny(rule)) return together(rule.any, sql` or `, scope) ?? sql`false`;
  if (isNot(rule)) return sql`(not ${conditionOf(rule.not, scope)})`;
  return asked(rule, scope);
}

function together(rules: readonly Rule[], word: RawBuilder<unknown>, scope: Scope) {
  if (rules.length === 0) return undefined;
  return sql<boolean>`(${sql.join(rules.map((rule) => conditionOf(rule, scope)), word)})`; // prettier-ignore
}

function asked(condition: Condition, scope: Scope): RawBuilder<boolean> {
  const value = valueOf(condition, scope);
  return value === undefined ? unknown : test(value, condition, scope.today);
}

/** The field's value, with its type; undefined when it can no longer be asked. */
function valueOf(condition: Condition, scope: Scope) {
  const field = scope.catalog.get(condition.field);
  if (field === undefined || !isAskable(condition, scope.catalog, scope.entity)) return undefined;
  return { type: field.type, value: field.sql(askedOf(condition, scope)) };
}

function askedOf(condition: Condition, scope: Scope): Asked {
  const { today, among } = scope;
  return {
    today,
    given: givenOf(condition.with),
    accounts: among,
    join: (rows, on, name = nameOf(condition)) => join(scope, name, { rows, on }),
    among: (column) => (among === undefined ? sql`true` : sql`${sql.ref(column)} in (${among})`),
    within: (entity, rule, inner = among) => {
      const nested = scopeOf({ ...scope, entity, among: inner });
      const condition = rule === undefined ? sql<boolean>`true` : conditionOf(rule, nested);
      return { condition, sources: joined(nested) };
    },
  };
}

const nameOf = (condition: Condition): string =>
  `${condition.field} ${JSON.stringify(Object.entries(condition.with ?? {}).toSorted(([a], [b]) => (a < b ? -1 : 1)))}`;

function join(scope: Scope, name: string, { rows, on }: { rows: RawBuilder<unknown>; on: On }): Columns {
  const known = scope.joins.get(name);
  if (known !== undefined) return known.columns;
  scope.count.joins += 1;
  const alias = `j${scope.count.joins}`;
  const columns: Columns = (column) => sql.ref(`${alias}.${column}`);
  scope.joins.set(name, { columns, sql: sql`left join ${rows} ${sql.ref(alias)} on ${on(columns)}` });
  return columns;
}

/** The values that the conditions of a rule look at, in their order; null where one can no longer be asked. */
export function compileValues(
  conditions: readonly Condition[],
  { entity, catalog, today, among }: Question,
): { sources: RawBuilder<unknown>; values: RawBuilder<unknown>[]; holds: RawBuilder<boolean>[] } {
  const scope = scopeOf({ entity, catalog, today, among, count: { joins: 0 } });
  const values = conditions.map((condition) => valueOf(condition, scope)?.value ?? sql`null`);
  const holds = conditions.map((condition) => asked(condition, scope));
  return { sources: joined(scope), values, holds };
}

/** Rows of anything that rules are about, and what a statement wants of them. */
interface Rows extends Omit<Question, 'entity'> {
  /** Their alias must stand for them, and where it is not theirs `a` for their account. */
  entity: Entity;
  rule?: Rule | undefined;
  /** Fields about them, or about their account. */
  fields: readonly string[];
}

/** The values of fields, null for one that can no longer be asked, and the condition of a rule, of rows of any entity for one statement. */
export function compileRows({
  entity,
  catalog,
  today,
  among,
  rule,
  fields,
}: Rows): Compiled & { values: RawBuilder<unknown>[] } {
  const count = { joins: 0 };
  const own = scopeOf({ entity, catalog, today, among, count });
  const account = scopeOf({ entity: 'account', catalog, today, among, count });
  const condition = rule === undefined ? sql<boolean>`true` : conditionOf(rule, own);
  const values = fields.map((field) => {
    const asked: Condition = { field, op: 'known' };
    return (valueOf(asked, own) ?? valueOf(asked, account))?.value ?? sql`null`;
  });
  return { condition, values, sources: sql`${joined(own)} ${joined(account)}` };
}
