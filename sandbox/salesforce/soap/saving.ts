import { convertLead } from '../records/convert.ts';
import { deleteRecords, purgeRecords, undeleteRecords } from '../records/delete.ts';
import { mergeRecords } from '../records/merge.ts';
import { saveMixed } from '../records/mixed.ts';
import { createRecords, updateRecords, upsertRecords } from '../records/save.ts';
import { asList, asObject } from './envelope.ts';
import { describeXml } from './records.ts';
import { isTrue, limited, maybeText, rowsOf } from './rows.ts';

import type { SaveError } from '../errors.ts';
import type { SaveVerb } from '../records/mixed.ts';
import type { SaveResult } from '../records/results.ts';
import type { DataCall } from './call.ts';
import type { Xml } from './envelope.ts';

type Operation = (call: DataCall) => Promise<Xml[]>;

/** Operations that write. */
export const savingOperations: Record<string, Operation> = {
  create: (call) => save(call, createRecords),
  update: (call) => save(call, updateRecords),
  async upsert(call) {
    const by = maybeText(call.args.externalIDFieldName) ?? maybeText(call.args.externalIdFieldName) ?? 'Id';
    const verb: SaveVerb = (ctx, name, rows, options) => upsertRecords(ctx, name, { by, rows }, options);
    const results = await saveRows(call, verb);
    return results.map((result) => ({ created: result.created ?? false, ...resultXml(call, result) }));
  },
  delete: (call) => byId(call, deleteRecords),
  undelete: (call) => byId(call, undeleteRecords),
  emptyRecycleBin: (call) => byId(call, purgeRecords),
  async merge(call) {
    const requests = limited(asList(call.args.request ?? call.args.mergeRequests), 200);
    const results: Xml[] = [];
    for (const each of requests) results.push(await merge(call, asObject(each)));
    return results;
  },
  async convertLead(call) {
    const results: Xml[] = [];
    for (const each of limited(asList(call.args.leadConverts), 100))
      results.push(await convert(call, asObject(each)));
    return results;
  },
};

const isAllOrNone = ({ headers }: DataCall) => isTrue(asObject(headers.AllOrNoneHeader).allOrNone);

const saveRows = (call: DataCall, verb: SaveVerb): Promise<SaveResult[]> =>
  saveMixed(call.ctx, rowsOf(call, call.args.sObjects), { verb, allOrNone: isAllOrNone(call) });

async function save(call: DataCall, verb: SaveVerb): Promise<Xml[]> {
  return (await saveRows(call, verb)).map((result) => resultXml(call, result));
}

type IdVerb = typeof deleteRecords;

async function byId(call: DataCall, verb: IdVerb): Promise<Xml[]> {
  const ids = limited(asList(call.args.ids ?? call.args.ID)).map((id) => maybeText(id) ?? '');
  const results = await verb(call.ctx, ids, { allOrNone: isAllOrNone(call) });
  return results.map((result) => resultXml(call, result));
}

/** The id is told of what was saved; of a failure only where there is a record. */
const resultXml = (_call: DataCall, { id, success, errors }: SaveResult): Record<string, Xml> => ({
  errors: success ? undefined : errors.map(errorXml),
  id: success ? (id ?? null) : null,
  success,
});

function errorXml({ fields, message, statusCode, duplicateResult }: SaveError): Xml {
  const error = { fields, message, statusCode };
  if (!duplicateResult) return error;
  const { matchResults, ...found } = duplicateResult;
  return {
    '@xsi:type': 'DuplicateError',
    ...error,
    duplicateResult: {
      ...(describeXml(found) as Record<string, Xml>),
      matchResults: matchResults.map(({ matchRecords, ...match }) => ({
        ...(describeXml(match) as Record<string, Xml>),
        matchRecords: matchRecords.map(({ matchConfidence, record }) => ({
          matchConfidence,
          record: foundXml(record),
        })),
      })),
    },
  };
}

function foundXml({ attributes, ...values }: Record<string, unknown>): Xml {
  const { type } = attributes as { type: string };
  const fields = Object.entries(values).map(([name, value]) => [`sf:${name}`, value as Xml]);
  return {
    '@xsi:type': 'sf:sObject',
    'sf:type': type,
    ...(Object.fromEntries(fields) as Record<string, Xml>),
  };
}

async function merge(call: DataCall, request: Record<string, unknown>): Promise<Xml> {
  const [master] = rowsOf(call, request.masterRecord);
  const { Id, ...values } = master?.row ?? {};
  const result = await mergeRecords(call.ctx, {
    sobject: master?.type ?? '',
    masterId: typeof Id === 'string' ? Id : '',
    values,
    loserIds: asList(request.recordToMergeIds).map((id) => maybeText(id) ?? ''),
  });
  return {
    errors: result.success ? undefined : result.errors.map(errorXml),
    id: result.id ?? null,
    mergedRecordIds: result.mergedRecordIds,
    success: result.success,
    updatedRelatedIds: result.updatedRelatedIds,
  };
}

async function convert(call: DataCall, given: Record<string, unknown>): Promise<Xml> {
  const result = await convertLead(call.ctx, {
    leadId: maybeText(given.leadId) ?? '',
    convertedStatus: maybeText(given.convertedStatus) ?? '',
    accountId: maybeText(given.accountId),
    contactId: maybeText(given.contactId),
    opportunityName: maybeText(given.opportunityName),
    ownerId: maybeText(given.ownerId),
    doNotCreateOpportunity: isTrue(given.doNotCreateOpportunity),
    overwriteLeadSource: isTrue(given.overwriteLeadSource),
  });
  return {
    accountId: result.accountId ?? null,
    contactId: result.contactId ?? null,
    errors: result.success ? undefined : result.errors.map(errorXml),
    leadId: result.leadId,
    opportunityId: result.opportunityId ?? null,
    success: result.success,
  };
}
