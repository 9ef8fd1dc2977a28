import { sql, transaction } from '../platform/db.ts';
import type { Events } from '../platform/events.ts';
import '../platform/salesforce/mirror/moves.ts';

/** Accounts and contacts that were merged: how the one used the product counts for the other. */
export async function followMoved({ table, batch }: Events['mirror.moved']): Promise<void> {
  const column = { accounts: 'account_id', contacts: 'contact_id' }[table];
  if (column === undefined) return;
  const ours = table === 'accounts' ? 'usage_accounts' : 'usage_people';
  await transaction(async (tx) => {
    await sql`
      update ${sql.table(ours)} u set ${sql.ref(column)} = move.to_id
      from mirror_moves move where move.batch = ${batch} and u.${sql.ref(column)} = move.from_id`.execute(tx);
  });
}
