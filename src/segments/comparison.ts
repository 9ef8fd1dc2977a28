import './events.ts';

import { setTimeout as pause } from 'node:timers/promises';

import { now } from '../platform/clock.ts';
import { db, transaction } from '../platform/db.ts';
import { log } from '../platform/log.ts';
import type { Catalog } from '../rules/fields.ts';

import { wholeCatalog } from './catalog.ts';
import { inOrder } from './order.ts';
import * as queries from './refresh.queries.ts';
import type { Refreshed } from './refresh.queries.ts';
import { refreshDueSegments, refreshSegments, refreshWhole } from './refresh.ts';

/** Time for reactions to what has just changed to be carried out; what differs after it is drift. */
const SETTLING_MILLISECONDS = 5_000;

/**
 * A job of each night, before the day ends: compares every list with what a full look finds, keeps what differs as drift, and mends it. A
 * suspicion is looked at a second time, since a change may just be on its way.
 */
export async function compareSegments(settling = SETTLING_MILLISECONDS): Promise<void> {
  if (await queries.isLoading()) return;
  await refreshSegments();
  await refreshDueSegments();
  await transaction((tx) => queries.forgetOld(tx, now()));
  const catalog = await wholeCatalog();
  for (const list of inOrder(await queries.selectLists(db)).filter(({ trouble }) => trouble === null))
    await compare(list, { catalog, settling });
}

async function compare(
  list: Refreshed,
  { catalog, settling }: { catalog: Catalog; settling: number },
): Promise<void> {
  const since = performance.now();
  const first = await lookAgainst(list, catalog);
  const milliseconds = performance.now() - since;
  const found = first.missing + first.surplus === 0 ? first : await again(list, { catalog, settling });
  await transaction((tx) => queries.insertComparison(tx, list.id, { ...found, milliseconds, at: now() }));
  if (found.missing + found.surplus === 0) return;
  log.warn({ segment: list.id, ...found }, 'a list differed from its rule and was mended');
  await refreshWhole(list.id, 'comparison', catalog);
}

async function again(list: Refreshed, { catalog, settling }: { catalog: Catalog; settling: number }) {
  await pause(settling);
  await refreshDueSegments();
  return await lookAgainst(list, catalog);
}

/* Nothing may enter or leave between the two looks that are compared: one statement makes both, in turn with refreshes. */
const lookAgainst = (list: Refreshed, catalog: Catalog) =>
  transaction(async (tx) => {
    await queries.waitForTurn(tx);
    return await queries.countDifferences(tx, { list, catalog, now: now() });
  });
