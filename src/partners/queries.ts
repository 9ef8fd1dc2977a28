import '../accounts/tables.ts';
import '../cases/tables.ts';
import { type AccountViewer, withinAccount, withinCases } from '../access/viewer.ts';
import { db, sql } from '../platform/db.ts';

import type { PartnerAccount } from './partners.ts';

export async function maybePartnerAccount(viewer: AccountViewer): Promise<PartnerAccount | undefined> {
  const { rows } = await sql<PartnerAccount>`
    select accounts.name, accounts.type, accounts.billing_city as city, accounts.billing_country as country,
      owner.name as "ownerName", owner.email as "ownerEmail",
      (select count(*) from cases where ${withinCases(viewer)} and not cases.is_closed and cases.deleted_at is null) as "openCases"
    from accounts left join users owner on owner.id = accounts.owner_id and owner.is_active and owner.deleted_at is null
    where ${withinAccount(viewer, 'accounts.id')} and accounts.deleted_at is null`.execute(db);
  return rows[0];
}
