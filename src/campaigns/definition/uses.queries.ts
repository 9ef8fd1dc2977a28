import type { RawBuilder } from 'kysely';

import { db, sql } from '../../platform/db.ts';

import type { MessageUse } from './uses.ts';

export async function selectUses(
  scope: RawBuilder<boolean>,
  messageIds: readonly string[],
): Promise<MessageUse[]> {
  const { rows } = await sql<MessageUse>`
    select c.message_id as "messageId", c.id, c.name, c.status from campaigns c
    where ${scope} and c.kind = 'campaign' and c.message_id = any(${[...messageIds]}::uuid[]) and c.status <> 'archived'
    order by lower(c.name), c.id`.execute(db);
  return rows;
}
