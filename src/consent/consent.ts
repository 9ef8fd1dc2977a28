import { forStaff, type Viewer } from '../access/viewer.ts';
import { now } from '../platform/clock.ts';
import type { Tx } from '../platform/db.ts';

import * as queries from './consent.queries.ts';
import type { Topic } from './topics.ts';

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
