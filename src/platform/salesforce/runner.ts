import { setTimeout as sleep } from 'node:timers/promises';

import { alone } from '../db.ts';
import { log } from '../log.ts';
import { noteService } from '../readiness.ts';

import { budgetNow, maySpend, pauseWithin, spending, writeDown } from './budget/budget.ts';
import { watchBudget } from './budget/budget-watch.ts';
import { isAnythingDue } from './outbox/claims.ts';
import { type Course, hasEnded, isDue, loadAll, lookAgain, newCourse, pollOnce } from './mirror/course.ts';
import { drain, type Outbox } from './outbox/drain.ts';
import { SalesforceFailure } from './wire/errors.ts';
import { comparable, compareDue, prove, sampleOf } from './mirror/proof.ts';
import { listen } from './streaming/streaming.ts';

/** Milliseconds between polls while the API budget allows it. */
const QUICK = 2_500;
const OUTBOX_LOOK = 500;
const LOAD_LOOK = 2_000;
const COMPARE_LOOK = 5_000;
const LONGEST_PAUSE = 30_000;

/** Calls that a poll makes on average: cases each time, the rest and the second looks now and then. */
const CALLS_A_POLL = 2;

/** How long a process keeps the polling to itself before another may take it over; longer while events tell it when to look. */
const TURN = 30_000;
const LISTENING_TURN = 15 * 60_000;

/**
 * Everything that goes on between Salesforce and us, in three loops that any process may run and one does at a time: the outbox
 * is drained, what is new is loaded, what changed is polled. What fails is tried again; Salesforce's absence stops nothing else.
 */
export function createSync(exchange: Outbox) {
  const stopping = new AbortController();
  const { signal } = stopping;
  const course = newCourse(exchange.mappings, signal);
  let loops: Promise<unknown>[] = [];
  const drainWhenDue = async () => {
    if (await isAnythingDue()) await drain(exchange, signal);
  };
  const pollAndLook = async () => {
    await watchBudget();
    if (await maySpend('cases')) {
      await pollOnce(course);
      await lookAgain(course);
      await prove(course);
    }
    await noteBudget(course);
  };
  const loadWhenAllowed = async () => {
    if (await maySpend('accounts')) await spending('accounts', () => loadAll(course));
  };
  const pollPause = () => pauseWithin(QUICK, CALLS_A_POLL);
  return {
    ...byHand(course, exchange),
    start(): void {
      const load = () => alone('salesforce load', loadWhenAllowed);
      const compare = () => alone('salesforce compare', () => compareDue(course));
      const poll = () => alone('salesforce poll', () => inTurn(course, pollAndLook, pollPause));
      loops = [
        repeat('outbox', signal, drainWhenDue, () => OUTBOX_LOOK),
        repeat('load', signal, load, () => LOAD_LOOK),
        repeat('poll', signal, poll, () => QUICK),
        repeat('compare', signal, compare, () => COMPARE_LOOK),
      ];
    },
    /** Ends after what is in hand; a load goes on where it is at the next start. */
    async stop(): Promise<void> {
      stopping.abort();
      await Promise.all(loops);
      await writeDown().catch(() => undefined);
    },
  };
}

/** Each kind of work by itself and at once, whenever it was done last. */
function byHand(course: Course, exchange: Outbox) {
  return {
    loadAll: () => loadAll(course),
    /** One poll of everything, whenever the last one was. */
    async pollOnce(): Promise<number> {
      course.looks.delete('seldom');
      return await pollOnce(course);
    },
    /** The second look at everything, whenever the last one was. */
    async lookAgain(): Promise<number> {
      course.looks.clear();
      return await lookAgain(course);
    },
    /** Compares a sample of every object, and looks at what is suspected. */
    async proveOnce(): Promise<number> {
      let mended = await prove(course);
      for (const one of await comparable(course)) mended += await sampleOf(one);
      return mended;
    },
    compareOnce: () => compareDue(course),
    drainOnce: () => drain(exchange, course.stopping),
  };
}

/** Repeats some work until it is stopped, and slower while it fails. */
async function repeat(
  name: string,
  stopping: AbortSignal,
  work: () => Promise<unknown>,
  pause: () => number,
): Promise<void> {
  let failures = 0;
  while (!hasEnded(stopping)) {
    try {
      await work();
      failures = 0;
    } catch (error) {
      if (hasEnded(stopping)) return;
      failures += 1;
      await note(name, error);
    }
    const slower = Math.min(LONGEST_PAUSE, pause() * 2 ** Math.min(failures, 5)) * (0.5 + Math.random() / 2);
    await pausing(stopping, failures === 0 ? pause() : slower);
  }
}

/**
 * Repeats some work for a while under one lock: several processes together poll no more often than one. The same process listens to
 * events meanwhile, so that what they make it read and what it polls come one after the other.
 */
async function inTurn(course: Course, work: () => Promise<void>, pause: () => number): Promise<void> {
  const listening = listen(course);
  const turn = () => (listening.isLive() ? LISTENING_TURN : TURN);
  try {
    for (const since = performance.now(); performance.now() - since < turn() && !hasEnded(course.stopping);) {
      await work();
      await pausing(nudgeable(course), pause());
    }
  } finally {
    await listening.stop();
  }
}

/** Ends a pause when the sync is stopped, or when an event calls for the poll. */
function nudgeable({ stopping, stream }: Course): AbortSignal {
  const nudge = new AbortController();
  stream.nudge = () => {
    nudge.abort();
  };
  if (stream.hinted.size > 0) nudge.abort();
  return AbortSignal.any([stopping, nudge.signal]);
}

async function pausing(stopping: AbortSignal, milliseconds: number): Promise<void> {
  await sleep(milliseconds, undefined, { signal: stopping }).catch(() => undefined);
}

async function note(name: string, error: unknown): Promise<void> {
  if (!(error instanceof SalesforceFailure)) {
    log.error({ err: error, loop: name }, 'the sync met an error');
    return;
  }
  log.warn({ loop: name, code: error.code, reason: error.message }, 'Salesforce refuses or does not answer');
  if (error.kind !== 'terminal') await noteService('salesforce', false, error.message).catch(() => undefined);
}

let noted = '';

/** The API budget in words, renewed twice a minute: each change of it is written down. */
async function noteBudget(course: Course): Promise<void> {
  const { ledger } = await budgetNow();
  const org = ledger.reading?.org;
  if (org && (noted === '' || isDue(course, 'usage', 30_000)))
    noted = `${String(org.used)} of ${String(org.limit)} API calls used in 24 hours`;
  const isTaken = ledger.exhaustedSince === null;
  await noteService('salesforce', isTaken, isTaken ? noted : `The org takes no more API calls: ${noted}`);
}
