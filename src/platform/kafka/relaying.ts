import { now } from '../clock.ts';
import { db, sql } from '../db.ts';
import { faultPoint } from '../faults.ts';
import type { Reactions } from '../jobs.ts';
import { log } from '../log.ts';

import { type createSender, ensureTopics, type Outgoing } from './broker.ts';
import { keyOf, REST, topicOf, type Subject } from './topics.ts';

/*
 * Sends what was recorded to Kafka, in the order in which it was recorded, hundreds at a time. Sent first, then crossed out: who dies between
 * has it sent again, and the inbox knows it.
 */

export interface Stages {
  reactions: Reactions;
  stageOf?: (name: string) => string;
}

type Waiting = Subject & {
  id: number;
  event_id: number | null;
  name: string;
  reactions: string[] | null;
  topic: string | null;
  value: string | null;
};

/** One reaction to one event, on its way. */
interface Sent {
  event: number;
  reaction: string;
  stage: string;
}

export const AT_ONCE = 500;
const UNKNOWN_SECONDS = 5;

/** The broker did not take it. */
export class Unsent extends Error {}

type Query = (text: string, values: unknown[]) => Promise<{ rows: unknown[] }>;

/** Sends the next few hundred that are due. @returns how many there were @throws Unsent where the broker does not take them */
export async function relaySome(
  work: Stages,
  sender: ReturnType<typeof createSender>,
  query: Query,
): Promise<number> {
  const waiting = (await query(selectDue, [now(), AT_ONCE])).rows as Waiting[];
  if (waiting.length === 0) return 0;
  const known = waiting.filter(({ name, event_id }) => event_id === null || name in work.reactions);
  const sent = known.flatMap((each) => reactionsOf(work, each));
  try {
    await sender.send(known.flatMap((each) => messagesOf(work, each)));
  } catch (error) {
    await ensureTopics(stagesOf(work)).catch(stillAway);
    throw new Unsent('Kafka did not take events', { cause: error });
  }
  faultPoint('relayed');
  await query(crossOut, [
    known.map(({ id }) => id), sent.map(({ event }) => event), sent.map(({ reaction }) => reaction), sent.map(({ stage }) => stage), now(),
  ]); // prettier-ignore
  if (known.length < waiting.length)
    await leaveToNewer(
      waiting.filter((each) => !known.includes(each)),
      query,
    );
  return waiting.length;
}

const selectDue = `
  select r.id, r.event_id, r.reactions, r.topic, r.value, coalesce(e.name, '') as name,
    e.data ->> 'runId' as "runId", e.data ->> 'batch' as batch, e.data ->> 'caseId' as "caseId", e.data ->> 'accountId' as "accountId"
  from event_relay r left join events e on e.id = r.event_id where r.due_at <= $1 order by r.id limit $2`;

const crossOut = `
  with gone as (delete from event_relay where id = any($1::bigint[]))
  insert into event_inbox as i (event_id, reaction, stage, state, changed_at)
  select distinct on (event, reaction) event, reaction, stage, 'sent', $5::timestamptz
  from unnest($2::bigint[], $3::text[], $4::text[]) as s(event, reaction, stage) join events on id = event order by event, reaction
  on conflict (event_id, reaction) do update set state = 'sent', changed_at = excluded.changed_at where i.state = 'waiting'`;

/* While a deploy rolls out, an older worker may meet what only a newer one knows. */
async function leaveToNewer(unknown: readonly Waiting[], query: Query): Promise<void> {
  log.warn({ events: [...new Set(unknown.map(({ name }) => name))] }, 'this version of the worker does not know these events');
  await query(`update event_relay set due_at = $2 where id = any($1::bigint[])`, [
    unknown.map(({ id }) => id), new Date(now().getTime() + UNKNOWN_SECONDS * 1000),
  ]); // prettier-ignore
} // prettier-ignore

function reactionsOf({ reactions, stageOf }: Stages, { event_id, name, reactions: asked }: Waiting): Sent[] {
  if (event_id === null) return [];
  const all = Object.keys((reactions as Record<string, object>)[name] ?? {});
  return (asked ?? all).map((reaction) => ({ event: event_id, reaction, stage: stageOf?.(`${name}:${reaction}`) ?? REST }));
} // prettier-ignore

/** One message for each stage that has something to do about it. */
function messagesOf(work: Stages, waiting: Waiting): Outgoing[] {
  const { event_id, topic, value, name } = waiting;
  if (event_id === null)
    return topic === null ? [] : [{ topic, key: String(waiting.id), value: value ?? '' }];
  const byStage = Map.groupBy(reactionsOf(work, waiting), ({ stage }) => stage);
  return [...byStage].map(([stage, sent]) => ({
    topic: topicOf(stage),
    key: keyOf({ ...waiting, event_id }),
    value: JSON.stringify({ event: event_id, name, reactions: sent.map(({ reaction }) => reaction) }),
  }));
}

/** Every stage that some reaction belongs to. */
export function stagesOf({ reactions, stageOf }: Stages): string[] {
  const names = Object.entries(reactions).flatMap(([name, each]) => Object.keys(each).map((reaction) => `${name}:${reaction}`));
  return [...new Set(names.map((name) => stageOf?.(name) ?? REST))];
} // prettier-ignore

/** How many events and reactions are due to be sent. */
export async function countDue(): Promise<number> {
  const { rows } = await sql<{
    count: number;
  }>`select count(*) from event_relay where due_at <= ${now()}`.execute(db);
  return rows[0]?.count ?? 0;
}

function stillAway(): void {
  /* The broker is away altogether. */
}
