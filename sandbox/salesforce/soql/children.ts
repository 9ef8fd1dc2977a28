import type { Context } from '../context.ts';
import { assemble } from './assemble.ts';
import type { Children, Values } from './assemble.ts';
import { startCompilation } from './compilation.ts';
import type { LocatedQuery } from './locators.ts';
import { unknownRelationship } from './scope.ts';
import { compileSelect, idColumn, statement } from './select.ts';
import type { Compiled } from './select.ts';
import { errorAtWord } from './source.ts';
import type { Source } from './source.ts';
import type { Select } from './syntax.ts';

/** A sub-query of a SELECT list, with its own sub-queries. */
export interface ChildQuery {
  compiled: Compiled;
  /** All children of the parents in `$1`, each behind its parent's id. */
  text: string;
  /** The children of the one parent in `$1`, as ids. */
  ids: string;
  children: ChildQuery[];
}

interface Compiling {
  source: Source;
  all: boolean;
}

/** Compiles the sub-queries of a query, so that a mistake in one shows before anything runs. */
export function compileChildren(ctx: Context, parent: Compiled, compiling: Compiling): ChildQuery[] {
  return parent.children.map((select) => compileChild(ctx, parent, { ...compiling, select }));
}

function compileChild(
  ctx: Context,
  parent: Compiled,
  { select, source, all }: Compiling & { select: Select },
): ChildQuery {
  const { sobject, field } = childOf(ctx, parent, { select, source });
  const compilation = startCompilation(ctx, source);
  compilation.values.push([]);
  const compiled = compileSelect(compilation, select, sobject, { all });
  const extra = `${compiled.scope.sql}."${field.name}" = parents.id`;
  const columns = compiled.outputs.sql.map((sql, at) => `${sql} as c${String(at)}`).join(', ');
  const inner = statement(compiled, { columns, extra });
  const text = `select parents.id, found.* from unnest($1::text[]) parents(id) cross join lateral (${inner}) found`;
  const ids = statement(compiled, {
    columns: idColumn(compiled.scope),
    extra: `${compiled.scope.sql}."${field.name}" = any($1::text[])`,
  });
  return { compiled, text, ids, children: compileChildren(ctx, compiled, { source, all }) };
}

function childOf(ctx: Context, parent: Compiled, { select, source }: { select: Select; source: Source }) {
  const relationship = ctx.org.catalog
    .children(parent.scope.sobject)
    .find(({ field }) => field.childRelationshipName?.toLowerCase() === select.from.toLowerCase());
  if (relationship) return relationship;
  const message = unknownRelationship(select.from, 'FROM part of query call');
  throw errorAtWord(source, select.from, ['INVALID_TYPE', message]);
}

/** What sub-queries belong to: the records of a page, and the query that a longer list of children is paged by. */
export interface Parents {
  ids: string[];
  query: LocatedQuery;
}

/** Runs the sub-queries for all records of a page at once. */
export function runChildren(ctx: Context, queries: ChildQuery[], parents: Parents): Promise<Children> {
  return Promise.all(
    queries.map((query, at) => runOne(ctx, query, { ...parents, query: nested(parents.query, at) })),
  );
}

const nested = (query: LocatedQuery, at: number): LocatedQuery => ({
  ...query,
  children: [...(query.children ?? []), at],
});

async function runOne(ctx: Context, child: ChildQuery, parents: Parents): Promise<Map<string, unknown>> {
  const { compiled, text } = child;
  const [, ...values] = compiled.scope.compilation.values;
  const { rows } = await ctx.db.query({ text, values: [parents.ids, ...values], rowMode: 'array' });
  const all = (rows as [string, ...Values][]).map(([parent, ...row]) => ({ parent, row }));
  const byParent = Map.groupBy(all, ({ parent }) => parent);
  const { size } = parents.query;
  const shown = [...byParent.values()].flatMap((group) => group.slice(0, size).map(({ row }) => row));
  const inner = await runChildren(ctx, child.children, {
    ids: shown.map((row) => String(row[0])),
    query: parents.query,
  });
  const found = new Map<string, unknown>();
  for (const [parent, group] of byParent) {
    const records = assemble(ctx, compiled.plan, group.slice(0, size).map(({ row }) => row), inner); // prettier-ignore
    const more = group.length > size ? await nextUrl(ctx, child, { ...parents, ids: [parent] }) : undefined;
    const next = more === undefined ? { done: true } : { done: false, nextRecordsUrl: more };
    found.set(parent, { totalSize: group.length, ...next, records });
  }
  return found;
}

/** Where the next children of one parent are. */
async function nextUrl(ctx: Context, { compiled, ids: text }: ChildQuery, { ids, query }: Parents) {
  const [, ...values] = compiled.scope.compilation.values;
  const { name } = await ctx.org.locators.open({
    userId: ctx.user.id,
    text,
    values: [ids, ...values],
    query,
  });
  return pageUrl(ctx, name, query.size);
}

/** The address of a page: the locator, and the place of its first record. */
export const pageUrl = (ctx: Context, name: string, from: number): string =>
  `/services/data/v${ctx.apiVersion.toFixed(1)}/query/${name}-${String(from)}`;
