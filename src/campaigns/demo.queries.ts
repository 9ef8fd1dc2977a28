import { sql, type Db } from '../platform/db.ts';

export async function isAnyCampaign(at: Db): Promise<boolean> {
  const { rows } = await sql`select 1 from campaigns limit 1`.execute(at);
  return rows.length > 0;
}

/** Whether anybody uses a product by now, as the demo's lists ask. */
export async function isAnybodyActive(at: Db): Promise<boolean> {
  const { rows } = await sql`
    select 1 from account_people where email_normalized is not null and days_active_14 >= 3 limit 1`.execute(
    at,
  );
  return rows.length > 0;
}

export async function selectDemoPerson(at: Db, email: string): Promise<string | undefined> {
  const { rows } = await sql<{
    id: string;
  }>`select id from people where email = ${email} and is_demo`.execute(at);
  return rows[0]?.id;
}
