import './events.ts';

import type { RawBuilder } from 'kysely';

import { forStaff, type Viewer } from '../access/viewer.ts';
import { now } from '../platform/clock.ts';
import { sql, transaction, type Tx } from '../platform/db.ts';
import { Conflict } from '../platform/errors.ts';
import { record } from '../platform/events.ts';

import { noteDue } from './due.ts';
import { editorOf } from './editors.ts';
import type { Batch } from './events.ts';
import * as queries from './tags.queries.ts';

/** The colors that a tag can have; each has an icon and its word beside it. */
export const tones = ['neutral', 'info', 'success', 'warning', 'danger'] as const;
export type Tone = (typeof tones)[number];

export const LONGEST_TAG = 40;

/** A tag: a stage (TG1), or whatever people want to tell each other by it (TG3). */
export interface Tag {
  name: string;
  description: string;
  tone: Tone;
  accounts: number;
  triggers: number;
}

/** A tag that an account has: set by a person, or by a trigger of a list. */
export interface AccountTag {
  name: string;
  tone: Tone;
  description: string;
  at: Date;
  setBy: string | null;
  segment: string | null;
}

/** Who added or took off which tag when, and for what list a trigger did. */
export interface TagChange {
  id: number;
  accountId: string;
  accountName: string;
  tag: string;
  change: 'added' | 'removed';
  changedBy: string | null;
  segment: string | null;
  occurredAt: Date;
}

/** All tags, and how many accounts have each. */
export async function allTags(viewer: Viewer): Promise<Tag[]> {
  return await queries.selectTags(forStaff(viewer));
}

/** The names of all tags, to choose from. */
export async function tagNames(viewer: Viewer): Promise<string[]> {
  return await queries.selectTagNames(forStaff(viewer));
}

/** The tags of an account, the oldest first. */
export async function tagsOf(viewer: Viewer, accountId: string): Promise<AccountTag[]> {
  return await queries.selectTagsOf(forStaff(viewer), accountId);
}

/** The newest hundred changes of an account's tags, or of a tag, newest first. */
export async function tagHistory(
  viewer: Viewer,
  of: { accountId: string } | { tag: string },
): Promise<TagChange[]> {
  return await queries.selectTagChanges(forStaff(viewer), of);
}

/** Makes a tag, or changes what is said of it. */
export async function saveTag(
  viewer: Viewer,
  tag: { name: string; description: string; tone: Tone },
): Promise<void> {
  const { personId } = editorOf(viewer);
  await transaction((tx) => queries.upsertTag(tx, tag, personId, now()));
}

/**
 * Deletes a tag and takes it off every account.
 * @throws Conflict while a trigger or a list's rule names it
 */
export async function deleteTag(viewer: Viewer, name: string): Promise<void> {
  const { personId } = editorOf(viewer);
  await transaction(async (tx) => {
    if ((await queries.selectTagUses(tx, name)).length > 0) throw new Conflict('the tag is used');
    const having = sql`select account_id, tag, null::bigint as trigger_id, null::text as segment from account_tags where tag = ${name}`;
    await tell(tx, await queries.removeTags(tx, having, { by: personId, at: now() }));
    await queries.deleteTag(tx, name);
  });
}

/** Tags accounts by hand (TG3). A name that no tag has makes one. @returns how many did not have it yet */
export async function tagAccounts(
  viewer: Viewer,
  accounts: readonly string[],
  name: string,
): Promise<number> {
  const { personId } = editorOf(viewer);
  return await transaction(async (tx) => {
    const tag = await queries.ensureTag(tx, name, personId, now());
    const added = await queries.addTags(tx, given(accounts, tag), { by: personId, at: now() });
    return await tell(tx, added);
  });
}

/** Takes a tag off accounts by hand. No trigger puts it back until the account enters its list anew. @returns how many had it */
export async function untagAccounts(
  viewer: Viewer,
  accounts: readonly string[],
  name: string,
): Promise<number> {
  const { personId } = editorOf(viewer);
  return await transaction(async (tx) => {
    const removed = await queries.removeTags(tx, given(accounts, name), { by: personId, at: now() });
    return await tell(tx, removed);
  });
}

const given = (accounts: readonly string[], tag: string): RawBuilder<unknown> => sql`
  select account_id, ${tag}::text as tag, null::bigint as trigger_id, null::text as segment
  from unnest(${accounts}::text[]) as account_id`;

/** Records that tags changed, and has lists look at the accounts again. @returns how many changes there were */
export async function tell(tx: Tx, changed: Batch): Promise<number> {
  if (changed.changes === 0) return 0;
  await record(tx, 'tags.changed', changed);
  await noteDue(tx, sql`select account_id from account_tag_changes where batch = ${changed.batch}`);
  return changed.changes;
}
