import type { Viewer } from '../access/viewer.ts';
import { taken } from '../campaigns/definition/input.ts';
import {
  allow,
  type CampaignKey,
  campaignKeys,
  createKeyOf,
  Named,
  revokeCampaignKey,
} from '../campaigns/definition/keys.ts';
import { selectPeople } from '../campaigns/definition/keys.queries.ts';
import { db } from '../platform/db.ts';
import { Conflict, Invalid } from '../platform/errors.ts';

import { enter } from './entering.ts';
import { countEnteredBy } from './entering.queries.ts';
import { trackSeenBy } from './tracks.ts';
import { selectEntry } from './versions.queries.ts';

/** The keys by which other systems have people enter a track, the newest first. @throws NotFound */
export async function trackKeys(viewer: Viewer, trackId: string): Promise<CampaignKey[]> {
  await trackSeenBy(viewer, trackId);
  return await campaignKeys(viewer, trackId);
}

/** Makes a key. @returns the key itself, which nobody can see again @throws NotFound */
export async function createTrackKey(viewer: Viewer, trackId: string): Promise<string> {
  await trackSeenBy(viewer, trackId);
  return await createKeyOf(viewer, trackId);
}

/** @throws NotFound for a key that is none of the track's, or was revoked */
export async function revokeTrackKey(viewer: Viewer, trackId: string, id: number): Promise<void> {
  await trackSeenBy(viewer, trackId);
  await revokeCampaignKey(viewer, trackId, id);
}

/**
 * Another system has people enter a track, once for each idempotency key however often it asks.
 * @returns how many entered @throws Forbidden for an unknown key; NotFound for a track that is not the key's; Conflict for one that does not wait for
 *   other systems or is not active; Invalid for a body that cannot be read, names nobody, or a missing idempotency key
 */
export async function enterByKey(
  key: string | undefined,
  { trackId, idempotencyKey, body }: { trackId: string; idempotencyKey: string | undefined; body: unknown },
): Promise<number> {
  await allow(key, trackId);
  if (idempotencyKey === undefined || !/^.{1,200}$/.test(idempotencyKey))
    throw new Invalid({ 'Idempotency-Key': 'errors.required' });
  const { people, accounts } = taken(Named, body ?? {});
  if (people.length + accounts.length === 0) throw new Invalid({ people: 'errors.required' });
  if ((await selectEntry(db, trackId))?.kind !== 'api')
    throw new Conflict('the track does not wait for other systems, or is not active');
  const source = { kind: 'named' as const, personIds: await selectPeople(people), accountIds: accounts };
  const cause = { kind: 'api' as const, key: `api:${idempotencyKey}` };
  const before = await countEnteredBy(trackId, cause.key);
  if (before > 0) return before;
  const entered = await enter(trackId, { source }, cause);
  if (entered === undefined) throw new Conflict('the track is not active');
  return entered === 0 ? await countEnteredBy(trackId, cause.key) : entered;
}
