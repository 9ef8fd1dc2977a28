import { quote, type Db } from '../../database.ts';
import { numberSequence } from '../../salesforce/records/ids.ts';
import { tables } from './tables.ts';

/** Where cases wait for their numbers while they are made account by account. */
export const STAGED_CASES = '_demo_case';

/** Makes the waiting table; it goes with the transaction. */
export async function stageCases(db: Db): Promise<void> {
  const columns = tables.Case.map(quote).join(', ');
  await db.query(
    `create temporary table ${STAGED_CASES} on commit drop as select ${columns} from "Case" where false`,
  );
}

/** Numbers the cases in the order in which they were opened, as an org does, behind those that it has already. */
export async function moveCases(db: Db): Promise<void> {
  const columns = tables.Case.map(quote);
  const from = columns.map((column) =>
    column === '"CaseNumber"' ? `lpad((numbered.place + $1)::text, 8, '0')` : column,
  );
  const { rows } = await db.query(
    `select case when is_called then last_value else 0 end as last from ${quote(numberSequence('Case'))}`,
  );
  const last = Math.max(FIRST, (rows as { last: number }[])[0]?.last ?? 0);
  const { rowCount } = await db.query(
    `insert into "Case" (${columns.join(', ')})
     select ${from.join(', ')}
       from (select *, row_number() over (order by "CreatedDate", "Id") as place from ${STAGED_CASES}) numbered
      order by numbered.place`,
    [last],
  );
  await db.query('select setval($1::regclass, $2)', [quote(numberSequence('Case')), last + (rowCount ?? 0)]);
}

/** A company that has been in business does not start at case 1. */
const FIRST = 10_000;
