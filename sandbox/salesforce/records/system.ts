import { quote } from '../../database.ts';
import type { Context } from '../context.ts';
import type { SObject } from '../schema/catalog.ts';
import type { Row } from './hooks.ts';
import type { Work } from './work.ts';
import { fillDefaults, insertRows, stampsOf } from './write.ts';

/** An object of the catalog that the sandbox's own rules rely on. */
export function knownObject(ctx: Context, name: string): SObject {
  const sobject = ctx.org.catalog.find(name);
  if (!sobject) throw new Error(`the org has no object ${name}`);
  return sobject;
}

/** Inserts rows on the org's own account, past what a user may write. */
export async function insertAsSystem(ctx: Context, name: string, rows: Row[]): Promise<void> {
  if (rows.length === 0) return;
  const sobject = knownObject(ctx, name);
  const works = rows.map((row): Work => ({
    id: undefined,
    row,
    before: undefined,
    binary: {},
    errors: [],
    foreignKeys: [],
  }));
  fillDefaults(ctx, sobject, works);
  await insertRows(ctx, sobject, works);
}

/** Rows of an object by id, with some of their fields. */
export async function rowsById<T extends Row>(
  ctx: Context,
  name: string,
  ids: unknown[],
  fields: (keyof T & string)[],
): Promise<Map<string, T>> {
  const wanted = [...new Set(ids.filter((id) => typeof id === 'string'))];
  if (wanted.length === 0) return new Map();
  const columns = ['Id', ...fields].map(quote).join(', ');
  const { rows } = await ctx.db.query(`select ${columns} from ${quote(name)} where "Id" = any($1::text[])`, [
    wanted,
  ]);
  return new Map((rows as (T & { Id: string })[]).map((row) => [row.Id, row]));
}

/** `"LastModifiedDate" = …, "SystemModstamp" = …` for an update on the org's own account. */
export function stampAssignments(ctx: Context, sobject: SObject): string {
  const { LastModifiedDate, LastModifiedById, SystemModstamp } = stampsOf(ctx, sobject);
  return Object.entries({ LastModifiedDate, LastModifiedById, SystemModstamp })
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${quote(name)} = '${String(value)}'`)
    .join(', ');
}
