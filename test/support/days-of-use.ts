import { randomBytes } from 'node:crypto';

import { DAY, now } from '../../src/platform/clock.ts';
import { db, sql } from '../../src/platform/db.ts';

/** The calendar day so many days from today, YYYY-MM-DD. */
export const day = (fromToday: number): string =>
  new Date(now().getTime() + fromToday * DAY).toISOString().slice(0, 10);

interface UsageGiven {
  account: { id: string };
  /** 0 is today, -1 yesterday. */
  days: readonly number[];
  email?: string;
  events?: number;
  seconds?: number;
}

/** What counting makes of usage: one person of the account did something on each of these days. */
export async function givenUsage({
  account,
  days,
  email,
  events = 10,
  seconds = 600,
}: UsageGiven): Promise<void> {
  const made = await givenUser(account.id, email);
  const dates = days.map(day);
  await sql`
    insert into usage_account_days (usage_account, day, events, seconds, people, modules)
    select ${made.account}, day::date, ${events}, ${seconds}, 1, 1 from unnest(${dates}::text[]) day
    on conflict (usage_account, day) do update set (events, seconds, people) = (usage_account_days.events + excluded.events,
      usage_account_days.seconds + excluded.seconds, usage_account_days.people + 1)`.execute(db);
  await sql`
    insert into usage_person_days (usage_account, day, person, events, seconds, modules)
    select ${made.account}, day::date, ${made.person}, ${events}, ${seconds}, 1 from unnest(${dates}::text[]) day`.execute(
    db,
  );
  await sql`
    insert into usage_members (usage_account, person, first_on, last_on)
    select ${made.account}, ${made.person}, min(day::date), max(day::date) from unnest(${dates}::text[]) day`.execute(
    db,
  );
}

async function givenUser(accountId: string, email?: string): Promise<{ account: number; person: number }> {
  const external = `user-${randomBytes(6).toString('hex')}`;
  const at = now();
  const { rows } = await sql<{ account: number; person: number }>`
    with account as (
      insert into usage_accounts (external_id, account_id, matched_by, first_seen_at, last_seen_at)
      values (${accountId}, ${accountId}, 'id', ${at}, ${at})
      on conflict (external_id) do update set last_seen_at = excluded.last_seen_at returning id
    ), person as (
      insert into usage_people (external_id, email, usage_account, first_seen_at, last_seen_at)
      select ${external}, ${email ?? null}, id, ${at}, ${at} from account returning id
    )
    select account.id as account, person.id as person from account, person`.execute(db);
  const [made] = rows;
  if (made === undefined) throw new Error('no user was made');
  return made;
}
