import type { AccountViewer, Viewer } from '../access/viewer.ts';
import { now } from '../platform/clock.ts';
import { transaction, type Tx } from '../platform/db.ts';
import { NotFound } from '../platform/errors.ts';
import { record } from '../platform/events.ts';

import { actorOf } from './actor.ts';
import { forgetClosing, noteClosing } from './notices.queries.ts';
import * as queries from './queries.ts';
import { CLOSED_STATUS, REOPENED_STATUS } from './status.ts';
import { writeStatus } from './writes.ts';

/** Closes a case of the viewer's; one that is closed stays so. @throws NotFound */
export async function closeCase(viewer: Viewer, caseId: string): Promise<void> {
  const actor = actorOf(viewer);
  await transaction(async (tx) => {
    const locked = await queries.lockCase(tx, viewer, caseId);
    if (!locked) throw new NotFound();
    if (locked.isClosed) return;
    const at = now();
    await queries.updateStatus(tx, { caseId, status: CLOSED_STATUS, closedAt: at });
    const outboxId = await writeStatus(tx, actor, locked, CLOSED_STATUS);
    await queries.insertAct(tx, actor, { caseId, kind: 'closed', at, outboxId });
    await noteClosing(tx, caseId, at);
    await record(tx, 'case.closed', { caseId, accountId: locked.accountId });
  });
}

/** Opens a closed case of the viewer's again; an open one stays so. @throws NotFound */
export async function reopenCase(viewer: Viewer, caseId: string): Promise<void> {
  const actor = actorOf(viewer);
  await transaction(async (tx) => {
    const locked = await queries.lockCase(tx, viewer, caseId);
    if (!locked) throw new NotFound();
    if (locked.isClosed) await reopen(tx, actor, locked);
  });
}

/** The same within another act: a reply to a closed case. */
export async function reopen(tx: Tx, actor: AccountViewer, locked: queries.LockedCase): Promise<void> {
  const { id: caseId, accountId } = locked;
  await queries.updateStatus(tx, { caseId, status: REOPENED_STATUS, closedAt: undefined });
  const outboxId = await writeStatus(tx, actor, locked, REOPENED_STATUS);
  await queries.insertAct(tx, actor, { caseId, kind: 'reopened', at: now(), outboxId });
  await forgetClosing(tx, caseId);
  await record(tx, 'case.reopened', { caseId, accountId });
}
