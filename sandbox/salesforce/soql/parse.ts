import { parseQuery } from '@jetstreamapp/soql-parser-js';
import type {
  FieldType, GroupByClause, OrderByClause, Query, Subquery,
} from '@jetstreamapp/soql-parser-js'; // prettier-ignore
import type { ApiError } from '../errors.ts';
import { callOf } from './calls.ts';
import { filterOf } from './conditions.ts';
import { checkRestrictions } from './restrictions.ts';
import { errorAt, malformed, positionOf, readSource, syntaxErrorAt, unexpectedAt } from './source.ts';
import type { Source } from './source.ts';
import type { Expression, Item, Order, Select } from './syntax.ts';

/** Reads a query. @throws ApiError MALFORMED_QUERY, with row and column. */
export function parseSoql(text: string): { select: Select; source: Source } {
  const source = readSource(text);
  checkText(source);
  const { plain, allRows, aliases } = simplify(text);
  const select = selectOf(parsed(plain, source), source);
  checkRestrictions(select, source);
  checkEscapes(source);
  return { select: { ...expandAliases(select, aliases), allRows }, source };
}

/** @throws ApiError for what is wrong whatever the grammar says. */
function checkText(source: Source): void {
  const { text, tokens } = source;
  if (text.trim() === '') throw malformed('SOQL statements cannot be empty or null');
  if (text.length > 100_000) throw malformed('SOQL statements cannot be longer than 100000 characters.');
  const bind = tokens.find(({ text: word }, at) => word === ':' && !isCounted(tokens[at - 1]?.text));
  if (bind) throw errorAt(source, bind.at, ['MALFORMED_QUERY', 'Bind variables only allowed in Apex code']);
  for (const [at, { text: word }] of tokens.entries()) {
    const after = tokens.slice(at + 1, at + 3);
    if (/^in(cludes)?$|^excludes$/i.test(word) && after[0]?.text === '(' && after[1]?.text === ')')
      throw unexpectedAt(source, after[1].at, ')');
  }
  checkMixture(source);
}

/** `LAST_N_DAYS:5`: the only place for a colon. */
const isCounted = (word = '') => /^(LAST_N|NEXT_N|N)_\w+$/i.test(word);

/** AND and OR may not stand side by side without parentheses. */
function checkMixture(source: Source): void {
  const open: (string | undefined)[] = [undefined];
  for (const { text, at } of source.tokens) {
    const word = text.toUpperCase();
    if (word === '(') open.push(undefined);
    else if (word === ')') open.pop();
    else if (word === 'WHERE' || word === 'HAVING') open[open.length - 1] = undefined;
    else if (word === 'AND' || word === 'OR') {
      const last = open.at(-1);
      if (last !== undefined && last !== word) throw unexpectedAt(source, at, text);
      open[open.length - 1] = word;
    }
  }
}

