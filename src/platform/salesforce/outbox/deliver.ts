import type { Claimed } from './claims.ts';
import { send } from '../wire/connection.ts';
import { arrivedBefore, createdBefore } from './deliver-again.ts';
import { withMatches } from './deliver-duplicates.ts';
import { fieldsOf, type Outcome, refusedAlone } from './deliver-outcomes.ts';
import { deliverShared } from './deliver-shared.ts';
import { SalesforceFailure } from '../wire/errors.ts';
import type { Mirrored } from '../mirror/mapping.ts';
import type { OwnerOf } from './merge-owners.ts';
import { type Content, upload } from '../wire/upload.ts';

/** What the drain must know of the objects that it writes. */
export interface Knowledge {
  mappings: readonly Mirrored[];
  /** Bytes of the records that have any, by object. */
  content: Readonly<Record<string, Content>>;
}

/** The same with the owners of fields as they are now. */
export interface Owned extends Knowledge {
  ownerOf: OwnerOf;
}

/** A request carries at most this many records. */
export const MOST_TOGETHER = 200;

type Way = 'file' | 'shared' | 'create' | 'byId' | 'byRapportId' | 'again';

/** Rows that can share a request: one object, one way of writing. */
export function requestsOf(rows: readonly Claimed[], knowledge: Owned): Claimed[][] {
  const groups = Map.groupBy(
    rows,
    (row) => `${row.sobject} ${wayOf(row, knowledge)} ${String(row.allowSave)}`,
  );
  return [...groups.values()].flatMap((group) => {
    const first = group[0];
    const size = first && wayOf(first, knowledge) === 'file' ? 1 : MOST_TOGETHER;
    return Array.from({ length: Math.ceil(group.length / size) }, (_, i) =>
      group.slice(i * size, (i + 1) * size),
    );
  });
}

function wayOf(row: Claimed, { content, ownerOf }: Owned): Way {
  if (row.sobject in content) return 'file';
  if (row.operation === 'create') return 'create';
  if (row.salesforceId === null) return row.isAmbiguous ? 'again' : 'byRapportId';
  const isShared = Object.keys(row.fields).some((field) => ownerOf(row.sobject, field) !== 'rapport');
  return isShared ? 'shared' : 'byId';
}

/**
 * Writes rows of one request. Fields that others may change too are weighed against Salesforce's first; what may have arrived
 * before is looked for, so that nothing is there twice and nothing that was deleted meanwhile comes back.
 * @throws SalesforceFailure when the request as a whole failed.
 */
export async function deliver(rows: readonly Claimed[], knowledge: Owned): Promise<Outcome[]> {
  const [first] = rows;
  if (!first) return [];
  const way = wayOf(first, knowledge);
  if (way === 'file') return [await deliverFile(first, knowledge)];
  if (way === 'shared') return await deliverShared(rows, knowledge.ownerOf);
  if (way === 'again') return await deliverAgain(rows, knowledge);
  if (way !== 'create') return await save(rows, way);
  const arrived = await createdBefore(
    rows.filter((row) => row.isAmbiguous),
    knowledge.mappings,
  );
  return [...arrived, ...(await save(without(rows, arrived), way))];
}

/** Upserts whose answer was lost. */
async function deliverAgain(rows: readonly Claimed[], { mappings, ownerOf }: Owned): Promise<Outcome[]> {
  const { taken, known } = await arrivedBefore(rows, mappings);
  return [
    ...taken,
    ...(known.length > 0 ? await deliverShared(known, ownerOf) : []),
    ...(await save(
      without(
        without(rows, taken),
        known.map((row) => ({ row })),
      ),
      'byRapportId',
    )),
  ];
}

const without = (rows: readonly Claimed[], outcomes: readonly { row: Claimed }[]): Claimed[] =>
  rows.filter((row) => !outcomes.some((outcome) => outcome.row.id === row.id));

interface SaveResult {
  id?: string;
  success: boolean;
  errors: { statusCode: string; message: string; fields?: string[]; duplicateResult?: unknown }[];
}

async function save(rows: readonly Claimed[], way: 'create' | 'byId' | 'byRapportId'): Promise<Outcome[]> {
  const [first] = rows;
  if (!first) return [];
  const { sobject, allowSave } = first;
  const { body } = await send<SaveResult[]>({
    method: way === 'create' ? 'POST' : 'PATCH',
    path: way === 'byRapportId' ? `/composite/sobjects/${sobject}/Rapport_Id__c` : '/composite/sobjects',
    headers: allowSave ? { 'sforce-duplicate-rule-header': 'allowSave=true' } : {},
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
  const outcomes = rows.map((row, i) => outcomeOf(row, body[i]));
  return await Promise.all(outcomes.map((outcome) => withMatches(outcome, way)));
}

function identityOf(row: Claimed, way: Way): Record<string, unknown> {
  if (way === 'byId') return { id: row.salesforceId };
  return way === 'byRapportId' ? { Rapport_Id__c: row.rapportId } : {};
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
  return {
    row,
    failure: new SalesforceFailure(result.errors[0]?.statusCode ?? 'UNKNOWN_ERROR', messages, {
      cause: result.errors,
    }),
  };
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
