import { randomUUID } from 'node:crypto';

import { db, sql } from '../../src/platform/db.ts';

/** A run of a campaign with so many deliveries, all sent in batches of `batchSize`, by SQL alone: what is told of them is what matters. */
export async function givenRun(
  size: number,
  { batchSize = 1000, topic = 'product-news', domain = `${randomUUID()}.example` } = {},
): Promise<{ runId: number; addressOf: (n: number) => string; campaignId: string }> {
  const { rows: campaigns } = await sql<{ id: string }>`
    insert into campaigns (name, message_class, topic, channel, status, owner_id, created_at, changed_at)
    values ('Release 5', 'marketing', ${topic}, 'email', 'active', gen_random_uuid(), now(), now()) returning id`.execute(
    db,
  );
  const campaignId = campaigns[0]?.id ?? '';
  const { rows: runs } = await sql<{ id: number }>`
    insert into runs (campaign_id, revision, trigger_key, triggered_at, state, fixed)
    values (${campaignId}, 1, 'test', now(), 'sending', ${JSON.stringify({ topic })}::jsonb) returning id`.execute(
    db,
  );
  const runId = runs[0]?.id ?? 0;
  await sql`
    insert into deliveries (run_id, n, person_id, account_id, address, locale, batch, state)
    select ${runId}, i, 1000000 + i, '001' || i, 'person' || i || '@' || ${domain}::text, 'en', (i - 1) / ${batchSize}::int, 'sent'
    from generate_series(1, ${size}::int) i`.execute(db);
  await sql`
    insert into batches (run_id, batch, size, state, due_at, posted_at)
    select ${runId}, batch, count(*), 'doubt', now(), now() from deliveries where run_id = ${runId} group by batch`.execute(
    db,
  );
  return { runId, addressOf: (n) => `person${String(n)}@${domain}`, campaignId };
}
