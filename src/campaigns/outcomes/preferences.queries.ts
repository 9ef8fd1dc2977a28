import { db, sql } from '../../platform/db.ts';

import type { DeliveryKey } from '../mailing/links.ts';

interface Row {
  address: string;
  locale: string;
  topic: string | null;
  isTransactional: boolean;
}

/** Whom a delivery went to and what it was about; undefined when there is none, or its recipient was erased. */
export async function selectDelivery({ runId, n }: DeliveryKey) {
  const { rows } = await sql<Row>`
    select d.address, d.locale, coalesce(r.fixed ->> 'topic', c.topic) as topic, c.message_class = 'transactional' as "isTransactional"
    from deliveries d join runs r on r.id = d.run_id join campaigns c on c.id = r.campaign_id
    where d.run_id = ${runId} and d.n = ${n} and d.address is not null`.execute(db);
  const [row] = rows;
  return row && { ...row, topic: row.topic ?? undefined };
}
