import type { Context } from '../context.ts';
import { ApiError } from '../errors.ts';
import { assemble } from './assemble.ts';
import type { Values } from './assemble.ts';
import { compileChildren, pageUrl, runChildren } from './children.ts';
import { startCompilation } from './compilation.ts';
import { invalidLocator } from './locators.ts';
import type { LocatedQuery, Locator } from './locators.ts';
import { parseSoql } from './parse.ts';
import { bind } from './scope.ts';
import { compileSelect, countStatement, idColumn, statement } from './select.ts';
import { objectNamed } from './object-named.ts';
import type { Compiled } from './select.ts';
import type { Select } from './syntax.ts';

export interface QueryOptions {
  /** Deleted rows too, as queryAll. */
  all?: boolean;
  /** Rows of a page, 200 to 2,000. */
  batchSize?: number;
}

export interface QueryResult {
  totalSize: number;
  done: boolean;
  nextRecordsUrl?: string;
  records: Record<string, unknown>[];
}

/** A compiled query with its sub-queries, ready to run page by page. */
interface PreparedQuery {
  compiled: Compiled;
  children: ReturnType<typeof compileChildren>;
}

/** Runs SOQL and answers as GET /query does. @throws ApiError in Salesforce's wording. */
export async function runQuery(ctx: Context, soql: string, options: QueryOptions = {}): Promise<QueryResult> {
  const { all = false, batchSize: size = 2000 } = options;
  const query = prepare(ctx, soql, { all, ofIds: false });
  const { compiled } = query;
  if (compiled.isCount) return { totalSize: await countRows(ctx, compiled), done: true, records: [] };
  const rows = await select(ctx, compiled, { limit: size + 1 });
  if (rows.length > size) return firstPage(ctx, { soql, query, all, size });
  const records = await recordsOf(ctx, query, { rows, query: { soql, all, size } });
  return { totalSize: rows.length, done: true, records };
}

interface Preparation {
  all: boolean;
  /** For a later page: the records are known by id, so the conditions fall away. */
  ofIds: boolean;
  /** The sub-query that is meant, not the query around it. */
  children?: number[] | undefined;
}

/** Parses and compiles, without running anything. @throws ApiError */
export function prepare(ctx: Context, soql: string, { all, ofIds, children }: Preparation): PreparedQuery {
  const { select: whole, source } = parseSoql(soql);
  const asked = { from: whole.from, select: whole };
  const withDeleted = all || whole.allRows;
  for (const at of children ?? []) descend(ctx, asked, at);
  const compilation = startCompilation(ctx, source);
  const compiled = compileSelect(
    compilation,
    ofIds ? { ...asked.select, ...unbounded } : asked.select,
    objectNamed(compilation, asked.from),
    { all: withDeleted },
  );
  return { compiled, children: compileChildren(ctx, compiled, { source, all: withDeleted }) };
}

const unbounded = { where: undefined, orderBy: [], limit: undefined, offset: undefined, allRows: true };

/** Goes from a query to one of its sub-queries, which is on the object behind the relationship. */
function descend(ctx: Context, asked: { from: string; select: Select }, at: number): void {
  const inner = asked.select.items.filter((item) => item.kind === 'children')[at]?.select;
  const sobject = ctx.org.catalog.find(asked.from);
  const child =
    sobject &&
    ctx.org.catalog
      .children(sobject)
      .find(({ field }) => field.childRelationshipName?.toLowerCase() === inner?.from.toLowerCase());
  if (!inner || !child) throw invalidLocator();
  Object.assign(asked, { from: child.sobject.name, select: inner });
}

async function countRows(ctx: Context, compiled: Compiled): Promise<number> {
  const { rows } = await ctx.db.query(countStatement(compiled), compiled.scope.compilation.values);
  return (rows as { count: number }[])[0]?.count ?? 0;
}

interface FirstPage {
  soql: string;
  query: PreparedQuery;
  all: boolean;
  size: number;
}

async function firstPage(ctx: Context, { soql, query, all, size }: FirstPage): Promise<QueryResult> {
  const { compiled } = query;
  if (compiled.isAggregate) {
    const message =
      'Aggregate query does not support queryMore(), use LIMIT to restrict the results to a single batch';
    throw new ApiError(400, 'EXCEEDED_ID_LIMIT', message);
  }
  const locator = await ctx.org.locators.open({
    userId: ctx.user.id,
    text: statement(compiled, { columns: idColumn(compiled.scope) }),
    values: compiled.scope.compilation.values,
    query: { soql, all, size },
  });
  return page(ctx, locator, 0);
}

/** GET /query/{locator}: `01g…-2000` is the page after 2,000 rows. @throws ApiError INVALID_QUERY_LOCATOR */
export async function queryMore(ctx: Context, name: string): Promise<QueryResult> {
  const [, locator = '', from] = /^(01g\w{12,15})(?:-(\d{1,9}))?$/.exec(name) ?? [];
  const found = ctx.org.locators.find(ctx.user.id, locator);
  const at = Number(from ?? found.query.size);
  if (at >= found.totalSize) throw invalidLocator();
  return page(ctx, found, at);
}

async function page(
  ctx: Context,
  { name, query, totalSize, read }: Locator,
  from: number,
): Promise<QueryResult> {
  const ids = await read(from, query.size);
  const { soql, all, children } = query;
  const prepared = prepare(ctx, soql, { all, ofIds: true, children });
  const { scope } = prepared.compiled;
  const extra = `${idColumn(scope)} = any(${bind(scope.compilation, ids)}::text[])`;
  const rows = await select(ctx, prepared.compiled, { extra });
  const byId = new Map(rows.map((row) => [row[0], row]));
  const ordered = ids.flatMap((id) => [byId.get(id) ?? []].filter((row) => row.length > 0));
  const records = await recordsOf(ctx, prepared, { rows: ordered, query });
  const next = from + query.size;
  if (next >= totalSize) return { totalSize, done: true, records };
  return { totalSize, done: false, nextRecordsUrl: pageUrl(ctx, name, next), records };
}

type Change = Parameters<typeof statement>[1];

async function select(ctx: Context, compiled: Compiled, change: Change): Promise<Values[]> {
  const { values } = compiled.scope.compilation;
  const result = await ctx.db.query({ text: statement(compiled, change), values, rowMode: 'array' });
  return result.rows as Values[];
}

interface Rows {
  rows: Values[];
  query: LocatedQuery;
}

async function recordsOf(ctx: Context, { compiled, children }: PreparedQuery, { rows, query }: Rows) {
  if (children.length === 0) return assemble(ctx, compiled.plan, rows);
  const found = await runChildren(ctx, children, { ids: rows.map((row) => String(row[0])), query });
  return assemble(ctx, compiled.plan, rows, found);
}
