import './events.ts';

import { hasRole, type StaffViewer } from '../access/viewer.ts';
import { now } from '../platform/clock.ts';
import { db, transaction, type Tx } from '../platform/db.ts';
import { Conflict, Forbidden, Invalid, NotFound } from '../platform/errors.ts';
import { enqueue } from '../platform/jobs.ts';
import type { Rule } from '../rules/rules.ts';

import * as queries from './profiles.queries.ts';
import type { Settings } from './settings.ts';

/** How the accounts that a rule selects are judged (HE12, HE21). */
export interface Profile {
  id: number;
  /** The first profile by position whose rule holds for an account judges it. */
  position: number;
  name: string;
  /** Null: the default, for all that no other profile takes. It is always the last, and always enabled. */
  appliesTo: Rule | null;
  isEnabled: boolean;
  version: number;
  settings: Settings;
}

/** What an administrator says of a profile. The default has no rule. */
export type ProfileDraft = Pick<Profile, 'name' | 'appliesTo' | 'settings'>;

export type ProfileAct = 'seeded' | 'created' | 'edited' | 'enabled' | 'disabled' | 'moved' | 'restored';

/** A state that a profile had. */
export interface ProfileVersion extends ProfileDraft {
  profileId: number;
  version: number;
  isEnabled: boolean;
  act: ProfileAct;
  madeBy: string | null;
  madeAt: Date;
}

/** Every profile, in order, the default last. */
export const profiles = (): Promise<Profile[]> => queries.selectProfiles(db);

/** @throws NotFound */
export async function profileOf(id: number): Promise<Profile> {
  return found(await profiles(), id);
}

function found(all: readonly Profile[], id: number): Profile {
  const profile = all.find((one) => one.id === id);
  if (profile === undefined) throw new NotFound();
  return profile;
}

/** Every state of a profile, the newest first. */
export const profileVersions = (id: number): Promise<ProfileVersion[]> => queries.selectVersions(db, id);

/** A new profile comes first, and is disabled: nobody is judged by it before somebody says so. */
export async function createProfile(viewer: StaffViewer, draft: ProfileDraft): Promise<number> {
  return await changing(viewer, async (tx) => {
    if (draft.appliesTo === null) throw new Invalid({ rule: 'healthProfiles.errors.noRule' });
    const id = await queries.insertProfile(tx, draft);
    return { id, act: 'created' };
  });
}

/** @param version that was looked at when the change was begun. @throws Conflict when somebody changed it since */
export async function changeProfile(
  viewer: StaffViewer,
  { id, version }: Pick<Profile, 'id' | 'version'>,
  draft: ProfileDraft,
): Promise<void> {
  await changing(viewer, async (tx) => {
    const before = found(await queries.selectProfiles(tx), id);
    if (before.version !== version) throw new Conflict();
    if ((draft.appliesTo === null) !== (before.appliesTo === null))
      throw new Invalid({ rule: 'healthProfiles.errors.noRule' });
    await queries.updateProfile(tx, id, draft);
    return { id, act: 'edited' };
  });
}

/** Has the profile looked at one place earlier or later. The default stays the last. */
export async function moveProfile(viewer: StaffViewer, id: number, way: 'up' | 'down'): Promise<void> {
  await changing(viewer, async (tx) => {
    const ruled = (await queries.selectProfiles(tx)).filter(({ appliesTo }) => appliesTo !== null);
    const from = ruled.indexOf(found(ruled, id));
    const neighbor = ruled[way === 'up' ? from - 1 : from + 1];
    if (neighbor === undefined) throw new Conflict();
    await queries.swapPositions(tx, id, neighbor.id);
    return { id, act: 'moved' };
  });
}

/** @throws Conflict for the default: everybody has to be judged by some profile */
export async function switchProfile(viewer: StaffViewer, id: number, to: 'on' | 'off'): Promise<void> {
  await changing(viewer, async (tx) => {
    const profile = found(await queries.selectProfiles(tx), id);
    if (profile.appliesTo === null) throw new Conflict();
    await queries.setEnabled(tx, id, to === 'on');
    return { id, act: to === 'on' ? 'enabled' : 'disabled' };
  });
}

/** Makes a profile what it was in an earlier version, as a new version. */
export async function restoreVersion(viewer: StaffViewer, id: number, version: number): Promise<void> {
  await changing(viewer, async (tx) => {
    const wanted = (await queries.selectVersions(tx, id)).find((one) => one.version === version);
    if (wanted === undefined) throw new NotFound();
    await queries.updateProfile(tx, id, wanted);
    if (wanted.appliesTo !== null) await queries.setEnabled(tx, id, wanted.isEnabled);
    return { id, act: 'restored' };
  });
}

/** One change at a time; each is a version and a marker in the charts, and has everybody judged anew. @returns the profile's id */
async function changing(
  viewer: StaffViewer,
  act: (tx: Tx) => Promise<{ id: number; act: ProfileAct }>,
): Promise<number> {
  if (!hasRole(viewer, 'admin')) throw new Forbidden();
  return await transaction(async (tx) => {
    await queries.lockProfiles(tx);
    const done = await act(tx);
    await queries.keepVersion(tx, { ...done, madeBy: viewer.personId, at: now() });
    await enqueue(tx, 'recompute_health', {}, { key: 'recompute_health', queue: 'health' });
    return done.id;
  });
}
