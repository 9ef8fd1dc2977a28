import type { RawBuilder } from 'kysely';

import { db, sql, type Tx } from '../platform/db.ts';

import type { RemovedAccount } from './removals.ts';

type Condition = RawBuilder<boolean>;

interface Removal {
  accountId: string;
  reason: string;
  by: string;
  at: Date;
}

/** @returns undefined when there is no such account */
export async function insertRemoval(
  tx: Tx,
  scope: Condition,
  { accountId, reason, by, at }: Removal,
): Promise<{ isNew: boolean } | undefined> {
  const { rows } = await sql<{ isNew: boolean }>`
    with account as (select id from accounts where id = ${accountId} and deleted_at is null and ${scope}),
    added as (
      insert into removed_accounts (account_id, reason, removed_by, removed_at)
      select id, ${reason}, ${by}, ${at} from account on conflict do nothing returning 1)
    select exists (select from added) as "isNew" from account`.execute(tx);
  return rows[0];
}

export async function deleteRemoval(tx: Tx, scope: Condition, accountId: string): Promise<boolean> {
  const { numAffectedRows = 0n } =
    await sql`delete from removed_accounts where account_id = ${accountId} and ${scope}`.execute(tx);
  return numAffectedRows > 0n;
}

export async function selectRemoved(scope: Condition): Promise<RemovedAccount[]> {
  const { rows } = await sql<RemovedAccount>`
    select r.account_id as id, a.name, r.reason, p.name as "removedBy", r.removed_at as "removedAt"
    from removed_accounts r join accounts a on a.id = r.account_id and a.deleted_at is null
    left join people p on p.id = r.removed_by
    where ${scope} order by r.removed_at desc, a.id limit 500`.execute(db);
  return rows;
}
