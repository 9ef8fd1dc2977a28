import { setTimeout as sleep } from 'node:timers/promises';

import { log } from '../log.ts';

import { causesOf, type Incoming, openStage } from './broker.ts';
import { createProgress } from './progress.ts';
import { createTaker, type Taking } from './taking.ts';

/*
 * A member of a stage's consumer group. Messages of one key are done one after another, others beside each other; the group's offsets follow
 * what is done without a gap. A lost broker does not end it: it joins again until the broker is back.
 */

/** Messages that are in hand at the same time; more are not asked for. */
const IN_HAND = 64;
const REJOIN_MILLISECONDS = 500;
const COMMIT_MILLISECONDS = 250;

type Member = Awaited<ReturnType<typeof openStage>>;

export function createStageConsumer(taking: Taking) {
  const { stage, stopping } = taking;
  const inTurn = createChains(createTaker(taking));
  let ended: Promise<void> = Promise.resolve();

  const isStopping = () => stopping.aborted;

  async function consumeUntilStopped(): Promise<void> {
    while (!isStopping()) {
      try {
        await consume(await openStage(stage, stopping), inTurn, stopping);
      } catch (error) {
        if (!stopping.aborted)
          log.warn({ stage, causes: causesOf(error) }, 'a stage lost Kafka and joins again');
      }
      await sleep(REJOIN_MILLISECONDS, undefined, { signal: stopping }).catch(ignore);
    }
  }

  return {
    start(): void {
      ended = consumeUntilStopped();
    },
    /** Resolves when what was in hand is done, and the group knows. */
    async stop(): Promise<void> {
      await ended;
    },
  };
}

async function consume(member: Member, inTurn: ReturnType<typeof createChains>, stopping: AbortSignal): Promise<void> {
  const progress = createProgress();
  const commit = async () => {
    const upTo = progress.takeDone();
    if (upTo.length > 0) await member.commit(upTo).catch(lostOffsets);
  };
  const committing = setInterval(() => void commit(), COMMIT_MILLISECONDS);
  const stop = () => void member.messages.close().catch(ignore);
  stopping.addEventListener('abort', stop, { once: true });
  if (stopping.aborted) stop();
  try {
    for await (const message of member.messages) {
      if (stopping.aborted) break;
      progress.begin(message);
      inTurn.add(message, (isDone) => {
        progress.end(message, isDone);
      });
      while (progress.inHand() >= IN_HAND) await progress.next();
    }
  } finally {
    clearInterval(committing);
    stopping.removeEventListener('abort', stop);
    await inTurn.allDone();
    await commit();
    await member.close();
  }
} // prettier-ignore

/** Has messages of one key taken one after another. */
function createChains(take: (message: Incoming) => Promise<boolean>) {
  const chains = new Map<string, Promise<void>>();
  return {
    add(message: Incoming, whenDone: (isDone: boolean) => void): void {
      const before = chains.get(message.key) ?? Promise.resolve();
      const work = before
        .then(() => take(message))
        .then(whenDone)
        .finally(() => {
          if (chains.get(message.key) === work) chains.delete(message.key);
        });
      chains.set(message.key, work);
    },
    async allDone(): Promise<void> {
      while (chains.size > 0) await Promise.all(chains.values());
    },
  };
}

function lostOffsets(error: unknown): void {
  log.debug({ causes: causesOf(error) }, 'offsets were not taken: what is done comes again, and is known');
}

function ignore(): void {
  /* It has ended, or is about to. */
}
