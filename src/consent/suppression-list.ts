import { forStaff, hasRole, type Viewer } from '../access/viewer.ts';
import { now } from '../platform/clock.ts';
import { transaction } from '../platform/db.ts';
import { Forbidden, NotFound } from '../platform/errors.ts';

import * as queries from './suppression-list.queries.ts';
import { suppress, type Channel, type SuppressionReason } from './suppression.ts';

/** An address that nothing is sent to, or that was freed again. */
export interface Suppression {
  id: number;
  /** As one of the people whom we know has it; null where nobody has: only its hash is kept. */
  address: string | null;
  channel: Channel;
  reason: SuppressionReason;
  until: Date | null;
  comment: string;
  at: Date;
  /** The member of staff who did it; null for providers. */
  by: string | null;
  runId: number | null;
  isLifted: boolean;
}

export interface SuppressionFilter {
  /** A whole address: of what is kept, nothing can be searched in part. */
  address?: string | undefined;
  channel?: Channel | undefined;
  reason?: SuppressionReason | undefined;
  state: 'active' | 'lifted';
  page: number;
  size: number;
}

/** Suppressions, newest first. */
export async function suppressionsSeenBy(
  viewer: Viewer,
  filter: SuppressionFilter,
): Promise<{ suppressions: Suppression[]; total: number }> {
  return await queries.selectSuppressions(forStaff(viewer), { ...filter, at: now() });
}

/** Has an address written to no more. @throws Forbidden */
export async function suppressByHand(
  viewer: Viewer,
  { address, channel, comment }: { address: string; channel: Channel; comment: string },
): Promise<void> {
  const saidBy = editorOf(viewer);
  await transaction((tx) =>
    suppress(tx, [{ address, channel, reason: 'manual', comment, saidBy, at: now() }]),
  );
}

/**
 * Lets an address be written to again; that it was suppressed, and by whom it was freed, stays.
 * @param id of a suppression that is active
 * @throws Forbidden; NotFound
 */
export async function liftSuppression(viewer: Viewer, id: number, comment: string): Promise<void> {
  const saidBy = editorOf(viewer);
  await transaction(async (tx) => {
    if (!(await queries.insertLift(tx, id, { comment, saidBy, at: now() }))) throw new NotFound();
  });
}

function editorOf(viewer: Viewer): string {
  if (viewer.kind !== 'staff' || !hasRole(viewer, 'csm', 'admin')) throw new Forbidden();
  return viewer.personId;
}
