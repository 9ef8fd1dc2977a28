import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';

import { db, pool, sql } from '../db.ts';
import { log } from '../log.ts';

import { causesOf, createSender, ensureTopics } from './broker.ts';
import * as inbox from './inbox.ts';
import { createRelay } from './relay.ts';
import { countDue, relaySome, type Stages, stagesOf } from './relaying.ts';
import { createStageConsumer } from './stage-consumer.ts';
import type { React } from './taking.ts';
import { REST } from './topics.ts';

/* Carries events from the table in which they are recorded to their reactions, through Kafka. */

/** Reactions at the same time in this process: stages do not stand in each other's way. */
const limitOf = (stage: string) => (stage === REST ? 4 : 2);

interface Carried extends Stages {
  react: React;
  /** The stages that this process leaves to others. */
  without: readonly string[];
}

export function createCarrier(work: Carried) {
  const stopping = new AbortController();
  /** What this process holds is told apart from what its predecessor of the same name held. */
  const holder = randomUUID();
  const relay = createRelay(work, stopping.signal);
  const consumers = consumersOf(work, holder, stopping.signal);
  let begun: Promise<void> = Promise.resolve();

  return {
    holder,
    start(): void {
      relay.start();
      begun = whenThereAreTopics(work, stopping.signal).then(() => {
        for (const consumer of consumers) consumer.start();
      });
    },
    /** Takes nothing more and finishes what is in hand. */
    async stop(): Promise<void> {
      stopping.abort();
      await begun;
      await Promise.all([relay.stop(), ...consumers.map((consumer) => consumer.stop())]);
    },
    /** What was sent and never arrived is sent again. */
    mend: inbox.sendAgainWhatWasLost,
  };
}

function consumersOf(work: Carried, holder: string, stopping: AbortSignal) {
  return stagesOf(work)
    .filter((stage) => !work.without.includes(stage))
    .map((stage) =>
      createStageConsumer({ stage, holder, react: work.react, limit: limitOf(stage), stopping }),
    );
}

async function whenThereAreTopics(work: Stages, stopping: AbortSignal): Promise<void> {
  while (!stopping.aborted) {
    try {
      await ensureTopics(stagesOf(work), stopping);
      return;
    } catch (error) {
      log.warn({ causes: causesOf(error) }, 'Kafka does not answer: no topics yet');
      await sleep(1_000, undefined, { signal: stopping }).catch(() => undefined);
    }
  }
}

/** Has everything that is due carried and done, as workers would. @returns whether there was anything. For tests and one-off scripts. */
export async function carryWhatIsDue(work: Carried): Promise<boolean> {
  const due = await countDue();
  if (due === 0 && !(await isAnythingUnderWay())) return false;
  await ensureTopics(stagesOf(work));
  if (due > 0) await relayAll(work);
  const stopping = new AbortController();
  const consumers = consumersOf(work, randomUUID(), stopping.signal);
  for (const consumer of consumers) consumer.start();
  while (await isAnythingUnderWay()) await sleep(10);
  stopping.abort();
  await Promise.all(consumers.map((consumer) => consumer.stop()));
  return true;
}

async function relayAll(work: Stages): Promise<void> {
  const sender = createSender();
  try {
    while ((await relaySome(work, sender, (text, values) => pool.query(text, values))) > 0);
  } finally {
    await sender.close();
  }
}

async function isAnythingUnderWay(): Promise<boolean> {
  const { rows } = await sql`select from event_inbox where state in ('sent', 'running') limit 1`.execute(db);
  return rows.length > 0;
}
