import { now } from '../platform/clock.ts';
import type { Db } from '../platform/db.ts';
import { NotFound } from '../platform/errors.ts';
import type { Locale } from '../platform/locale.ts';

import { compile, type Compiled, type Part } from './compiled.ts';
import type { MessageContent } from './document.ts';
import { filled } from './marks.ts';
import * as queries from './messages.queries.ts';
import { type Merged, type Merging, mergeAll, type Target } from './values.ts';

export { type Compiled, type Link, type Part, partOf } from './compiled.ts';
export type { Hooks, Merged, SlotValues, Target } from './values.ts';

/** What was made of a version when it was saved: its texts with merge fields, escaped by where they stand. */
export interface Built {
  parts: BuiltPart[];
  /** The merge fields that it looks at, by their names in the catalog. */
  fields: string[];
}

export interface BuiltPart {
  locale: Locale;
  variant: number;
  subject: string;
  html: string;
  text: string;
  links: { number: number; url: string; label: string }[];
}

/** Something wrong with a message; an error keeps it from being sent. Words: `messages.problems.<code>`. */
export interface Problem {
  code: string;
  severity: 'error' | 'warning';
  /** What it is about: the field, the link, the word. */
  detail: string;
  /** Where, if not everywhere. */
  locale?: Locale;
  variant?: number;
}

/** A message as it was at one moment; it never changes. */
export interface MessageVersion {
  messageId: string;
  version: number;
  name: string;
  content: MessageContent;
  built: Built;
  problems: readonly Problem[];
}

const versions = new Map<string, MessageVersion>();
const compiled = new WeakMap<MessageVersion, Compiled>();

/** A version of a message; kept, since it never changes. @throws NotFound */
export async function messageVersion(messageId: string, version: number): Promise<MessageVersion> {
  const name = `${messageId}/${version}`;
  const known = versions.get(name) ?? (await queries.selectVersion(messageId, version));
  if (known === undefined) throw new NotFound();
  versions.delete(name);
  versions.set(name, known);
  for (const oldest of versions.keys()) if (versions.size > 100) versions.delete(oldest);
  return known;
}

/** Whether a version may be sent: without errors, and with a way out where one is owed (transactional messages need none). */
export const maySend = (
  { problems, content: { format } }: Pick<MessageVersion, 'problems' | 'content'>,
  messageClass: 'marketing' | 'success' | 'transactional',
): boolean =>
  problems.every(({ severity }) => severity !== 'error') &&
  (messageClass === 'transactional' ||
    format === 'text' ||
    problems.every(({ code }) => code !== 'noUnsubscribe'));

/** The version of a message that would be sent now. @throws NotFound */
export async function newestVersion(messageId: string): Promise<MessageVersion> {
  const version = await queries.selectNewest(messageId);
  if (version === undefined) throw new NotFound();
  return await messageVersion(messageId, version);
}

/** Compiles a version, once a process. */
export function compileMessage(version: MessageVersion): Compiled {
  const known = compiled.get(version) ?? compile(version);
  compiled.set(version, known);
  return known;
}

/**
 * What each recipient of a batch gets: their part of the message (by language and variant) and the values of its slots, escaped, by their
 * marks (`{ '%s1%': 'Ada' }`). Set-based: some statements a batch, whatever its size. Who cannot be written to (too long a value, a
 * template that fails for them, gone meanwhile) is in `failed` with the reason, and keeps nobody else.
 * @param asOf the moment that counts as now: tables and dates are those of this moment
 */
export async function valuesFor(
  tx: Db,
  message: Compiled,
  targets: readonly Target[],
  { asOf = now(), ...merging }: Omit<Merging, 'asOf'> & { asOf?: Date },
): Promise<Merged> {
  return await mergeAll(tx, message, targets, { asOf, ...merging });
}

/** One whole message, for previews, tests, chat and the like. */
export function renderOne({ message }: Part, values: Readonly<Record<string, string>>): Part['message'] {
  return {
    subject: filled(message.subject, values),
    html: filled(message.html, values),
    text: filled(message.text, values),
  };
}
