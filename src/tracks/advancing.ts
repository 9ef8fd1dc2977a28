import { isRuleBroken } from '../campaigns/audience/planning.ts';
import { type CampaignSettings, campaignSettings } from '../campaigns/definition/settings.ts';
import { now } from '../platform/clock.ts';
import { db, transaction, type Tx } from '../platform/db.ts';
import { log } from '../platform/log.ts';
import type { Catalog } from '../rules/fields.ts';
import { wholeCatalog } from '../segments/catalog.ts';

import * as queries from './advancing.queries.ts';
import type { Resolved } from './advancing.queries.ts';
import { holdBroken } from './control.ts';
import { rowsOf, type Stop, stopFor, type Version } from './flow.ts';
import { sendTo } from './sending.ts';
import { tagAccountsOf } from './tagging.ts';
import { writeTasks } from './tasks.ts';
import { selectActive, selectVersions } from './versions.queries.ts';

/** How many one transaction moves by one step. */
const WAVE = 100_000;

/**
 * A job: moves everybody whose time has come, in waves, until nobody's has. Any number of processes may do it at once; one that is killed
 * leaves its wave undone, whole.
 */
export async function advanceTracks({ wave = WAVE }: { wave?: number } = {}): Promise<void> {
  const [catalog, settings] = [await wholeCatalog(), await campaignSettings()];
  for (const trackId of await queries.selectDue(db, now())) {
    try {
      while ((await advance(trackId, { wave, catalog, settings })) > 0);
    } catch (error) {
      if (!isRuleBroken(error)) throw error;
      log.error({ err: error, track: trackId }, 'a rule of a track cannot be asked any more');
      await holdBroken(trackId);
    }
  }
}

/** One wave of a track. @returns how many it was about */
export async function advance(
  trackId: string,
  { wave, ...known }: { wave: number } & Pick<Wave, 'catalog' | 'settings'>,
): Promise<number> {
  return await transaction(async (tx) => {
    const active = await selectActive(tx, trackId);
    if (active === undefined) return 0;
    const at = now();
    const claimed = await queries.claim(tx, { trackId, now: at, limit: wave });
    if (claimed > 0) await go(tx, { trackId, active, claimed, now: at, ...known });
    return claimed;
  });
}

/** What a wave is done with. */
export interface Wave {
  trackId: string;
  active: Version;
  catalog: Catalog;
  settings: CampaignSettings;
  now: Date;
}

async function go(tx: Tx, wave: Wave & { claimed: number }): Promise<void> {
  const { trackId, active, now: at } = wave;
  const places = await queries.selectPlaces(tx);
  const former = await selectVersions(tx, trackId, [...new Set(places.map(({ version }) => version))]);
  const found = places.flatMap((place) => {
    const stop = stopFor(place, active, former);
    return stop === undefined ? [] : [{ ...stop, from: place.version }];
  });
  await queries.stageWave(tx, trackId, {
    resolved: found.map(resolvedOf),
    claimed: wave.claimed,
    now: at,
  });
  await leave(tx, wave);
  const stops = new Map(
    found.map(({ by, stop }) => [`${String(by.version)}/${stop.step.key}`, { by, stop }]),
  );
  for (const { by, stop } of stops.values()) await pass(tx, wave, by, stop);
  await queries.writePath(tx, trackId, at);
  await queries.move(tx, trackId, [...new Set(found.map(({ by }) => by))].flatMap(rowsOf), at);
  await queries.countWave(tx, trackId);
}

const resolvedOf = ({ by, stop, from }: { by: Version; stop: Stop; from: number }): Resolved => ({
  from_version: from,
  version: by.version,
  key: stop.step.key,
  kind: stop.step.kind,
  next: stop.next,
  arm_then: stop.then,
  arm_otherwise: stop.otherwise,
});

/** Who leaves before their next step is done. */
async function leave(tx: Tx, wave: Wave): Promise<void> {
  const { exits, goal } = wave.active.definition;
  if (exits.atGoal && goal !== null) await queries.leaveAtGoal(tx, goal, lookOf(wave));
  if (exits.while !== null) await queries.leaveUnless(tx, exits.while, lookOf(wave));
}

const lookOf = ({ catalog, now: at }: Wave) => ({ accounts: queries.waveAccounts, catalog, now: at });

/** Does what a step is for, with all who stand there. */
async function pass(tx: Tx, wave: Wave, by: Version, { step }: Stop): Promise<void> {
  const at = { version: by.version, key: step.key };
  const done = { people: queries.doneAt(at), now: wave.now };
  switch (step.kind) {
    case 'send':
      await sendTo(tx, wave, { by, step });
      break;
    case 'tag':
      await tagAccountsOf(tx, step, done);
      break;
    case 'task':
      await writeTasks(tx, step, { trackId: wave.trackId, ...done });
      break;
    case 'branch':
      if (step.rule !== null) await queries.branch(tx, at, step.rule, lookOf(wave));
      break;
    case 'waitFor':
      await queries.settleWait(tx, at, queries.hasCome(step.awaited, wave.trackId, lookOf(wave)), wave.now);
      break;
    default:
  }
}
