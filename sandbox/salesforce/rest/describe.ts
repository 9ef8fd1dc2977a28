import type { Context } from '../context.ts';
import { describeGlobal, describeObject } from '../schema/describe.ts';
import { recordUrl } from '../soql/assemble.ts';
import { ok } from './dispatch.ts';
import type { Params, RestAnswer, RestRequest } from './dispatch.ts';
import { objectOf } from './named.ts';

/** GET /sobjects; 304 when nothing was deployed since If-Modified-Since. */
export const getGlobal = (ctx: Context): RestAnswer => unlessSame(ctx, () => describeGlobal(ctx));

/** GET /sobjects/Account/describe; 304 likewise. */
export function getDescribe(ctx: Context, _request: RestRequest, params: Params): RestAnswer {
  const sobject = objectOf(ctx, params.sobject);
  return unlessSame(ctx, () => describeObject(ctx, sobject));
}

/** GET /sobjects/Account: its traits, and what the user looked at last, which no user here does. */
export function getBasics(ctx: Context, _request: RestRequest, params: Params): RestAnswer {
  const { name } = objectOf(ctx, params.sobject);
  const { sobjects } = describeGlobal(ctx) as { sobjects: { name: string }[] };
  return ok({ objectDescribe: sobjects.find((each) => each.name === name), recentItems: [] });
}

/** GET /sobjects/Account/describe/layouts and others that a page builder would ask for. */
export function getLayouts(ctx: Context, _request: RestRequest, params: Params): RestAnswer {
  const { name } = objectOf(ctx, params.sobject);
  return ok({
    layouts: [],
    recordTypeMappings: [],
    recordTypeSelectorRequired: [false],
    urls: { sobject: recordUrl(ctx, name, '') },
  });
}

function unlessSame(ctx: Context, describe: () => unknown): RestAnswer {
  const changed = ctx.org.catalog.changedAt();
  const headers = { 'Last-Modified': changed.toUTCString() };
  const since = Date.parse([ctx.headers['if-modified-since']].flat()[0] ?? '');
  if (!Number.isNaN(since) && Math.floor(changed.getTime() / 1000) * 1000 <= since)
    return { status: 304, headers };
  return { ...ok(describe()), headers };
}
