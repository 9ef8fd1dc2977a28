import { quote } from '../../database.ts';
import type { Context } from '../context.ts';
import { saveError } from '../errors.ts';
import type { SaveError } from '../errors.ts';
import type { SObject } from '../schema/catalog.ts';
import { attempt } from './attempt.ts';
import { hooksOf } from './contents.ts';
import type { Row } from './hooks.ts';
import { isId, toLongId } from './ids.ts';
import { rollback } from './results.ts';
import type { SaveOptions, SaveResult } from './results.ts';
import { lockRows, stampsOf } from './write.ts';

/** Moves records of any objects to the recycle bin, with their details. */
export function deleteRecords(ctx: Context, ids: string[], options: SaveOptions = {}): Promise<SaveResult[]> {
  return change(ctx, ids, options, async (inner, sobject, sound) => {
    await remove(inner, sobject, sound);
  });
}

/** Takes records out of the recycle bin, with the details that went in together with them. */
export function undeleteRecords(
  ctx: Context,
  ids: string[],
  options: SaveOptions = {},
): Promise<SaveResult[]> {
  return change(ctx, ids, { ...options, deleted: true }, async (inner, sobject, sound) => {
    await restore(inner, sobject, sound);
  });
}

type Apply = (ctx: Context, sobject: SObject, ids: string[]) => Promise<void>;

async function change(
  ctx: Context,
  ids: string[],
  options: SaveOptions & { deleted?: boolean },
  apply: Apply,
): Promise<SaveResult[]> {
  const long = ids.map((id) => (isId(id) ? toLongId(id) : id));
  const sobjects = [...new Set(long.flatMap((id) => ctx.org.catalog.ofId(id) ?? []))];
  return attempt(ctx, { sobjects, count: ids.length }, async (inner) => {
    const errors = await findErrors(inner, long, options.deleted ?? false);
    if (options.allOrNone && errors.size > 0)
      return long.map((id) => failure(id, errors.get(id) ?? rollback));
    const sound = [...new Set(long)].filter((id) => !errors.has(id));
    for (const [sobject, group] of Map.groupBy(sound, (id) => ctx.org.catalog.ofId(id)))
      if (sobject) await apply(inner, sobject, group);
    return long.map((id) => {
      const error = errors.get(id);
      return error ? failure(id, error) : { id, success: true, errors: [] };
    });
  });
}

const failure = (id: string, error: SaveError): SaveResult => ({ id, success: false, errors: [error] });

async function findErrors(ctx: Context, ids: string[], deleted: boolean): Promise<Map<string, SaveError>> {
  const errors = new Map<string, SaveError>();
  const note = (id: string, error: SaveError | undefined) => error && errors.set(id, error);
  for (const id of ids) if (!isId(id)) note(id, saveError('MALFORMED_ID', `malformed id ${id}`));
  for (const [sobject, group] of Map.groupBy(ids.filter(isId), (id) => ctx.org.catalog.ofId(id))) {
    const refusal = sobject ? refusalOf(ctx, sobject) : unknownId;
    const rows = sobject && !refusal ? await lockRows(ctx, sobject, group) : new Map<string, Row>();
    for (const id of group) note(id, refusal ?? errorOf(rows.get(id), deleted));
    const troubled = sobject ? ctx.org.trouble.ofRows(sobject.name, group.map((id) => ({ id, values: [] }))) : []; // prettier-ignore
    for (const [at, error] of troubled) note(group[at] ?? '', errors.get(group[at] ?? '') ?? error);
  }
  return errors;
}

const unknownId = saveError('INVALID_CROSS_REFERENCE_KEY', 'invalid cross reference id');

/** What is wrong with a row that should be live, or should be in the recycle bin. */
function errorOf(row: Row | undefined, deleted: boolean): SaveError | undefined {
  if (!row) return unknownId;
  if ((row.IsDeleted === true) === deleted) return undefined;
  if (deleted) return saveError('UNDELETE_FAILED', 'Entity is not in the recycle bin');
  return saveError('ENTITY_IS_DELETED', 'entity is deleted');
}

function refusalOf(ctx: Context, sobject: SObject): SaveError | undefined {
  if (!sobject.deletable)
    return saveError(
      'INSUFFICIENT_ACCESS_OR_READONLY',
      `entity type ${sobject.label} does not support delete`,
    );
  if (!ctx.org.security.may(ctx.user, 'delete', sobject))
    return saveError('INSUFFICIENT_ACCESS_OR_READONLY', 'insufficient access rights on object id');
  return undefined;
}

async function remove(ctx: Context, sobject: SObject, ids: string[]): Promise<void> {
  if (ids.length === 0) return;
  for (const { child, childIds } of await details(ctx, sobject, { ids, when: 'not "IsDeleted"' }))
    await remove(ctx, child, childIds);
  if (sobject.field('IsDeleted')) await mark(ctx, sobject, { ids, deleted: true });
  else await ctx.db.query(`delete from ${quote(sobject.name)} where "Id" = any($1::text[])`, [ids]);
  for (const hook of hooksOf(sobject)) await hook.afterDelete?.(ctx, ids);
}

async function restore(ctx: Context, sobject: SObject, ids: string[]): Promise<void> {
  if (ids.length === 0) return;
  const { rows } = await ctx.db.query(
    `select max("SystemModstamp") as at from ${quote(sobject.name)} where "Id" = any($1::text[])`,
    [ids],
  );
  const at = (rows as { at: string }[])[0]?.at ?? '';
  await mark(ctx, sobject, { ids, deleted: false });
  const together = `"IsDeleted" and "SystemModstamp" = '${at}'`;
  for (const { child, childIds } of await details(ctx, sobject, { ids, when: together }))
    await restore(ctx, child, childIds);
}

/** The records that belong to others and share their fate. */
async function details(
  ctx: Context,
  sobject: SObject,
  { ids, when }: { ids: string[]; when: string },
): Promise<{ child: SObject; childIds: string[] }[]> {
  const found: { child: SObject; childIds: string[] }[] = [];
  for (const { sobject: child, field } of ctx.org.catalog.children(sobject)) {
    if (!field.cascadeDelete) continue;
    const isKept = child.field('IsDeleted') && child.field('SystemModstamp');
    const condition = isKept ? `and ${when}` : child.field('IsDeleted') ? 'and not "IsDeleted"' : '';
    const { rows } = await ctx.db.query(
      `select "Id" as id from ${quote(child.name)} where ${quote(field.name)} = any($1::text[]) ${condition}`,
      [ids],
    );
    if (rows.length > 0) found.push({ child, childIds: (rows as { id: string }[]).map((row) => row.id) });
  }
  return found;
}

async function mark(
  ctx: Context,
  sobject: SObject,
  { ids, deleted }: { ids: string[]; deleted: boolean },
): Promise<void> {
  const { LastModifiedDate, LastModifiedById, SystemModstamp } = stampsOf(ctx, sobject);
  const stamps = Object.entries({ LastModifiedDate, LastModifiedById, SystemModstamp }).filter(
    ([, value]) => value !== undefined,
  );
  const assignments = stamps.map(([name], at) => `, ${quote(name)} = $${String(at + 3)}`).join('');
  await ctx.db.query(
    `update ${quote(sobject.name)} set "IsDeleted" = $2${assignments} where "Id" = any($1::text[])`,
    [ids, deleted, ...stamps.map(([, value]) => value)],
  );
}
