import { now } from '../clock.ts';
import { db, sql } from '../db.ts';
import type { DeadLetter } from '../jobs.ts';

/* Dead letters of Kafka's: reactions that failed as often as they may (`event-12-sendRun`), and messages that nobody could read (`message-3`). */

/** The dead letters, newest first. */
export async function deadOnes(): Promise<DeadLetter[]> {
  const { rows } = await sql<DeadLetter>`
    select 'event-' || event_id || '-' || reaction as id, 'react' as task,
      json_build_object('eventId', event_id, 'name', name, 'reaction', reaction) as payload,
      attempts, coalesce(error, '') as error, changed_at as "failedAt"
    from event_inbox join events on id = event_id where state = 'dead'
    union all
    select 'message-' || id, topic, json_build_object('topic', topic, 'partition', partition, 'offset', "offset", 'value', value)::json,
      1, error, found_at
    from unreadable_messages
    order by "failedAt" desc limit 500`.execute(db);
  return rows;
}

export async function countDead(): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select (select count(*) from event_inbox where state = 'dead') + (select count(*) from unreadable_messages) as count`.execute(
    db,
  );
  return rows[0]?.count ?? 0;
}

/** Sends it again, a reaction with all its attempts. @returns whether it was one of Kafka's */
export async function retryDead(id: string): Promise<boolean> {
  const which = read(id);
  if (which === undefined) return false;
  await (
    'reaction' in which
      ? sql`
      with again as (
        update event_inbox set state = 'waiting', attempts = 0, changed_at = ${now()}
        where event_id = ${which.eventId} and reaction = ${which.reaction} and state = 'dead' returning event_id, reaction)
      insert into event_relay (event_id, reactions) select event_id, array[reaction] from again`
      : sql`
      with again as (delete from unreadable_messages where id = ${which.messageId} returning topic, value)
      insert into event_relay (topic, value) select topic, value from again`
  ).execute(db);
  return true;
}

/** Gives up on it for good. @returns whether it was one of Kafka's */
export async function discardDead(id: string): Promise<boolean> {
  const which = read(id);
  if (which === undefined) return false;
  await (
    'reaction' in which
      ? sql`
      update event_inbox set state = 'discarded', changed_at = ${now()}
      where event_id = ${which.eventId} and reaction = ${which.reaction} and state = 'dead'`
      : sql`delete from unreadable_messages where id = ${which.messageId}`
  ).execute(db);
  return true;
}

function read(id: string): { eventId: number; reaction: string } | { messageId: number } | undefined {
  const [, event, reaction, message] = /^(?:event-(\d+)-(\w+)|message-(\d+))$/.exec(id) ?? [];
  if (event !== undefined && reaction !== undefined) return { eventId: Number(event), reaction };
  return message === undefined ? undefined : { messageId: Number(message) };
}
