import type { RawBuilder } from 'kysely';

import { db, sql } from '../platform/db.ts';

import type { AccountCase } from './account-cases.ts';

type Counted = AccountCase & { open: number; closed: number };

export async function selectAccountCases(scope: RawBuilder<boolean>, accountId: string) {
  const { rows } = await sql<Counted>`
    select c.id, c.salesforce_id as "salesforceId", c.number, c.subject, c.status, c.priority, c.is_closed as "isClosed",
           p.name as "contactName", u.name as "ownerName", c.created_at as "createdAt", c.closed_at as "closedAt",
           count(*) filter (where not c.is_closed) over () as open, count(*) filter (where c.is_closed) over () as closed
    from cases c
    left join contacts p on p.id = c.contact_id
    left join users u on u.id = c.owner_id
    where c.account_id = ${accountId} and c.deleted_at is null and ${scope}
    order by c.is_closed, c.created_at desc, c.id limit 100`.execute(db);
  return { cases: rows as AccountCase[], open: rows[0]?.open ?? 0, closed: rows[0]?.closed ?? 0 };
}
