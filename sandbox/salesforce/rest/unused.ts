import { ApiError } from '../errors.ts';
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

const disabled: Handler = () => {
  throw new ApiError(
    403,
    'FUNCTIONALITY_NOT_ENABLED',
    'This feature is not currently enabled for this user.',
  );
};

/** Every address below a root, for both verbs, as far as clients go. */
const everythingBelow = (root: string): Route[] =>
  ['', '/:a', '/:a/:b', '/:a/:b/:c', '/:a/:b/:c/:d'].flatMap((rest): Route[] => [
    ['GET', root + rest, disabled],
    ['POST', root + rest, disabled],
  ]);

/** Resources of features that this org doesn't use: they answer as they do in an org where nobody has set them up. */
export const unusedFeatures: Route[] = [
  ['GET', '/recent', always([])],
  ['GET', '/tabs', always([])],
  ['GET', '/theme', always({ themeItems: [] })],
  ['GET', '/quickActions', always([])],
  ['GET', '/actions', always({})],
  ['GET', '/appMenu', always({})],
  ['GET', '/appMenu/AppSwitcher', always({ appMenuItems: [] })],
  ['GET', '/appMenu/Salesforce1', always({ appMenuItems: [] })],
  ['GET', '/actions/standard', always({ actions: [] })],
  ['GET', '/actions/custom', always({})],
  ['GET', '/nouns', always([])],
  ['GET', '/compactLayouts', always({})],
  ['GET', '/search/scopeOrder', always([])],
  ['GET', '/search/layout', always([])],
  ['GET', '/search/suggestions', always({ autoSuggestResults: [], hasMoreResults: false, meta: [] })],
  ['GET', '/search/suggestSearchQueries', always({ autoSuggestResults: [], hasMoreResults: false })],
  ['GET', '/sobjects/relevantItems', always([])],
  ['GET', '/process/approvals', always({ approvals: {} })],
  ['GET', '/process/rules', always({ rules: {} })],
  ['GET', '/analytics/reports', always([])],
  ['GET', '/analytics/dashboards', always([])],
  ['GET', '/sobjects/:sobject/listviews', ofObject((sobjectType) => ({ done: true, listviews: [], nextRecordsUrl: null, size: 0, sobjectType }))],
  ['GET', '/sobjects/:sobject/quickActions', ofObject(() => [])],
  ['GET', '/sobjects/:sobject/describe/approvalLayouts', ofObject(() => ({ approvalLayouts: [] }))],
  ['GET', '/sobjects/:sobject/describe/compactLayouts', ofObject(() => ({ compactLayouts: [], defaultCompactLayoutId: null, recordTypeCompactLayoutMappings: [] }))],
  ...['/chatter', '/connect', '/wave', '/knowledgeManagement', '/support', '/iot', '/consent', '/payments', '/einstein'].flatMap(everythingBelow),
]; // prettier-ignore
