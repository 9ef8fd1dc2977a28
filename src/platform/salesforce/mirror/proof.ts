import { HOUR, MINUTE } from '../../clock.ts';
import { log } from '../../log.ts';

import { maySpend, spending } from '../budget/budget.ts';
import { type Course, followed, hasEnded, isDue, refreshReadables } from './course.ts';
import { sample } from './drift.ts';
import { compareAll, lookAtSuspects } from './drift-full.ts';
import { askForAll, failRun, forgetFindings, nextRun } from './drift-runs.ts';
import { toFailure } from '../wire/errors.ts';
import { readMovedChildren } from './moves.ts';
import type { Followed } from './poll.ts';
import { fillFields, isRefreshDue, refreshCalculated } from './refresh.ts';

declare module '../../jobs.ts' {
  interface Jobs {
    compare_mirror: Record<string, never>;
  }
}

const SAMPLE_EVERY = MINUTE;

/** What shows that the mirror is right, in the turn of the polls: a sample now and then, and the second look at what is suspected. */
export async function prove(course: Course): Promise<number> {
  if (isDue(course, 'findings', HOUR)) await forgetFindings();
  if (!(await maySpend('comparison'))) return 0;
  return await spending('comparison', async () => {
    const all = await comparable(course);
    const mended = (await readMovedChildren(all)) + (await lookAtSuspects(all));
    if (!isDue(course, 'sample', SAMPLE_EVERY) || all.length === 0) return mended;
    const one = all[Math.floor(Math.random() * all.length)];
    return one ? mended + (await sampleOf(one)) : mended;
  });
}

/** Samples one object now. What goes wrong is tried again by itself: the mirror is none the worse for it. */
export async function sampleOf(one: Followed): Promise<number> {
  try {
    return await sample(one);
  } catch (error) {
    const failure = toFailure(error);
    if (failure.kind === 'auth' || failure.kind === 'quota') throw failure;
    log.warn({ sobject: one.readable.mapping.sobject, reason: failure.message }, 'a sample failed');
    return 0;
  }
}

/** Objects whose polls leave something to compare; those that are read whole are compared with each look. */
export async function comparable(course: Course): Promise<Followed[]> {
  return (await followed(course)).filter(
    ({ readable, state }) => readable.mapping.pace !== 'whole' && state.phase === 'live',
  );
}

/**
 * What is read again in whole columns or whole tables, beside the polls: fields that have become readable, formulas, and the full
 * comparisons that somebody asked for. @returns how many objects something was done for
 */
export async function compareDue(course: Course): Promise<number> {
  if (!(await maySpend('comparison'))) return 0;
  await refreshReadables(course);
  return await spending('comparison', async () => {
    let done = 0;
    for (const one of await comparable(course)) {
      if (hasEnded(course.stopping)) return done;
      if (await freshen(one, course.stopping)) done += 1;
    }
    return done + (await compareNext(course));
  });
}

async function freshen({ readable, state }: Followed, stopping: AbortSignal): Promise<boolean> {
  if (state.backfill.length > 0) {
    await fillFields(readable, state.backfill, stopping);
    return true;
  }
  if (!isRefreshDue(readable, state)) return false;
  await refreshCalculated(readable, stopping);
  return true;
}

async function compareNext(course: Course): Promise<number> {
  const run = await nextRun();
  if (run === undefined) return 0;
  const one = (await followed(course)).find(({ readable }) => readable.mapping.sobject === run.sobject);
  if (one === undefined) await failRun(run.id, new Error(`${run.sobject} is not mirrored now.`));
  else await compareAll(one, run.id, course.stopping);
  return 1;
}

/** The clock asks for a comparison of everything, once a night. */
export const compareMirror = (): Promise<void> => askForAll();
