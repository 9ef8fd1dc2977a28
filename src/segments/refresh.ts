import './events.ts';

import { now } from '../platform/clock.ts';
import { db, sql, transaction, type Tx } from '../platform/db.ts';
import { record } from '../platform/events.ts';
import { log } from '../platform/log.ts';
import type { Catalog } from '../rules/fields.ts';

import { wholeCatalog } from './catalog.ts';
import { noteDue } from './due.ts';
import { inOrder } from './order.ts';
import * as queries from './refresh.queries.ts';
import { type Cause, looked, type Refreshed } from './refresh.queries.ts';
import { findRelatives, furthestOf, keepLinks, related } from './relatives.queries.ts';
import { forgetExpiredMarks } from './risk.ts';
import { makeSuggestions } from './suggested.ts';

/** Accounts of one transaction: enough to be worth its cost, few enough that its locks are short. */
const MOST_AT_ONCE = 5_000;

/** A job: looks at the accounts that wait, for every list, until none waits. A crash loses nothing: they wait still. */
export async function refreshDueSegments(): Promise<void> {
  if (await queries.isLoading()) return;
  const catalog = await wholeCatalog();
  let mayBeMore = true;
  while (mayBeMore) mayBeMore = await withoutTroubled(() => transaction((tx) => refreshDue(tx, catalog)));
}

/** @returns whether more may wait. */
async function refreshDue(tx: Tx, catalog: Catalog): Promise<boolean> {
  await queries.waitForTurn(tx);
  const taken = await queries.takeDue(tx, MOST_AT_ONCE);
  if (taken === 0) return false;
  const batch = await queries.nextBatch(tx);
  const lists = inOrder((await queries.selectLists(tx)).filter(isCurrent));
  const furthest = furthestOf(lists, catalog);
  if (furthest > 0) await findRelatives(tx, furthest);
  const among = furthest > 0 ? related : looked;
  let changes = 0;
  for (const list of lists) changes += await refreshAmong(tx, list, { batch, catalog, among });
  if (changes > 0) await record(tx, 'segment.changed', { batch, changes });
  return taken === MOST_AT_ONCE;
}

/** Whether its members are those of its rule; where not, a full look is on its way and makes them so. */
const isCurrent = ({ revision, refreshedRevision, trouble }: Refreshed): boolean =>
  revision === refreshedRevision && trouble === null;

async function refreshAmong(
  tx: Tx,
  list: Refreshed,
  how: { batch: number; catalog: Catalog; among: typeof looked },
): Promise<number> {
  const look = { list, ...how, now: now(), cause: 'data' as const };
  const outcome = await about(list.id, () => queries.refresh(tx, look));
  const changes = outcome.entered + outcome.departed;
  if (changes > 0) await queries.noteSize(tx, list.id, { ...outcome, now: now() });
  return changes;
}

/**
 * A job: looks at every account for the lists that need it: new ones, those whose rule changed, all of them when a day began or more changed
 * than is told one by one. Each list in a transaction of its own; one that cannot be looked at keeps nobody else from it.
 */
export async function refreshSegments(): Promise<void> {
  if (await queries.isLoading()) return;
  await forgetExpiredMarks();
  await makeSuggestions();
  await transaction(keepLinks);
  const catalog = await wholeCatalog();
  for (const list of inOrder(await queries.selectLists(db))) {
    const cause = causeOf(list);
    if (cause !== undefined) await refreshWhole(list.id, cause, catalog);
  }
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
  const outcome = await about(list.id, () =>
    queries.refresh(tx, { list, catalog, now: now(), batch, cause }),
  );
  await queries.noteSize(tx, list.id, { ...outcome, now: now() });
  await queries.noteFull(tx, list, now());
  const changes = outcome.entered + outcome.departed;
  if (changes === 0) return;
  await record(tx, 'segment.changed', { batch, changes });
  if (list.isPart) await noteDue(tx, sql`select account_id from segment_changes where batch = ${batch}`);
}

/** What PostgreSQL refused of a list's statement: a number out of range, a date that is none. */
class Refusal extends Error {
  readonly segment: string;
  constructor(segment: string, cause: Error) {
    super(cause.message, { cause });
    this.segment = segment;
  }
}

async function about<T>(segment: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Error && 'code' in error && /^(22|42)/.test(String(error.code)))
      throw new Refusal(segment, error);
    throw error;
  }
}

/** Notes on a list that it cannot be looked at, and that the rest is to be tried again without it. */
async function withoutTroubled(work: () => Promise<boolean>): Promise<boolean> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    log.error({ err: error, segment: error.segment }, 'a list could not be looked at');
    await queries.noteTrouble(db, error.segment, error.message);
    return true;
  }
}
