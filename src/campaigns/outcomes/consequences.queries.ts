import { sql, type Tx } from '../../platform/db.ts';

import type { Telling } from './consequences.ts';
import { telling } from './intake.queries.ts';

/** What SendGrid told in this turn about addresses, in the order in which it happened. Words on our own pages are written down there. */
export async function selectTellings(tx: Tx): Promise<Telling[]> {
  const { rows } = await sql<Telling>`
    select coalesce(d.address, t.email) as address, t.kind, t.detail, t.occurred_at as "occurredAt",
      d.run_id as "runId", d.n, r.fixed ->> 'topic' as topic, t.event
    from (select * from taken where kind = any(${[...telling]}) and (is_known or not is_ours)) t
    left join deliveries d on d.run_id = t.run_id and d.n = t.n
    left join runs r on r.id = d.run_id
    where t.source = 'sendgrid' and coalesce(d.address, t.email) is not null
    order by t.occurred_at, t.event_id`.execute(tx);
  return rows;
}
