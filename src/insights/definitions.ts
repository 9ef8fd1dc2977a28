import { forStaff, hasRole, type StaffViewer, type Viewer } from '../access/viewer.ts';
import { now } from '../platform/clock.ts';
import { transaction } from '../platform/db.ts';
import { Forbidden, NotFound } from '../platform/errors.ts';
import { enqueue } from '../platform/jobs.ts';
import type { Rule } from '../rules/rules.ts';

import * as queries from './definitions.queries.ts';

/** What counts as a milestone of an account, and what Salesforce hears of it (TG5). */
export interface Definition {
  id: string;
  name: string;
  /** What reps read, in one line. */
  headline: string;
  rule: Rule;
  /** Told again when an account reaches it again after it lapsed; else once for ever. */
  repeats: boolean;
  /** Whether the accounts that had reached it when it was made are told of, too. */
  tellsPast: boolean;
  isPaused: boolean;
  /** When every account was last held against it; null before the first time. */
  lookedAt: Date | null;
  changedAt: Date;
}

/** A definition with how many accounts are there now, and how many insights told of it within the last 30 days. */
export interface Listed extends Definition {
  reached: number;
  told: number;
}

/** What an administrator or a success manager says about a milestone. */
export type Drafted = Pick<Definition, 'name' | 'headline' | 'rule' | 'repeats' | 'tellsPast'>;

/** Those who may say what a milestone is. */
export const mayDefine = (viewer: Viewer): boolean => hasRole(viewer, 'csm', 'admin');

export async function definitions(viewer: StaffViewer): Promise<Listed[]> {
  return await queries.selectDefinitions(forStaff(viewer), now());
}

/** @throws NotFound */
export async function definitionSeenBy(viewer: StaffViewer, id: string): Promise<Definition> {
  const found = await queries.selectDefinition(forStaff(viewer), id);
  if (found === undefined) throw new NotFound();
  return found;
}

/** Makes a definition, or changes one. A changed rule is held against every account anew, and tells of no one who was there before unless it says so. */
export async function saveDefinition(viewer: StaffViewer, drafted: Drafted, id?: string): Promise<string> {
  requireDefiner(viewer);
  return await transaction(async (tx) => {
    const saved = await queries.saveDefinition(tx, { ...drafted, id, by: viewer.personId, at: now() });
    if (saved === undefined) throw new NotFound();
    await enqueue(tx, 'note_milestones', {}, { key: 'note_milestones', queue: 'milestones' });
    return saved;
  });
}

/** Stops telling of a milestone, or goes on: what is reached meanwhile is told of when it does. @throws NotFound */
export async function pauseDefinition(viewer: StaffViewer, id: string): Promise<void> {
  await change(viewer, id, { isPaused: true });
}

/** @throws NotFound */
export async function resumeDefinition(viewer: StaffViewer, id: string): Promise<void> {
  await change(viewer, id, { isPaused: false });
}

/** Takes a definition away; what it told stays told. @throws NotFound */
export async function deleteDefinition(viewer: StaffViewer, id: string): Promise<void> {
  await change(viewer, id, { isDeleted: true });
}

async function change(
  viewer: StaffViewer,
  id: string,
  changes: { isPaused?: boolean; isDeleted?: true },
): Promise<void> {
  requireDefiner(viewer);
  await transaction(async (tx) => {
    if (!(await queries.changeDefinition(tx, id, { ...changes, by: viewer.personId, at: now() })))
      throw new NotFound();
    if (changes.isPaused === false)
      await enqueue(tx, 'note_milestones', {}, { key: 'note_milestones', queue: 'milestones' });
  });
}

function requireDefiner(viewer: StaffViewer): void {
  if (!mayDefine(viewer)) throw new Forbidden();
}
