import type { RawBuilder } from 'kysely';

import { forStaff, type Viewer } from '../access/viewer.ts';
import { now } from '../platform/clock.ts';
import { sql, type Tx } from '../platform/db.ts';

import * as queries from './consent.queries.ts';
import type { Topic } from './topics.ts';

/** All topics that need consent. While it is refused, so is each of them; whoever then grants one has the others refused one by one. */
export const ALL_TOPICS = '*';

/** Where somebody's word came from. `provider`: the mail provider told of it. */
export type ConsentSource = 'page' | 'one_click' | 'portal' | 'provider' | 'console' | 'import';

/** One word about a topic (or ALL_TOPICS), of whoever is behind an address. */
export interface Word {
  address: string;
  topic: string;
  isGranted: boolean;
  source: ConsentSource;
  saidAt: Date;
  /** The delivery whose link was followed. */
  runId?: number;
  n?: number;
  /** The member of staff who wrote it down. */
  saidBy?: string;
}

/** What consents and suppressions know an address by: erasure_hash, in a form that PostgreSQL works out in place for sets. */
export const addressHash = (address: RawBuilder<unknown>): RawBuilder<Buffer> =>
  sql<Buffer>`sha256((select salt from erasure_salt) || convert_to(lower(btrim(${address})), 'UTF8'))`;

/** Whether a topic may be sent to an address, for set-based statements. `hash` is an expression of `addressHash`. */
export function hasConsent(
  hash: RawBuilder<unknown>,
  { code, messageClass, isOptIn }: Pick<Topic, 'code' | 'messageClass' | 'isOptIn'>,
): RawBuilder<boolean> {
  if (messageClass === 'transactional') return sql<boolean>`true`;
  const refused = sql<boolean>`exists (select from consent_states s
    where s.address_hash = ${hash} and s.topic in (${ALL_TOPICS}, ${code}) and not s.is_granted)`;
  if (!isOptIn) return sql<boolean>`not ${refused}`;
  return sql<boolean>`(not ${refused} and exists (select from consent_states s
    where s.address_hash = ${hash} and s.topic = ${code} and s.is_granted))`;
}

/** Writes down what people said. Granting one topic lifts a refusal of all, and leaves the others refused. */
export async function noteWords(tx: Tx, words: readonly Word[]): Promise<void> {
  if (words.length > 0) await queries.insertWords(tx, words);
}

/** Whether each offered topic may be sent to an address now, in the topics' order. */
export async function consentsOf(address: string): Promise<(Topic & { isGranted: boolean })[]> {
  return await queries.selectConsents(address);
}

/** Settles an address's topics at once, as a preferences page shows them: those named are granted, all others that need consent refused. */
export async function choose(
  tx: Tx,
  word: Omit<Word, 'topic' | 'isGranted' | 'saidAt'>,
  granted: readonly string[],
): Promise<void> {
  await queries.insertChoice(tx, { ...word, saidAt: now() }, granted);
}

/** Whether an address has refused a topic by name (or all, for ALL_TOPICS) already. */
export async function refuses(tx: Tx, address: string, topic: string): Promise<boolean> {
  return await queries.isRefused(tx, address, topic);
}

/** A word as staff see it. */
export interface KnownWord {
  topic: string;
  isGranted: boolean;
  source: ConsentSource;
  saidAt: Date;
  saidBy: string | null;
  runId: number | null;
}

/** What somebody of an account said about topics, the newest word first; for staff. */
export async function wordsSeenBy(viewer: Viewer, personId: number): Promise<KnownWord[]> {
  return await queries.selectWords(forStaff(viewer), personId);
}
