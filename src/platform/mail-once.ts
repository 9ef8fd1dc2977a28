import { db, sql } from './db.ts';

/* Mails that must not come twice are written down before they are sent, and again once SendGrid has taken them. */

/** Begins one: `doubt` when it was begun before and nobody noted how that ended. */
export async function beginOnce(key: string, at: Date): Promise<'begun' | 'sent' | 'doubt'> {
  const { rows } = await sql<{ outcome: 'begun' | 'sent' | 'doubt' }>`
    with begun as (
      insert into mails_once (key, begun_at) values (${key}, ${at}) on conflict (key) do nothing returning 1)
    select case when exists (select from begun) then 'begun'
                when exists (select from mails_once where key = ${key} and sent_at is not null) then 'sent'
                else 'doubt' end as outcome`.execute(db);
  return rows[0]?.outcome ?? 'doubt';
}

export async function noteSent(key: string, at: Date): Promise<void> {
  await sql`update mails_once set sent_at = ${at} where key = ${key}`.execute(db);
}

/** Has the next attempt count as the first. */
export async function forgetOnce(key: string): Promise<void> {
  await sql`delete from mails_once where key = ${key} and sent_at is null`.execute(db);
}
