import { sql, type Tx } from '../../platform/db.ts';

import type { ChatEvent } from '../../channels/sunshine-events.ts';

/** Which deliveries messages are, as their events say: where our own note of it was lost. */
export async function keepTold(tx: Tx, events: readonly ChatEvent[]): Promise<void> {
  await sql`
    insert into chat_messages (message_id, run_id, n, conversation_id, sent_at)
    select distinct on (e."messageId") e."messageId", (e.delivery ->> 'runId')::bigint, (e.delivery ->> 'n')::integer, e."conversationId", e."occurredAt"
    from json_to_recordset(${JSON.stringify(events)}::json)
      as e ("messageId" text, "conversationId" text, "occurredAt" timestamptz, delivery jsonb)
    where e.delivery is not null and e."conversationId" is not null order by 1 on conflict do nothing`.execute(
    tx,
  );
}

export async function keepEvents(tx: Tx, events: readonly ChatEvent[], at: Date): Promise<void> {
  await sql`
    insert into chat_events (event_id, kind, message_id, conversation_id, occurred_at, detail, received_at)
    select e."eventId", e.kind, e."messageId", case when e."messageId" is null then e."conversationId" end, e."occurredAt", e.detail, ${at}
    from json_to_recordset(${JSON.stringify(events)}::json)
      as e ("eventId" text, kind text, "messageId" text, "conversationId" text, "occurredAt" timestamptz, detail text)
    order by 1 on conflict do nothing`.execute(tx);
}

/** An event of a delivery, as outcomes are told. */
export interface Told {
  sg_event_id: string;
  event: string;
  timestamp: number;
  run: string;
  n: string;
  reason: string | null;
}

/**
 * Takes the events whose messages are known; of a conversation those that were written in it by then, within a month, some seconds later, when its
 * messages are sure to be noted. What nobody here wrote is let go of
 * after an hour: others may use the same app.
 */
export async function takeKnown(tx: Tx, at: Date): Promise<Told[]> {
  const { rows } = await sql<Told>`
    with due as (
      select event_id from chat_events e
      where e.message_id in (select message_id from chat_messages)
        or (e.conversation_id is not null and e.received_at < ${at}::timestamptz - interval '3 seconds')
        or e.received_at < ${at}::timestamptz - interval '1 hour'
      order by event_id limit 5000 for update skip locked),
    taken as (delete from chat_events e using due where e.event_id = due.event_id returning e.*)
    select t.event_id || ':' || m.message_id as sg_event_id, t.kind as event, extract(epoch from t.occurred_at)::float as timestamp,
      m.run_id::text as run, m.n::text as n, t.detail as reason
    from taken t join chat_messages m on m.message_id = t.message_id
      or (t.message_id is null and m.conversation_id = t.conversation_id
        and m.sent_at between t.occurred_at - interval '30 days' and t.occurred_at + interval '1 second')
    order by 1`.execute(tx);
  return rows;
}