/** What the parser doesn't know is said in other words: ALL ROWS, exponents, aliases of parents. */
function simplify(text: string): { plain: string; allRows: boolean; aliases: Map<string, string[]> } {
  const allRows = /\sALL\s+ROWS\s*$/i.test(text);
  const aliases = new Map<string, string[]>();
  const plain = outsideQuotes(text.replace(/\sALL\s+ROWS\s*$/i, ''), (part) =>
    part
      .replace(/(?<=[=<>,(\s-])\d+(?:\.\d+)?e[+-]?\d+\b/gi, (number) => String(Number(number)))
      .replace(
        /(\bFROM\s+\w+(?:\s+(?:AS\s+)?\w+)?)((?:\s*,\s*\w+\.[\w.]+\s+(?:AS\s+)?\w+)+)/gi,
        (_, first: string, rest: string) => {
          for (const [, path, name] of rest.matchAll(/([\w.]+)\s+(?:AS\s+)?(\w+)\s*(?:,|$)/gi))
            if (path && name) aliases.set(name.toLowerCase(), path.split('.').slice(1));
          return first;
        },
      ),
  );
  return { plain, allRows, aliases };
}

/** @throws ApiError for a backslash before what needs none. */
function checkEscapes(source: Source): void {
  for (const { text, at } of source.tokens) {
    if (!text.startsWith("'")) continue;
    const [wrong] = /\\(?!u[0-9a-fA-F]{4}|[nrtbf"'\\_%])[\s\S]/i.exec(text.replaceAll('\\\\', '')) ?? [];
    if (wrong !== undefined)
      throw errorAt(source, at, [
        'MALFORMED_QUERY',
        `Invalid string literal '${text.slice(1, -1)}'. Illegal character sequence '${wrong}' in string literal.`,
      ]);
  }
}

function outsideQuotes(text: string, change: (part: string) => string): string {
  return text
    .split(/('(?:\\.|[^'\\])*')/)
    .map((part, at) => (at % 2 ? part : change(part)))
    .join('');
}

function parsed(text: string, source: Source): Query {
  try {
    return parseQuery(text);
  } catch (error) {
    throw syntaxError(error instanceof Error ? error : new Error(String(error)), text, source);
  }
}

/** The parser names the token that it stumbled over; Salesforce also says where it is. */
function syntaxError(error: Error, text: string, source: Source): ApiError {
  const offset = /at offset: (\d+)/.exec(error.message)?.[1];
  if (offset) {
    const at = Number(offset);
    const lines = source.text.slice(0, at).split('\n');
    const place = `line ${String(lines.length)}:${String((lines.at(-1) ?? '').length)}`;
    const message = `${place} no viable alternative at character '${source.text.charAt(at)}'`;
    return syntaxErrorAt(source, at, ['MALFORMED_QUERY', message]);
  }
  const word = foundIn(error);
  return unexpectedAt(source, placeOf(word, text, source), word);
}

function foundIn({ message }: Error): string {
  const found =
    /but found(?:: | --> )'(.*?)'(?: <--)?\s*$/s.exec(message) ??
    /, found: (.*)$/s.exec(message) ??
    /but found: (.*)$/s.exec(message);
  return found?.[1]?.trim() ?? '';
}

/** A sign that is everywhere is not worth parsing the text for again and again. */
const MOST_TRIES = 50;

/** Of the places where a word is, the one where the parser can't go on: up to there it misses nothing but what follows. */
function placeOf(word: string, text: string, source: Source): number {
  if (word === '') return source.text.length;
  let at = text.indexOf(word);
  for (let tries = 0; at !== -1 && tries < MOST_TRIES; at = text.indexOf(word, at + 1), tries += 1)
    if (isStuckAt(text.slice(0, at + word.length))) return at;
  return positionOf(source, word);
}

function isStuckAt(beginning: string): boolean {
  try {
    parseQuery(beginning);
    return false;
  } catch (error) {
    return !(error instanceof Error) || foundIn(error) !== '';
  }
}

function selectOf(query: Query | Subquery, source: Source): Select {
  const { orderBy, groupBy } = query;
  const groups = groupBy === undefined ? [] : [groupBy].flat();
  return {
    from: 'relationshipName' in query ? query.relationshipName : (query.sObject ?? ''),
    alias: query.sObjectAlias,
    items: (query.fields ?? []).map((field) => itemOf(field, source)),
    where: query.where && filterOf(query.where, source, (inner) => selectOf(inner, source)),
    ...groupsOf(groups),
    having: query.having && filterOf(query.having, source, (inner) => selectOf(inner, source)),
    orderBy: (orderBy === undefined ? [] : [orderBy].flat()).map(orderOf),
    isOwn: query.usingScope?.toLowerCase() === 'mine',
    limit: query.limit,
    offset: query.offset,
    allRows: false,
  };
}

function itemOf(field: FieldType, source: Source): Item {
  switch (field.type) {
    case 'FieldSubquery':
      return { kind: 'children', select: selectOf(field.subquery, source) };
    case 'FieldTypeof': {
      const cases = field.conditions.map(({ objectType, fieldList }) => ({
        sobject: objectType,
        fields: fieldList,
      }));
      return { kind: 'typeof', relationship: field.field, cases };
    }
    case 'FieldFunctionExpression':
      return { kind: 'expression', expression: callOf(field), alias: field.alias };
    default: {
      const relationships = 'relationships' in field ? field.relationships : [];
      const prefix = 'objectPrefix' in field ? [field.objectPrefix] : [];
      const path = [...prefix, ...relationships, field.field];
      return {
        kind: 'expression',
        expression: { kind: 'field', path },
        alias: 'alias' in field ? field.alias : undefined,
      };
    }
  }
}

function groupsOf(groups: GroupByClause[]): Pick<Select, 'groupBy' | 'totals'> {
  const groupBy: Expression[] = [];
  let totals: Select['totals'];
  for (const group of groups) {
    if ('field' in group) groupBy.push({ kind: 'field', path: group.field.split('.') });
    else {
      const call = callOf(group.fn);
      if (call.kind === 'call' && (call.name === 'ROLLUP' || call.name === 'CUBE')) {
        totals = call.name;
        groupBy.push(...call.args);
      } else groupBy.push(call);
    }
  }
  return { groupBy, totals };
}

const orderOf = (order: OrderByClause): Order => ({
  expression: 'field' in order ? { kind: 'field', path: order.field.split('.') } : callOf(order.fn),
  descending: order.order === 'DESC',
  nullsLast: order.nulls === 'LAST',
});

/** `FROM Case c, c.Account a`: what starts with `a.` goes through the relationship. */
function expandAliases(select: Select, aliases: Map<string, string[]>): Select {
  if (aliases.size === 0) return select;
  return JSON.parse(JSON.stringify(select), (key, value: unknown) => {
    if (key !== 'path' || !Array.isArray(value)) return value;
    const [first, ...rest] = value as string[];
    const expansion = aliases.get((first ?? '').toLowerCase());
    return expansion ? [...expansion, ...rest] : (value as string[]);
  }) as Select;
}
