import type { Claimed } from './claims.ts';
import { integrationUserId, send } from './connection.ts';
import { kindOf, SalesforceFailure, toFailure } from './errors.ts';
import type { Mirrored } from './mapping.ts';
import { query } from './query.ts';
import { idList, literal } from './soql.ts';
import { type Content, upload } from './upload.ts';

/** What became of one row: Salesforce's id of it, or why it was refused. */
export type Outcome = { row: Claimed; salesforceId: string } | { row: Claimed; failure: SalesforceFailure };

/** What the drain must know of the objects that it writes. */
export interface Knowledge {
  mappings: readonly Mirrored[];
  /** Bytes of the records that have any, by object. */
  content: Readonly<Record<string, Content>>;
}

/** A request carries at most this many records. */
export const MOST_TOGETHER = 200;

interface SaveResult {
  id?: string;
  success: boolean;
  errors: { statusCode: string; message: string; fields?: string[] }[];
}

type Way = 'file' | 'guarded' | 'create' | 'byId' | 'byRapportId';

/** Rows that can share a request: one object, one way of writing. */
export function requestsOf(rows: readonly Claimed[], { content }: Knowledge): Claimed[][] {
  const groups = Map.groupBy(rows, (row) => `${row.sobject} ${wayOf(row, content)}`);
  return [...groups.values()].flatMap((group) => {
    const first = group[0];
    const size = first && ['file', 'guarded'].includes(wayOf(first, content)) ? 1 : MOST_TOGETHER;
    return Array.from({ length: Math.ceil(group.length / size) }, (_, i) =>
      group.slice(i * size, (i + 1) * size),
    );
  });
}

function wayOf(row: Claimed, content: Knowledge['content']): Way {
  if (row.sobject in content) return 'file';
  if (row.unmodifiedSince !== null && row.salesforceId !== null) return 'guarded';
  if (row.operation === 'create') return 'create';
  return row.salesforceId === null ? 'byRapportId' : 'byId';
}

/**
 * Writes rows of one request. An upsert is sent again without fear; what was created and may have arrived is looked for first.
 * @throws SalesforceFailure when the request as a whole failed.
 */
export async function deliver(rows: readonly Claimed[], knowledge: Knowledge): Promise<Outcome[]> {
  const [first] = rows;
  if (!first) return [];
  const way = wayOf(first, knowledge.content);
  if (way === 'file') return [await deliverFile(first, knowledge)];
  if (way === 'guarded') return [await deliverGuarded(first)];
  if (way !== 'create') return await save(rows, way);
  const arrived = await lookUp(
    rows.filter((row) => row.isAmbiguous),
    knowledge.mappings,
  );
  const missing = rows.filter((row) => !arrived.some((outcome) => outcome.row === row));
  return [...arrived, ...(missing.length > 0 ? await save(missing, way) : [])];
}

async function save(rows: readonly Claimed[], way: Exclude<Way, 'file' | 'guarded'>): Promise<Outcome[]> {
  const sobject = rows[0]?.sobject ?? '';
  const { body } = await send<SaveResult[]>({
    method: way === 'create' ? 'POST' : 'PATCH',
    path: way === 'byRapportId' ? `/composite/sobjects/${sobject}/Rapport_Id__c` : '/composite/sobjects',
    body: {
      allOrNone: false,
      records: rows.map((row) => ({
        attributes: { type: sobject },
        ...identityOf(row, way),
        ...fieldsOf(row),
      })),
    },
    timeout: 60_000,
  });
  return rows.map((row, i) => outcomeOf(row, body[i]));
}

function identityOf(row: Claimed, way: Way): Record<string, unknown> {
  if (way === 'byId') return { id: row.salesforceId };
  return way === 'byRapportId' ? { Rapport_Id__c: row.rapportId } : {};
}

export function fieldsOf({ fields, parent }: Claimed): Record<string, unknown> {
  return parent === null ? fields : { ...fields, [parent.field]: parent.salesforceId };
}

function outcomeOf(row: Claimed, result: SaveResult | undefined): Outcome {
  const salesforceId = result?.id ?? row.salesforceId;
  if (result?.success === true && salesforceId !== null) return { row, salesforceId };
  if (result === undefined)
    return {
      row,
      failure: new SalesforceFailure('UNREACHABLE', 'Salesforce did not say what became of it', {
        isAmbiguous: true,
      }),
    };
  const messages = result.errors.map(({ message }) => message).join('; ');
  return { row, failure: new SalesforceFailure(result.errors[0]?.statusCode ?? 'UNKNOWN_ERROR', messages) };
}

/** A shared field is written only if nobody changed the record since it was read. */
async function deliverGuarded(row: Claimed): Promise<Outcome> {
  const salesforceId = row.salesforceId ?? '';
  try {
    await send({
      method: 'PATCH',
      path: `/sobjects/${row.sobject}/${salesforceId}`,
      headers: { 'if-unmodified-since': row.unmodifiedSince?.toUTCString() ?? '' },
      body: fieldsOf(row),
    });
    return { row, salesforceId };
  } catch (error) {
    return refusedAlone(row, error);
  }
}

async function deliverFile(row: Claimed, { content }: Knowledge): Promise<Outcome> {
  const bytes = content[row.sobject];
  if (!bytes) throw new Error(`no content is known for ${row.sobject}`);
  try {
    return { row, salesforceId: await upload(row, bytes) };
  } catch (error) {
    return refusedAlone(row, error);
  }
}

/** The refusal of a request with one record is that record's; anything else concerns the line. */
function refusedAlone(row: Claimed, error: unknown): Outcome {
  const failure = toFailure(error);
  if (failure.kind === 'terminal' || failure.kind === 'conflict') return { row, failure };
  throw failure;
}

/** Finds what was created although its answer was lost: by parent, author and content (CaseComment and the like). */
async function lookUp(rows: readonly Claimed[], mappings: readonly Mirrored[]): Promise<Outcome[]> {
  const found: Outcome[] = [];
  for (const row of rows) {
    const mapping = mappings.find(({ sobject }) => sobject === row.sobject);
    const parentId = row.parent?.salesforceId;
    if (mapping?.echoField === undefined || row.parent === null || parentId === undefined) continue;
    const since = new Date(row.createdAt.getTime() - 15 * 60_000);
    const { records } = await query(
      `SELECT Id, ${mapping.echoField} FROM ${row.sobject} WHERE ${row.parent.field} IN ${idList([parentId])}
       AND CreatedById IN ${idList([integrationUserId()])} AND CreatedDate >= ${literal(since)} ORDER BY CreatedDate DESC LIMIT 200`.replace(
        /\s+/g,
        ' ',
      ),
      'query',
    );
    const wanted = String(row.fields[mapping.echoField]).trim();
    const taken = new Set(found.map((outcome) => ('salesforceId' in outcome ? outcome.salesforceId : '')));
    const match = records.find(
      (record) => String(record[mapping.echoField ?? '']).trim() === wanted && !taken.has(record.Id),
    );
    if (match) found.push({ row, salesforceId: match.Id });
  }
  return found;
}

/** Whether trying again can help a refused row. */
export const isPassing = ({ code }: SalesforceFailure): boolean =>
  ['retry', 'quota', 'auth'].includes(kindOf(code));
