import './events.ts';

import type { RawBuilder } from 'kysely';

import { forStaff, type StaffViewer, type Viewer } from '../access/viewer.ts';
import { now } from '../platform/clock.ts';
import { sql, transaction, type Tx } from '../platform/db.ts';
import { Conflict, Invalid, NotFound } from '../platform/errors.ts';
import { leadsBack, type Rule } from '../rules/rules.ts';

import { askForFull } from './due.ts';
import { editorOf } from './editors.ts';
import { looksAtRisk, segmentsNamedIn } from './fields.ts';
import * as queries from './queries.ts';
import type { Known } from './queries.ts';

/** A smart list: accounts or people that meet a rule, kept as they come to meet it or no longer do (TG6, AN3). */
export interface Segment {
  id: string;
  name: string;
  description: string;
  folder: string | null;
  entity: 'account' | 'person';
  rule: Rule;
  /** Everybody sees it; else its owner alone. */
  isShared: boolean;
  ownerId: string | null;
  ownerName: string | null;
  /** It came with the product. */
  isSuggested: boolean;
  isFavorite: boolean;
  members: number;
  /** How many entered and left in the last seven days, where a list of lists says so. */
  entered: number;
  departed: number;
  /** Whether the members are those of the rule as it is; if not, they are being looked at. */
  isCurrent: boolean;
  refreshedAt: Date | null;
  /** Why its rule could not be evaluated. */
  trouble: string | null;
  archivedAt: Date | null;
  changedAt: Date;
}

/** What somebody writes of a list. The rule was checked against the catalog. */
export interface Draft {
  name: string;
  description: string;
  folder: string | null;
  entity: Segment['entity'];
  rule: Rule;
  isShared: boolean;
}

/** What would miss a list: lists that name it, triggers of tags, rules of risk, people who follow it. */
export interface SegmentUses {
  segments: string[];
  triggers: number;
  riskRules: number;
  followers: number;
}

export const isUsed = ({ segments, triggers, riskRules }: SegmentUses): boolean =>
  segments.length + triggers + riskRules > 0;

const personOf = (viewer: Viewer): string => (viewer.kind === 'staff' ? viewer.personId : '');

/** Shared lists and one's own, over `s` (segments). */
export const seenBy = (viewer: Viewer): RawBuilder<boolean> =>
  viewer.kind === 'staff' ? sql`(s.is_shared or s.owner_id = ${viewer.personId}::uuid)` : sql`false`;

/** The lists that staff see, favorites first, then by folder and name. */
export async function segmentsSeenBy(
  viewer: StaffViewer,
  { isArchived = false }: { isArchived?: boolean } = {},
): Promise<Segment[]> {
  const today = now().toISOString().slice(0, 10);
  return await queries.selectSegments(seenBy(viewer), viewer.personId, { today, isArchived });
}

/** One list. @throws NotFound for somebody else's own */
export async function segmentSeenBy(viewer: Viewer, id: string): Promise<Segment> {
  const segment = await queries.selectSegment(
    sql`${seenBy(viewer)} and ${forStaff(viewer)}`,
    id,
    personOf(viewer),
  );
  if (segment === undefined) throw new NotFound();
  return segment;
}

/** What would miss a list that staff see. */
export async function usesOf(viewer: Viewer, id: string): Promise<SegmentUses> {
  const { id: seen } = await segmentSeenBy(viewer, id);
  return await transaction((tx) => queries.selectUses(tx, seen));
}

/** Makes a list; a worker fills it at once. @returns its id @throws Invalid for a name that is taken, or a rule that goes in circles */
export async function createSegment(viewer: Viewer, draft: Draft): Promise<string> {
  const { personId } = editorOf(viewer);
  return await transaction(async (tx) => {
    await queries.waitToChange(tx);
    const parts = partsOf(draft, { known: await queries.selectKnown(tx), personId });
    const id = await queries.insertSegment(tx, { ...draft, personId, now: now() });
    if (id === undefined) throw new Invalid({ name: 'segments.nameTaken' });
    await queries.replaceParts(tx, id, parts);
    await askForFull(tx);
    return id;
  });
}

/** Changes a list; who then belongs into it enters, who no longer does leaves. What it is a list of stays. */
export async function changeSegment(viewer: Viewer, id: string, draft: Omit<Draft, 'entity'>): Promise<void> {
  const { personId } = editorOf(viewer);
  const { entity, archivedAt } = await segmentSeenBy(viewer, id);
  if (archivedAt !== null) throw new Conflict('the list is archived');
  await transaction(async (tx) => {
    await queries.waitToChange(tx);
    const known = await queries.selectKnown(tx);
    if (!draft.isShared) await refuseHiding(tx, id, known);
    const parts = partsOf(draft, { id, known, personId });
    if (!(await queries.updateSegment(tx, id, { ...draft, entity, personId, now: now() })))
      throw new Invalid({ name: 'segments.nameTaken' });
    await queries.replaceParts(tx, id, parts);
    await askForFull(tx);
  });
}

/** What everybody's lists, tags and risk depend on stays everybody's. */
async function refuseHiding(tx: Tx, id: string, known: readonly Known[]): Promise<void> {
  const { triggers, riskRules } = await queries.selectUses(tx, id);
  const isPartOfShared = known.some(({ parts, isShared }) => isShared && parts.includes(id));
  if (isPartOfShared || triggers + riskRules > 0) throw new Invalid({ isShared: 'segments.usedByOthers' });
}

