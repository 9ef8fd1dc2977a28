import type {
  Condition, HavingClause, LiteralType, Query, ValueQueryCondition, WhereClause,
} from '@jetstreamapp/soql-parser-js'; // prettier-ignore
import { callOf } from './calls.ts';
import { unexpected } from './source.ts';
import type { Source } from './source.ts';
import { textOf } from './syntax.ts';
import type { Expression, Filter, Literal, Operator, Select } from './syntax.ts';

type Leaf = Extract<Filter, { kind: 'compare' | 'semi-join' }>;
type Part = '(' | ')' | 'AND' | 'OR' | 'NOT' | Leaf;

/** The parser gives conditions as a chain with counted parentheses; here they become a tree. */
export function filterOf(
  clause: WhereClause | HavingClause,
  source: Source,
  inner: (query: Query) => Select,
): Filter {
  const parts = flatten(clause, inner);
  let at = 0;
  const group = (): Filter => {
    const first = operand();
    const operator = parts[at];
    if (operator !== 'AND' && operator !== 'OR') return first;
    const members = [first];
    while (parts[at] === operator) {
      at++;
      members.push(operand());
    }
    const next = parts[at];
    if (next === 'AND' || next === 'OR') throw unexpected(source, next);
    return { kind: operator === 'AND' ? 'and' : 'or', parts: members };
  };
  const operand = (): Filter => {
    const part = parts[at++];
    if (part === 'NOT') return { kind: 'not', part: operand() };
    if (part === '(') {
      const inside = group();
      if (parts[at++] !== ')') throw unexpected(source, '');
      return inside;
    }
    if (part === undefined || typeof part === 'string') throw unexpected(source, part ?? '');
    return part;
  };
  const tree = group();
  const rest = parts[at];
  if (rest !== undefined) throw unexpected(source, typeof rest === 'string' ? rest : lastName(rest));
  return tree;
}

/** Where a condition stands that nothing joins to those before it. */
const lastName = ({ left }: Leaf): string => textOf(left);

function flatten(clause: WhereClause | HavingClause, inner: (query: Query) => Select): Part[] {
  const parts: Part[] = [];
  for (
    let node: WhereClause | HavingClause | undefined = clause;
    node;
    node = 'right' in node ? node.right : undefined
  ) {
    const { left } = node;
    const opened = left && 'openParen' in left ? (left.openParen ?? 0) : 0;
    parts.push(...Array<Part>(opened).fill('('));
    if (left && 'operator' in left) {
      parts.push(leafOf(left, inner));
      parts.push(...Array<Part>(left.closeParen ?? 0).fill(')'));
    }
    if ('operator' in node) parts.push(node.operator);
  }
  return parts;
}

type Comparison = Extract<Condition, { operator: string }> | ValueQueryCondition;

function leafOf(condition: Comparison, inner: (query: Query) => Select): Leaf {
  const left: Expression =
    'fn' in condition ? callOf(condition.fn) : { kind: 'field', path: condition.field.split('.') };
  const operator = condition.operator.toUpperCase() as Operator;
  if ('valueQuery' in condition)
    return { kind: 'semi-join', left, negated: operator === 'NOT IN', select: inner(condition.valueQuery) };
  const texts = [condition.value].flat();
  const types = [condition.literalType].flat();
  const literals = texts.map((text, at) => literalOf(text, types[at] ?? types[0]));
  return { kind: 'compare', left, operator, literals };
}

function literalOf(text: string, type: LiteralType | undefined): Literal {
  const kind = (type && literalKinds[type]) ?? 'string';
  return { type: kind, text: kind === 'string' ? unquote(text) : text };
}

const literalKinds: Partial<Record<LiteralType, Literal['type']>> = {
  STRING: 'string',
  INTEGER: 'number',
  DECIMAL: 'number',
  INTEGER_WITH_CURRENCY_PREFIX: 'number',
  DECIMAL_WITH_CURRENCY_PREFIX: 'number',
  BOOLEAN: 'boolean',
  NULL: 'null',
  DATE: 'date',
  DATETIME: 'datetime',
  DATE_LITERAL: 'period',
  DATE_N_LITERAL: 'period',
};

const escapes: Record<string, string> = {
  n: '\n',
  r: '\r',
  t: '\t',
  b: '\b',
  f: '\f',
  N: '\n',
  R: '\r',
  T: '\t',
  B: '\b',
  F: '\f',
};

/** The text between the quotes. `\%` and `\_` stay as they are, for LIKE. */
const unquote = (text: string): string =>
  text.replace(/^'([\s\S]*)'$/, '$1').replace(/\\(u[0-9a-fA-F]{4}|[\s\S])/g, (whole, letter: string) => {
    if (letter === '%' || letter === '_') return whole;
    return letter.length === 5
      ? String.fromCharCode(parseInt(letter.slice(1), 16))
      : (escapes[letter] ?? letter);
  });
