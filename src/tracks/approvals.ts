import { createHash } from 'node:crypto';

import { forStaff, type Viewer } from '../access/viewer.ts';
import { isRuleBroken } from '../campaigns/audience/planning.ts';
import { mustBeDecidedBy, type Requested, type Verdict } from '../campaigns/definition/decisions.ts';
import { decide } from '../campaigns/definition/decisions.queries.ts';
import { editorOf } from '../campaigns/definition/editors.ts';
import { newestVersion } from '../content/content.ts';
import { now } from '../platform/clock.ts';
import { db, transaction } from '../platform/db.ts';
import { Conflict } from '../platform/errors.ts';
import { enqueue } from '../platform/jobs.ts';
import { log } from '../platform/log.ts';

import * as queries from './approvals.queries.ts';
import { problemsIn } from './checks.ts';
import { everyStep, type TrackDefinition } from './definition.ts';
import { type DryRun, tryOut } from './dry-run.ts';
import { canonical, trackSeenBy, trackToChange } from './tracks.ts';

/** A version of a track as it was to be approved: what it says, by its hash, and which versions of messages it sends. */
export interface TrackApproval extends Requested {
  version: number;
  /** Hex. */
  hash: string;
  definition: TrackDefinition;
  messages: Record<string, number>;
  /** How many would have entered when it was counted; null until it is, and of what was taken back before. */
  people: number | null;
  forecast: Forecast | null;
  /** Why it was taken back by itself. */
  trouble: 'rule_broken' | null;
}

/** What a dry run found, without names. */
export interface Forecast extends Pick<DryRun, 'steps'> {
  skipped: Record<string, number>;
  /** ISO 8601. */
  asOf: string;
}

/** sha256 of what is approved: the definition, and the versions of its messages. */
export const hashOf = (definition: TrackDefinition, messages: Record<string, number>): string =>
  createHash('sha256').update(canonical({ definition, messages })).digest('hex');

/** The approvals of a track, asked for and decided, the newest first. */
export async function trackApprovals(viewer: Viewer, trackId: string): Promise<TrackApproval[]> {
  return await queries.selectApprovals(forStaff(viewer), trackId);
}

/**
 * Asks a second person to approve the newest version of a track as it is, with the messages as they are. Whom it is for is counted by a job; nobody can
 * decide before.
 * @returns the request's id @throws NotFound; Conflict when it is not ready, or is no draft
 */
export async function requestTrackApproval(viewer: Viewer, trackId: string): Promise<number> {
  const { personId } = editorOf(viewer);
  const { definition } = await trackSeenBy(viewer, trackId);
  const problems = await problemsIn(viewer, definition);
  if (problems.length > 0)
    throw new Conflict(
      `the track is not ready: ${problems.map(({ code, key = '' }) => `${code} ${key}`.trim()).join(', ')}`,
    );
  const messages = await messagesOf(definition);
  const hash = hashOf(definition, messages);
  return await transaction(async (tx) => {
    const { newest } = await trackToChange(tx, trackId);
    if (newest.state !== 'draft' || canonical(newest.definition) !== canonical(definition))
      throw new Conflict('the track is no draft any more, or was changed meanwhile');
    const { version } = newest;
    await queries.updateState(tx, trackId, { version, state: 'in_review', messages });
    const approvalId = await queries.insertApproval(tx, {
      trackId, version, hash, definition, messages, by: personId, at: now(),
    }); // prettier-ignore
    await enqueue(tx, 'count_track_approval', { approvalId });
    return approvalId;
  });
}

/** Milliseconds of a statement, of which half a million people take some seconds. */
const LONGEST = 300_000;

/**
 * A job: counts whom a version that is to be approved is for, and how far they would come. Of what was decided on or changed meanwhile nothing is kept;
 * counted twice, the first time holds. What cannot be asked goes back to its author.
 */
export async function countTrackApproval({ approvalId }: { approvalId: number }): Promise<void> {
  const asked = await queries.selectUncounted(db, approvalId);
  if (asked === undefined) return;
  try {
    const { entering, steps, asOf } = await tryOut(asked.trackId, asked.definition, { within: LONGEST });
    const forecast = { skipped: entering.skipped, steps, asOf: asOf.toISOString() };
    await queries.keepForecast(db, approvalId, { people: entering.count, forecast });
  } catch (error) {
    if (!isRuleBroken(error)) throw error;
    log.warn(
      { err: error, track: asked.trackId },
      'a rule of a track that is to be approved cannot be asked',
    );
    await takeBack(approvalId);
  }
}

async function takeBack(approvalId: number): Promise<void> {
  await transaction(async (tx) => {
    const taken = await queries.withdrawUncountable(tx, approvalId, { trouble: 'rule_broken', at: now() });
    if (taken !== undefined)
      await queries.updateState(tx, taken.trackId, { version: taken.version, state: 'draft' });
  });
}

/** The newest version of each message that a track sends. */
async function messagesOf({ steps }: TrackDefinition): Promise<Record<string, number>> {
  const ids = everyStep(steps).flatMap(({ step }) =>
    step.kind === 'send' && step.messageId !== null ? [step.messageId] : [],
  );
  const versions = await Promise.all([...new Set(ids)].map((id) => newestVersion(id)));
  return Object.fromEntries(versions.map(({ messageId, version }) => [messageId, version]));
}

/** Takes a request back: the version is a draft again. @throws NotFound; Conflict when none is open */
export async function withdrawTrackApproval(viewer: Viewer, trackId: string): Promise<void> {
  const { personId } = editorOf(viewer);
  await transaction(async (tx) => {
    await trackToChange(tx, trackId);
    const open = await queries.selectOpen(tx, trackId);
    if (open === undefined) throw new Conflict('no approval was asked for');
    await decide(tx, 'track_approvals', open.id, {
      decision: 'withdrawn',
      comment: '',
      by: personId,
      at: now(),
    });
    await queries.updateState(tx, trackId, { version: open.version, state: 'draft' });
  });
}

/**
 * Approves or rejects a version of a track.
 * @throws NotFound; Forbidden for whoever asked for it; Conflict when the request is not the open one any more, or is not counted yet
 */
export async function decideTrackApproval(viewer: Viewer, trackId: string, verdict: Verdict): Promise<void> {
  const { personId } = editorOf(viewer);
  const { approvalId, decision, comment } = verdict;
  await transaction(async (tx) => {
    const { newest } = await trackToChange(tx, trackId);
    const open = await queries.selectOpen(tx, trackId);
    mustBeDecidedBy(personId, verdict, open && { ...open, isCurrent: open.version === newest.version });
    if (open?.people == null) throw new Conflict('whom it is for is still being counted');
    await decide(tx, 'track_approvals', approvalId, { decision, comment, by: personId, at: now() });
    const state = decision === 'approved' ? 'approved' : 'draft';
    await queries.updateState(tx, trackId, { version: newest.version, state });
  });
}
