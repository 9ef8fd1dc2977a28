import { now } from '../../clock.ts';
import { db, sql, transaction, type Tx } from '../../db.ts';

import { names, type Readable } from './describe.ts';
import type { SyncState } from './states.ts';
import { updateState } from './states.ts';
import type { Notice } from './tables.ts';

/** Every field's type, as it is kept to be compared with the next description. */
export const typesOf = ({ fields }: Readable): Record<string, string> =>
  Object.fromEntries(fields.map(({ name, type }) => [name, type]));

/**
 * Compares what is readable with what was: fields that have become readable, or have another type, are to be read for the rows that
 * are here; what is readable no longer goes from the attributes. A column keeps what it had.
 */
export async function noteFields(readable: Readable, state: SyncState): Promise<void> {
  const { sobject, leftOut = [] } = readable.mapping;
  const before = state.fieldTypes;
  const types = typesOf(readable);
  const isKnown = Object.keys(before).length > 0;
  const added = names(readable).filter((name) => isKnown && before[name] === undefined);
  const retyped = names(readable).filter(
    (name) => before[name] !== undefined && before[name] !== types[name],
  );
  const gone = Object.keys(before).filter((name) => types[name] === undefined);
  await noteMapped(readable, state);
  if (isKnown && added.length + retyped.length + gone.length === 0) return;
  await transaction(async (tx) => {
    await updateState(tx, sobject, {
      fields: names(readable),
      field_types: JSON.stringify(types),
      backfill: [...new Set([...state.backfill, ...added, ...retyped])].filter((name) => name in types),
    });
    await notice(tx, sobject, 'readable', added.map((field) => ({ field, detail: types[field] ?? '' }))); // prettier-ignore
    await notice(tx, sobject, 'gone', gone.filter((field) => !leftOut.includes(field)).map((field) => ({ field }))); // prettier-ignore
    await notice(tx, sobject, 'retyped', retyped.map((field) => ({ field, detail: `${before[field] ?? ''} → ${types[field] ?? ''}` }))); // prettier-ignore
  });
  await dropAttributes(readable, gone);
}

/** Fields that the mapping names and that cannot fill their column: hidden, or of another type. */
async function noteMapped({ mapping, hidden, unfit }: Readable, state: SyncState): Promise<void> {
  const { rows } = await sql<{ unfit: string[] }>`
    select unfit_fields as unfit from sync_states where sobject = ${mapping.sobject}`.execute(db);
  const known = rows[0]?.unfit ?? [];
  if (known.join() === unfit.join() && state.hiddenFields.join() === hidden.join()) return;
  await transaction(async (tx) => {
    await updateState(tx, mapping.sobject, { hidden_fields: [...hidden], unfit_fields: [...unfit] });
    await notice(tx, mapping.sobject, 'unfit', unfit.filter((field) => !known.includes(field)).map((field) => ({ field }))); // prettier-ignore
  });
}

async function notice(
  tx: Tx,
  sobject: string,
  kind: Notice,
  fields: readonly { field: string; detail?: string }[],
): Promise<void> {
  if (fields.length === 0) return;
  await tx
    .insertInto('field_notices')
    .values(
      fields.map(({ field, detail = '' }) => ({ sobject, field, notice: kind, detail, noticed_at: now() })),
    )
    .execute();
}

/** Rows rewritten by one statement. */
const AT_ONCE = 10_000;

/** Takes fields out of every row's attributes, some rows at a time. */
async function dropAttributes({ mapping }: Readable, fields: readonly string[]): Promise<void> {
  if (fields.length === 0) return;
  const isOfObject = mapping.sharesTable ? sql`sobject = ${mapping.sobject}` : sql`true`;
  for (;;) {
    const { numAffectedRows = 0n } = await sql`
      update ${sql.table(mapping.table)} set attributes = attributes - ${fields}::text[]
      where ctid = any(array(
        select ctid from ${sql.table(mapping.table)} where ${isOfObject} and attributes ?| ${fields}::text[] limit ${AT_ONCE}))`.execute(
      db,
    );
    if (numAffectedRows < AT_ONCE) return;
  }
}
