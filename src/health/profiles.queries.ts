import { sql, type Db } from '../platform/db.ts';

import type { Profile } from './profiles.ts';

export async function selectProfiles(tx: Db): Promise<Profile[]> {
  const { rows } = await sql<Profile>`
    select id, position, name, applies_to as "appliesTo", is_enabled as "isEnabled", version, settings
    from health_profiles order by applies_to is null, position`.execute(tx);
  return rows;
}
