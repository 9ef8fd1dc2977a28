import type { Clock } from '../../clock.ts';
import { transaction } from '../../database.ts';
import type { Db, Pool, Transaction } from '../../database.ts';
import { createCatalog } from './catalog.ts';
import type { Catalog, FieldDefinition, ObjectDefinition, SObject } from './catalog.ts';
import { completeField, completeObject, withField } from './complete.ts';
import { insertFirstRows, insertStatuses } from './first-rows.ts';
import { ruleTables } from './rules.ts';
import { standardObjects } from './standard-objects.ts';
import { insertStandardRules } from './standard-rules.ts';
import { ddlOf } from './tables.ts';
import type { Columns } from './tables.ts';

/** Brings the tables of the schema up to the standard objects and what was deployed, and returns the catalog of both. */
export async function prepareSchema(pool: Pool, clock: Clock): Promise<Catalog> {
  return transaction(pool, async (tx) => {
    await tx.query('select pg_advisory_xact_lock(7350)');
    await tx.query(metaTables);
    await tx.query(ruleTables);
    const objects = await readObjects(tx);
    const columns = await readColumns(tx);
    const ddl = objects.flatMap((sobject) => ddlOf(sobject, columns));
    if (ddl.length > 0) await tx.query(ddl.join(';\n'));
    const catalog = createCatalog(await changedAt(tx, clock));
    for (const sobject of objects) catalog.put(sobject, catalog.changedAt());
    await insertFirstRows(tx, catalog, clock);
    await insertStatuses(tx, clock);
    await insertStandardRules(tx);
    return catalog;
  });
}

const metaTables = `
  create schema if not exists sandbox;
  create table if not exists _sobject (name text primary key, definition jsonb not null);
  create table if not exists _field (sobject text, name text, definition jsonb not null, primary key (sobject, name));
  create table if not exists _state (name text primary key, value jsonb not null);
`;

async function readObjects(tx: Transaction): Promise<SObject[]> {
  const deployed = await tx.query('select definition from _sobject order by name');
  const fields = await tx.query('select sobject, definition from _field order by sobject, name');
  const custom = (deployed.rows as { definition: ObjectDefinition & { keyPrefix: string } }[]).map(
    (row) => row.definition,
  );
  const objects = new Map<string, SObject>();
  for (const definition of [...standardObjects.map(withPrefix), ...custom])
    objects.set(definition.name, completeObject(definition));
  for (const row of fields.rows as { sobject: string; definition: FieldDefinition }[]) {
    const sobject = objects.get(row.sobject);
    if (sobject) objects.set(row.sobject, withField(sobject, completeField(row.definition)));
  }
  return [...objects.values()];
}

function withPrefix(definition: ObjectDefinition): ObjectDefinition & { keyPrefix: string } {
  if (!definition.keyPrefix) throw new Error(`${definition.name} has no key prefix`);
  return { ...definition, keyPrefix: definition.keyPrefix };
}

/** The columns of all tables as they are now. */
export async function readColumns(db: Db): Promise<Columns> {
  const { rows } = await db.query(
    `select c.relname as "table", a.attname as "column"
       from pg_class c join pg_attribute a on a.attrelid = c.oid
      where c.relnamespace = 'sandbox'::regnamespace and c.relkind = 'r' and a.attnum > 0 and not a.attisdropped`,
  );
  const columns: Columns = new Map();
  for (const row of rows as { table: string; column: string }[])
    columns.set(row.table, (columns.get(row.table) ?? new Set()).add(row.column));
  return columns;
}

/** When the schema was deployed to last; its first preparation counts. */
async function changedAt(tx: Transaction, clock: Clock): Promise<Date> {
  const { rows } = await tx.query(
    `insert into _state (name, value) values ('schema', to_jsonb($1::text))
     on conflict (name) do update set value = _state.value returning value`,
    [clock.now().toISOString()],
  );
  return new Date((rows as { value: string }[])[0]?.value ?? clock.now());
}
