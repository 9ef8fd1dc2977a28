import { HOUR, MINUTE, now } from '../../clock.ts';
import { db, sql, transaction, type Tx } from '../../db.ts';

import { type Change, recordChanges } from './changes.ts';
import { attributes, columnsOf } from './columns.ts';
import { type Readable, type ReadableField } from './describe.ts';
import type { Source } from './merge.ts';
import { BULK_ABOVE, scan } from './scan.ts';
import type { SyncState } from './states.ts';
import { updateState } from './states.ts';

/** Fields that no description calls calculated, and that change all the same without the record's being changed. */
const derived = new Set(['LastActivityDate', 'HasOpenActivity', 'HasOverdueTask']);

/** What may change behind SystemModstamp's back: formulas, roll-ups, and what is read over a lookup. */
export const calculatedOf = ({ fields }: Readable): string[] =>
  fields
    .filter(({ name, isCalculated }) => (isCalculated ?? false) || name.includes('.') || derived.has(name))
    .map(({ name }) => name);

/** How often calculated fields are read again: small objects cost an answer, large ones a Bulk job. */
const SMALL_EVERY = 10 * MINUTE;
const LARGE_EVERY = HOUR;

/** Whether an object's calculated fields are due to be read again. */
export function isRefreshDue(
  readable: Readable,
  { refreshedAt, rowsLoaded, rowsExpected }: SyncState,
): boolean {
  const every = Math.max(rowsLoaded, rowsExpected ?? 0) > BULK_ABOVE ? LARGE_EVERY : SMALL_EVERY;
  return calculatedOf(readable).length > 0 && now().getTime() - (refreshedAt?.getTime() ?? 0) >= every;
}

/**
 * Reads some fields of every row again, and nothing else: rows that differ in them are rewritten, the others stay untouched. A row
 * that has changed meanwhile is left to the poll, which reads it whole.
 * @returns how many rows changed
 */
export async function refreshFields(
  readable: Readable,
  fields: readonly string[],
  stopping: AbortSignal,
): Promise<number> {
  const narrow = narrowed(readable, fields);
  let changed = 0;
  for await (const { source } of scan(narrow, stopping))
    changed += await transaction(async (tx) => {
      const changes = await mergeFields(tx, readable, narrow, source);
      await recordChanges(tx, readable.mapping.table, changes);
      return changes.length;
    });
  return changed;
}

/** Reads again what is calculated, and notes when. */
export async function refreshCalculated(readable: Readable, stopping: AbortSignal): Promise<number> {
  const at = now();
  const changed = await refreshFields(readable, calculatedOf(readable), stopping);
  await updateState(db, readable.mapping.sobject, { refreshed_at: at });
  return changed;
}

/** Reads, for every row that is here already, fields that have become readable or have another type. */
export async function fillFields(
  readable: Readable,
  fields: readonly string[],
  stopping: AbortSignal,
): Promise<number> {
  const known = fields.filter((name) => readable.fields.some((field) => field.name === name));
  const changed = known.length === 0 ? 0 : await refreshFields(readable, known, stopping);
  await sql`
    update sync_states set backfill = array(select unnest(backfill) except select unnest(${fields}::text[]))
    where sobject = ${readable.mapping.sobject}`.execute(db);
  return changed;
}

function narrowed(readable: Readable, names: readonly string[]): Readable {
  const isWanted = ({ name }: ReadableField) =>
    name === 'Id' || name === readable.mapping.cursor || names.includes(name);
  return { ...readable, fields: readable.fields.filter(isWanted) };
}

async function mergeFields(tx: Tx, readable: Readable, narrow: Readable, source: Source): Promise<Change[]> {
  const { mapping } = readable;
  const columns = [
    ...columnsOf(
      readable,
      narrow.fields.map(({ name }) => name),
    ).map(({ name, value }) => ({ name, value })),
    ...attributesOf(narrow),
  ];
  if (columns.length === 0) return [];
  const names = columns.map(({ name }) => `m.${name}`).join(', ');
  const values = columns.map(({ value }) => value).join(', ');
  const sets = columns.map(({ name, value }) => `${name} = ${value}`).join(', ');
  await sql`set local timezone to 'UTC'`.execute(tx);
  await sql`set local statement_timeout to '10min'`.execute(tx);
  const { rows } = await sql<Change>`
    update ${sql.table(mapping.table)} m set ${sql.raw(sets)}
    from ${source}
    where ${sql.ref(mapping.key === 'ours' ? 'm.salesforce_id' : 'm.id')} = s."Id"
      and m.modified_at = s.${sql.ref(mapping.cursor)} and m.deleted_at is null
      and (${sql.raw(names)}) is distinct from (${sql.raw(values)})
      and not exists (select from erased_records e where e.record_id = s."Id")
    returning m.id::text as row_id, 'updated' as change`.execute(tx);
  return rows;
}

/** The attributes with these fields as they are now; those that are empty, or fill a column by now, go. */
function attributesOf(narrow: Readable): { name: string; value: string }[] {
  const read = narrow.fields.map(({ name }) => name);
  const isNeeded = (name: string) => name === 'Id' || name === narrow.mapping.cursor;
  const list = read.filter((name) => !isNeeded(name)).map((name) => `'${name}'`);
  if (list.length === 0) return [];
  return [
    { name: 'attributes', value: `(m.attributes - array[${list.join(', ')}]) || ${attributes(narrow)}` },
  ];
}
