import type { Db } from '../../database.ts';
import { tables } from './tables.ts';

/** Drops the indexes of the tables that are loaded, but for their keys, and returns what makes them again. */
export async function dropIndexes(db: Db): Promise<string[]> {
  const { rows } = await db.query(
    `select i.indexrelid::regclass::text as name, pg_get_indexdef(i.indexrelid) as definition
       from pg_index i join pg_class c on c.oid = i.indrelid
      where c.relnamespace = 'sandbox'::regnamespace and c.relname = any($1) and not i.indisprimary
        and not exists (select from pg_constraint where conindid = i.indexrelid)`,
    [Object.keys(tables)],
  );
  const found = rows as { name: string; definition: string }[];
  if (found.length > 0) await db.query(`drop index ${found.map(({ name }) => name).join(', ')}`);
  return found.map(({ definition }) => definition);
}

/** Makes the indexes again. */
export async function buildIndexes(db: Db, definitions: readonly string[]): Promise<void> {
  for (const definition of definitions) await db.query(definition);
}
