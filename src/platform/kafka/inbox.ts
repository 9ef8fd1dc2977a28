import { now } from '../clock.ts';
import { config } from '../config.ts';
import { db, sql } from '../db.ts';
import { MAX_ATTEMPTS } from '../jobs.ts';

import { deadLetterTopicOf, type Pointer } from './topics.ts';

/*
 * What becomes of each reaction to each event, once: sent → running → done, or waiting → sent → …, or dead. A message that comes again finds
 * what has become of it. Nothing here depends on where Kafka's offsets stand.
 */

declare module '../db.ts' {
  interface Tables {
    event_inbox: {
      event_id: number;
      reaction: string;
      state: 'sent' | 'running' | 'waiting' | 'done' | 'dead' | 'discarded' | 'queued';
      stage: string;
      attempts: number;
      holder: string | null;
      error: string | null;
      changed_at: Date;
    };
    event_relay: { id: number; event_id: number | null; reactions: string[] | null; topic: string | null; value: string | null; due_at: Date };
    unreadable_messages: { id: number; topic: string; partition: number; offset: number; value: string; error: string; found_at: Date };
  }
} // prettier-ignore

/** As much as a page shows and a message carries of what went wrong. */
const ERROR_CHARACTERS = 4_000;
const DEATH = 'the worker died';
/** What was sent so long ago and never came is sent again: a topic may have been lost, or kept for too short a time. */
const STALE_MINUTES = 60;

export interface Claim {
  /** What happened; undefined when there is no such event (any more). */
  data: unknown;
  /** Those that are this worker's to do now. */
  reactions: readonly string[];
}

/**
 * Takes reactions for this worker: those that nobody did or does. Those that are its own by now, too: a worker asks for one event at a time, so
 * its claim was kept, and the answer lost with the connection.
 */
export async function claim({ event, name, reactions }: Pointer, stage: string, holder: string): Promise<Claim | undefined> {
  const at = now();
  const { rows } = await sql<Claim>`
    with event as (select id, data from events where id = ${event} and name = ${name}),
    claimed as (
      insert into event_inbox as i (event_id, reaction, state, stage, attempts, holder, changed_at)
      select id, reaction, 'running', ${stage}, 1, ${holder}, ${at} from event, unnest(${reactions}::text[]) reaction order by reaction
      on conflict (event_id, reaction) do update
        set state = 'running', attempts = i.attempts + 1, holder = excluded.holder, changed_at = excluded.changed_at
        where i.state in ('sent', 'waiting') or (i.state = 'running' and i.holder = excluded.holder)
      returning reaction)
    select data, array(select reaction from claimed) as reactions from event`.execute(db);
  return rows[0];
} // prettier-ignore

export interface Held {
  event: number;
  reaction: string;
  holder: string;
}

/** It was done. Nothing is written where another has taken it over meanwhile. */
export async function settle({ event, reaction, holder }: Held): Promise<void> {
  await sql`
    update event_inbox set state = 'done', holder = null, error = null, changed_at = ${now()}
    where event_id = ${event} and reaction = ${reaction} and holder = ${holder}`.execute(db);
}

/** It failed: it is asked for again after a while, or is a dead letter, at once when it was refused. */
export async function fail({ event, reaction, holder }: Held, error: string, isRefused: boolean): Promise<void> {
  await sql`
    with failed as (
      update event_inbox set state = case when ${isRefused} or attempts >= ${MAX_ATTEMPTS} then 'dead' else 'waiting' end,
        holder = null, error = ${error.slice(0, ERROR_CHARACTERS)}, changed_at = ${now()}
      where event_id = ${event} and reaction = ${reaction} and holder = ${holder} returning *)
    ${askAgain}`.execute(db);
} // prettier-ignore

/** What workers held that are not alive any more is the others'. */
export async function freeWhatTheDeadHeld(silentSince: Date): Promise<void> {
  await sql`
    with failed as (
      update event_inbox set state = case when attempts >= ${MAX_ATTEMPTS} then 'dead' else 'waiting' end, holder = null,
        error = ${DEATH}, changed_at = ${now()}
      where state = 'running' and changed_at < ${silentSince}
        and not exists (select from worker_heartbeats where event_inbox.holder = any(job_owners)) returning *)
    ${askAgain}`.execute(db);
}

/*
 * As long as the queue on PostgreSQL waits: exp(attempts) seconds. A worker's death is no reason to wait. What went wrong may name people: it
 * does not go to Kafka, where nobody is erased.
 */
const askAgain = sql`
  , dead as (
    insert into event_relay (topic, value)
    select ${config.KAFKA_PREFIX} || '.' || stage || '.dead', json_build_object('event', f.event_id, 'name', e.name, 'reactions', array[reaction], 'attempts', attempts)::text
    from failed f join events e on e.id = f.event_id where state = 'dead')
  insert into event_relay (event_id, reactions, due_at)
  select event_id, array[reaction],
    case when error = ${DEATH} then '-infinity' else changed_at + make_interval(secs => exp(least(attempts, 10))) end
  from failed where state = 'waiting'`;

/** Has what was sent long ago, and never came to anybody, sent again. */
export async function sendAgainWhatWasLost(): Promise<void> {
  const before = new Date(now().getTime() - STALE_MINUTES * 60_000);
  await sql`
    with lost as (
      update event_inbox set changed_at = ${now()} where state = 'sent' and changed_at < ${before} returning event_id, reaction)
    insert into event_relay (event_id, reactions) select event_id, array_agg(reaction) from lost group by 1`.execute(
    db,
  );
}

/** Whether anything waits for Kafka to carry it, or is under way there. */
export async function isAnythingWithKafka(): Promise<boolean> {
  const { rows } = await sql`
    select from event_relay where event_id is not null union all select from event_inbox where state = 'sent' limit 1`.execute(
    db,
  );
  return rows.length > 0;
}

/** Where Kafka carries no events any more, what waits for it goes to the queue on PostgreSQL. */
export async function takeBack(): Promise<void> {
  await sql`
    with moved as (delete from event_relay where event_id is not null returning event_id, reactions),
    lost as (update event_inbox set state = 'queued' where state = 'sent' returning event_id, reaction),
    again as (
      select event_id, unnest(reactions) as reaction from moved union select event_id, reaction from lost),
    noted as (
      update event_inbox i set state = 'queued' from again a where i.event_id = a.event_id and i.reaction = a.reaction and i.state = 'waiting')
    select graphile_worker.add_job('fan_out', json_build_object('eventId', event_id, 'name', name))
    from moved join events on id = event_id where reactions is null
    union all
    select graphile_worker.add_job('react', json_build_object('eventId', event_id, 'name', name, 'reaction', reaction),
      max_attempts => ${MAX_ATTEMPTS}::int)
    from again join events on id = event_id`.execute(db);
}

/** Keeps a message that says nothing, for people to see; it goes to the stage's topic of dead letters, too. */
export async function keepUnreadable(
  { topic, partition, offset, value }: { topic: string; partition: number; offset: bigint; value: string },
  stage: string,
  error: string,
): Promise<void> {
  await sql`
    with kept as (
      insert into unreadable_messages (topic, partition, "offset", value, error, found_at)
      values (${topic}, ${partition}, ${offset}::bigint, ${value}, ${error.slice(0, ERROR_CHARACTERS)}, ${now()})
      on conflict do nothing returning value)
    insert into event_relay (topic, value) select ${deadLetterTopicOf(stage)}, value from kept`.execute(db);
}
