import { db, sql } from '../../db.ts';

import { spending } from '../budget/budget.ts';
import type { Mirrored } from './mapping.ts';
import { query } from '../wire/query.ts';

/** A record's value of one field, there and here. */
export interface Previewed {
  recordId: string;
  name: string;
  theirs: string | null;
  ours: string | null;
  /** The record is in the mirror. */
  isHere: boolean;
}

const ROWS = 5;

/** The newest records of an object with a field's value: as Salesforce says now, and as the mirror holds it. */
export async function preview(
  { sobject, table, key, where, cursor, columns }: Mirrored,
  { field, nameField }: { field: string; nameField: string },
): Promise<Previewed[]> {
  const fields = [...new Set(['Id', nameField, field])];
  const { records } = await spending('setup', () =>
    query(
      [`SELECT ${fields.join(', ')} FROM ${sobject}`, where === undefined ? '' : `WHERE ${where}`, `ORDER BY ${cursor} DESC LIMIT ${String(ROWS)}`].join(' '), // prettier-ignore
      'query',
    ),
  );
  const column = Object.entries(columns).find(([, mapped]) => mapped.field === field)?.[0];
  const id = sql.ref(key === 'ours' ? 'salesforce_id' : 'id');
  const { rows } = await sql<{ id: string; value: string | null }>`
    select ${id} as id, ${column === undefined ? sql`attributes ->> ${field}` : sql`${sql.ref(column)}::text`} as value
    from ${sql.table(table)} where ${id} = any(${records.map(({ Id }) => Id)}::text[])`.execute(db);
  const here = new Map(rows.map((row) => [row.id, row.value]));
  return records.map((record) => ({
    recordId: record.Id,
    name: textOf(record[nameField]) ?? record.Id,
    theirs: textOf(record[field]),
    ours: here.get(record.Id) ?? null,
    isHere: here.has(record.Id),
  }));
}

function textOf(value: unknown): string | null {
  if (value === null || value === undefined) return null;
  return typeof value === 'string' ? value : JSON.stringify(value);
}
