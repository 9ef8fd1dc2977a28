import { forStaff, hasRole, type StaffViewer, type Viewer } from '../access/viewer.ts';
import { now } from '../platform/clock.ts';
import { sql, transaction } from '../platform/db.ts';
import { Conflict, Forbidden, NotFound } from '../platform/errors.ts';
import type { Locale } from '../platform/locale.ts';

import { build } from './build.ts';
import type { MessageVersion, Problem } from './content.ts';
import { messageVersion } from './content.ts';
import type { Format, MessageContent } from './document.ts';
import * as queries from './messages.queries.ts';

/** Something that campaigns say, or a template that others begin as. */
export interface Message {
  id: string;
  name: string;
  description: string;
  kind: 'message' | 'template';
  format: Format;
  /** The newest version. */
  version: number;
  locales: Locale[];
  ownerId: string | null;
  ownerName: string | null;
  changedAt: Date;
  archivedAt: Date | null;
  /** What is wrong with the newest version. */
  problems: Problem[];
}

/** What somebody writes of a message. */
export interface Draft {
  name: string;
  description: string;
  content: MessageContent;
}

/** Whether somebody may write messages; every other one of the staff reads them. */
export const mayWrite = (viewer: Viewer): viewer is StaffViewer => hasRole(viewer, 'csm', 'admin');

function writerOf(viewer: Viewer): StaffViewer {
  if (!mayWrite(viewer)) throw new Forbidden();
  return viewer;
}

interface Wanted {
  kind?: Message['kind'];
  search?: string;
  isArchived?: boolean;
}

/** The messages and templates that staff see, by name. */
export async function messagesSeenBy(
  viewer: Viewer,
  { kind, search = '', isArchived = false }: Wanted = {},
): Promise<Message[]> {
  return await queries.selectMessages(sql`
    ${forStaff(viewer)} and (m.archived_at is not null) = ${isArchived}::boolean
    and ${kind === undefined ? sql`true` : sql`m.kind = ${kind}`}
    and strpos(lower(m.name), lower(${search}::text)) > 0`);
}

/** One of them. @throws NotFound */
export async function messageSeenBy(viewer: Viewer, id: string): Promise<Message> {
  const message = await queries.selectMessage(forStaff(viewer), id);
  if (message === undefined) throw new NotFound();
  return message;
}

/** A version of it, the newest unless another one is asked for. @throws NotFound */
export async function versionSeenBy(viewer: Viewer, id: string, version?: number): Promise<MessageVersion> {
  const message = await messageSeenBy(viewer, id);
  return await messageVersion(message.id, version ?? message.version);
}

/** Its versions, the newest first. @throws NotFound */
export async function versionsOf(viewer: Viewer, id: string) {
  const message = await messageSeenBy(viewer, id);
  return await queries.selectVersions(message.id);
}

/**
 * Makes a message or a template. What is wrong with it is kept beside it (`problems`): it can be saved, but not sent with errors.
 * @returns its id
 */
export async function createMessage(
  viewer: Viewer,
  { name, description, content }: Draft,
  kind: Message['kind'] = 'message',
): Promise<string> {
  const { personId } = writerOf(viewer);
  const made = await build(content);
  return await transaction(async (tx) => {
    const id = await queries.insertMessage(tx, {
      name,
      description,
      kind,
      code: null,
      personId,
      content,
      ...made,
      now: now(),
    });
    if (id === undefined) throw new Conflict('there is such a message');
    return id;
  });
}

/** A message that begins as a copy of another one or of a template. @returns its id */
export async function copyMessage(viewer: Viewer, id: string, name: string): Promise<string> {
  const { content } = await versionSeenBy(viewer, id);
  return await createMessage(viewer, { name, description: '', content });
}

/**
 * Changes a message: what it says becomes its next version; runs go on to send the one that they began with.
 * @param base the version that was changed @returns the number of the new one
 * @throws Conflict when somebody else has changed it meanwhile, or it is archived
 */
export async function changeMessage(
  viewer: Viewer,
  id: string,
  draft: Draft & { base: number },
): Promise<number> {
  const { personId } = writerOf(viewer);
  await messageSeenBy(viewer, id);
  const made = await build(draft.content);
  return await transaction(async (tx) => {
    const version = await queries.insertNextVersion(tx, { ...draft, ...made, id, personId, now: now() });
    if (version === undefined) throw new Conflict('the message was changed meanwhile');
    return version;
  });
}

/** Puts a message away, out of the lists; what uses it goes on to. */
export async function archiveMessage(viewer: Viewer, id: string): Promise<void> {
  writerOf(viewer);
  await messageSeenBy(viewer, id);
  await transaction((tx) => queries.updateArchived(tx, id, now(), now()));
}

/** Brings it back. */
export async function restoreMessage(viewer: Viewer, id: string): Promise<void> {
  writerOf(viewer);
  await messageSeenBy(viewer, id);
  await transaction((tx) => queries.updateArchived(tx, id, null, now()));
}
