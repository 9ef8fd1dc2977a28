import { DAY, now } from './clock.ts';
import { db, sql } from './db.ts';

declare module './jobs.ts' {
  interface Jobs {
    sweep: Record<string, never>;
  }
}

/** Facts older than this have been reacted to, or lie among the dead letters with their data. */
const KEPT_DAYS = 90;

/** Clears what nobody reads any more: old events that no job waits for, and old ticks of the clock. */
export async function sweep(): Promise<void> {
  const before = new Date(now().getTime() - KEPT_DAYS * DAY);
  await sql`
    delete from events where recorded_at < ${before} and not exists (
      select from graphile_worker._private_jobs where (payload ->> 'eventId')::bigint = events.id)
      and not exists (select from event_relay where event_id = events.id)
      and not exists (
        select from event_inbox where event_id = events.id and state in ('sent', 'running', 'waiting', 'dead'))`.execute(
    db,
  );
  await sql`delete from clock_ticks where at < ${before}`.execute(db);
}
