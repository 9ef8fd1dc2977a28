import type { Viewer } from '../access/viewer.ts';
import { editorOf } from '../campaigns/definition/editors.ts';
import { cancelRunsOf, pauseRunsOf, resumeRunsOf } from '../campaigns/mailing/control.ts';
import { now } from '../platform/clock.ts';
import { transaction } from '../platform/db.ts';
import { Conflict } from '../platform/errors.ts';

import { selectApprovedHash } from './approvals.queries.ts';
import { hashOf } from './approvals.ts';
import * as queries from './control.queries.ts';
import { everyStep } from './definition.ts';
import { askToAdvance, askToWatch } from './jobs.ts';
import { trackToChange } from './tracks.ts';
import { followDefinition } from './tracks.queries.ts';

/*
 * Whether people go on in a track. Each of these holds the track's row, and so does every wave that moves people and every transaction that takes them
 * in: it has effect with its commit.
 */

/**
 * Puts the approved newest version of a track into effect: people may enter, and whoever is in it goes on by this version.
 * @throws NotFound; Conflict when it is not approved, or is another than what was approved
 */
export async function activateTrack(viewer: Viewer, id: string): Promise<void> {
  editorOf(viewer);
  await transaction(async (tx) => {
    const { newest } = await trackToChange(tx, id);
    const { version, definition, messages } = newest;
    const approved = await selectApprovedHash(tx, id, version);
    if (newest.state !== 'approved' || approved !== hashOf(definition, messages ?? {}))
      throw new Conflict('the track is not approved');
    const keys = everyStep(definition.steps).map(({ step }) => step.key);
    await queries.activate(tx, id, { version, keys, now: now() });
    await followDefinition(tx, id, definition);
    await resumeRunsOf(tx, id, PAUSED);
    await askToWatch(tx);
    await askToAdvance(tx);
  });
}

/** Why runs of a track are held while it is paused: words `campaigns.pauses.<reason>`. */
const PAUSED = 'track_paused';

/** Nobody enters and nobody goes on, and what was handed over for sending waits; waits keep their end. @throws NotFound; Conflict unless it is active */
export async function pauseTrack(viewer: Viewer, id: string): Promise<void> {
  const { personId } = editorOf(viewer);
  await transaction(async (tx) => {
    if ((await trackToChange(tx, id)).status !== 'active') throw new Conflict('the track is not active');
    await queries.pause(tx, id, { by: personId, reason: null, now: now() });
    await pauseRunsOf(tx, id, { by: personId, reason: PAUSED, at: now() });
  });
}

/** Whoever's time has come meanwhile goes on at once. @throws NotFound; Conflict unless it is paused */
export async function resumeTrack(viewer: Viewer, id: string): Promise<void> {
  editorOf(viewer);
  await transaction(async (tx) => {
    if ((await trackToChange(tx, id)).status !== 'paused') throw new Conflict('the track is not paused');
    await queries.resume(tx, id);
    await resumeRunsOf(tx, id, PAUSED);
    await askToWatch(tx);
    await askToAdvance(tx);
  });
}

/** Ends a track for good: whoever is in it leaves, and what waits to be sent is not. @throws NotFound; Conflict when it is archived already */
export async function archiveTrack(viewer: Viewer, id: string): Promise<void> {
  const { personId } = editorOf(viewer);
  await transaction(async (tx) => {
    await trackToChange(tx, id);
    await queries.archive(tx, id, { personId, now: now() });
    await cancelRunsOf(tx, id, now());
  });
}

/** A rule of it cannot be asked any more: nobody can be told where to go. */
export async function holdBroken(id: string): Promise<void> {
  await transaction(async (tx) => {
    if ((await trackToChange(tx, id)).status === 'active')
      await queries.pause(tx, id, { by: null, reason: 'rule_broken', now: now() });
  });
}
