import { DAY, now } from '../platform/clock.ts';
import { db, sql } from '../platform/db.ts';

import { KEPT_DAYS } from './messages.ts';

declare module '../platform/jobs.ts' {
  interface Jobs {
    forget_usage: Record<string, never>;
  }
}

const REJECTIONS_KEPT_DAYS = 14;

/** Drops the days of events that are older than is kept, and refusals that nobody looks at any more. The days' sums stay. */
export async function forgetUsage(): Promise<void> {
  const oldest = daysAgo(KEPT_DAYS + 1)
    .toISOString()
    .slice(0, 10)
    .replaceAll('-', '_');
  const { rows } = await sql<{ name: string }>`
    select inhrelid::regclass::text as name from pg_inherits
    where inhparent = 'usage_events'::regclass and right(inhrelid::regclass::text, 10) < ${oldest}`.execute(
    db,
  );
  for (const { name } of rows) await sql`drop table ${sql.table(name)}`.execute(db);
  await sql`delete from usage_rejections where received_at < ${daysAgo(REJECTIONS_KEPT_DAYS)}`.execute(db);
  await countParts();
}

/* Of a table in parts PostgreSQL counts each by itself, never the whole, on which plans rest, too. */
const countParts = () => sql`analyze usage_person_days`.execute(db);

const daysAgo = (days: number) => new Date(now().getTime() - days * DAY);
