import { sql, type Db } from '../platform/db.ts';
import { compileRows } from '../rules/compile.ts';
import type { Catalog } from '../rules/fields.ts';

interface Asked {
  catalog: Catalog;
  /** YYYY-MM-DD */
  today: string;
}

export interface Found {
  accountId: string;
  /** A list in JSON. */
  values: string;
}

/** Longer texts than this are no merge fields: whoever has one fails alone, and the others' memory is safe. */
export const LONGEST_VALUE = 10_000;

/** The fields' values of each of these people (account_people.id), in the order of the fields; who is gone is not among them. */
export async function selectValues(
  tx: Db,
  people: readonly number[],
  fields: readonly string[],
  asked: Asked,
): Promise<Map<number, Found>> {
  const among = sql`select p.account_id from account_people p where p.id = any(${people}::bigint[])`;
  const { sources, values } = compileRows({ ...asked, entity: 'person', among, fields });
  const bounded = values.map((value, i) => {
    const type = asked.catalog.get(fields[i] ?? '')?.type;
    return type === 'text' || type === 'choice' ? sql`left(${value}::text, ${LONGEST_VALUE + 1})` : value;
  });
  const { rows } = await sql<Found & { id: number }>`
    select p.id, p.account_id as "accountId", json_build_array(${bounded.length === 0 ? sql`` : sql.join(bounded)})::text as "values"
    from account_people p join accounts a on a.id = p.account_id ${sources}
    where p.id = any(${people}::bigint[]) and a.deleted_at is null`.execute(tx);
  return new Map(rows.map((row) => [row.id, row]));
}
