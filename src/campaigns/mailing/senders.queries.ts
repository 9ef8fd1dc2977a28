import { managerOf } from '../../accounts/managers.ts';
import type { Sender } from '../../channels/channel.ts';
import { type Db, sql } from '../../platform/db.ts';

/** The success managers of accounts, by account, with the address that answers go to; whose manager has none, or has left, is left out. */
export async function selectManagers(at: Db, accountIds: readonly string[]): Promise<Map<string, Sender>> {
  const { rows } = await sql<Sender & { accountId: string }>`
    select a.id as "accountId", u.name, u.email from accounts a
    join users u on u.id = ${managerOf('a')} and u.deleted_at is null and u.is_active and u.email <> '' and u.name <> ''
    where a.id = any(${[...new Set(accountIds)]})`.execute(at);
  return new Map(rows.map(({ accountId, name, email }) => [accountId, { name, email }]));
}
