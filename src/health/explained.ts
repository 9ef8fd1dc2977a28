import type { Viewer } from '../access/viewer.ts';
import { now } from '../platform/clock.ts';
import { db, type Db } from '../platform/db.ts';

import { evidenceOf, evidenceSeenBy } from './evidence.ts';
import { explain, type Explanation } from './explain.ts';
import type { Health } from './health.ts';
import { type Profile } from './profiles.ts';
import { selectProfiles } from './profiles.queries.ts';
import { selectJudged } from './queries.ts';

export interface Explained {
  explanation: Explanation;
  profile: Profile;
}

const today = (): string => now().toISOString().slice(0, 10);

/** The explanation of an account's health as staff see it; undefined where no profile judges. */
export async function explanationSeenBy(
  viewer: Viewer,
  { accountId, profileId, readings }: Pick<Health, 'accountId' | 'profileId' | 'readings'>,
): Promise<Explained | undefined> {
  const profile = (await selectProfiles(db)).find(({ id }) => id === profileId);
  if (profile === undefined) return undefined;
  const evidence = await evidenceSeenBy(viewer, accountId);
  return { profile, explanation: explain(readings, profile, { today: today(), evidence }) };
}

/** The explanations of these accounts, by their ids, without those that no profile judges: three statements. */
export async function explanationsOf(
  tx: Db,
  accountIds: readonly string[],
): Promise<ReadonlyMap<string, Explanation>> {
  const profiles = new Map((await selectProfiles(tx)).map((profile) => [profile.id, profile]));
  const judged = await selectJudged(tx, accountIds);
  const evidence = Map.groupBy(await evidenceOf(tx, accountIds), ({ accountId }) => accountId);
  const found = judged.flatMap(({ accountId, profileId, readings }) => {
    const profile = profiles.get(profileId);
    if (profile === undefined) return [];
    const own = { today: today(), evidence: evidence.get(accountId) ?? [] };
    return [[accountId, explain(readings, profile, own)] as const];
  });
  return new Map(found);
}
