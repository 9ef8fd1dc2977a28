/** Queries as the generator makes them, and how they are written in SOQL. */

export type Scalar = string | number | boolean | null;

/** A date literal: `LAST_N_DAYS` with 5. */
export interface Period {
  period: string;
  count: number | undefined;
}

export interface Literal {
  text: string;
  value: Scalar | Period;
}

export type Operator =
  '=' | '!=' | '<' | '<=' | '>' | '>=' | 'LIKE' | 'IN' | 'NOT IN' | 'INCLUDES' | 'EXCLUDES';

/** A field, or a part of a date, in UTC or as the user's clocks show it. */
export interface Operand {
  path: string[];
  part?: string;
  isLocal?: boolean;
}

export interface Aggregate {
  fn: 'COUNT' | 'COUNT_DISTINCT' | 'SUM' | 'AVG' | 'MIN' | 'MAX';
  path: string[];
  alias?: string;
}

export type Condition =
  | { kind: 'and' | 'or'; parts: Condition[] }
  | { kind: 'not'; part: Condition }
  | { kind: 'compare'; left: Operand | Aggregate; operator: Operator; literals: Literal[] }
  | { kind: 'semi'; left: string[]; isNegated: boolean; object: string; column: string; where?: Condition };

export interface Order {
  by: Operand | Aggregate;
  isDescending?: boolean;
  nulls?: 'FIRST' | 'LAST';
}

export interface Children {
  relationship: string;
  fields: string[][];
  where?: Condition;
  order: Order[];
  limit?: number;
  /** Sub-queries of the sub-query. */
  children?: Children[];
}

export interface TypeOf {
  relationship: string;
  cases: { object: string; fields: string[] }[];
  otherwise?: string[];
}

interface Common {
  object: string;
  where?: Condition;
  order: Order[];
  limit?: number;
  offset?: number;
  isAllRows?: boolean;
}

export interface RecordQuery extends Common {
  kind: 'records';
  fields: string[][];
  typeOf?: TypeOf;
  children: Children[];
}

export interface GroupQuery extends Common {
  kind: 'groups';
  groups: (Operand & { alias?: string })[];
  aggregates: Aggregate[];
  having?: Condition;
}

export interface CountQuery extends Common {
  kind: 'count';
}

export type Query = RecordQuery | GroupQuery | CountQuery;

/** The SOQL of a query; `shout` changes the case of names and words as it likes. */
export function soqlOf(query: Query, shout: (text: string) => string = (text) => text): string {
  const words = [
    `${shout('SELECT')} ${selectedOf(query, shout)} ${shout('FROM')} ${shout(query.object)}`,
    query.where && `${shout('WHERE')} ${conditionText(query.where, shout)}`,
    query.kind === 'groups' && query.groups.length > 0 && `${shout('GROUP BY')} ${query.groups.map((each) => operandText(each, shout)).join(', ')}`,
    query.kind === 'groups' && query.having && `${shout('HAVING')} ${conditionText(query.having, shout)}`,
    orderText(query.order, shout),
    query.limit !== undefined && `${shout('LIMIT')} ${String(query.limit)}`,
    query.offset !== undefined && `${shout('OFFSET')} ${String(query.offset)}`,
    query.isAllRows && 'ALL ROWS',
  ]; // prettier-ignore
  return words.filter(Boolean).join(' ');
}

type Shout = (text: string) => string;

function selectedOf(query: Query, shout: Shout): string {
  if (query.kind === 'count') return shout('COUNT()');
  if (query.kind === 'groups')
    return [
      ...query.groups.map((each) => aliased(operandText(each, shout), each.alias)),
      ...query.aggregates.map((each) => aliased(operandText(each, shout), each.alias)),
    ].join(', ');
  return [
    ...query.fields.map((path) => shout(path.join('.'))),
    ...query.children.map((child) => `(${childText(child, shout)})`),
    ...(query.typeOf ? [typeOfText(query.typeOf)] : []),
  ].join(', ');
}

const aliased = (text: string, alias: string | undefined) =>
  alias === undefined ? text : `${text} ${alias}`;

function childText(child: Children, shout: Shout): string {
  const { relationship, fields, where, order, limit, children = [] } = child;
  const items = [
    ...fields.map((path) => shout(path.join('.'))),
    ...children.map((inner) => `(${childText(inner, shout)})`),
  ];
  const words = [
    `${shout('SELECT')} ${items.join(', ')} ${shout('FROM')} ${shout(relationship)}`,
    where && `WHERE ${conditionText(where, shout)}`,
    orderText(order, shout),
    limit !== undefined && `LIMIT ${String(limit)}`,
  ];
  return words.filter(Boolean).join(' ');
}

function typeOfText({ relationship, cases, otherwise }: TypeOf): string {
  const whens = cases.map(({ object, fields }) => `WHEN ${object} THEN ${fields.join(', ')}`).join(' ');
  return `TYPEOF ${relationship} ${whens}${otherwise ? ` ELSE ${otherwise.join(', ')}` : ''} END`;
}

const orderText = (order: Order[], shout: Shout): string => {
  const parts = order.map(
    ({ by, isDescending, nulls }) =>
      `${operandText(by, shout)}${isDescending === undefined ? '' : isDescending ? ' DESC' : ' ASC'}${nulls ? ` ${shout('NULLS')} ${nulls}` : ''}`,
  );
  return parts.length > 0 ? `${shout('ORDER BY')} ${parts.join(', ')}` : '';
};

function operandText(operand: Operand | Aggregate, shout: Shout): string {
  const path = shout(operand.path.join('.'));
  if ('fn' in operand) return `${shout(operand.fn)}(${path})`;
  const inner = operand.isLocal ? `convertTimezone(${path})` : path;
  return operand.part === undefined ? inner : `${shout(operand.part)}(${inner})`;
}

/** Parts of AND and OR stand in parentheses where they are groups themselves. */
function conditionText(condition: Condition, shout: Shout): string {
  switch (condition.kind) {
    case 'and':
    case 'or': {
      const parts = condition.parts.map((part) => inParentheses(part, shout, isGroup(part)));
      return parts.join(` ${shout(condition.kind.toUpperCase())} `);
    }
    case 'not': {
      const isNested = isGroup(condition.part) || condition.part.kind === 'not';
      return `(${shout('NOT')} ${inParentheses(condition.part, shout, isNested)})`;
    }
    case 'semi':
      return semiText(condition, shout);
    case 'compare':
      return comparisonText(condition, shout);
  }
}

const isGroup = ({ kind }: Condition) => kind === 'and' || kind === 'or';

const inParentheses = (condition: Condition, shout: Shout, isNeeded: boolean) =>
  isNeeded ? `(${conditionText(condition, shout)})` : conditionText(condition, shout);

function semiText(join: Extract<Condition, { kind: 'semi' }>, shout: Shout): string {
  const where = join.where ? ` WHERE ${conditionText(join.where, shout)}` : '';
  const inner = `SELECT ${join.column} FROM ${join.object}${where}`;
  return `${join.left.join('.')} ${join.isNegated ? 'NOT IN' : 'IN'} (${inner})`;
}

function comparisonText(comparison: Extract<Condition, { kind: 'compare' }>, shout: Shout): string {
  const isList = ['IN', 'NOT IN', 'INCLUDES', 'EXCLUDES'].includes(comparison.operator);
  const right = comparison.literals.map(({ text }) => text).join(', ');
  return `${operandText(comparison.left, shout)} ${shout(comparison.operator)} ${isList ? `(${right})` : right}`;
}
