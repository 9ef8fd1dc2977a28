import type { RawBuilder } from 'kysely';

import { db, sql } from '../platform/db.ts';

import type { TrackUse } from './uses.ts';

/* A message's id is nowhere in a definition but where it is sent. */
export async function selectUses(
  scope: RawBuilder<boolean>,
  messageIds: readonly string[],
): Promise<TrackUse[]> {
  const { rows } = await sql<TrackUse>`
    select distinct on (lower(c.name), t.id, m.id) m.id as "messageId", t.id, c.name, t.status
    from tracks t join campaigns c on c.id = t.id join track_versions v on v.track_id = t.id and v.state <> 'replaced'
      join unnest(${[...messageIds]}::uuid[]) m (id) on strpos(v.definition::text, m.id::text) > 0
    where ${scope} and t.status <> 'archived' order by lower(c.name), t.id, m.id`.execute(db);
  return rows;
}
