import { notRemoved } from '../accounts/removals.ts';
import { sql, type Db, type Tx } from '../platform/db.ts';

import type { Signal } from './signals.ts';
import type { Source } from './sources.ts';

/** Accounts that were deleted or taken off the lists are told of no more. */
export const counted = sql`a.deleted_at is null and ${notRemoved('a.id')}`;

/**
 * One statement, whatever the number of signals. They are counted before the first is written: found one by one they would each be looked
 * for among those that this very statement has written, as long as nothing is known of the table's size.
 */
export async function insertSignals(
  tx: Tx,
  source: Source,
  at: Date,
): Promise<{ batch: number; signals: number }> {
  const { rows } = await sql<{ batch: number; signals: number }>`
    with found as materialized (${source}),
    fresh as materialized (
      select found.* from found join accounts a on a.id = found.account_id and ${counted}
      where not exists (select from signals known where known.cause = found.cause)
    ),
    batch as materialized (select nextval('signal_batches') as id where (select count(*) from fresh) > 0),
    noted as (
      insert into signals (batch, cause, kind, account_id, person, rule_id, data, occurred_at, noted_at)
      select batch.id, cause, kind, account_id, person, rule_id, data, occurred_at, ${at} from fresh, batch
      on conflict (cause) do nothing returning 1
    )
    select coalesce((select id from batch), 0) as batch, (select count(*) from noted) as signals`.execute(tx);
  return rows[0] ?? { batch: 0, signals: 0 };
}

/** The columns of a signal, over `s` (signals or a source) and `a` (its account). */
export const signalColumns = sql`
  s.kind, s.account_id as "accountId", a.name as "accountName",
  (select p.name from account_people p where p.id = s.person) as "personName", s.data, s.occurred_at as "occurredAt"`;

/** Up to `limit` signals of an alert. */
export async function selectSignalsOf(tx: Db, alertId: number, limit: number): Promise<Signal[]> {
  const { rows } = await sql<Signal>`
    select s.id, ${signalColumns} from alert_signals l
    join signals s on s.id = l.signal_id join accounts a on a.id = s.account_id
    where l.alert_id = ${alertId} order by s.id limit ${limit}`.execute(tx);
  return rows;
}
