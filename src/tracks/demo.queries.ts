import { sql, type Db } from '../platform/db.ts';

/** Whether the demo has its campaigns but no tracks yet, somebody uses a product by now, and it is known how its modules are called. */
export async function isReadyForTracks(at: Db): Promise<boolean> {
  const { rows } = await sql`
    select 1 where exists (select from campaigns where kind = 'campaign') and not exists (select from tracks)
      and exists (select from account_people where email_normalized is not null and days_active_14 >= 3)
      and exists (select from usage_days where module <> '')`.execute(at);
  return rows.length > 0;
}

export async function selectDemoPerson(at: Db, email: string): Promise<string | undefined> {
  const { rows } = await sql<{ id: string }>`
    select id from people where email = ${email} and is_demo`.execute(at);
  return rows[0]?.id;
}
