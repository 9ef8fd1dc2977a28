import type { Context } from '../context.ts';
import { ApiError } from '../errors.ts';
import type { SObject } from '../schema/catalog.ts';
import { assemble } from './assemble.ts';
import { startCompilation } from './compilation.ts';
import { bind } from './scope.ts';
import { compileSelect, statement } from './select.ts';
import { readSource } from './source.ts';
import type { Item, Select } from './syntax.ts';

/** Live records by id, with the fields that are asked for, or all that the user may read; those missing are left out. */
export async function readRecords(
  ctx: Context,
  sobject: SObject,
  { ids, fields }: { ids: string[]; fields?: string[] | undefined },
): Promise<Record<string, unknown>[]> {
  for (const name of fields ?? []) checkField(ctx, sobject, name);
  const compilation = startCompilation(ctx, readSource(''));
  const compiled = compileSelect(compilation, selectOf(ctx, sobject, fields), sobject, { all: false });
  const extra = `${compiled.scope.sql}."Id" = any(${bind(compilation, ids)}::text[])`;
  const { rows } = await ctx.db.query({
    text: statement(compiled, { extra }),
    values: compilation.values,
    rowMode: 'array',
  });
  return assemble(ctx, compiled.plan, rows as unknown[][]);
}

function checkField(ctx: Context, sobject: SObject, name: string): void {
  if (name.includes('.')) return;
  const field = sobject.field(name);
  if (!field || !ctx.org.security.mayRead(ctx.user, sobject, field))
    throw new ApiError(400, 'INVALID_FIELD', `No such column '${name}' on sobject of type ${sobject.name}`);
}

function selectOf(ctx: Context, sobject: SObject, fields: string[] | undefined): Select {
  const readable = () => sobject.fields.filter((field) => ctx.org.security.mayRead(ctx.user, sobject, field));
  const names = fields ?? readable().map((field) => field.name);
  const items = names.map((name): Item => ({
    kind: 'expression',
    expression: { kind: 'field', path: name.split('.') },
    alias: undefined,
  }));
  const nothing = {
    where: undefined,
    having: undefined,
    totals: undefined,
    limit: undefined,
    offset: undefined,
  };
  return {
    ...nothing,
    from: sobject.name,
    alias: undefined,
    items,
    groupBy: [],
    isOwn: false,
    orderBy: [],
    allRows: false,
  };
}
