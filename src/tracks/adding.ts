import { randomUUID } from 'node:crypto';

import type { Viewer } from '../access/viewer.ts';
import { editorOf } from '../campaigns/definition/editors.ts';
import { now } from '../platform/clock.ts';
import { transaction } from '../platform/db.ts';
import { Conflict, NotFound } from '../platform/errors.ts';
import { wholeCatalog } from '../segments/catalog.ts';
import { segmentSeenBy } from '../segments/segments.ts';

import { type Brought, enter, houseZone, listed, stage } from './entering.ts';
import { countRefused, countEnteredBy, sampleLeft, type Sampled } from './entering.queries.ts';
import { trackSeenBy } from './tracks.ts';

/** Who is meant: people and accounts (all their people) by their ids, or those of a list as it is now. */
export interface Whom {
  personIds?: number[] | undefined;
  accountIds?: string[] | undefined;
  segmentId?: string | undefined;
}

/** Who would enter of those who are meant, and why not the others. Nothing is kept. @throws NotFound */
export async function previewAdding(
  viewer: Viewer,
  trackId: string,
  whom: Whom,
): Promise<{ count: number; skipped: Record<string, number>; sample: Sampled[] }> {
  const { definition, activeDefinition } = await trackSeenBy(viewer, trackId);
  const [brought, catalog, zone, at] = [
    await broughtBy(viewer, whom),
    await wholeCatalog(),
    await houseZone(),
    now(),
  ];
  return await transaction(async (tx) => {
    await stage(tx, { trackId, definition: activeDefinition ?? definition, brought, catalog, zone, at });
    return { ...(await sampleLeft(tx)), skipped: await countRefused(tx) };
  });
}

/**
 * Has people enter a track by hand, as far as they may. Asked again with the same key, it answers the same.
 * @returns how many entered @throws NotFound; Conflict for a track that is not active
 */
export async function addPeople(
  viewer: Viewer,
  trackId: string,
  whom: Whom,
  { key = randomUUID() }: { key?: string } = {},
): Promise<number> {
  const { personId } = editorOf(viewer);
  await trackSeenBy(viewer, trackId);
  const entered = await enter(trackId, await broughtBy(viewer, whom), { kind: 'hand', by: personId, key });
  if (entered === undefined) throw new Conflict('the track is not active');
  return entered === 0 ? await countEnteredBy(trackId, key) : entered;
}

/** The list, if there is one; else those who are named. */
async function broughtBy(
  viewer: Viewer,
  { personIds = [], accountIds = [], segmentId }: Whom,
): Promise<Brought> {
  if (segmentId === undefined) return { source: { kind: 'named', personIds, accountIds } };
  await segmentSeenBy(viewer, segmentId);
  const brought = await listed(segmentId);
  if (brought === undefined) throw new NotFound();
  return brought;
}
