import type { Claimed } from './claims.ts';
import type { FieldConflict } from './merge-fields.ts';
import { query, type SalesforceRecord } from '../wire/query.ts';
import { idList } from '../wire/soql.ts';

/** Who changed a field in Salesforce, as far as the org tells. */
interface Changer {
  name: string | null;
  at: string | null;
}

interface Contest {
  row: Pick<Claimed, 'sobject'>;
  salesforceId: string;
  record: SalesforceRecord;
  weighed: { conflicts: readonly FieldConflict[] };
}

/**
 * Who changed the fields in question: by the object's field history where the org keeps one, else whoever changed the record last.
 * @returns by record, then by field
 */
export async function changersOf(
  contests: readonly Contest[],
): Promise<Map<string, Readonly<Record<string, Changer>>>> {
  const [first] = contests;
  if (!first) return new Map();
  const history = await historyOf(first.row.sobject, contests);
  return new Map(
    contests.map(({ salesforceId, record, weighed }) => [
      salesforceId,
      Object.fromEntries(
        weighed.conflicts.map(({ field }) => [
          field,
          history.get(`${salesforceId}.${field}`) ?? lastOf(record),
        ]),
      ),
    ]),
  );
}

const lastOf = (record: SalesforceRecord): Changer => ({
  name: textOf(record['LastModifiedBy.Name']),
  at: textOf(record.LastModifiedDate),
});

const textOf = (value: unknown): string | null => (typeof value === 'string' ? value : null);

/** Not every object has a history, nor every field of those that do: without one the record's last change is all that is known. */
async function historyOf(sobject: string, contests: readonly Contest[]): Promise<Map<string, Changer>> {
  const { object, parent } = historyObject(sobject);
  const fields = [...new Set(contests.flatMap(({ weighed }) => weighed.conflicts.map(({ field }) => field)))];
  const newest = new Map<string, Changer>();
  const page = await query(
    `SELECT ${parent}, Field, CreatedBy.Name, CreatedDate FROM ${object} WHERE ${parent} IN ${idList(contests.map(({ salesforceId }) => salesforceId))}` +
      ` AND Field IN (${fields.map((field) => `'${field}'`).join(', ')}) ORDER BY CreatedDate DESC, Id DESC LIMIT 2000`,
    'query',
  ).catch(() => undefined);
  for (const row of page?.records ?? []) {
    const key = `${String(row[parent])}.${String(row.Field)}`;
    if (!newest.has(key))
      newest.set(key, { name: textOf(row['CreatedBy.Name']), at: textOf(row.CreatedDate) });
  }
  return newest;
}

function historyObject(sobject: string): { object: string; parent: string } {
  if (sobject.endsWith('__c')) return { object: sobject.replace(/__c$/, '__History'), parent: 'ParentId' };
  if (sobject === 'Opportunity') return { object: 'OpportunityFieldHistory', parent: 'OpportunityId' };
  return { object: `${sobject}History`, parent: `${sobject}Id` };
}
