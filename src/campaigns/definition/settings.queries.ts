import { db, sql, type Db } from '../../platform/db.ts';

import type { CampaignSettings } from './settings.ts';

export async function selectSettings(at: Db): Promise<unknown> {
  const { rows } = await sql<{ settings: unknown }>`select settings from campaign_settings`.execute(at);
  return rows[0]?.settings;
}

export async function saveSettings(
  settings: CampaignSettings,
  { by, at }: { by: string; at: Date },
): Promise<void> {
  await sql`
    insert into campaign_settings (settings, changed_by, changed_at) values (${JSON.stringify(settings)}, ${by}, ${at})
    on conflict (id) do update set (settings, changed_by, changed_at) = (excluded.settings, excluded.changed_by, excluded.changed_at)`.execute(
    db,
  );
}