interface Around {
  id?: string;
  known: readonly Known[];
  personId: string;
}

/**
 * The lists that the rule names.
 * @throws Invalid for lists that its author does not see, that not all see who see this one, or that lead back to it; and for a list that looks
 * at risk while its own rule sets it.
 */
function partsOf(
  { rule, isShared }: Pick<Draft, 'rule' | 'isShared'>,
  { id, known, personId }: Around,
): string[] {
  const parts = segmentsNamedIn(rule);
  const byId = new Map(known.map((list) => [list.id, list]));
  for (const part of parts.map((each) => byId.get(each))) {
    const isSeen = part !== undefined && !part.isArchived && (part.isShared || part.ownerId === personId);
    if (!isSeen) throw new Invalid({ rule: 'segments.partGone' });
    if (isShared && !part.isShared) throw new Invalid({ rule: 'segments.partOwn' });
  }
  if (id !== undefined) refuseCircles(id, { rule, parts, known });
  return parts;
}

function refuseCircles(
  id: string,
  { rule, parts, known }: { rule: Rule; parts: string[]; known: readonly Known[] },
): void {
  const byId = new Map(known.map((list) => [list.id, list]));
  const refersTo = (each: string) => (each === id ? parts : (byId.get(each)?.parts ?? []));
  if (leadsBack(id, refersTo)) throw new Invalid({ rule: 'segments.circle' });
  const looks = [...reached(id, refersTo)].some((each) =>
    each === id ? looksAtRisk(rule) : looksAtRisk(byId.get(each)?.rule ?? rule),
  );
  const saysRisk = known.some(
    ({ id: other, hasRiskRule }) => hasRiskRule && reached(other, refersTo).has(id),
  );
  if (looks && saysRisk) throw new Invalid({ rule: 'segments.riskCircle' });
}

/** A list and all that its rule leads to. */
export function reached(id: string, refersTo: (id: string) => readonly string[]): Set<string> {
  const found = new Set<string>([id]);
  for (const each of found) for (const next of refersTo(each)) found.add(next);
  return found;
}

/** Whether what a list's rule leads to looks at risk: then no rule of risk may be set by it. */
export async function leadsToRisk(tx: Tx, id: string): Promise<boolean> {
  const byId = new Map((await queries.selectKnown(tx)).map((list) => [list.id, list]));
  const all = reached(id, (each) => byId.get(each)?.parts ?? []);
  return [...all].map((each) => byId.get(each)).some((list) => list !== undefined && looksAtRisk(list.rule));
}

/** A list of one's own with the same rule. @returns its id */
export async function duplicateSegment(viewer: Viewer, id: string, name: string): Promise<string> {
  const { description, folder, entity, rule } = await segmentSeenBy(viewer, id);
  return await createSegment(viewer, { name, description, folder, entity, rule, isShared: false });
}

/** Has a list rest: nobody enters or leaves it. @throws Conflict while others, triggers or rules of risk depend on it */
export async function archiveSegment(viewer: Viewer, id: string): Promise<void> {
  editorOf(viewer);
  await segmentSeenBy(viewer, id);
  await transaction(async (tx) => {
    await queries.waitToChange(tx);
    if (isUsed(await queries.selectUses(tx, id))) throw new Conflict('the list is used');
    await queries.archive(tx, id, now());
  });
}

/** Brings an archived list back; it is looked at anew. @throws Conflict when its name is taken meanwhile, or a list that it names is gone */
export async function restoreSegment(viewer: Viewer, id: string): Promise<void> {
  const { personId } = editorOf(viewer);
  const { rule, isShared } = await segmentSeenBy(viewer, id);
  await transaction(async (tx) => {
    await queries.waitToChange(tx);
    partsOf({ rule, isShared }, { id, known: await queries.selectKnown(tx), personId });
    if (!(await queries.archive(tx, id, null))) throw new Conflict('the name is taken');
    await askForFull(tx);
  });
}

/** Deletes a list with all its history. @throws Conflict while others, triggers or rules of risk depend on it */
export async function deleteSegment(viewer: Viewer, id: string): Promise<void> {
  editorOf(viewer);
  await segmentSeenBy(viewer, id);
  await transaction(async (tx) => {
    await queries.waitToChange(tx);
    if (isUsed(await queries.selectUses(tx, id))) throw new Conflict('the list is used');
    await queries.deleteSegment(tx, id);
  }).catch(asConflict);
}

/* Other capabilities hold on to lists by foreign keys of their own. */
function asConflict(error: unknown): never {
  if (error instanceof Error && 'code' in error && error.code === '23503')
    throw new Conflict('the list is used', { cause: error });
  throw error;
}

/** Puts a list among one's favorites. */
export async function favor(viewer: StaffViewer, id: string): Promise<void> {
  await segmentSeenBy(viewer, id);
  await queries.insertFavorite(viewer.personId, id);
}

/** Takes a list from one's favorites. */
export async function unfavor(viewer: StaffViewer, id: string): Promise<void> {
  await queries.deleteFavorite(viewer.personId, id);
}
