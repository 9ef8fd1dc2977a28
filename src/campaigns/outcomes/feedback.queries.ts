import { db, sql } from '../../platform/db.ts';

import type { DeliveryKey } from '../mailing/links.ts';

/** Somebody who answers a mail's questions, and whom their answers are for. */
export interface Answering {
  runId: number;
  n: number;
  locale: string;
  campaign: string;
  name: string;
  accountId: string;
  contactId: string | null;
  ownerId: string | null;
}

/** Whom a delivery went to; undefined when there is none, or they are no more. */
export async function selectAnswering({ runId, n }: DeliveryKey): Promise<Answering | undefined> {
  const { rows } = await sql<Answering>`
    select d.run_id as "runId", d.n, d.locale, r.fixed ->> 'name' as campaign, p.name, d.account_id as "accountId", p.contact_id as "contactId",
      a.owner_id as "ownerId"
    from deliveries d join runs r on r.id = d.run_id join account_people p on p.id = d.person_id
    join accounts a on a.id = d.account_id and a.deleted_at is null
    where d.run_id = ${runId} and d.n = ${n} and d.address is not null`.execute(db);
  return rows[0];
}
