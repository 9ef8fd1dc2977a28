import { setTimeout as sleep } from 'node:timers/promises';

import type { OutgoingBatch } from '../../channels/channel.ts';
import { channelOf } from '../../channels/channels.ts';
import { now } from '../../platform/clock.ts';
import { db, isDatabaseTrouble, transaction } from '../../platform/db.ts';
import { faultPoint, faultWithin } from '../../platform/faults.ts';
import { log } from '../../platform/log.ts';

import { assembled, type Assembled, UnsendableMessage } from './assembly.ts';
import { type Claimed, LEASE_MILLISECONDS, LostBatch, POST_MILLISECONDS } from './batches.ts';
import * as batches from './batches.queries.ts';
import { askForEndOf } from '../runs/completion.ts';
import { quietHoursOf } from '../definition/policy.ts';
import { endRows, settle, unpost } from './settling.ts';
import { pauseForContent } from './troubles.ts';
import { suppressedAmong } from './suppressed-among.ts';

/** Sends one batch that this process holds: puts it together, says that it is on its way, posts it, and notes the answer. */
export async function sendBatch(claimed: Claimed): Promise<void> {
  faultPoint('claimed');
  try {
    if (await isQuiet(claimed)) return;
    const made = await assembled(claimed);
    faultPoint('assembled');
    await post(claimed, made);
  } catch (error) {
    if (error instanceof LostBatch) await batches.release(db, claimed);
    else if (error instanceof UnsendableMessage) await pauseForContent(claimed, error);
    else if (isDatabaseTrouble(error)) throw error;
    else {
      log.error({ err: error, runId: claimed.runId, batch: claimed.batch }, 'a batch could not be sent');
      await pauseForContent(claimed, error);
    }
  }
}

/** Where people of a batch are asleep it waits until they are up. */
async function isQuiet(claimed: Claimed): Promise<boolean> {
  const hours = quietHoursOf(claimed.fixed);
  if (hours === null) return false;
  const at = now();
  const due = await batches.afterQuiet(db, claimed, { now: at, ...hours });
  if (due <= at) return false;
  await batches.putOff(db, claimed, due);
  return true;
}

async function post(claimed: Claimed, made: Assembled): Promise<void> {
  const since = performance.now();
  const recipients = await begin(claimed, made);
  if (recipients.length === 0) return;
  faultPoint('sending');
  /* A process that was stopped in between and goes on now may no longer be the only one that has this batch. */
  if (performance.now() - since > LEASE_MILLISECONDS / 2) {
    await unpost(claimed);
    return;
  }
  const signal = AbortSignal.timeout(POST_MILLISECONDS);
  faultWithin('posting', 30);
  const answer = await channelOf(claimed.channel).post({ ...made.outgoing, recipients }, signal);
  faultPoint('answered');
  await noting(() => settle(claimed, answer));
  faultPoint('settled');
  await askForEndOf(claimed.runId);
}

/** What a provider answered is not had twice: while the database cannot note it, it is tried again for a while. */
async function noting(note: () => Promise<void>): Promise<void> {
  for (let wait = 200; ; wait *= 2) {
    try {
      await note();
      return;
    } catch (error) {
      if (wait > LONGEST_NOTING || !isDatabaseTrouble(error)) throw error;
      log.warn({ err: error }, 'an answer is noted in a moment');
      await sleep(wait);
    }
  }
}

const LONGEST_NOTING = 10_000;

type Recipients = OutgoingBatch['recipients'];

/**
 * Commits that the batch is on its way, to those alone who may be written to at this moment. @returns to whom; nobody when none is left
 * @throws LostBatch when it is not ours any more, or its run is held
 */
async function begin(claimed: Claimed, { outgoing, failed }: Assembled): Promise<Recipients> {
  const at = now();
  return await transaction(async (tx) => {
    if (!(await batches.isGoingOn(tx, claimed.runId))) throw new LostBatch();
    const refused = await suppressedAmong(tx, claimed);
    await endRows(tx, claimed, { rows: refused, state: 'skipped' });
    await endRows(tx, claimed, { rows: failed, state: 'failed' });
    const left = new Set(refused.map(({ n }) => n));
    const recipients =
      left.size === 0 ? outgoing.recipients : outgoing.recipients.filter(({ n }) => !left.has(n));
    const until = new Date(at.getTime() + LEASE_MILLISECONDS);
    if (!(await batches.begin(tx, claimed, { now: at, until }))) throw new LostBatch();
    if (recipients.length === 0) await batches.close(tx, claimed, at);
    return recipients;
  });
}
