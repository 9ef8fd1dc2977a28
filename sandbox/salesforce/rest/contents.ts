import { pushToChannel } from '../events/generic.ts';
import { getEventSchema, getSchemaById } from '../events/schemas.ts';
import { postBatch, postGraph } from './batch.ts';
import { getDeleted, getUpdated } from './changes.ts';
import {
  deleteCollection,
  patchCollection,
  postCollection,
  readCollection,
  upsertCollection,
} from './collections.ts';
import { postComposite } from './composite.ts';
import { getBasics, getDescribe, getGlobal, getLayouts } from './describe.ts';
import { dispatcher } from './dispatch.ts';
import type { Dispatch, Route } from './dispatch.ts';
import { getPassword, postPassword } from './passwords.ts';
import { getQuery, getQueryAll, getQueryMore } from './query.ts';
import { getLimits, getRecordCount, getResources } from './resources.ts';
import { toolingRoutes } from '../tooling/routes.ts';
import { getParameterizedSearch, getSearch } from './search.ts';
import {
  deleteByExternalId,
  deleteRecord,
  getByExternalId,
  getRecord,
  patchRecord,
  postRecord,
  postWithId,
  upsertRecord,
} from './sobjects.ts';
import { postTree } from './tree.ts';
import { unusedFeatures } from './unused.ts';

/** What a sub-request of a composite one may be: everything here but another composite. */
const inner: Dispatch = (ctx, request) => dispatch(ctx, request);

/** Contents: every REST resource of the org below `/services/data/v60.0`. */
export const restContents: Route[] = [
  ['GET', '/', getResources],
  ['GET', '/query', getQuery],
  ['GET', '/queryAll', getQueryAll],
  ['GET', '/query/:locator', getQueryMore],
  ['GET', '/queryAll/:locator', getQueryMore],
  ['GET', '/search', getSearch],
  ['GET', '/parameterizedSearch', getParameterizedSearch],
  ['POST', '/parameterizedSearch', getParameterizedSearch],
  ['GET', '/limits', getLimits],
  ['GET', '/limits/recordCount', getRecordCount],

  ...unusedFeatures,
  ...toolingRoutes,

  ['GET', '/sobjects', getGlobal],
  ['GET', '/sobjects/:sobject', getBasics],
  ['POST', '/sobjects/:sobject', postRecord],
  ['GET', '/sobjects/:sobject/describe', getDescribe],
  ['GET', '/sobjects/:sobject/describe/layouts', getLayouts],
  ['GET', '/sobjects/:sobject/eventSchema', getEventSchema],
  ['GET', '/event/eventSchema/:id', getSchemaById],
  ['POST', '/sobjects/StreamingChannel/:id/push', pushToChannel],
  ['GET', '/sobjects/:sobject/updated', getUpdated],
  ['GET', '/sobjects/:sobject/deleted', getDeleted],
  ['POST', '/sobjects/:sobject/Id', postWithId],
  ['GET', '/sobjects/User/:id/password', getPassword],
  ['POST', '/sobjects/User/:id/password', postPassword],
  ['GET', '/sobjects/:sobject/:id', getRecord],
  ['PATCH', '/sobjects/:sobject/:id', patchRecord],
  ['DELETE', '/sobjects/:sobject/:id', deleteRecord],
  ['GET', '/sobjects/:sobject/:field/:value', getByExternalId],
  ['PATCH', '/sobjects/:sobject/:field/:value', upsertRecord],
  ['DELETE', '/sobjects/:sobject/:field/:value', deleteByExternalId],

  ['POST', '/composite', (ctx, request) => postComposite(ctx, request, inner)],
  ['POST', '/composite/batch', (ctx, request) => postBatch(ctx, request, inner)],
  ['POST', '/composite/graph', (ctx, request) => postGraph(ctx, request, inner)],
  ['POST', '/composite/tree/:sobject', postTree],
  ['POST', '/composite/sobjects', postCollection],
  ['PATCH', '/composite/sobjects', patchCollection],
  ['DELETE', '/composite/sobjects', deleteCollection],
  ['GET', '/composite/sobjects/:sobject', readCollection],
  ['POST', '/composite/sobjects/:sobject', readCollection],
  ['PATCH', '/composite/sobjects/:sobject/:field', upsertCollection],
];

const dispatch = dispatcher(restContents);
