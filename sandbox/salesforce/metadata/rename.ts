import { renameField } from '../schema/define.ts';
import { notFound } from './kinds.ts';
import { objectsOf, splitField } from './names.ts';
import { maybeKept } from './store.ts';

import type { Context } from '../context.ts';

/** Gives a component another name, a field with its values; undefined when done, else why not. */
export async function renameComponent(
  ctx: Context,
  type: string,
  { from, to }: { from: string; to: string },
): Promise<string | undefined> {
  const kept = await maybeKept(ctx.db, type, from);
  if (!kept) return notFound(type, from);
  if (await maybeKept(ctx.db, type, to)) return `There is already a ${type} named ${to}`;
  if (type === 'CustomObject') return 'Custom objects cannot be renamed through this API.';
  if (type === 'CustomField') {
    const [[object, field], [target, name]] = [splitField(kept.fullName), splitField(to)];
    if (object !== target || !name.endsWith('__c')) return `Invalid field name: ${to}`;
    for (const each of objectsOf(object)) await renameField(ctx.org, each, { from: field, to: name });
    await ctx.db.query('update "FieldPermissions" set "Field" = $2 where "Field" = $1', [kept.fullName, to]);
  }
  if (type === 'PermissionSet')
    await ctx.db.query('update "PermissionSet" set "Name" = $2 where "Name" = $1', [kept.fullName, to]);
  await ctx.db.query(
    'update _component set full_name = $3, modified_at = $4, modified_by = $5 where type = $1 and full_name = $2',
    [type, kept.fullName, to, ctx.org.clock.now(), ctx.user.id],
  );
  return undefined;
}
