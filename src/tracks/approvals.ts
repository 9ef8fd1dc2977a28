import { createHash } from 'node:crypto';

import { forStaff, type Viewer } from '../access/viewer.ts';
import { editorOf } from '../campaigns/definition/editors.ts';
import { newestVersion } from '../content/content.ts';
import { now } from '../platform/clock.ts';
import { transaction } from '../platform/db.ts';
import { Conflict, Forbidden } from '../platform/errors.ts';

import * as queries from './approvals.queries.ts';
import { problemsIn } from './checks.ts';
import { everyStep, type TrackDefinition } from './definition.ts';
import { dryRun } from './dry-run.ts';
import { canonical, trackSeenBy, trackToChange } from './tracks.ts';

/** A version of a track as it was to be approved: what it says, by its hash, and which versions of messages it sends. */
export interface TrackApproval {
  id: number;
  version: number;
  /** Hex. */
  hash: string;
  definition: TrackDefinition;
  messages: Record<string, number>;
  /** How many would have entered at that moment. */
  people: number;
  requestedBy: string;
  requestedByName: string | null;
  requestedAt: Date;
  decidedBy: string | null;
  decidedByName: string | null;
  decidedAt: Date | null;
  decision: 'approved' | 'rejected' | 'withdrawn' | null;
  comment: string;
}

/** sha256 of what is approved: the definition, and the versions of its messages. */
export const hashOf = (definition: TrackDefinition, messages: Record<string, number>): string =>
  createHash('sha256').update(canonical({ definition, messages })).digest('hex');

/** The approvals of a track, asked for and decided, the newest first. */
export async function trackApprovals(viewer: Viewer, trackId: string): Promise<TrackApproval[]> {
  return await queries.selectApprovals(forStaff(viewer), trackId);
}

/**
 * Asks a second person to approve the newest version of a track as it is, with the messages as they are.
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
  const { entering } = await dryRun(viewer, trackId);
  const hash = hashOf(definition, messages);
  return await transaction(async (tx) => {
    const { newest } = await trackToChange(tx, trackId);
    if (newest.state !== 'draft' || canonical(newest.definition) !== canonical(definition))
      throw new Conflict('the track is no draft any more, or was changed meanwhile');
    await queries.updateState(tx, trackId, { version: newest.version, state: 'in_review', messages });
    return await queries.insertApproval(tx, {
      trackId, version: newest.version, hash, definition, messages, people: entering.count, by: personId, at: now(),
    }); // prettier-ignore
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
    await queries.decide(tx, open.id, { decision: 'withdrawn', comment: '', by: personId, at: now() });
    await queries.updateState(tx, trackId, { version: open.version, state: 'draft' });
  });
}

/**
 * Approves or rejects a version of a track.
 * @throws NotFound; Forbidden for whoever asked for it; Conflict when the request is not the open one any more
 */
export async function decideTrackApproval(
  viewer: Viewer,
  trackId: string,
  {
    approvalId,
    decision,
    comment,
  }: { approvalId: number; decision: 'approved' | 'rejected'; comment: string },
): Promise<void> {
  const { personId } = editorOf(viewer);
  await transaction(async (tx) => {
    const { newest } = await trackToChange(tx, trackId);
    const open = await queries.selectOpen(tx, trackId);
    if (open?.id !== approvalId || open.version !== newest.version)
      throw new Conflict('the request is not open any more');
    if (open.requestedBy === personId) throw new Forbidden();
    await queries.decide(tx, approvalId, { decision, comment, by: personId, at: now() });
    const state = decision === 'approved' ? 'approved' : 'draft';
    await queries.updateState(tx, trackId, { version: open.version, state });
  });
}
