import { db, sql } from '../../db.ts';

import type { Claimed } from './claims.ts';
import { integrationUserId } from '../wire/connection.ts';
import type { Taken } from './deliver-outcomes.ts';
import type { Mirrored } from '../mirror/mapping.ts';
import { query, type SalesforceRecord } from '../wire/query.ts';
import { currentSession } from '../wire/renewal.ts';
import { idList, literal } from '../wire/soql.ts';

/* What may have arrived although its answer was lost. */

/** How far apart our clock and Salesforce's may be. */
const SKEW = 15 * 60_000;

/**
 * Finds upserts that had created their record: by our id, among deleted ones too. What has become of such a record since is
 * Salesforce's business: nothing is written over it, and one that somebody deleted does not come back.
 * @returns those that had arrived, and those whose record was there before us, to be written by its id
 */
export async function arrivedBefore(
  rows: readonly Claimed[],
  mappings: readonly Mirrored[],
): Promise<{ taken: Taken[]; known: Claimed[] }> {
  const [first] = rows;
  if (!first) return { taken: [], known: [] };
  const there = await recordsNamed(first.sobject, rows);
  const here = await mirroredIds(
    mappings.find(({ sobject }) => sobject === first.sobject),
    rows,
  );
  const taken: Taken[] = [];
  const known: Claimed[] = [];
  for (const row of rows) {
    const records = there.filter((one) => one.Rapport_Id__c === row.rapportId);
    const record = records.find(({ IsDeleted }) => IsDeleted !== true) ?? records[0];
    const salesforceId = record?.Id ?? here.get(row.rapportId ?? '');
    if (salesforceId === undefined) continue;
    if (record && !isOfThisWrite(row, record)) known.push({ ...row, salesforceId });
    else taken.push({ row, salesforceId, needsReread: true });
  }
  return { taken, known };
}

const isOfThisWrite = (row: Claimed, record: SalesforceRecord): boolean =>
  record.CreatedById === integrationUserId() &&
  Date.parse(String(record.CreatedDate)) >= row.createdAt.getTime() - SKEW;

async function recordsNamed(sobject: string, rows: readonly Claimed[]): Promise<SalesforceRecord[]> {
  const names = rows.map(({ rapportId }) => `'${(rapportId ?? '').replace(/[^\w-]/g, '')}'`).join(', ');
  const { records } = await query(
    `SELECT Id, IsDeleted, Rapport_Id__c, CreatedById, CreatedDate FROM ${sobject} WHERE Rapport_Id__c IN (${names})`,
  );
  return records;
}

/** A record that was purged has left Salesforce without a trace, yet the mirror may have met it. */
async function mirroredIds(
  mapping: Mirrored | undefined,
  rows: readonly Claimed[],
): Promise<Map<string, string>> {
  if (mapping?.key !== 'ours') return new Map();
  const found = await sql<{ id: string; salesforceId: string }>`
    select id::text as id, salesforce_id as "salesforceId" from ${sql.table(mapping.table)}
    where salesforce_id is not null and id::text = any(${rows.map(({ rapportId }) => rapportId)}::text[])`.execute(
    db,
  );
  return new Map(found.rows.map(({ id, salesforceId }) => [id, salesforceId]));
}

/** Finds what was created although its answer was lost: by parent, author and content (CaseComment and the like). */
export async function createdBefore(
  rows: readonly Claimed[],
  mappings: readonly Mirrored[],
): Promise<Taken[]> {
  const found: Taken[] = [];
  for (const row of rows) {
    const mapping = mappings.find(({ sobject }) => sobject === row.sobject);
    if (mapping?.echoField === undefined || row.parent?.salesforceId === undefined) continue;
    const taken = found.map(({ salesforceId }) => salesforceId);
    const salesforceId = await sameContent(row, mapping.echoField, taken);
    if (salesforceId !== undefined) found.push({ row, salesforceId });
  }
  return found;
}

async function sameContent(
  row: Claimed,
  field: string,
  taken: readonly string[],
): Promise<string | undefined> {
  const since = literal(new Date(row.createdAt.getTime() - SKEW));
  /* A process that has just begun has made no call yet, and knows its user from its session alone. */
  const { userId } = await currentSession();
  const { records } = await query(
    `SELECT Id, ${field} FROM ${row.sobject} WHERE ${row.parent?.field ?? ''} IN ${idList([row.parent?.salesforceId ?? ''])}` +
      ` AND CreatedById IN ${idList([userId])} AND CreatedDate >= ${since} ORDER BY CreatedDate DESC LIMIT 200`,
  );
  const delivered = await deliveredAs(records.map(({ Id }) => Id));
  const wanted = String(row.fields[field]).trim();
  return records.find(
    (record) =>
      String(record[field]).trim() === wanted && !taken.includes(record.Id) && !delivered.has(record.Id),
  )?.Id;
}

/** Records that other rows of the outbox are known to have become: the same words said twice are two comments. */
async function deliveredAs(ids: readonly string[]): Promise<Set<string>> {
  const { rows } = await sql<{ id: string }>`
    select salesforce_id as id from outbox where status = 'delivered' and operation = 'create' and salesforce_id = any(${ids}::text[])`.execute(
    db,
  );
  return new Set(rows.map(({ id }) => id));
}
