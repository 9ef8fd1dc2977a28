import type { Context } from '../context.ts';
import type { SObject } from '../schema/catalog.ts';

/** Objects whose rows say what people may do. */
const grants = new Set(['FieldPermissions', 'ObjectPermissions', 'PermissionSet']);

/** Objects whose rows say who hears of what. */
const streams = new Set(['PushTopic', 'StreamingChannel']);

/** After what was written has been committed: makes changed permissions and topics count. */
export async function refreshSecurity(ctx: Context, sobjects: SObject[]): Promise<void> {
  if (sobjects.some(({ name }) => grants.has(name))) await ctx.org.security.reload();
  if (sobjects.some(({ name }) => streams.has(name))) await ctx.org.events.reload();
}
