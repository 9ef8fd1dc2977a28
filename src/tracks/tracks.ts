import { z } from 'zod';

import { forStaff, type Viewer } from '../access/viewer.ts';
import { editorOf } from '../campaigns/definition/editors.ts';
import { taken } from '../campaigns/definition/input.ts';
import type { MessageClass } from '../campaigns/definition/policy.ts';
import { now } from '../platform/clock.ts';
import { db, transaction, type Tx } from '../platform/db.ts';
import { Conflict, NotFound } from '../platform/errors.ts';

import { withdrawOpen } from './approvals.queries.ts';
import { selectCounts } from './counts.queries.ts';
import type { StepKind, TrackDefinition } from './definition.ts';
import { takenDefinition } from './input.ts';
import * as queries from './tracks.queries.ts';

/** How a track stands; before it was first activated, how its newest version does. */
export const trackStatuses = ['draft', 'in_review', 'approved', 'active', 'paused', 'archived'] as const;
export type TrackStatus = (typeof trackStatuses)[number];

export const versionStates = ['draft', 'in_review', 'approved', 'active', 'replaced'] as const;
export type VersionState = (typeof versionStates)[number];

/** How many entered, are in it, came to the end, left before it (and why), and reached the goal; messages that were sent. */
export interface TrackCounts {
  entered: number;
  here: number;
  done: number;
  left: number;
  /** Of those who left: goal, rule, removed, gone, archived. */
  leftBy: Record<string, number>;
  sent: number;
  converted: number;
}

/** A track in a list. */
export interface ListedTrack {
  id: string;
  name: string;
  description: string;
  messageClass: MessageClass;
  topic: string | null;
  status: TrackStatus;
  /** The version that people go through; null until there is one. */
  version: number | null;
  /** A newer version that is not active yet. */
  next: { version: number; state: VersionState } | null;
  entryKind: TrackDefinition['entry']['kind'];
  ownerId: string;
  ownerName: string | null;
  changedAt: Date;
  counts: TrackCounts;
}

/** A track as its page shows it: `definition` is that of the newest version, `activeDefinition` of the one that people go through. */
export interface ShownTrack extends ListedTrack {
  definition: TrackDefinition;
  activeDefinition: TrackDefinition | null;
  activatedAt: Date | null;
  pausedAt: Date | null;
  /** Null where a person did it; `rule_broken`. */
  pauseReason: string | null;
  pausedByName: string | null;
  changedByName: string | null;
  createdAt: Date;
  template: { code: string; parameters: Record<string, unknown> } | null;
  /** How many are at each step, by its key. */
  waiting: Record<string, number>;
}

/** What became of people at a step, in the order of the steps. Steps of former versions come last. */
export interface StepFigures {
  key: string;
  kind: StepKind | null;
  depth: number;
  /** Came to it, are there now, went on. */
  entered: number;
  here: number;
  passed: number;
  /** How they went on: handed_over, waited, held, timed_out, then, otherwise, tagged, task, exit. */
  outcomes: Record<string, number>;
  /** Of a message: sent, skipped, failed, planned, opened, clicked … of its runs. */
  counts: Record<string, number>;
}

export interface TrackFilter {
  search?: string | undefined;
  status?: TrackStatus | undefined;
  ownerId?: string | undefined;
  isArchived?: boolean | undefined;
}

export const trackSortings = ['name', 'status', 'here', 'changedAt'] as const;
export interface TrackOrder {
  sort: (typeof trackSortings)[number];
  direction: 'asc' | 'desc';
  page: number;
}

export const TRACKS_A_PAGE = 50;

/** A page of the tracks that staff see, with what they came to, and how many there are. */
export async function tracksSeenBy(
  viewer: Viewer,
  filter: TrackFilter,
  order: TrackOrder,
): Promise<{ tracks: ListedTrack[]; total: number }> {
  const { tracks, total } = await queries.selectTracks(forStaff(viewer), filter, {
    ...order,
    limit: TRACKS_A_PAGE,
  });
  const counts = await countsOf(tracks.map(({ id }) => id));
  return { tracks: tracks.map((track) => ({ ...track, counts: counts(track.id) })), total };
}

/** One track. @throws NotFound */
export async function trackSeenBy(viewer: Viewer, id: string): Promise<ShownTrack> {
  const track = await queries.selectShown(forStaff(viewer), id);
  if (track === undefined) throw new NotFound();
  const counted = (await selectCounts(db, [id])).get(id) ?? {};
  const sent = (await queries.selectSent(db, [id])).get(id);
  const here = Object.entries(counted).filter(([name, count]) => name.startsWith('here:') && count > 0);
  const waiting = Object.fromEntries(here.map(([name, count]) => [name.slice('here:'.length), count]));
  return { ...track, counts: told(counted, sent), waiting };
}

