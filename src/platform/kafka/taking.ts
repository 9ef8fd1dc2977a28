import { setTimeout as sleep } from 'node:timers/promises';

import { Refused } from '../errors.ts';
import { log } from '../log.ts';

import type { Incoming } from './broker.ts';
import * as inbox from './inbox.ts';
import { type Pointer, readPointer } from './topics.ts';

/** What does a reaction: `run.planned`, `sendRun`, and what happened. */
export type React = (name: string, reaction: string, data: unknown) => Promise<void>;

export interface Taking {
  stage: string;
  /** Whose the reactions are meanwhile. */
  holder: string;
  react: React;
  /** Reactions at the same time. */
  limit: number;
  stopping: AbortSignal;
}

const AGAIN_MILLISECONDS = 500;

/** Does what a message asks for, once. It answers whether the message never has to come again. */
export function createTaker(taking: Taking): (message: Incoming) => Promise<boolean> {
  const slots = createSlots(taking.limit);
  return async (message) => {
    const { stage, holder } = taking;
    const pointer = read(message);
    if (pointer instanceof Error)
      return await insist(taking, () => inbox.keepUnreadable(message, stage, pointer.message));
    const claim: { had?: inbox.Claim | undefined } = {};
    const isClaimed = await insist(taking, async () => {
      claim.had = await inbox.claim(pointer, stage, holder);
    });
    if (!isClaimed) return false;
    const { had } = claim;
    if (had === undefined) return await insist(taking, () => inbox.keepUnreadable(message, stage, 'there is no such event'));
    const outcomes = had.reactions.map((reaction) => slots(() => doOne(taking, pointer, reaction, had.data)));
    return (await Promise.all(outcomes)).every(Boolean);
  };
} // prettier-ignore

function read(message: Incoming): Pointer | Error {
  try {
    return readPointer(message.value);
  } catch (error) {
    return new Error(`it says nothing that this version of the worker can read: ${String(error)}`);
  }
}

/** @returns whether what became of it is written down */
async function doOne(taking: Taking, { event, name }: Pointer, reaction: string, data: unknown): Promise<boolean> {
  const held = { event, reaction, holder: taking.holder };
  try {
    await taking.react(name, reaction, data);
  } catch (error) {
    const told = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return await insist(taking, () => inbox.fail(held, told, error instanceof Refused));
  }
  return await insist(taking, () => inbox.settle(held));
} // prettier-ignore

/** Writes to the database, however long it is away, unless the worker stops: then the message comes again, or the others free what it held. */
async function insist({ stage, stopping }: Taking, write: () => Promise<void>): Promise<boolean> {
  for (;;) {
    try {
      await write();
      return true;
    } catch (error) {
      log.warn({ stage, err: error }, 'what became of a message is not written down yet');
      if (stopping.aborted) return false;
      await sleep(AGAIN_MILLISECONDS);
    }
  }
}

/** Runs so many at the same time; the others wait for their turn. */
function createSlots(limit: number) {
  let free = limit;
  const queue: (() => void)[] = [];
  return async <T>(work: () => Promise<T>): Promise<T> => {
    if (free === 0) await new Promise<void>((resolve) => queue.push(resolve));
    else free -= 1;
    try {
      return await work();
    } finally {
      const next = queue.shift();
      if (next === undefined) free += 1;
      else next();
    }
  };
}
