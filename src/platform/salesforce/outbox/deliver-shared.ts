import type { Claimed } from './claims.ts';
import { basePath, send } from '../wire/connection.ts';
import { changersOf } from './deliver-changers.ts';
import { type Contested, fieldsOf, type Outcome, type Refused, type Taken } from './deliver-outcomes.ts';
import { SalesforceFailure, toFailure } from '../wire/errors.ts';
import { type Weighed, weigh } from './merge-fields.ts';
import type { OwnerOf } from './merge-owners.ts';
import { query, type SalesforceRecord } from '../wire/query.ts';
import { idList } from '../wire/soql.ts';

/* Fields that Salesforce's people may change too: read, weighed, written only if nobody changed the record in between. */

/** A composite request carries at most this many. */
const SUBREQUESTS = 25;

const SECOND = 1_000;

interface Plan {
  row: Claimed;
  salesforceId: string;
  record: SalesforceRecord;
  weighed: Weighed;
}

/**
 * Reads the records' present values in one query, merges each field three ways, and writes what is left to write.
 * @throws SalesforceFailure when Salesforce does not answer or refuses the query
 */
export async function deliverShared(rows: readonly Claimed[], ownerOf: OwnerOf): Promise<Outcome[]> {
  const { records, at } = await readAll(rows);
  const plans: Plan[] = [];
  const refused: Refused[] = [];
  for (const row of rows) {
    const record = records.get(row.salesforceId ?? '');
    const plan = record && record.IsDeleted !== true ? planOf(row, record, ownerOf) : undefined;
    if (!plan) refused.push(refusal(row, 'ENTITY_IS_DELETED', 'entity is deleted'));
    else if (mayChangeUnseen(plan, at))
      refused.push(refusal(row, 'JUST_CHANGED', 'Somebody is changing the record in this second.'));
    else plans.push(plan);
  }
  const failures = await writeGuarded(plans.filter((plan) => isToWrite(plan)));
  const changers = await changersOf(plans.filter(({ weighed }) => weighed.conflicts.length > 0));
  const settled = plans.map((plan) => {
    const failure = failures.get(plan);
    return failure ? { row: plan.row, failure } : settledAs(plan, changers);
  });
  return [...refused, ...settled];
}

const refusal = (row: Claimed, code: string, message: string): Refused => ({
  row,
  failure: new SalesforceFailure(code, message),
});

async function readAll(
  rows: readonly Claimed[],
): Promise<{ records: Map<string, SalesforceRecord>; at: Date }> {
  const ids = rows.map(({ salesforceId }) => salesforceId ?? '');
  const fields = new Set(rows.flatMap((row) => Object.keys(fieldsOf(row))));
  const sobject = rows[0]?.sobject ?? '';
  const always = [
    nameField(sobject),
    'Id',
    'IsDeleted',
    'LastModifiedDate',
    'LastModifiedById',
    'LastModifiedBy.Name',
  ];
  const { records, at } = await query(
    `SELECT ${[...new Set([...always, ...fields])].join(', ')} FROM ${sobject} WHERE Id IN ${idList(ids)}`,
  );
  const known = new Map(records.map((record) => [record.Id, record]));
  for (const record of records) known.set(record.Id.slice(0, 15), record);
  return { records: known, at };
}

const nameFields: Readonly<Record<string, string>> = {
  Case: 'CaseNumber', Contract: 'ContractNumber', Event: 'Subject', Task: 'Subject', ContentVersion: 'Title', Solution: 'SolutionName',
  CampaignMember: 'Status',
}; // prettier-ignore

const nameField = (sobject: string): string => nameFields[sobject] ?? 'Name';

function planOf(row: Claimed, record: SalesforceRecord, ownerOf: OwnerOf): Plan {
  const weighed = weigh({
    ours: fieldsOf(row),
    base: row.base ?? {},
    remote: record,
    ownerOf: (field) => (field === row.parent?.field ? 'rapport' : ownerOf(row.sobject, field)),
  });
  return { row, salesforceId: record.Id, record, weighed };
}

const isToWrite = ({ weighed }: Plan): boolean => Object.keys(weighed.send).length > 0;

/**
 * The guard of the write knows whole seconds only: what somebody does in the very second of the last change, after we read, would
 * not be noticed. Such a record waits for the second to be over.
 */
function mayChangeUnseen(plan: Plan, readAt: Date): boolean {
  const changedAt = Date.parse(String(plan.record.LastModifiedDate));
  return isToWrite(plan) && readAt.getTime() < changedAt + SECOND;
}

interface SubAnswer {
  httpStatusCode: number;
  body: { errorCode?: string; message?: string }[] | null;
}

/** Each record by itself, so that each has its own condition; 25 to a request. @returns those that were refused, and why */
async function writeGuarded(plans: readonly Plan[]): Promise<Map<Plan, SalesforceFailure>> {
  const refused = new Map<Plan, SalesforceFailure>();
  for (let i = 0; i < plans.length; i += SUBREQUESTS) {
    const some = plans.slice(i, i + SUBREQUESTS);
    const failures = await writeTogether(some).catch((error: unknown) => {
      const failure = toFailure(error);
      if (i === 0) throw failure;
      return plans.slice(i).map(() => failure);
    });
    for (const [j, failure] of failures.entries()) {
      const plan = plans[i + j];
      if (plan && failure) refused.set(plan, failure);
    }
    if (failures.length > some.length) break;
  }
  return refused;
}

async function writeTogether(plans: readonly Plan[]): Promise<(SalesforceFailure | undefined)[]> {
  const { body } = await send<{ compositeResponse: SubAnswer[] }>({
    method: 'POST',
    path: '/composite',
    body: {
      allOrNone: false,
      collateSubrequests: false,
      compositeRequest: plans.map(({ row, salesforceId, record, weighed }, i) => ({
        method: 'PATCH',
        url: `${basePath}/sobjects/${row.sobject}/${salesforceId}`,
        referenceId: `row${String(i)}`,
        body: weighed.send,
        httpHeaders: {
          'If-Unmodified-Since': new Date(String(record.LastModifiedDate)).toUTCString(),
          ...(row.allowSave ? { 'Sforce-Duplicate-Rule-Header': 'allowSave=true' } : {}),
        },
      })),
    },
    timeout: 60_000,
  });
  return plans.map((_, i) => failureOf(body.compositeResponse[i]));
}

const UNTOLD = 'Salesforce did not say what became of it';

function failureOf(answer: SubAnswer | undefined): SalesforceFailure | undefined {
  if (!answer) return new SalesforceFailure('UNREACHABLE', UNTOLD, { isAmbiguous: true });
  const { httpStatusCode: status, body } = answer;
  if (status < 300) return undefined;
  const { errorCode = `ERROR_HTTP_${String(status)}`, message = UNTOLD } = body?.[0] ?? {};
  return new SalesforceFailure(errorCode, message, { cause: body, isAmbiguous: status >= 500 });
}

type Changers = Awaited<ReturnType<typeof changersOf>>;

function settledAs({ row, salesforceId, record, weighed }: Plan, changers: Changers): Taken | Contested {
  const { send: written, conflicts, isOverruled } = weighed;
  const name = record[nameField(row.sobject)];
  const label = typeof name === 'string' ? name : null;
  if (conflicts.length > 0)
    return { row, salesforceId, label, written, conflicts, theirs: changers.get(salesforceId) ?? {} };
  const isAll = Object.keys(written).length === Object.keys(fieldsOf(row)).length;
  return { row, salesforceId, ...(isAll ? {} : { written }), needsReread: isOverruled || !isAll };
}