/** Who owns tracks, by name. */
export async function trackOwners(viewer: Viewer): Promise<{ id: string; name: string }[]> {
  return await queries.selectOwners(forStaff(viewer));
}

/** What tracks came to, from their counters and those of their runs. */
async function countsOf(ids: readonly string[]): Promise<(id: string) => TrackCounts> {
  const counted = await selectCounts(db, ids);
  const sent = await queries.selectSent(db, ids);
  return (id) => told(counted.get(id) ?? {}, sent.get(id));
}

function told(
  { entered = 0, done = 0, ...others }: Readonly<Record<string, number>>,
  sent = { sent: 0, converted: 0 },
): TrackCounts {
  const reasons = Object.entries(others).filter(([name]) => name.startsWith('left:'));
  const leftBy = Object.fromEntries(reasons.map(([name, count]) => [name.slice('left:'.length), count]));
  const left = reasons.reduce((sum, [, count]) => sum + count, 0);
  return { entered, done, left, leftBy, here: entered - done - left, ...sent };
}

const Names = z.strictObject({
  name: z.string().trim().min(1, 'errors.required').max(200),
  description: z.string().trim().max(2000).default(''),
});

/** What a new track is made of; `definition` is read by the schema of definition.ts. */
export interface NewTrack {
  name: string;
  description?: string | undefined;
  definition: unknown;
  template?: { code: string; parameters: Record<string, unknown> } | undefined;
}

/** Makes a track, a draft. @returns its id @throws Invalid by field */
export async function createTrack(viewer: Viewer, track: NewTrack): Promise<string> {
  const { personId } = editorOf(viewer);
  const names = taken(Names, { name: track.name, description: track.description });
  const definition = await takenDefinition(track.definition);
  return await transaction((tx) =>
    queries.insertTrack(tx, { ...names, definition, template: track.template ?? null, personId, now: now() }),
  );
}

/**
 * Changes a track: what it is called at once, what it says in its newest version. Of one that people go through a new version is begun; an approval that
 * was asked for or given counts no more.
 * @throws Invalid by field; Conflict for one that is archived, or whose newest version is another than the author saw
 */
export async function changeTrack(
  viewer: Viewer,
  id: string,
  change: {
    name?: string | undefined;
    description?: string | undefined;
    definition?: unknown;
    expectedVersion?: number | undefined;
  },
): Promise<void> {
  const { personId } = editorOf(viewer);
  const names = taken(Names.partial(), { name: change.name, description: change.description });
  const definition = change.definition === undefined ? undefined : await takenDefinition(change.definition);
  await transaction(async (tx) => {
    const { newest } = await trackToChange(tx, id);
    if (change.expectedVersion !== undefined && change.expectedVersion !== newest.version)
      throw new Conflict('the track has a newer version by now');
    await queries.updateNames(tx, id, {
      name: names.name,
      description: change.description === undefined ? undefined : names.description,
      personId,
      now: now(),
    });
    if (definition !== undefined) await write(tx, id, { newest, definition, personId });
  });
}

async function write(
  tx: Tx,
  id: string,
  {
    newest,
    definition,
    personId,
  }: { newest: queries.HeldTrack['newest']; definition: TrackDefinition; personId: string },
): Promise<void> {
  if (isSame(definition, newest.definition)) return;
  const by = { definition, personId, now: now() };
  if (newest.state === 'active') {
    await queries.insertVersion(tx, id, { ...by, version: newest.version + 1 });
  } else {
    await withdrawOpen(tx, id, by);
    await queries.updateVersion(tx, id, { ...by, version: newest.version });
    if (newest.version === 1) await queries.followDefinition(tx, id, definition);
  }
}

/** jsonb keeps no order of members: both are written in one. */
const isSame = (one: unknown, other: unknown): boolean => canonical(one) === canonical(other);

/** JSON with the members of each object in alphabetical order: the same text for the same definition. */
export const canonical = (value: unknown): string =>
  JSON.stringify(value, (_, part: unknown) =>
    typeof part === 'object' && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );

/** The track, held until the transaction ends. @throws NotFound; Conflict for one that is archived */
export async function trackToChange(tx: Tx, id: string): Promise<queries.HeldTrack> {
  const track = await queries.selectForUpdate(tx, id);
  if (track === undefined) throw new NotFound();
  if (track.status === 'archived') throw new Conflict('the track is archived');
  return track;
}

/** A draft of one's own with all that the newest version of this one says. @returns its id */
export async function duplicateTrack(viewer: Viewer, id: string, name: string): Promise<string> {
  const { description, definition, template } = await trackSeenBy(viewer, id);
  return await createTrack(viewer, { name, description, definition, template: template ?? undefined });
}
