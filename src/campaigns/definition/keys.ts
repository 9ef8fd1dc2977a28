import { createHash, randomBytes } from 'node:crypto';

import { z } from 'zod';

import { forStaff, type Viewer } from '../../access/viewer.ts';
import { now } from '../../platform/clock.ts';
import { db } from '../../platform/db.ts';
import { Conflict, Forbidden, Invalid, NotFound } from '../../platform/errors.ts';

import { setOff } from '../runs/activation.ts';
import { campaignSeenBy } from './campaigns.ts';
import { selectCampaign } from './campaigns.queries.ts';
import { editorOf } from './editors.ts';
import { taken } from './input.ts';
import * as queries from './keys.queries.ts';

/** What another system shows to set off one campaign. The key itself is shown once, and kept as a hash alone. */
export interface CampaignKey {
  id: number;
  /** Its first letters, to tell it from others. */
  hint: string;
  createdByName: string | null;
  createdAt: Date;
  usedAt: Date | null;
  revokedAt: Date | null;
}

const MOST_NAMED = 1000;

/** Whom another system means: addresses of people, and accounts with all their people; nobody named, the campaign's whole list. */
export const Named = z.strictObject({
  people: z.array(z.string().trim().toLowerCase().min(3).max(254)).max(MOST_NAMED).default([]),
  accounts: z
    .array(z.string().regex(/^[a-zA-Z0-9]{15,18}$/))
    .max(MOST_NAMED)
    .default([]),
});

const hashOf = (key: string): Buffer => createHash('sha256').update(key).digest();

/** The keys of a campaign, the newest first. */
export async function campaignKeys(viewer: Viewer, campaignId: string): Promise<CampaignKey[]> {
  return await queries.selectKeys(forStaff(viewer), campaignId);
}

/** Makes a key. @returns the key itself, which nobody can see again */
export async function createCampaignKey(viewer: Viewer, campaignId: string): Promise<string> {
  await campaignSeenBy(viewer, campaignId);
  return await createKeyOf(viewer, campaignId);
}

/** The same, for a campaign or track that is there. */
export async function createKeyOf(viewer: Viewer, campaignId: string): Promise<string> {
  const { personId } = editorOf(viewer);
  const key = `rck_${randomBytes(24).toString('base64url')}`;
  await queries.insertKey({ campaignId, hash: hashOf(key), hint: key.slice(0, 8), by: personId, at: now() });
  return key;
}

/** @throws NotFound for a key that is none of the campaign's, or was revoked */
export async function revokeCampaignKey(viewer: Viewer, campaignId: string, id: number): Promise<void> {
  editorOf(viewer);
  if (!(await queries.revokeKey(campaignId, id, now()))) throw new NotFound();
}

/**
 * Another system sets a campaign off, once for each idempotency key however often it asks.
 * @returns the run @throws Forbidden for an unknown key; NotFound for a campaign that is not the key's; Conflict for one that does not wait for it;
 *   Invalid for a body that cannot be read or a missing idempotency key
 */
export async function runByKey(
  key: string | undefined,
  {
    campaignId,
    idempotencyKey,
    body,
  }: { campaignId: string; idempotencyKey: string | undefined; body: unknown },
): Promise<number> {
  await allow(key, campaignId);
  if (idempotencyKey === undefined || !/^.{1,200}$/.test(idempotencyKey))
    throw new Invalid({ 'Idempotency-Key': 'errors.required' });
  const { people, accounts } = taken(Named, body ?? {});
  const campaign = await selectCampaign(db, campaignId);
  if (campaign?.trigger.kind !== 'api') throw new Conflict('the campaign is not set off by other systems');
  const isNamed = people.length + accounts.length > 0;
  const personIds = await queries.selectPeople(people);
  const source = isNamed
    ? { kind: 'named' as const, personIds, accountIds: accounts }
    : { kind: 'list' as const };
  const run = await setOff(campaignId, { key: `api:${idempotencyKey}`, source, by: null });
  if (run === undefined) throw new Conflict('the campaign is not active');
  return run;
}

/** @throws Forbidden for an unknown key; NotFound for one of another campaign or track */
export async function allow(key: string | undefined, campaignId: string): Promise<void> {
  const found = key === undefined ? undefined : await queries.useKey(hashOf(key), now());
  if (found === undefined) throw new Forbidden();
  if (found !== campaignId) throw new NotFound();
}
