import './events.ts';

import '../accounts/events.ts';
import '../health/events.ts';
import { sql, transaction } from '../platform/db.ts';
import type { Events } from '../platform/events.ts';
import '../platform/salesforce/mirror/changes.ts';
import '../usage/events.ts';

import { askForFull, noteDue } from './due.ts';
import { followLinks } from './relatives.queries.ts';
import { markStale } from './refresh.queries.ts';
import * as queries from './touched.queries.ts';

/* Reactions that have accounts looked at again for every list, after something that lists may ask about has changed. */

/** Beyond that many accounts, looking at all of them is the shorter way. */
const MANY = 5_000;

/** Rows of the mirror changed. Who an account hung on before it moved is looked at, too. */
export async function noteMirrorChange({ table, batch }: Events['mirror.changed']): Promise<void> {
  if (queries.wide.has(table)) {
    await lookAtAll();
    return;
  }
  const touched = queries.touchedByMirror(table, batch);
  if (touched === undefined) return;
  await transaction(async (tx) => {
    await noteDue(tx, touched);
    if (table === 'accounts') await noteDue(tx, await followLinks(tx, batch));
  });
}

/** Ranks, scores or reasons changed. */
export async function noteHealthChange({ batch, accounts }: Events['health.changed']): Promise<void> {
  if (accounts > MANY) await lookAtAll();
  else await transaction((tx) => noteDue(tx, queries.touchedByHealth(batch)));
}

/** Readings of usage were brought up to date. */
export async function noteEngagement({ accounts }: Events['engagement.refreshed']): Promise<void> {
  if (accounts === 'all') await lookAtAll();
  else await transaction((tx) => noteDue(tx, sql`select unnest(${accounts}::text[]) as account_id`));
}

/** One account changed. */
export async function noteAccount({ accountId }: { accountId: string }): Promise<void> {
  await transaction((tx) => noteDue(tx, sql`select ${accountId}::text as account_id`));
}

/** More changed than is told one by one: a table was loaded whole. */
export async function lookAtAll(): Promise<void> {
  await transaction(async (tx) => {
    await markStale(tx);
    await askForFull(tx);
  });
}
