import { runQuery } from '../../sandbox/salesforce/soql/query.ts';
import { contextOfAdmin } from '../sandbox/records/admin.ts';

import type { Mirrored } from '../../src/platform/salesforce/mirror/mapping.ts';
import type { World } from './world.ts';

type Row = Record<string, unknown>;

/** The mirror against the org, row for row and field for field. @returns every difference in a line */
export async function differences(world: World): Promise<string[]> {
  const all: string[] = [];
  for (const mapping of world.mappings) all.push(...(await differencesOf(world, mapping)));
  return all;
}

async function differencesOf(world: World, mapping: Mirrored): Promise<string[]> {
  const { sobject, key } = mapping;
  const there = await recordsOf(world, mapping);
  const here = await rowsOf(world, mapping);
  const idOf = (row: Row) => row[key === 'ours' ? 'salesforce_id' : 'id'] as string | null;
  const known = new Map(here.flatMap((row) => (idOf(row) === null ? [] : [[idOf(row), row] as const])));
  const found: string[] = [];
  for (const record of there) {
    const name = `${sobject} ${String(record.Id)}`;
    const row = known.get(String(record.Id));
    known.delete(String(record.Id));
    if (record.IsDeleted === true) {
      if (row?.deleted_at === null && !isHistory(mapping))
        found.push(`${name} is deleted in the org and not in the mirror`);
    } else if (!row) found.push(`${name} is missing in the mirror`);
    else if (row.deleted_at !== null) found.push(`${name} is deleted in the mirror and not in the org`);
    else found.push(...compared(mapping, record, row).map((line) => `${name}: ${line}`));
  }
  for (const [id, row] of known)
    if (row.deleted_at === null) found.push(`${sobject} ${String(id)} is in the mirror and not in the org`);
  const orphans = here.filter((row) => idOf(row) === null && row.deleted_at === null && row.refusal === null);
  return [
    ...found,
    ...orphans.map((row) => `${sobject} ${String(row.id)} never came to the org, and nobody is told`),
  ];
}

/** History goes with its case, in the org and in the mirror, where nobody sees what hangs on a tombstone. */
const isHistory = ({ cursor }: Mirrored): boolean => cursor === 'CreatedDate';

async function recordsOf(world: World, { sobject, where, cursor }: Mirrored): Promise<Row[]> {
  const { rows } = await world.sql<{ fields: string[] }>`
    select fields from sync_states where sobject = ${sobject}`.execute(world.db);
  const fields = rows[0]?.fields ?? ['Id', cursor];
  const condition = where === undefined ? '' : ` WHERE ${where}`;
  const soql = `SELECT ${fields.join(', ')} FROM ${sobject}${condition}`;
  const { records } = await runQuery(await contextOfAdmin(world.org), soql, {
    all: true,
    batchSize: 100_000,
  });
  return records;
}

/** The mirror's rows, each with the reason why Salesforce refused a write of its, or of the record that it waits for, if so. */
async function rowsOf(world: World, { sobject, table }: Mirrored): Promise<Row[]> {
  const { rows } = await world.sql<Row>`
    select m.*, (select coalesce(o.error_code, 'refused') from outbox o
                 where o.sobject = ${sobject} and o.rapport_id = m.id::text
                   and (o.status in ('failed', 'conflict') or o.status = 'waiting' and exists (
                     select from outbox parent where parent.record_key = o.serial_key and parent.status in ('failed', 'conflict')))
                 limit 1) as refusal
    from ${world.sql.table(table)} m`.execute(world.db);
  return rows;
}

function compared(mapping: Mirrored, record: Row, row: Row): string[] {
  const columns = Object.entries(mapping.columns);
  const used = new Set([
    ...columns.map(([, { field }]) => field),
    'Id',
    'IsDeleted',
    mapping.cursor,
    mapping.caseField,
  ]);
  const pairs: [string, unknown, unknown][] = [
    [mapping.cursor, record[mapping.cursor], row.modified_at],
    ...columns.map(([column, how]): [string, unknown, unknown] => [
      how.field,
      wanted(how, record[how.field]),
      row[column],
    ]),
    ...Object.keys(record)
      .filter((field) => field !== 'attributes' && !used.has(field))
      .map((field): [string, unknown, unknown] => [field, record[field], (row.attributes as Row)[field]]),
  ];
  return pairs.flatMap(([field, theirs, ours]) =>
    plain(theirs) === plain(ours)
      ? []
      : [`${field} is ${plain(theirs)} in the org and ${plain(ours)} in the mirror`],
  );
}

const empty: Record<string, unknown> = { boolean: false, list: [] };

/** What a field's value should look like in its column. */
function wanted({ form, otherwise }: Mirrored['columns'][string], value: unknown): unknown {
  if (value === null || value === undefined) return otherwise ?? empty[form] ?? null;
  if (form === 'minor') return Math.round(Number(value) * 100);
  if (form === 'integer') return Math.trunc(Number(value));
  return form === 'list' && typeof value === 'string' ? value.split(';') : value;
}

const MOMENT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d/;

/** A value as text that is equal on both sides when the values are. */
function plain(value: unknown): string {
  if (value === null || value === undefined) return 'null';
  if (value instanceof Date) return value.toISOString();
  if (typeof value === 'string' && MOMENT.test(value)) return new Date(value).toISOString();
  if (value === 'epoch') return new Date(0).toISOString();
  return typeof value === 'string' ? value : JSON.stringify(value);
}
