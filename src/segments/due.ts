import type { RawBuilder } from 'kysely';

import { sql, type Tx } from '../platform/db.ts';
import { enqueue } from '../platform/jobs.ts';

/**
 * Has accounts wait to be looked at again for every list, in the transaction that changed something about them.
 * @param accounts a query of one column, `account_id`
 */
export async function noteDue(tx: Tx, accounts: RawBuilder<unknown>): Promise<void> {
  const { rows } = await sql`
    with noted as (
      insert into segment_due (account_id)
      select distinct account_id from (${accounts}) touched where account_id is not null order by account_id
      on conflict do nothing returning 1
    ) select from noted limit 1`.execute(tx);
  if (rows.length > 0) await askForDue(tx);
}

/** Has the accounts looked at that wait. What is noted while a worker looks is looked at after it. */
export const askForDue = (tx: Tx) =>
  enqueue(tx, 'refresh_due_segments', {}, { key: 'refresh_due_segments', queue: 'segments' });

/** Has the lists looked at in full that need it, at once or then. */
export const askForFull = (tx: Tx, runAt?: Date) =>
  enqueue(
    tx,
    'refresh_segments',
    {},
    { key: 'refresh_segments', queue: 'segments', ...(runAt === undefined ? {} : { runAt }) },
  );
