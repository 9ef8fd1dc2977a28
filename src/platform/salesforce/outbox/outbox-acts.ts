import { db, sql, transaction, type Tx } from '../../db.ts';
import { NotFound } from '../../errors.ts';

import { giveUp } from './conflicts.ts';
import type { Value } from './outbox.ts';

/* What staff do with rows that Salesforce refused, or that wait too long. */

/**
 * Sends a row again, at once. Of what a later write of the record has said, it says nothing any more.
 * @throws NotFound for what was taken, given up or is being sent
 */
export async function retry(id: number): Promise<void> {
  await transaction(async (tx) => {
    if ((await sendAgain(tx, sql`o.id = ${id}`)) === 0) throw new NotFound();
  });
}

/** Sends everything again that was refused with this code. @returns how many rows */
export async function retryAll(errorCode: string): Promise<number> {
  return await transaction((tx) => sendAgain(tx, sql`o.status = 'failed' and o.error_code = ${errorCode}`));
}

async function sendAgain(tx: Tx, which: ReturnType<typeof sql>): Promise<number> {
  const { rows } = await sql<{ id: number; isEmpty: boolean }>`
    update outbox o set status = 'waiting', attempts = 0, next_attempt_at = now(),
      fields = case when o.salesforce_id is null then o.fields else o.fields - array(
        select name from outbox later, jsonb_object_keys(later.fields) name
        where later.record_key = o.record_key and later.id > o.id and later.status in ('waiting', 'sending', 'delivered')) end
    where o.status in ('failed', 'waiting') and ${which}
    returning o.id, o.fields = '{}' and o.operation <> 'create' as "isEmpty"`.execute(tx);
  await giveUp(
    tx,
    rows.filter(({ isEmpty }) => isEmpty).map(({ id }) => id),
    'OVERTAKEN',
  );
  return rows.length;
}

/** Gives up everything that was refused with this code, a thousand at a time. @returns how many rows */
export async function discardAll(errorCode: string): Promise<number> {
  const { rows } = await sql<{ id: number }>`
    select id from outbox where status = 'failed' and error_code = ${errorCode} order by id limit 1000`.execute(
    db,
  );
  let discarded = 0;
  for (const { id } of rows) {
    await discard(id).then(
      () => (discarded += 1),
      (error: unknown) => {
        if (!(error instanceof NotFound)) throw error;
      },
    );
  }
  return discarded;
}

/** Has a refused row say something else, and sends it again; a field that is not among them is not written. @throws NotFound */
export async function mend(id: number, fields: Readonly<Record<string, Value>>, by: string): Promise<void> {
  await transaction(async (tx) => {
    const { rows } = await sql`
      update outbox set fields = ${JSON.stringify(fields)}, edited_by = ${by}, edited_at = now()
      where id = ${id} and status = 'failed' returning id`.execute(tx);
    if (rows.length === 0) throw new NotFound();
    await sendAgain(tx, sql`o.id = ${id}`);
  });
}

/**
 * Gives a refused row up for good; what Salesforce holds then counts again. What waits for a record that never came is refused with it.
 * @throws NotFound for what was not refused, or is no longer
 */
export async function discard(id: number): Promise<void> {
  await transaction(async (tx) => {
    const { rows } = await sql<{ record_key: string; salesforce_id: string | null }>`
      select record_key, salesforce_id from outbox where id = ${id} and status = 'failed' for update`.execute(
      tx,
    );
    const [row] = rows;
    if (!row) throw new NotFound();
    await giveUp(tx, [id], 'DISCARDED');
    if (row.salesforce_id !== null) return;
    await sql`
      update outbox set status = 'failed', error_code = 'PARENT_GIVEN_UP', error = 'The record that it belongs to was discarded.'
      where status = 'waiting' and salesforce_id is null and (record_key = ${row.record_key}
        or (parent is not null and serial_key = ${row.record_key}))`.execute(tx);
  });
}
