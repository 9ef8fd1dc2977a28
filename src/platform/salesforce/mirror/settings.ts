import { now } from '../../clock.ts';
import { type Db, db, sql, transaction, type Tx } from '../../db.ts';
import { Conflict, NotFound } from '../../errors.ts';

import type { Mirrored } from './mapping.ts';
import type { FieldOwner } from './tables.ts';

/** What administrators chose about one object. */
export interface ObjectSettings {
  /** They added it; objects that the code maps are there anyway. */
  isChosen: boolean;
  /** Readable fields that are not to be mirrored. */
  leftOut: string[];
  /** Our columns that another field of Salesforce's fills than the code says. */
  columns: Record<string, string>;
  /** Who has the last word about a field; those not named are shared. */
  owners: Record<string, FieldOwner>;
}

export async function settingsOf(sobject: string, tx: Db = db): Promise<ObjectSettings> {
  const { rows } = await sql<ObjectSettings>`
    select exists (select from chosen_objects where sobject = ${sobject}) as "isChosen",
      array(select field from left_out_fields where sobject = ${sobject} order by field) as "leftOut",
      coalesce((select jsonb_object_agg(column_name, field) from mapped_fields where sobject = ${sobject}), '{}') as columns,
      coalesce((select jsonb_object_agg(field, owner) from field_owners where sobject = ${sobject}), '{}') as owners`.execute(
    tx,
  );
  return rows[0] ?? { isChosen: false, leftOut: [], columns: {}, owners: {} };
}

/** A change of the mapping, as it is kept. */
interface Change {
  sobject: string;
  by: string;
  undoes?: number;
}

/**
 * Changes what is chosen about an object, and keeps what it was and who changed it. A running sync takes it over with its next
 * look; an object with a column that gets another field is loaded again.
 */
export async function changeSettings(
  { sobject, by, undoes }: Change,
  change: (before: ObjectSettings) => ObjectSettings,
): Promise<void> {
  await transaction(async (tx) => {
    await sql`select pg_advisory_xact_lock(hashtextextended(${`mapping of ${sobject}`}, 0))`.execute(tx);
    const before = await settingsOf(sobject, tx);
    const after = change(before);
    if (isSame(before, after)) return;
    await apply(tx, sobject, after);
    await loadColumns(tx, sobject, before, after);
    await tx
      .insertInto('mapping_changes')
      .values({
        sobject,
        before: JSON.stringify(before),
        after: JSON.stringify(after),
        changed_by: by,
        changed_at: now(),
        undoes: undoes ?? null,
      })
      .execute();
    if (before.isChosen && !after.isChosen) await forget(tx, sobject);
  });
}

async function apply(tx: Tx, sobject: string, after: ObjectSettings): Promise<void> {
  for (const table of ['chosen_objects', 'left_out_fields', 'mapped_fields', 'field_owners'] as const)
    await sql`delete from ${sql.table(table)} where sobject = ${sobject}`.execute(tx);
  const { isChosen, leftOut, columns, owners } = after;
  await sql`
    insert into chosen_objects (sobject, chosen_at) select ${sobject}, ${now()} where ${isChosen}`.execute(
    tx,
  );
  await sql`
    insert into left_out_fields (sobject, field) select distinct ${sobject}, unnest(${leftOut}::text[])`.execute(
    tx,
  );
  await sql`
    insert into mapped_fields (sobject, column_name, field)
    select ${sobject}, key, value from jsonb_each_text(${JSON.stringify(columns)}::jsonb)`.execute(tx);
  await sql`
    insert into field_owners (sobject, field, owner)
    select ${sobject}, key, value from jsonb_each_text(${JSON.stringify(owners)}::jsonb)`.execute(tx);
}

/** A column that another field fills is read again for every row. */
async function loadColumns(
  tx: Tx,
  sobject: string,
  { columns: before }: ObjectSettings,
  { columns: after }: ObjectSettings,
): Promise<void> {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].filter(
    (name) => before[name] !== after[name],
  );
  if (names.length === 0) return;
  await sql`update sync_states set phase = case when phase = 'live' then 'waiting' else phase end, bulk_job = null, bulk_locator = null
            where sobject = ${sobject}`.execute(tx);
}

/** What is held of an object that is not wanted any more goes. */
async function forget(tx: Tx, sobject: string): Promise<void> {
  await sql`set local statement_timeout to '10min'`.execute(tx);
  await sql`delete from salesforce_records where sobject = ${sobject}`.execute(tx);
  await sql`delete from sync_loaded where sobject = ${sobject}`.execute(tx);
  await sql`delete from sync_states where sobject = ${sobject}`.execute(tx);
}

/** A change of the mapping as staff read it. */
export interface MappingChange {
  id: number;
  sobject: string;
  before: ObjectSettings;
  after: ObjectSettings;
  changedBy: string | null;
  changedAt: Date;
  undoes: number | null;
  /** It is the last one of its object: it can be taken back. */
  isLast: boolean;
}

/** The changes of the mapping, newest first; of one object where it is given. */
export async function mappingHistory(sobject?: string, limit = 50): Promise<MappingChange[]> {
  const { rows } = await sql<MappingChange>`
    select c.id, c.sobject, c.before, c.after, p.name as "changedBy", c.changed_at as "changedAt", c.undoes,
      not exists (select from mapping_changes later where later.sobject = c.sobject and later.id > c.id) as "isLast"
    from mapping_changes c left join people p on p.id = c.changed_by
    where ${sobject ?? null}::text is null or c.sobject = ${sobject ?? null}
    order by c.id desc limit ${limit}`.execute(db);
  return rows;
}

/**
 * Takes an object's last change back.
 * @throws Conflict when the object was changed again since.
 */
export async function undoChange(id: number, by: string): Promise<void> {
  const row = await db
    .selectFrom('mapping_changes')
    .select(['sobject', 'before', 'after'])
    .where('id', '=', id)
    .executeTakeFirst();
  if (row === undefined) throw new NotFound();
  await changeSettings({ sobject: row.sobject, by, undoes: id }, (current) => {
    if (!isSame(current, row.after as ObjectSettings)) throw new Conflict('mapping.changedSince');
    return row.before as ObjectSettings;
  });
}

const isSame = (one: ObjectSettings, other: ObjectSettings): boolean => sorted(one) === sorted(other);

function sorted({ isChosen, leftOut, columns, owners }: ObjectSettings): string {
  const pairs = (of: Record<string, string>) => Object.entries(of).sort(([a], [b]) => a.localeCompare(b));
  return JSON.stringify([isChosen, [...leftOut].sort(), pairs(columns), pairs(owners)]);
}

/** Who has the last word about a field, beside what an administrator said: what Rapport alone writes is Rapport's. */
export function ownerOf(
  { ownFields = [] }: Mirrored,
  field: string,
  owners: ObjectSettings['owners'],
): FieldOwner {
  return owners[field] ?? (ownFields.includes(field) || field.startsWith('Rapport_') ? 'rapport' : 'shared');
}
