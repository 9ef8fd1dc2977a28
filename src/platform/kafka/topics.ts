import { z } from 'zod';

import { config } from '../config.ts';

/* What topics are called and what lies in them: pointers to events, never what happened or to whom. */

/** The stage of all that belongs to none of its own. */
export const REST = 'rest';

/** A stage's topic, and the group of those that consume it. */
export const topicOf = (stage: string): string => `${config.KAFKA_PREFIX}.${stage}`;

/** Where a stage's messages end that failed as often as they may, or that nobody could read. */
export const deadLetterTopicOf = (stage: string): string => `${topicOf(stage)}.dead`;

/** What a stage's topic carries: an event, and which of its reactions are asked for. */
const Pointer = z.object({
  event: z.number().int().positive(),
  name: z.string().min(1),
  reactions: z.array(z.string().min(1)).min(1),
});
export type Pointer = z.infer<typeof Pointer>;

/** @throws Error saying what is wrong with it */
export function readPointer(value: string): Pointer {
  return Pointer.parse(JSON.parse(value));
}

/** What of an event's data says which others it must not overtake. */
export interface Subject {
  runId: string | null;
  batch: string | null;
  caseId: string | null;
  accountId: string | null;
}

/** Messages of one key keep their order: those of a run, of a batch of changes, of a case, of an account. Others stand for themselves. */
export function keyOf(event: { event_id: number; name: string } & Subject): string {
  if (event.runId !== null)
    return event.batch === null ? `run:${event.runId}` : `run:${event.runId}:${event.batch}`;
  if (event.batch !== null) return `${event.name}:${event.batch}`;
  if (event.caseId !== null) return `case:${event.caseId}`;
  if (event.accountId !== null) return `account:${event.accountId}`;
  return `event:${String(event.event_id)}`;
}
