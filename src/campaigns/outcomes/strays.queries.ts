import type { RawBuilder } from 'kysely';

import { db, sql } from '../../platform/db.ts';

import type { StrayEvent } from './strays.ts';

export async function selectStrays(scope: RawBuilder<boolean>, most: number): Promise<StrayEvent[]> {
  const { rows } = await sql<StrayEvent>`
    select event_id as id, source, why, kind, received_at as "receivedAt", data from stray_events
    where ${scope} order by received_at desc limit ${most}`.execute(db);
  return rows;
}
