import { ok } from './dispatch.ts';
import type { Handler, Params, Route } from './dispatch.ts';
import { objectOf } from './named.ts';

const always =
  (body: unknown): Handler =>
  () =>
    ok(body);

const ofObject =
  (bodyOf: (sobject: string) => unknown): Handler =>
  (ctx, _request, params: Params) =>
    ok(bodyOf(objectOf(ctx, params.sobject).name));

/** Resources of features that this org doesn't use: they answer as they do in an org where nobody has set them up. */
export const unusedFeatures: Route[] = [
  ['GET', '/recent', always([])],
  ['GET', '/tabs', always([])],
  ['GET', '/theme', always({ themeItems: [] })],
  ['GET', '/quickActions', always([])],
  ['GET', '/actions', always({})],
  ['GET', '/appMenu/AppSwitcher', always({ appMenuItems: [] })],
  ['GET', '/process/approvals', always({ approvals: {} })],
  ['GET', '/process/rules', always({ rules: {} })],
  ['GET', '/analytics/reports', always([])],
  ['GET', '/analytics/dashboards', always([])],
  ['GET', '/sobjects/:sobject/listviews', ofObject((sobjectType) => ({ done: true, listviews: [], nextRecordsUrl: null, size: 0, sobjectType }))],
  ['GET', '/sobjects/:sobject/quickActions', ofObject(() => [])],
  ['GET', '/sobjects/:sobject/describe/approvalLayouts', ofObject(() => ({ approvalLayouts: [] }))],
  ['GET', '/sobjects/:sobject/describe/compactLayouts', ofObject(() => ({ compactLayouts: [], defaultCompactLayoutId: null, recordTypeCompactLayoutMappings: [] }))],
]; // prettier-ignore
