import './events.ts';

import { now } from '../platform/clock.ts';
import { db, sql, transaction, type Tx } from '../platform/db.ts';
import { record } from '../platform/events.ts';
import { log } from '../platform/log.ts';
import type { Catalog } from '../rules/fields.ts';

import { wholeCatalog } from './catalog.ts';
import { askForDue, askForFull, noteDue } from './due.ts';
import { inOrder, inWaves } from './order.ts';
import * as queries from './refresh.queries.ts';
import { type Cause, looked, type Refreshed } from './refresh.queries.ts';
import { findRelatives, furthestOf, keepLinks, related } from './relatives.queries.ts';
import { forgetExpiredMarks } from './risk.ts';
import { makeSuggestions } from './suggested.ts';

/** Accounts of one transaction: enough to be worth its cost, few enough that its locks are short. */
const MOST_AT_ONCE = 5_000;

/** How soon it is looked again whether everything is loaded. */
const UNTIL_LOADED = 10_000;

/** How lists are looked at: in groups of which each is one statement. */
type Grouping = (lists: readonly Refreshed[]) => Refreshed[][];

const oneByOne: Grouping = (lists) => inOrder(lists).map((list) => [list]);

/** A job: looks at the accounts that wait, for every list, until none waits. A crash loses nothing: they wait still. */
export async function refreshDueSegments(): Promise<void> {
  if (await queries.isLoading()) return;
  const catalog = await wholeCatalog();
  let grouping: Grouping = inWaves;
  const asRefused = () => {
    grouping = oneByOne;
  };
  let mayBeMore = true;
  while (mayBeMore)
    mayBeMore = await withoutTroubled(
      () => transaction((tx) => refreshDue(tx, catalog, grouping)),
      asRefused,
    );
}

/** @returns whether more may wait. */
async function refreshDue(tx: Tx, catalog: Catalog, grouping: Grouping): Promise<boolean> {
  await queries.waitForTurn(tx);
  const taken = await queries.takeDue(tx, MOST_AT_ONCE);
  if (taken === 0) return false;
  const lists = (await queries.selectLists(tx)).filter(isCurrent);
  const furthest = furthestOf(inOrder(lists), catalog);
  if (furthest > 0) await findRelatives(tx, furthest);
  const among = furthest > 0 ? related : looked;
  const batch = await queries.nextBatch(tx);
  let changes = 0;
  for (const group of grouping(lists))
    changes += await refreshGroup(tx, group, { among, batch, catalog, cause: 'data' });
  if (changes > 0) await record(tx, 'segment.changed', { batch, changes });
  return taken === MOST_AT_ONCE;
}

/** Whether its members are those of its rule; where not, a full look is on its way and makes them so. */
const isCurrent = ({ revision, refreshedRevision, trouble }: Refreshed): boolean =>
  revision === refreshedRevision && trouble === null;

interface How {
  catalog: Catalog;
  cause: Cause;
  batch: number;
  among?: typeof looked;
}

/** @returns how many entered and left */
async function refreshGroup(tx: Tx, lists: readonly Refreshed[], how: How): Promise<number> {
  const outcomes = await about(lists, () => queries.refresh(tx, { ...how, lists, now: now() }));
  for (const outcome of outcomes) {
    const list = lists.find(({ id }) => id === outcome.segment);
    if (list !== undefined) await queries.noteSize(tx, list, { ...outcome, now: now() });
  }
  return outcomes.reduce((sum, { entered, departed }) => sum + entered + departed, 0);
}

/**
 * A job: looks at every account for the lists that need it: new ones, those whose rule changed, all of them when a day began or more changed
 * than is told one by one. Each list in a transaction of its own; one that cannot be looked at keeps nobody else from it.
 */
export async function refreshSegments(): Promise<void> {
  if (await queries.isLoading()) {
    await transaction((tx) => askForFull(tx, new Date(now().getTime() + UNTIL_LOADED)));
    return;
  }
  await forgetExpiredMarks();
  await makeSuggestions();
  await transaction(keepLinks);
  const catalog = await wholeCatalog();
  for (const list of inOrder(await queries.selectLists(db))) {
    const cause = causeOf(list);
    if (cause !== undefined) await refreshWhole(list.id, cause, catalog);
  }
  await transaction(askForDue);
}

function causeOf({ revision, refreshedRevision, isStale, refreshedOn }: Refreshed): Cause | undefined {
  if (revision !== refreshedRevision) return 'rule';
  if (isStale) return 'data';
  return refreshedOn === now().toISOString().slice(0, 10) ? undefined : 'time';
}

/** Looks at every account for one list. */
export async function refreshWhole(id: string, cause: Cause, catalog: Catalog): Promise<void> {
  await withoutTroubled(() =>
    transaction(async (tx) => {
      await queries.waitForTurn(tx);
      const list = (await queries.selectLists(tx)).find((each) => each.id === id);
      if (list !== undefined) await refreshOne(tx, list, { cause, catalog });
      return false;
    }),
  );
}

async function refreshOne(
  tx: Tx,
  list: Refreshed,
  { cause, catalog }: { cause: Cause; catalog: Catalog },
): Promise<void> {
  const batch = await queries.nextBatch(tx);
  const changes = await refreshGroup(tx, [list], { catalog, batch, cause });
  if (changes === 0) await queries.noteSize(tx, list, { entered: 0, departed: 0, now: now() });
  await queries.noteFull(tx, list, now());
  if (changes === 0) return;
  await record(tx, 'segment.changed', { batch, changes });
  if (list.isPart) await noteDue(tx, sql`select account_id from segment_changes where batch = ${batch}`);
}

/** What PostgreSQL refused of a statement about lists: a number out of range, a date that is none. */
class Refusal extends Error {
  readonly segments: readonly string[];
  constructor(segments: readonly string[], cause: Error) {
    super(cause.message, { cause });
    this.segments = segments;
  }
}

async function about<T>(lists: readonly Refreshed[], work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Error && 'code' in error && /^(22|42)/.test(String(error.code)))
      throw new Refusal(lists.map(({ id }) => id), error); // prettier-ignore
    throw error;
  }
}

/**
 * Notes on a list that it cannot be looked at, and has the rest tried again without it. Where it was one of several, `refused` has to see
 * that each is tried by itself.
 */
async function withoutTroubled(
  work: () => Promise<boolean>,
  refused: () => void = () => undefined,
): Promise<boolean> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    refused();
    const [segment, ...others] = error.segments;
    log.error({ err: error, segments: error.segments }, 'a list could not be looked at');
    if (segment !== undefined && others.length === 0) await queries.noteTrouble(db, segment, error.message);
    return true;
  }
}
