import type { RawBuilder } from 'kysely';

import { db, sql } from '../../platform/db.ts';

import type { NewerMessage } from './newer-message.ts';

/** The version of the message that stands approved, or waits for it, beside the newest. */
export async function selectVersions(
  scope: RawBuilder<boolean>,
  campaignId: string,
): Promise<NewerMessage | undefined> {
  const { rows } = await sql<NewerMessage>`
    select m.id as "messageId", (a.snapshot ->> 'messageVersion')::integer as approved, m.version as newest
    from campaigns c
      join lateral (select snapshot from campaign_approvals where campaign_id = c.id and (decision is null or decision = 'approved') order by id desc limit 1) a on true
      join messages m on m.id = c.message_id and m.id = (a.snapshot ->> 'messageId')::uuid
    where ${scope} and c.id = ${campaignId} and c.status in ('in_review', 'approved', 'active', 'ended')`.execute(
    db,
  );
  return rows[0];
}
