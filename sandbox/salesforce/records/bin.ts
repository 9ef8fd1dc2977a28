import { quote } from '../../database.ts';
import type { Context } from '../context.ts';
import type { SObject } from '../schema/catalog.ts';
import { hooksOf } from './contents.ts';
import { stampsOf } from './write.ts';

/** Moves records of an object to the recycle bin, with their details; of objects without one, away for good. */
export async function remove(ctx: Context, sobject: SObject, ids: string[]): Promise<void> {
  if (ids.length === 0) return;
  for (const { child, childIds } of await details(ctx, sobject, { ids, when: 'not "IsDeleted"' }))
    await remove(ctx, child, childIds);
  if (sobject.field('IsDeleted')) await mark(ctx, sobject, { ids, deleted: true });
  else await ctx.db.query(`delete from ${quote(sobject.name)} where "Id" = any($1::text[])`, [ids]);
  for (const hook of hooksOf(sobject)) await hook.afterDelete?.(ctx, ids);
}

/** Takes records out of the recycle bin, with the details that went in together with them. */
export async function restore(ctx: Context, sobject: SObject, ids: string[]): Promise<void> {
  for (const [at, together] of await byTimeOfDeletion(ctx, sobject, ids)) {
    await mark(ctx, sobject, { ids: together, deleted: false });
    const when = `"IsDeleted" and "SystemModstamp" = '${at}'`;
    for (const { child, childIds } of await details(ctx, sobject, { ids: together, when }))
      await restore(ctx, child, childIds);
  }
}

async function byTimeOfDeletion(
  ctx: Context,
  sobject: SObject,
  ids: string[],
): Promise<Map<string, string[]>> {
  if (ids.length === 0) return new Map();
  const { rows } = await ctx.db.query(
    `select "SystemModstamp" as at, array_agg("Id") as ids from ${quote(sobject.name)} where "Id" = any($1::text[]) group by 1`,
    [ids],
  );
  return new Map((rows as { at: string; ids: string[] }[]).map(({ at, ids: found }) => [at, found]));
}

/** Ends records that are in the recycle bin, with their details: nothing finds them any more. */
export async function purge(ctx: Context, sobject: SObject, ids: string[]): Promise<void> {
  if (ids.length === 0) return;
  for (const { child, childIds } of await details(ctx, sobject, { ids, when: '"IsDeleted"' }))
    await purge(ctx, child, childIds);
  await ctx.db.query(`delete from ${quote(sobject.name)} where "Id" = any($1::text[])`, [ids]);
  await ctx.db.query('delete from _blob where id = any($1::text[])', [ids]);
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

interface Mark {
  ids: string[];
  deleted: boolean;
  /** Whom they were merged into; nobody when left out. */
  masterId?: string;
}

/** Puts the recycle bin's mark on rows, or takes it off. */
export async function mark(ctx: Context, sobject: SObject, { ids, deleted, masterId }: Mark): Promise<void> {
  const { LastModifiedDate, LastModifiedById, SystemModstamp } = stampsOf(ctx, sobject);
  const values = Object.entries({
    LastModifiedDate,
    LastModifiedById,
    SystemModstamp,
    ...(sobject.field('MasterRecordId') && { MasterRecordId: masterId ?? null }),
  }).filter(([, value]) => value !== undefined);
  const assignments = values.map(([name], at) => `, ${quote(name)} = $${String(at + 3)}`).join('');
  await ctx.db.query(
    `update ${quote(sobject.name)} set "IsDeleted" = $2${assignments} where "Id" = any($1::text[])`,
    [ids, deleted, ...values.map(([, value]) => value)],
  );
}
