import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';

import { channelsAtHand } from '../../channels/channels.ts';
import { now } from '../../platform/clock.ts';
import { db } from '../../platform/db.ts';
import { log } from '../../platform/log.ts';

import '../events.ts';
import { LEASE_MILLISECONDS, type Claimed } from './batches.ts';
import * as batches from './batches.queries.ts';
import { tellChatOutcomes } from '../outcomes/chat-events.ts';
import { briefly } from './briefly.ts';
import { letCohortsGo } from '../results/cohorts.ts';
import { decideTrials } from '../results/trials.ts';
import { endWhatIsDone } from '../runs/completion.ts';
import { askForLane, askForLanes, LANES } from './lanes.ts';
import { sendBatch } from './batch-sending.ts';
import * as queries from './mailing.queries.ts';
import { settleDoubts } from './settling-doubts.ts';
import { pauseWhatFails } from './troubles.ts';

/*
 * The mailing stage. Lanes are jobs, in whichever worker processes take them: each claims a batch, sends it, settles it, and so on. After a
 * short turn a lane hands itself back to the queue, so that a process that joined has its share and one that stops need not wait. Whatever
 * dies, the clock's look every few seconds has the lanes go on.
 */

declare module '../../platform/jobs.ts' {
  interface Jobs {
    /** Looks what became of what was in flight, and whether anything is due. */
    watch_mailing: Record<string, never>;
  }
}

const TURN_MILLISECONDS = 2_000;

/** How long a lane waits for the next batch by itself; what is due within a minute wakes it by the queue, the rest by the clock. */
const PATIENCE_MILLISECONDS = 250;
const PAUSE_MILLISECONDS = 20;
const AHEAD_MILLISECONDS = 60_000;

/** A reaction: a run whose audience is frozen goes on its way. */
export async function sendRun({ runId }: { runId: number }): Promise<void> {
  await briefly(async (tx) => {
    await queries.start(tx, runId, now());
    await askForLanes(tx);
  });
}

/** Lanes that are at it in this process. */
let lanes = 0;

/**
 * A job: one lane's turn. A process has no more lanes than there are, so that it needs no lock by which one that hangs would keep the others
 * from going on.
 */
export async function sendBatches({ lane }: { lane: number }): Promise<void> {
  if (lanes >= LANES) return;
  lanes += 1;
  try {
    await takeTurn();
  } catch (error) {
    /* The clock has it try again; what it held is free when the lease is over, or in doubt. */
    log.warn({ err: error, lane }, 'a lane stopped');
    return;
  } finally {
    lanes -= 1;
  }
  /* Looked at after the turn: who came for a new run meanwhile found all lanes at work, and left. */
  const next = await nextWithin(AHEAD_MILLISECONDS);
  if (next !== undefined) await askForLane(db, lane, next > now() ? next : undefined);
}

/** Sends batch after batch until the turn is over, or nothing is due for a moment. */
async function takeTurn(): Promise<void> {
  const end = performance.now() + TURN_MILLISECONDS;
  while (performance.now() < end) {
    const claimed = await claim();
    if (claimed !== undefined) await sendBatch(claimed);
    else {
      const next = await nextWithin(PATIENCE_MILLISECONDS);
      if (next === undefined) break;
      await sleep(Math.max(next.getTime() - now().getTime(), PAUSE_MILLISECONDS));
    }
  }
}

const holder = `${hostname()}:${String(process.pid)}`;

async function claim(): Promise<Claimed | undefined> {
  const at = now();
  const until = new Date(at.getTime() + LEASE_MILLISECONDS);
  return await batches.claim(db, { channels: channelsAtHand(), holder, now: at, until });
}

/** The next moment within so many milliseconds at which a batch is due or a channel open again, if there is one. */
async function nextWithin(milliseconds: number): Promise<Date | undefined> {
  const at = now();
  return await queries.selectNext(db, { now: at, until: new Date(at.getTime() + milliseconds) });
}

/**
 * A job of the clock, every few seconds: settles what was in flight when somebody died, ends runs that are done, and has the lanes go on
 * where something is due.
 */
export async function watchMailing(): Promise<void> {
  await tellChatOutcomes();
  if (!(await queries.isAnythingOpen())) return;
  await decideTrials();
  await letCohortsGo();
  await settleDoubts();
  await pauseWhatFails();
  await endWhatIsDone();
  if (await queries.isAnythingDue(now())) await askForLanes(db);
}
