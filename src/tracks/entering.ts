import { selectAudienceRule } from '../campaigns/definition/campaigns.queries.ts';
import { isOfRule } from '../campaigns/definition/goals.ts';
import { Policy } from '../campaigns/definition/policy.ts';
import { campaignSettings } from '../campaigns/definition/settings.ts';
import type { Fixed, Source } from '../campaigns/runs/runs.ts';
import { allowMilliseconds } from '../campaigns/audience/planning.queries.ts';
import { type Asked, stageAudience } from '../campaigns/audience/staging.queries.ts';
import { now } from '../platform/clock.ts';
import { db, transaction, type Tx } from '../platform/db.ts';
import type { Catalog } from '../rules/fields.ts';
import type { Rule } from '../rules/rules.ts';
import { wholeCatalog } from '../segments/catalog.ts';

import type { TrackDefinition } from './definition.ts';
import * as queries from './entering.queries.ts';
import { rowsOf, type Version } from './flow.ts';
import { askToAdvance } from './jobs.ts';
import { selectActive } from './versions.queries.ts';

/** Whom somebody or something brings to a track: a source as of campaigns, or whoever meets a rule. */
export type Brought =
  | { source: Exclude<Source, { kind: 'list' } | { kind: 'wave' }> }
  | { rule: Rule; entity: 'account' | 'person' };

/** What brought somebody: kept with them. `by` is the member of staff, `key` that of one asking. */
export interface EntryCause {
  kind: TrackDefinition['entry']['kind'];
  by?: string;
  key?: string;
}

/**
 * Takes those who are brought into a track, in one transaction, as far as its definition lets them.
 * @returns how many entered; undefined when the track is not active
 */
export async function enter(
  trackId: string,
  brought: Brought,
  cause: EntryCause,
): Promise<number | undefined> {
  const catalog = await wholeCatalog();
  const zone = await houseZone();
  return await transaction(async (tx) => {
    const version = await selectActive(tx, trackId);
    if (version === undefined) return undefined;
    return await take(tx, { trackId, version, brought, cause, catalog, zone });
  });
}

interface Taking {
  trackId: string;
  version: Version;
  brought: Brought;
  cause: EntryCause;
  catalog: Catalog;
  zone: string;
}

/** Milliseconds of a statement, of which half a million people take some seconds. */
const LONGEST = 300_000;

async function take(tx: Tx, { trackId, version, brought, cause, catalog, zone }: Taking): Promise<number> {
  const stop = rowsOf(version)[0];
  if (stop === undefined) return 0;
  const at = now();
  await allowMilliseconds(tx, LONGEST);
  await queries.waitForEntry(tx, trackId);
  await stage(tx, { trackId, definition: version.definition, brought, catalog, zone, at });
  const entered = await queries.insertPeople(tx, {
    trackId,
    version: version.version,
    stop,
    cause,
    now: at,
  });
  if (entered > 0) await askToAdvance(tx);
  return entered;
}

/** Whom an entry would bring, with who is refused and why: `plan_people` and `track_refused`, until the transaction ends. */
export async function stage(
  tx: Tx,
  {
    trackId,
    definition,
    brought,
    catalog,
    zone,
    at,
  }: {
    trackId: string;
    definition: TrackDefinition;
    brought: Brought;
    catalog: Catalog;
    zone: string;
    at: Date;
  },
): Promise<void> {
  await stageAudience(tx, askedOf(brought, { catalog, zone, at }));
  const look = { catalog, now: at };
  const { who, exits, goal, again } = definition;
  await queries.beginRefusing(tx);
  await queries.refuseErased(tx);
  if (who !== null) await queries.refuseByRule(tx, { rule: who, reason: 'who', holds: false }, look);
  await queries.refuseKnown(tx, { trackId, again, now: at });
  await queries.refuseDuplicates(tx);
  if (exits.while !== null)
    await queries.refuseByRule(tx, { rule: exits.while, reason: 'while', holds: false }, look);
  if (exits.atGoal && goal !== null && isOfRule(goal))
    await queries.refuseByRule(
      tx,
      { rule: goal.rule as Rule, reason: 'goal', holds: true, entity: goal.entity },
      look,
    );
}

const unlimited = { personCap: null, accountCap: null, quietHours: null };

/** Staging asks for what a run is fixed to; of an entry only whom it brings matters. */
function askedOf(
  brought: Brought,
  { catalog, zone, at }: { catalog: Catalog; zone: string; at: Date },
): Asked {
  const audience = 'rule' in brought ? { segmentId: '', entity: brought.entity, rule: brought.rule } : null;
  const fixed: Fixed = {
    name: '', messageId: null, messageVersion: null, messageClass: 'transactional', topic: null, channel: 'email', audience,
    source: 'source' in brought ? brought.source : { kind: 'list' }, policy: Policy.parse({}), limits: unlimited, trigger: { kind: 'manual' },
  }; // prettier-ignore
  return { fixed, catalog, zone, message: undefined, now: at };
}

export const houseZone = async (): Promise<string> => (await campaignSettings()).zone;

/** The people of a list, as it is now; undefined where there is none. */
export async function listed(segmentId: string): Promise<Brought | undefined> {
  const list = await selectAudienceRule(db, segmentId);
  return list ? { rule: list.rule, entity: list.entity } : undefined;
}
