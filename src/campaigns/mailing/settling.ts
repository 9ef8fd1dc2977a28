import type { Answer } from '../../channels/channel.ts';
import { now } from '../../platform/clock.ts';
import { db, transaction, type Tx } from '../../platform/db.ts';
import { faultPoint } from '../../platform/faults.ts';
import { log } from '../../platform/log.ts';

import { type Claimed, LostBatch } from './batches.ts';
import * as batches from './batches.queries.ts';
import * as channels from './channel-states.ts';
import * as queries from './settling.queries.ts';
import { addCounts } from '../runs/statistics.ts';
import { pauseForRefusal, pauseForSettings, pauseIfFailing } from './troubles.ts';

/** The times that a provider may say that it cannot have one batch before the batch is divided, in case one row of it is why. */
const MOST_ATTEMPTS = 8;
const LONGEST_WAIT = 300_000;

/**
 * Notes what became of a batch that this process posted. Only the holder of its fence writes, and the answer of a provider counts even when
 * the lease is over by now: it is better evidence than any that would come later.
 */
export async function settle(claimed: Claimed, answer: Answer): Promise<void> {
  try {
    await settled[answer.kind](claimed, answer as never);
  } catch (error) {
    if (!(error instanceof LostBatch)) throw error;
    log.warn(
      { runId: claimed.runId, batch: claimed.batch, answer: answer.kind },
      'an answer came for a batch that was given up',
    );
  }
}

type Settling = {
  [Kind in Answer['kind']]: (claimed: Claimed, answer: Extract<Answer, { kind: Kind }>) => Promise<void>;
};

const settled: Settling = {
  async accepted(claimed, { providerId, closedUntil }) {
    await transaction(async (tx) => {
      const state = await queries.holdPosted(tx, claimed);
      if (state === 'sending') await noteAccepted(tx, claimed, providerId);
      else await noteSent(tx, claimed, providerId);
      faultPoint('settling');
    });
    if (claimed.isTroubled || closedUntil !== undefined) await channels.noteUp(claimed.channel, closedUntil);
  },

  async refused(claimed, { rows, reason, detail }) {
    if (rows === 'all' && (await countWaiting(claimed)) > 1) {
      await again(claimed, { reason: detail });
      await pauseForRefusal(claimed, detail);
      return;
    }
    await transaction(async (tx) => {
      await queries.holdPosted(tx, claimed);
      await ready(tx, claimed, { dueAt: now(), error: detail });
      await refuseRows(tx, claimed, { rows: rows === 'all' ? 'some' : rows, reason });
    });
    await pauseIfFailing(claimed);
  },

  async limited(claimed, { until }) {
    await again(claimed, { dueAt: until, reason: 'limited' });
    await channels.close(claimed.channel, until, 'limited');
  },

  async unauthorized(claimed, { reason }) {
    await again(claimed, { reason });
    await pauseForSettings(claimed, reason);
  },

  async down(claimed, { reason }) {
    await channels.noteDown(claimed.channel, reason);
    if (claimed.attempts >= MOST_ATTEMPTS)
      await settled.refused(claimed, {
        kind: 'refused',
        rows: 'some',
        reason: 'provider_failed',
        detail: reason,
      });
    else await again(claimed, { dueAt: new Date(now().getTime() + waitAfter(claimed.attempts)), reason });
  },

  async doubt(claimed, { reason }) {
    await transaction(async (tx) => {
      await queries.holdPosted(tx, claimed);
      await doubt(tx, claimed, reason);
    });
  },

  async divided(claimed, { rows, rest }) {
    await transaction(async (tx) => {
      await queries.holdPosted(tx, claimed);
      await divide(tx, claimed, rows);
      faultPoint('settling');
    });
    if (rest === undefined) await channels.noteUp(claimed.channel);
    else await noteRest(claimed, rest);
    await pauseIfFailing(claimed);
  },
};

/** A batch that was to be posted and was not, as its holder knows: it waits for the next who comes. */
export async function unpost(claimed: Claimed): Promise<void> {
  try {
    await again(claimed, { reason: 'not posted in time' });
  } catch (error) {
    if (!(error instanceof LostBatch)) throw error;
  }
}

/** Ends rows of a batch before they were ever posted. */
export async function endRows(
  tx: Tx,
  claimed: Pick<Claimed, 'runId' | 'batch'>,
  ended: { rows: readonly { n: number; reason: string }[]; state: 'skipped' | 'failed' },
): Promise<void> {
  if (ended.rows.length === 0) return;
  const counts = await batches.endRows(tx, claimed, { ...ended, at: now() });
  await addCounts(tx, claimed.runId, counts);
}

/* The common case in as few statements as it takes: no row of it is in doubt. */
async function noteAccepted(tx: Tx, claimed: Claimed, providerId: string): Promise<void> {
  const at = now();
  const sent = await queries.markAccepted(tx, claimed, at);
  await queries.closeSent(tx, claimed, { at, providerId });
  await addCounts(tx, claimed.runId, { planned: -sent, sent });
}

