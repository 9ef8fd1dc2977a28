import type { RawBuilder } from 'kysely';

import { db, sql } from '../platform/db.ts';

import type { License } from './licenses.ts';

export async function selectLicenses(scope: RawBuilder<boolean>, accountId: string): Promise<License[]> {
  const { rows } = await sql<License>`
    select l.id, l.name, p.name as product, l.edition, l.version, l.kind, l.seats, l.status, l.is_trial as "isTrial",
           l.purchased_on as "purchasedOn", l.support_until as "supportUntil"
    from licenses l left join products p on p.id = l.product_id
    where l.account_id = ${accountId} and l.deleted_at is null and ${scope}
    order by l.support_until desc nulls last, l.id limit 200`.execute(db);
  return rows;
}
