import { config } from './config.ts';
import { sql, type Tx } from './db.ts';

/** Every event the product records. Capabilities add theirs by declaration merging, in their events.ts. */
// eslint-disable-next-line @typescript-eslint/no-empty-object-type
export interface Events {}

export type EventName = keyof Events;

/** What carries out recorded events: `react` for each reaction, in a process of its own. */
export interface EventJob {
  eventId: number;
  name: EventName;
}

/** Whether Kafka carries events to their reactions; PostgreSQL's queue does where it does not. */
export const isCarriedByKafka = config.KAFKA_BROKERS !== undefined;

/**
 * Records a fact and what has its reactions done in the same transaction, so that neither can exist without the other.
 * Bulk work records one event for its whole batch, never one a row.
 */
export async function record<Name extends EventName>(tx: Tx, name: Name, data: Events[Name]): Promise<void> {
  await sql`
    with event as (insert into events (name, data) values (${name}, ${JSON.stringify(data)}) returning id)
    ${isCarriedByKafka ? relayed : queued(name)}`.execute(tx);
}

const queued = (name: string) => sql`
  select graphile_worker.add_job('fan_out', json_build_object('eventId', id, 'name', ${name}::text)) from event`;

/* The relay sends it from there, woken when the transaction is kept. */
const relayed = sql`
  , waiting as (insert into event_relay (event_id) select id from event)
  select pg_notify('event_relay', '') from event`;
