import { parseQuery } from '@jetstreamapp/soql-parser-js';
import type {
  FieldType, GroupByClause, OrderByClause, Query, Subquery,
} from '@jetstreamapp/soql-parser-js'; // prettier-ignore
import { ApiError } from '../errors.ts';
import { callOf } from './calls.ts';
import { filterOf } from './conditions.ts';
import { checkRestrictions } from './restrictions.ts';
import { errorAt, readSource, unexpected } from './source.ts';
import type { Source } from './source.ts';
import type { Expression, Item, Order, Select } from './syntax.ts';

/** Reads a query. @throws ApiError MALFORMED_QUERY, with row and column. */
export function parseSoql(text: string): { select: Select; source: Source } {
  const source = readSource(text);
  if (text.length > 100_000)
    throw new ApiError(
      400,
      'QUERY_TOO_COMPLICATED',
      'Query is either selecting too many fields or the filter conditions are too complicated.',
    );
  const { plain, allRows, aliases } = simplify(text);
  const select = selectOf(parsed(plain, source), source);
  checkRestrictions(select, source);
  checkEscapes(source);
  return { select: { ...expandAliases(select, aliases), allRows }, source };
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
    throw syntaxError(error instanceof Error ? error : new Error(String(error)), source);
  }
}

/** The parser names the token that it stumbled over; Salesforce also says where it is. */
function syntaxError(error: Error, source: Source): ApiError {
  const offset = /at offset: (\d+)/.exec(error.message)?.[1];
  if (offset) {
    const at = Number(offset);
    return errorAt(source, at, [
      'MALFORMED_QUERY',
      `line ${String(source.text.slice(0, at).split('\n').length)}:${String(at)} no viable alternative at character '${source.text.charAt(at)}'`,
    ]);
  }
  const found =
    /but found(?:: | --> )'(.*?)'(?: <--)?\s*$/s.exec(error.message) ??
    /but found: (.*)$/s.exec(error.message);
  return unexpected(source, found?.[1]?.trim() ?? '');
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
