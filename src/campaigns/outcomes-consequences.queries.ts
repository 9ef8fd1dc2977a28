import { sql, type Tx } from '../platform/db.ts';

import type { Telling } from './outcomes-consequences.ts';

/** What SendGrid told in this turn about addresses, in the order in which it happened. Words on our own pages are written down there. */
export async function selectTellings(tx: Tx): Promise<Telling[]> {
  const { rows } = await sql<Telling>`
    select coalesce(d.address, f.email) as address, f.kind, f.detail, f.occurred_at as "occurredAt", d.run_id as "runId", d.n,
      r.fixed ->> 'topic' as topic, f.event
    from fresh f
    left join deliveries d on f.is_ours and d.run_id = f.run_id and d.n = f.n
    left join runs r on r.id = d.run_id
    where f.source = 'sendgrid' and f.kind in ('bounced', 'blocked', 'dropped', 'complained', 'unsubscribed', 'resubscribed')
      and coalesce(d.address, f.email) is not null
    order by f.occurred_at, f.event_id`.execute(tx);
  return rows;
}
