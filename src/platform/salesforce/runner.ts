import { setTimeout as sleep } from 'node:timers/promises';

import { alone } from '../db.ts';
import { log } from '../log.ts';
import { noteService } from '../readiness.ts';

import { isAnythingDue } from './claims.ts';
import { type Course, hasEnded, isDue, loadAll, lookAgain, newCourse, pollOnce } from './course.ts';
import { drain, type Outbox } from './drain.ts';
import { SalesforceFailure } from './errors.ts';
import { apiUsage, pauseWithin } from './limits.ts';

/** Milliseconds between polls while the API budget allows it. */
const QUICK = 2_500;
const OUTBOX_LOOK = 500;
const LOAD_LOOK = 2_000;
const LONGEST_PAUSE = 30_000;

/** Calls that a poll makes on average: cases each time, the rest and the second looks now and then. */
const CALLS_A_POLL = 2;

/**
 * Everything that goes on between Salesforce and us, in three loops that any process may run and one does at a time: the outbox
 * is drained, what is new is loaded, what changed is polled. What fails is tried again; Salesforce's absence stops nothing else.
 */
export function createSync(exchange: Outbox) {
  const stopping = new AbortController();
  const course = newCourse(exchange.mappings, stopping.signal);
  let loops: Promise<void>[] = [];
  const drainWhenDue = async () => {
    if (await isAnythingDue()) await drain(exchange);
  };
  const pollAndLook = async () => {
    await pollOnce(course);
    await lookAgain(course);
    await noteService('salesforce', true, usage(course));
  };
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
    drainOnce: () => drain(exchange),
    start(): void {
      loops = [
        repeat('outbox', stopping.signal, drainWhenDue, () => OUTBOX_LOOK),
        repeat('load', stopping.signal, () => loadAll(course), () => LOAD_LOOK),
        repeat('poll', stopping.signal, pollAndLook, () => pauseWithin(QUICK, CALLS_A_POLL)),
      ]; // prettier-ignore
    },
    /** Ends after what is in hand; a load goes on where it is at the next start. */
    async stop(): Promise<void> {
      stopping.abort();
      await Promise.all(loops);
    },
  };
}

/** Repeats some work, as the only one in all processes to do so, at its own pace, and slower while it fails. */
async function repeat(
  name: string,
  stopping: AbortSignal,
  work: () => Promise<void>,
  pause: () => number,
): Promise<void> {
  let failures = 0;
  while (!hasEnded(stopping)) {
    try {
      await alone(`salesforce ${name}`, work);
      failures = 0;
    } catch (error) {
      if (hasEnded(stopping)) return;
      failures += 1;
      await note(name, error);
    }
    const slower = Math.min(LONGEST_PAUSE, pause() * 2 ** Math.min(failures, 5)) * (0.5 + Math.random() / 2);
    await sleep(failures === 0 ? pause() : slower, undefined, { signal: stopping }).catch(() => undefined);
  }
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
function usage(course: Course): string {
  const known = apiUsage();
  if (known && isDue(course, 'usage', 30_000))
    noted = `${known.used} of ${known.limit} API calls used in 24 hours`;
  return noted;
}
