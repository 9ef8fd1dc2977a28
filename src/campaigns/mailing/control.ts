import type { Viewer } from '../../access/viewer.ts';
import { now } from '../../platform/clock.ts';
import { transaction, type Tx } from '../../platform/db.ts';
import { Conflict, NotFound } from '../../platform/errors.ts';

import { askForEnd } from '../runs/completion.ts';
import { editorOf } from '../definition/editors.ts';
import { askForLanes } from './lanes.ts';
import * as queries from './control.queries.ts';

/*
 * Holding a run, letting it go on, and ending it. Each takes effect with its commit: a batch goes out only after a transaction that holds the
 * run's row and finds it neither paused nor cancelled. What is with the provider at that moment is settled as it turns out.
 */

/** @throws Forbidden; NotFound; Conflict when it is paused already or has ended */
export async function pauseRun(viewer: Viewer, runId: number): Promise<void> {
  const { personId } = editorOf(viewer);
  await transaction(async (tx) => {
    const held = await queries.pause(tx, [runId], { at: now(), by: personId, reason: 'person' });
    if (held.length === 0) throw await whyNot(tx, runId);
  });
}

/** @throws Forbidden; NotFound; Conflict when it is not paused or has ended */
export async function resumeRun(viewer: Viewer, runId: number): Promise<void> {
  editorOf(viewer);
  await transaction(async (tx) => {
    if (!(await queries.resume(tx, runId, now()))) throw await whyNot(tx, runId);
    await askForLanes(tx);
  });
}

/**
 * Ends a run: nothing more of it goes out, whatever waited is skipped as `cancelled`. There is no way back.
 * @throws Forbidden; NotFound; Conflict when it has ended
 */
export async function cancelRun(viewer: Viewer, runId: number): Promise<void> {
  editorOf(viewer);
  await transaction(async (tx) => {
    if (!(await queries.cancel(tx, runId, now()))) throw await whyNot(tx, runId);
    await askForEnd(tx, runId);
  });
}

async function whyNot(tx: Tx, runId: number): Promise<Conflict | NotFound> {
  const state = await queries.maybeState(tx, runId);
  return state === undefined ? new NotFound() : new Conflict(`the run is ${state}`);
}

/** Holds every run of a track that is under way, within the transaction that pauses it. */
export async function pauseRunsOf(
  tx: Tx,
  trackId: string,
  { by, reason, at }: { by: string | null; reason: string; at: Date },
): Promise<void> {
  await queries.pause(tx, await queries.openRunsOf(tx, trackId), { by, reason, at });
}

/** Lets the runs of a track go on that were held for this reason. */
export async function resumeRunsOf(tx: Tx, trackId: string, reason: string): Promise<void> {
  for (const runId of await queries.openRunsOf(tx, trackId, reason)) await queries.resume(tx, runId, now());
  await askForLanes(tx);
}

/** Ends every run of a track that is under way. */
export async function cancelRunsOf(tx: Tx, trackId: string, at: Date): Promise<void> {
  for (const runId of await queries.openRunsOf(tx, trackId)) {
    await queries.cancel(tx, runId, at);
    await askForEnd(tx, runId);
  }
}
