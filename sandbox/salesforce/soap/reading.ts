import { ApiError } from '../errors.ts';
import { isId, toLongId } from '../records/ids.ts';
import { getDeleted, getUpdated } from '../rest/changes.ts';
import { getSearch } from '../rest/search.ts';
import { describeGlobal, describeObject } from '../schema/describe.ts';
import { queryMore, runQuery } from '../soql/query.ts';
import { readRecords } from '../soql/read.ts';
import { asList, asObject } from './envelope.ts';
import { describeXml, queryResult, recordXml } from './records.ts';
import { limited, maybeText, unsupported } from './rows.ts';

import type { RestRequest } from '../rest/dispatch.ts';
import type { SObject } from '../schema/catalog.ts';
import type { DataCall } from './call.ts';
import type { Xml } from './envelope.ts';

type Operation = (call: DataCall) => Promise<Xml[]>;

/** Operations that read. */
export const readingOperations: Record<string, Operation> = {
  query: async (call) => [queryResult(call, await runQuery(call.ctx, queryOf(call), pageOf(call)))],
  queryAll: async (call) => [
    queryResult(call, await runQuery(call.ctx, queryOf(call), { ...pageOf(call), all: true })),
  ],
  queryMore: async (call) => [
    queryResult(call, await queryMore(call.ctx, maybeText(call.args.queryLocator) ?? '')),
  ],
  retrieve,
  async search(call) {
    const answer = await getSearch(call.ctx, request({ q: maybeText(call.args.searchString) ?? '' }));
    const { searchRecords } = answer.body as { searchRecords: Record<string, unknown>[] };
    return [{ searchRecords: searchRecords.map((record) => ({ record: recordXml(call, record) })) }];
  },
  describeSObject: (call) => Promise.resolve([describe(call, call.args.sObjectType)]),
  describeSObjects: (call) =>
    Promise.resolve(limited(asList(call.args.sObjectType), 100).map((name) => describe(call, name))),
  describeGlobal: (call) => Promise.resolve([describeXml(describeGlobal(call.ctx))]),
  async getUpdated(call) {
    const { body } = await getUpdated(call.ctx, span(call), { sobject: objectOf(call, call.args.sObjectType).name });
    const { ids, latestDateCovered } = body as { ids: string[]; latestDateCovered: string };
    return [{ ids, latestDateCovered: zulu(latestDateCovered) }];
  },
  async getDeleted(call) {
    const { body } = await getDeleted(call.ctx, span(call), { sobject: objectOf(call, call.args.sObjectType).name });
    const found = body as { deletedRecords: { id: string; deletedDate: string }[]; earliestDateAvailable: string; latestDateCovered: string };
    return [{
      deletedRecords: found.deletedRecords.map(({ id, deletedDate }) => ({ deletedDate: zulu(deletedDate), id })),
      earliestDateAvailable: zulu(found.earliestDateAvailable),
      latestDateCovered: zulu(found.latestDateCovered),
    }];
  },
  describeTabs: () => Promise.resolve([]),
}; // prettier-ignore

const zulu = (moment: string) => moment.replace(/\+0000$/, 'Z');

const queryOf = ({ args }: DataCall) => maybeText(args.queryString) ?? '';

/** Pages have 500 rows unless QueryOptions says otherwise. */
function pageOf({ headers }: DataCall): { batchSize: number } {
  const asked = Number(maybeText(asObject(headers.QueryOptions).batchSize) ?? 500);
  return { batchSize: Math.min(Math.max(Number.isInteger(asked) ? asked : 500, 200), 2000) };
}

const request = (query: Record<string, string>): RestRequest => ({
  method: 'GET',
  segments: [],
  query: new URLSearchParams(query),
  body: undefined,
});

const span = ({ args }: DataCall) =>
  request({ start: maybeText(args.startDate) ?? '', end: maybeText(args.endDate) ?? '' });

/** @throws ApiError INVALID_TYPE */
function objectOf({ ctx }: DataCall, given: unknown): SObject {
  const name = maybeText(given) ?? '';
  const sobject = ctx.org.catalog.find(name);
  if (sobject && ctx.org.security.may(ctx.user, 'read', sobject)) return sobject;
  throw new ApiError(400, 'INVALID_TYPE', unsupported(name));
}

function describe(call: DataCall, name: unknown): Xml {
  const { urls, ...told } = describeObject(call.ctx, objectOf(call, name)) as Record<string, unknown> & {
    urls: Record<string, string>;
  };
  const { uiDetailTemplate, uiEditTemplate, uiNewRecord } = urls;
  return describeXml({ ...told, urlDetail: uiDetailTemplate, urlEdit: uiEditTemplate, urlNew: uiNewRecord });
}

/** Records in the order of the ids; nil where there is none. */
async function retrieve(call: DataCall): Promise<Xml[]> {
  const sobject = objectOf(call, call.args.sObjectType);
  const ids = limited(asList(call.args.ids), 2000).map((id) => maybeText(id) ?? '');
  const wrong = ids.find((id) => !isId(id));
  if (wrong !== undefined) throw new ApiError(400, 'MALFORMED_ID', `malformed id ${wrong}`);
  const names = (maybeText(call.args.fieldList) ?? '').split(',').map((name) => name.trim());
  const fields = names.filter(Boolean);
  const wanted = fields.some((name) => name.toLowerCase() === 'id') ? fields : ['Id', ...fields];
  const records = await readRecords(call.ctx, sobject, { ids: ids.map(toLongId), fields: wanted });
  const byId = new Map(records.map((record) => [record.Id, record]));
  return ids.map((id) => {
    const record = byId.get(toLongId(id));
    return record ? recordXml(call, record) : null;
  });
}
