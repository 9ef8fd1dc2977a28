import type { Context } from '../context.ts';
import { assemble } from './assemble.ts';
import type { Values } from './assemble.ts';
import { startCompilation } from './compilation.ts';
import { unknownRelationship } from './scope.ts';
import { compileSelect, statement } from './select.ts';
import type { Compiled } from './select.ts';
import { errorAtWord } from './source.ts';
import type { Source } from './source.ts';

interface ChildQuery {
  compiled: Compiled;
  text: string;
  /** The name of the sub-query in the record. */
  name: string;
}

/** Compiles the sub-queries of a query, so that a mistake in one shows before anything runs. */
export function compileChildren(
  ctx: Context,
  parent: Compiled,
  { source, all }: { source: Source; all: boolean },
): ChildQuery[] {
  return parent.children.map((select) => {
    const relationship = ctx.org.catalog
      .children(parent.scope.sobject)
      .find(({ field }) => field.childRelationshipName?.toLowerCase() === select.from.toLowerCase());
    if (!relationship) {
      throw errorAtWord(source, select.from, [
        'INVALID_TYPE',
        unknownRelationship(select.from, 'FROM part of query call'),
      ]);
    }
    const compilation = startCompilation(ctx, source);
    compilation.values.push([]);
    const compiled = compileSelect(compilation, select, relationship.sobject, { all });
    const extra = `${compiled.scope.sql}."${relationship.field.name}" = parents.id`;
    const columns = compiled.outputs.sql.map((sql, at) => `${sql} as c${String(at)}`).join(', ');
    const inner = statement(compiled, { columns, extra });
    const text = `select parents.id, found.* from unnest($1::text[]) parents(id) cross join lateral (${inner}) found`;
    return { compiled, text, name: relationship.field.childRelationshipName ?? select.from };
  });
}

/** Runs the sub-queries for all records of a page at once. */
export function runChildren(
  ctx: Context,
  queries: ChildQuery[],
  ids: string[],
): Promise<Map<string, unknown>[]> {
  return Promise.all(queries.map((query) => runOne(ctx, query, ids)));
}

async function runOne(
  ctx: Context,
  { compiled, text }: ChildQuery,
  ids: string[],
): Promise<Map<string, unknown>> {
  const [, ...values] = compiled.scope.compilation.values;
  const { rows } = await ctx.db.query({ text, values: [ids, ...values], rowMode: 'array' });
  const byParent = new Map<string, Values[]>();
  for (const [parent, ...row] of rows as [string, ...Values][]) {
    const known = byParent.get(parent);
    if (known) known.push(row);
    else byParent.set(parent, [row]);
  }
  return new Map(
    [...byParent].map(([parent, found]) => [
      parent,
      { totalSize: found.length, done: true, records: assemble(ctx, compiled.plan, found) },
    ]),
  );
}
