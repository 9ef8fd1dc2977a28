import { createHash } from 'node:crypto';

import type { AccountViewer, Viewer } from '../access/viewer.ts';
import { countOne } from '../identity/limits.ts';
import { now } from '../platform/clock.ts';
import { transaction, type Tx } from '../platform/db.ts';
import { Conflict, Invalid, NotFound } from '../platform/errors.ts';
import { record } from '../platform/events.ts';

import { actorOf } from './actor.ts';
import { reopen } from './closure.ts';
import { commentsFrom } from './portal-comments.ts';
import * as queries from './queries.ts';
import { textFrom } from './typed-text.ts';
import { attachTo } from './uploads.ts';
import { writeComment } from './writes.ts';

export interface Reply {
  /** Made with the form, so that a form sent twice is one reply. */
  id: string;
  text: string;
}

/**
 * Adds the viewer's words, files or both to a case (SP8). A reply to a closed case opens it again.
 * @throws NotFound, Invalid, TooMany
 */
export async function replyToCase(
  viewer: Viewer,
  caseId: string,
  reply: Reply,
  uploadIds: readonly string[] = [],
): Promise<void> {
  const actor = actorOf(viewer);
  const text = textFrom(reply.text);
  if (text === '' && uploadIds.length === 0) throw new Invalid({ text: 'cases.errors.replyMissing' });
  if (text.length > 32_000) throw new Invalid({ text: 'cases.errors.replyLong' });
  await countOne('replies', actor.personId);
  await transaction(async (tx) => {
    const locked = await queries.lockCase(tx, viewer, caseId);
    if (!locked) throw new NotFound();
    if (await queries.isKnownReply(tx, caseId, reply.id)) return;
    await addComments(tx, actor, locked, { id: reply.id, text });
    const { salesforceId: caseSalesforceId } = locked;
    await attachTo(tx, actor, { caseId, caseSalesforceId, formId: reply.id, uploadIds, at: now() });
    if (locked.isClosed) await reopen(tx, actor, locked);
    await record(tx, 'case.replied', { caseId, accountId: locked.accountId });
  });
}

/** Adds files to a case without a word. @throws NotFound, Invalid */
export async function attach(viewer: Viewer, caseId: string, uploadIds: readonly string[]): Promise<void> {
  await replyToCase(viewer, caseId, { id: crypto.randomUUID(), text: '' }, uploadIds);
}

async function addComments(
  tx: Tx,
  actor: AccountViewer,
  on: queries.LockedCase,
  { id, text }: Reply,
): Promise<void> {
  if (text === '') return;
  const key = { caseId: on.id, caseSalesforceId: on.salesforceId };
  for (const [i, body] of commentsFrom(actor.name, text).entries()) {
    const comment = { id: i === 0 ? id : partId(id, i), body };
    const at = new Date(now().getTime() + i);
    if (!(await queries.insertComment(tx, actor, { ...comment, ...key, at }))) throw new Conflict();
    await writeComment(tx, key, comment);
  }
}

/** The id of a further part of a long reply: the same whenever the form is sent. */
function partId(id: string, part: number): string {
  const hex = createHash('sha256')
    .update(`${id}/${String(part)}`)
    .digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
