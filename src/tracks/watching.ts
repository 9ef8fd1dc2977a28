import '../segments/events.ts';
import '../alerts/events.ts';

import { isRuleBroken } from '../campaigns/audience/planning.ts';
import { HOUR, now } from '../platform/clock.ts';
import { db, sql, transaction, type Tx } from '../platform/db.ts';
import type { Events } from '../platform/events.ts';
import { log } from '../platform/log.ts';
import type { Catalog } from '../rules/fields.ts';
import { wholeCatalog } from '../segments/catalog.ts';

import { hasCome } from './advancing.queries.ts';
import { atGoal, type Look, meeting } from './conditions.queries.ts';
import { holdBroken } from './control.ts';
import type { Entry, WaitForStep } from './definition.ts';
import { type Brought, enter, type EntryCause, listed } from './entering.ts';
import type { Version } from './flow.ts';
import { askToAdvance } from './jobs.ts';
import { selectActive } from './versions.queries.ts';
import * as queries from './watching.queries.ts';

/*
 * What brings people into tracks, and what has those look up who wait in them. Nothing here moves anybody: it takes people in, and makes due who has
 * something to go on by.
 */

/** How often the rule of an entry is asked. */
const PACE = HOUR;

/** A job: asks every active track who enters by its rule, for whom a wait is over before its time, and who leaves. */
export async function watchTracks(): Promise<void> {
  const catalog = await wholeCatalog();
  for (const { id, askedAt } of await queries.selectWatched(db))
    await unlessBroken(id, async () => {
      await askEntry(id, askedAt);
      await wakeWaiting(id, catalog);
    });
}

async function askEntry(id: string, askedAt: Date | null): Promise<void> {
  if (askedAt !== null && now().getTime() - askedAt.getTime() < PACE) return;
  const entry = await transaction(async (tx) => (await selectActive(tx, id))?.definition.entry);
  if (entry === undefined) return;
  const at = now();
  const brought = await broughtNow(entry, askedAt === null);
  if (brought !== undefined) await enter(id, brought, { kind: entry.kind });
  await queries.noteAsked(db, id, at);
}

/** Whom an entry brings by itself: of a rule whoever meets it, of a list who is in it when the track becomes active. */
async function broughtNow(entry: Entry, isFirst: boolean): Promise<Brought | undefined> {
  if (entry.kind === 'rule') return entry.rule === null ? undefined : { rule: entry.rule, entity: 'person' };
  if (entry.kind !== 'segment' || !entry.includesPresent || !isFirst || entry.segmentId === null)
    return undefined;
  return await listed(entry.segmentId);
}

async function wakeWaiting(trackId: string, catalog: Catalog): Promise<void> {
  await transaction(async (tx) => {
    const active = await selectActive(tx, trackId);
    if (active === undefined) return;
    const look = { accounts: queries.accountsIn(trackId), catalog, now: now() };
    await queries.settle(tx, trackId);
    if ((await wakeWhoGoesOn(tx, trackId, active, look)) > 0) await askToAdvance(tx);
  });
}

async function wakeWhoGoesOn(tx: Tx, trackId: string, active: Version, look: Look): Promise<number> {
  let woken = await queries.wakeGone(tx, trackId, look.now);
  const about = { trackId, now: look.now };
  for (const { step } of active.flow.values())
    if (step.kind === 'waitFor')
      woken += await queries.wake(tx, { ...about, steps: [step.key] }, hasCome(step.awaited, trackId, look));
  const { exits, goal } = active.definition;
  const [person, account, since] = [sql`w.person_id`, sql`w.account_id`, sql`w.entered_at`];
  if (exits.while !== null)
    woken += await queries.wake(tx, about, sql`${person} not in (${meeting(exits.while, look)})`);
  if (exits.atGoal && goal !== null)
    woken += await queries.wake(tx, about, atGoal(goal, look, { person, account, since }));
  return woken;
}

/** A reaction: those who entered or left the lists that tracks wait on enter. */
export async function enterOnSegments({ batch }: Events['segment.changed']): Promise<void> {
  for (const { id, entry, since } of await queries.selectAwaiting(db, 'segment')) {
    const { segmentId, moment } = entry;
    if (segmentId === null || !(await queries.hasChanges(db, { batch, segmentId, moment, since }))) continue;
    await bring(id, { source: { kind: 'changes', batch, segmentId, moment } }, { kind: 'segment' });
  }
}

/** A reaction: those to whom happened what tracks wait for enter, or go on where they waited for it. */
export async function enterOnSignals({ batch }: Events['signals.noted']): Promise<void> {
  for (const { id, entry, since } of await queries.selectAwaiting(db, 'signal')) {
    const { signal } = entry;
    if (signal === null || !(await queries.hasSignals(db, { batch, signal, since }))) continue;
    await bring(id, { source: { kind: 'signals', batch, signal } }, { kind: 'signal' });
  }
  const catalog = await wholeCatalog();
  for (const { id } of await queries.selectWatched(db))
    await unlessBroken(id, () => wakeOnSignals(id, catalog));
}

async function wakeOnSignals(trackId: string, catalog: Catalog): Promise<void> {
  await transaction(async (tx) => {
    const active = await selectActive(tx, trackId);
    const waits = [...(active?.flow.values() ?? [])]
      .map(({ step }) => step)
      .filter((step) => isForSignal(step));
    if (waits.length === 0) return;
    await queries.settle(tx, trackId);
    const look = { accounts: queries.accountsIn(trackId), catalog, now: now() };
    let woken = 0;
    for (const { key, awaited } of waits)
      woken += await queries.wake(
        tx,
        { trackId, steps: [key], now: look.now },
        hasCome(awaited, trackId, look),
      );
    if (woken > 0) await askToAdvance(tx);
  });
}

const isForSignal = (step: { kind: string }): step is WaitForStep =>
  step.kind === 'waitFor' && (step as WaitForStep).awaited.kind === 'signal';

/** A reaction: all people of accounts that got or lost the tag that tracks wait for enter. */
export async function enterOnTags({ batch }: Events['tags.changed']): Promise<void> {
  for (const { id, entry, since } of await queries.selectAwaiting(db, 'tag')) {
    const accountIds = await queries.selectTagged(db, { ...entry, batch, since });
    if (accountIds.length > 0)
      await bring(id, { source: { kind: 'named', personIds: [], accountIds } }, { kind: 'tag' });
  }
}

const bring = (id: string, brought: Brought, cause: EntryCause) =>
  unlessBroken(id, async () => {
    await enter(id, brought, cause);
  });

/** A track whose rule PostgreSQL refuses is held; no other track suffers for it. */
async function unlessBroken(id: string, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!isRuleBroken(error)) throw error;
    log.error({ err: error, track: id }, 'a rule of a track cannot be asked any more');
    await holdBroken(id);
  }
}
