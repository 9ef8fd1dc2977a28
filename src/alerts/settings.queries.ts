import { db, sql, type Db } from '../platform/db.ts';

import type { AlertSettings } from './settings.ts';

export async function selectSettings(tx: Db, personId: string): Promise<AlertSettings | undefined> {
  const { rows } = await sql<AlertSettings>`
    select wants_digest as "wantsDigest", wants_own_accounts as "wantsOwnAccounts", digest_hour as "digestHour",
      wants_mail as "wantsMail", quiet_from as "quietFrom", quiet_until as "quietUntil"
    from alert_settings where person_id = ${personId}`.execute(tx);
  return rows[0];
}

export async function saveSettings(personId: string, settings: AlertSettings): Promise<void> {
  const { wantsDigest, wantsOwnAccounts, digestHour, wantsMail, quietFrom, quietUntil } = settings;
  await sql`
    insert into alert_settings (person_id, wants_digest, wants_own_accounts, digest_hour, wants_mail, quiet_from, quiet_until)
    values (${personId}, ${wantsDigest}, ${wantsOwnAccounts}, ${digestHour}, ${wantsMail}, ${quietFrom}, ${quietUntil})
    on conflict (person_id) do update set (wants_digest, wants_own_accounts, digest_hour, wants_mail, quiet_from, quiet_until)
      = (excluded.wants_digest, excluded.wants_own_accounts, excluded.digest_hour, excluded.wants_mail, excluded.quiet_from,
         excluded.quiet_until)`.execute(db);
}