/** The rows of a batch were taken by the provider. The caller holds it. */
export async function noteSent(
  tx: Tx,
  claimed: Pick<Claimed, 'runId' | 'batch'>,
  providerId: string | null,
): Promise<void> {
  const at = now();
  const counts = await queries.markSent(tx, claimed, at);
  await queries.closeSent(tx, claimed, { at, providerId });
  await addCounts(tx, claimed.runId, counts);
}

/** Nobody can say what became of a batch. The caller holds it. */
export async function doubt(
  tx: Tx,
  claimed: Pick<Claimed, 'runId' | 'batch'>,
  reason: string,
): Promise<void> {
  const rows = await queries.doubt(tx, claimed, { at: now(), reason });
  await addCounts(tx, claimed.runId, { planned: -rows, doubt: rows });
}

const countWaiting = async (claimed: Claimed): Promise<number> =>
  (await batches.selectWaiting(db, claimed)).length;

/** Nobody of it was written to: it waits for another time. */
async function again(claimed: Claimed, { dueAt, reason }: { dueAt?: Date; reason: string }): Promise<void> {
  await transaction(async (tx) => {
    await queries.holdPosted(tx, claimed);
    await ready(tx, claimed, { dueAt: dueAt ?? now(), error: reason });
  });
}

/** A batch goes out again, since it is known that nobody of it was written to. The caller holds it. */
export async function ready(
  tx: Tx,
  claimed: Pick<Claimed, 'runId' | 'batch'>,
  how: { dueAt: Date; error: string },
): Promise<void> {
  const rows = await queries.ready(tx, claimed, how);
  await addCounts(tx, claimed.runId, { planned: rows, doubt: -rows });
}

/** Twice as long each time, and not all at the same moment. */
const waitAfter = (attempts: number): number =>
  Math.min(1_000 * 2 ** attempts, LONGEST_WAIT) * (0.75 + Math.random() / 2);

/**
 * The rows to blame never go out; the others do, at once. Where nobody says which they are, the batch is halved, and halved again, until
 * one is alone (F6). The caller holds it.
 */
async function refuseRows(
  tx: Tx,
  claimed: Claimed,
  { rows, reason }: { rows: readonly number[] | 'some'; reason: string },
): Promise<void> {
  const waiting = (await batches.selectWaiting(tx, claimed)).map(({ n }) => n);
  if (rows === 'some' && waiting.length > 1) {
    await batches.split(tx, claimed, [waiting.slice(Math.ceil(waiting.length / 2))], now());
    return;
  }
  const blamed = rows === 'some' ? waiting : rows;
  await endRows(tx, claimed, { rows: blamed.map((n) => ({ n, reason })), state: 'failed' });
  if (blamed.length >= waiting.length) await batches.close(tx, claimed, now());
}

/** Each row by itself; what was not posted goes to a batch of its own. The caller holds it. */
async function divide(
  tx: Tx,
  claimed: Claimed,
  rows: Extract<Answer, { kind: 'divided' }>['rows'],
): Promise<void> {
  const told = new Set(rows.map(({ n }) => n));
  const left = (await batches.selectWaiting(tx, claimed)).map(({ n }) => n).filter((n) => !told.has(n));
  if (left.length > 0) await batches.split(tx, claimed, [left], now());
  const refused = rows.filter(({ kind }) => kind === 'refused');
  await endRows(tx, claimed, {
    rows: refused.map(({ n, reason }) => ({ n, reason: reason ?? 'message_refused' })),
    state: 'failed',
  });
  const doubtful = rows.filter(({ kind }) => kind === 'doubt');
  const sent = rows.filter(({ kind }) => kind === 'accepted').map(({ n }) => n);
  if (doubtful.length === 0) {
    await noteSent(tx, claimed, rows.find(({ kind }) => kind === 'accepted')?.providerId ?? null);
    return;
  }
  await addCounts(tx, claimed.runId, await queries.markSent(tx, claimed, now(), sent));
  await doubt(tx, claimed, doubtful[0]?.reason ?? 'no answer');
}

async function noteRest(claimed: Claimed, rest: Answer): Promise<void> {
  if (rest.kind === 'limited') await channels.close(claimed.channel, rest.until, 'limited');
  else if (rest.kind === 'down') await channels.noteDown(claimed.channel, rest.reason);
  else if (rest.kind === 'unauthorized') await pauseForSettings(claimed, rest.reason);
}

/**
 * The provider was asked about a batch in doubt: these rows it has, and the others it never had, so they go out. The caller holds the batch.
 */
export async function settleAsked(
  tx: Tx,
  batch: Pick<Claimed, 'runId' | 'batch'>,
  { had, isAll }: { had: readonly number[]; isAll: boolean },
): Promise<void> {
  if (isAll) {
    await noteSent(tx, batch, null);
    return;
  }
  await addCounts(tx, batch.runId, await queries.markSent(tx, batch, now(), had));
  await ready(tx, batch, { dueAt: now(), error: 'not with the provider' });
}
