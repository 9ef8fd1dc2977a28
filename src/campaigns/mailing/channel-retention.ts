import { DAY, now } from '../../platform/clock.ts';
import { db, sql } from '../../platform/db.ts';

declare module '../../platform/jobs.ts' {
  interface Jobs {
    /** Lets go of what channels kept longer than it is of use. */
    forget_channels: Record<string, never>;
  }
}

/** The longest after which Sunshine still tells of a message. */
const TOLD_WITHIN = 60 * DAY;

/** A job of the clock: the words of messages in the product that nobody came for, and what messages of Sunshine were. */
export async function forgetChannels(): Promise<void> {
  const at = now();
  await sql`
    update in_app_messages set shown = '{}', ended_at = ${at} where ended_at is null and expires_at < ${at}`.execute(
    db,
  );
  await sql`delete from chat_messages where sent_at < ${new Date(at.getTime() - TOLD_WITHIN)}`.execute(db);
}
