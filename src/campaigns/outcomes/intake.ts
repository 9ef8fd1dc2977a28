import '../events.ts';

import { now } from '../../platform/clock.ts';
import { db, type Tx } from '../../platform/db.ts';
import { record } from '../../platform/events.ts';
import { faultPoint } from '../../platform/faults.ts';
import { enqueue } from '../../platform/jobs.ts';
import { log } from '../../platform/log.ts';

import { drawConsequences } from './consequences.ts';
import { briefly } from '../mailing/briefly.ts';
import * as inbox from './hook-inbox.queries.ts';
import * as queries from './intake.queries.ts';
import * as machines from './machines.queries.ts';
import { addCounts } from '../runs/statistics.ts';

declare module '../../platform/jobs.ts' {
  interface Jobs {
    take_in_hooks: Record<string, never>;
  }
}

/** Events of one transaction: enough to be worth its cost, few enough to keep memory and locks small. */
const MOST_AT_ONCE = 20_000;
const LOOK_AGAIN_MILLISECONDS = 1_000;

/** Whether this process takes in, and whether more was posted since it looked. */
let isTakingIn = false;
let isMoreThere = false;

/**
 * Takes in what providers posted, many posts a transaction: each event is kept once, deliveries get their outcome, runs their counters,
 * batches their evidence, addresses their suppression. One takes in at a time: of a process whoever is at it looks once more; another process
 * looks again a moment later. (What a process that dies did not look at, the clock's next look takes.)
 */
export async function takeInHooks(): Promise<void> {
  isMoreThere = true;
  if (isTakingIn) return;
  isTakingIn = true;
  try {
    while (isMoreThere) {
      isMoreThere = false;
      await takeInAll();
    }
  } finally {
    isTakingIn = false;
  }
}

async function takeInAll(): Promise<void> {
  let turn: Turn = 'more';
  while (turn === 'more') {
    turn = await takeInOnce();
    faultPoint('taken_in');
  }
  if (turn === 'not ours')
    await enqueue(db, 'take_in_hooks', {}, {
      key: 'take_in_hooks',
      runAt: new Date(now().getTime() + LOOK_AGAIN_MILLISECONDS),
    }); // prettier-ignore
}

type Turn = 'more' | 'done' | 'not ours';

/* What PostgreSQL cannot read is one post's fault: the posts are then taken one by one, and that one is kept aside. */
async function takeInOnce(): Promise<Turn> {
  try {
    return await briefly((tx) => takeInTurn(tx, MOST_AT_ONCE));
  } catch (error) {
    if (!isAboutData(error)) throw error;
    log.warn({ err: error }, 'a webhook cannot be read; posts are taken in one by one');
    return await takeInOneByOne();
  }
}

async function takeInOneByOne(): Promise<Turn> {
  let isTried = false;
  for (;;) {
    try {
      const turn = await briefly((tx) => takeInTurn(tx, 1));
      if (turn !== 'more' || isTried) return turn;
    } catch (error) {
      if (!isAboutData(error)) throw error;
      await briefly((tx) => queries.setAsideOldest(tx, now()));
      isTried = true;
    }
  }
}

/* Data exceptions, and limits of the program, such as JSON nested too deeply. */
const isAboutData = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && /^(22|54)/.test(String(error.code));

async function takeInTurn(tx: Tx, most: number): Promise<Turn> {
  if (!(await queries.isOurTurn(tx))) return 'not ours';
  const posts = await queries.selectOldest(tx, most);
  if (posts.length === 0) return (await isNothingComing(tx)) ? 'done' : 'more';
  await queries.take(tx, posts);
  await queries.setAsideStrays(tx, posts);
  if ((await queries.keepFresh(tx)) > 0) await settle(tx);
  await queries.forget(tx, posts);
  faultPoint('taking_in');
  return 'more';
}

/** Whoever keeps a post while others wait tells nobody: so before the last look they are waited for. */
async function isNothingComing(tx: Tx): Promise<boolean> {
  await inbox.awaitComing(tx);
  return !(await inbox.isAnyWaiting(tx));
}

async function settle(tx: Tx): Promise<void> {
  const at = now();
  await queries.setOutcomes(tx);
  await machines.tellMachinesApart(tx);
  await queries.noteHeard(tx, at);
  await drawConsequences(tx);
  for (const { runId, counts } of await queries.changedCounts(tx)) {
    await addCounts(tx, runId, counts);
    await record(tx, 'deliveries.changed', { runId });
  }
}
