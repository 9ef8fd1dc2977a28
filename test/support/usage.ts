import { db, sql } from '../../src/platform/db.ts';

/** Empties everything that tells of use, and the mirror of accounts and their people. */
export async function emptyUsage(): Promise<void> {
  await sql`
    truncate usage_inbox, usage_events, usage_days, usage_account_days, usage_person_days, usage_members, usage_aliases, usage_people,
      usage_accounts, usage_counted, usage_modules, usage_rejections, account_engagement, account_people, engagement_bounds,
      engagement_settings, accounts, contacts, licenses, opportunities, events cascade`.execute(db);
}
