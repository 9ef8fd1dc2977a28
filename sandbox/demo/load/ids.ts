import type { Db } from '../../database.ts';
import { idOf, idSequence, numberSequence } from '../../salesforce/records/ids.ts';
import type { Catalog } from '../../salesforce/schema/catalog.ts';
import { quote } from '../../database.ts';
import type { Table } from './tables.ts';

/** Ids and auto-numbers for rows that are made faster than one could ask for each. */
export interface Ids {
  /** The next id of an object. */
  next: (table: Table) => string;
  /** The next counter of an object's auto-number. */
  number: (table: Table) => number;
  /** Puts the org's sequences behind what was given out. */
  settle: () => Promise<void>;
}

/** Starts behind the ids that the org has given out; nobody else may create records until `settle`. */
export async function takeIds(
  db: Db,
  catalog: Catalog,
  names: readonly Table[],
  numbered: readonly Table[],
): Promise<Ids> {
  const ids = new Map<string, { prefix: string; counter: number }>();
  const numbers = new Map<string, number>();
  for (const name of names) {
    const prefix = catalog.find(name)?.keyPrefix ?? '';
    ids.set(name, { prefix, counter: await current(db, idSequence(name)) });
  }
  for (const name of numbered) numbers.set(name, await current(db, numberSequence(name)));
  return {
    next(table) {
      const found = ids.get(table);
      if (!found) throw new RangeError(`no ids were taken for ${table}`);
      found.counter += 1;
      return idOf(found.prefix, found.counter);
    },
    number(table) {
      const next = (numbers.get(table) ?? 0) + 1;
      numbers.set(table, next);
      return next;
    },
    async settle() {
      for (const [name, { counter }] of ids) await settle(db, idSequence(name), counter);
      for (const [name, counter] of numbers) await settle(db, numberSequence(name), counter);
    },
  };
}

/** The counter given out last. A fresh sequence stands at 1 without having given it out. */
async function current(db: Db, sequence: string): Promise<number> {
  const { rows } = await db.query(
    `select case when is_called then last_value else last_value - 1 end as last from ${quote(sequence)}`,
  );
  return (rows as { last: number }[])[0]?.last ?? 0;
}

async function settle(db: Db, sequence: string, counter: number): Promise<void> {
  if (counter > 0) await db.query('select setval($1::regclass, $2)', [quote(sequence), counter]);
}
