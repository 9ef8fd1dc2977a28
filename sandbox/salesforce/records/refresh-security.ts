import type { Context } from '../context.ts';
import type { SObject } from '../schema/catalog.ts';

/** Objects whose rows say what people may do. */
const grants = new Set(['FieldPermissions', 'ObjectPermissions', 'PermissionSet']);

/** After what was written has been committed: makes changed permissions count. */
export async function refreshSecurity(ctx: Context, sobjects: SObject[]): Promise<void> {
  if (sobjects.some(({ name }) => grants.has(name))) await ctx.org.security.reload();
}
