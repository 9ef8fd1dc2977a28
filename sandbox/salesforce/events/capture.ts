import type { Context } from '../context.ts';

/**
 * Tells the transaction of `ctx.db` on whose behalf it changes records; the change events that it causes carry it as
 * changeOrigin and commitUser. Call it once where a saving transaction begins: what changes, triggers on the tables of the
 * selected objects notice by themselves, whichever statement makes the change.
 */
export async function capture(ctx: Context): Promise<void> {
  if (!ctx.org.events.isCapturing()) return;
  await ctx.db.query(
    `select set_config('sandbox.change_origin', $1, true), set_config('sandbox.change_user', $2, true)`,
    [originOf(ctx), ctx.user.id],
  );
}

/** `com/salesforce/api/rest/60.0;client=rapport`; what people do on the org's own pages counts as its internal client's. */
function originOf({ api, apiVersion, client }: Context): string {
  if (api === undefined) return `com/salesforce/api/soap/${apiVersion.toFixed(1)};client=SfdcInternalAPI/`;
  return `com/salesforce/api/${api}/${apiVersion.toFixed(1)};client=${client}`;
}
