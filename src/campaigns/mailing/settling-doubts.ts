import type { Viewer } from '../../access/viewer.ts';
import type { ChannelName } from '../../channels/channel.ts';
import { channelOf, channelsAtHand } from '../../channels/channels.ts';
import { now } from '../../platform/clock.ts';
import { db, type Tx } from '../../platform/db.ts';
import { Conflict } from '../../platform/errors.ts';

import { GRACE_MILLISECONDS, POST_MILLISECONDS } from './batches.ts';
import { briefly } from './briefly.ts';
import { askForEnd } from '../runs/completion.ts';
import { editorOf } from '../definition/editors.ts';
import { askForLanes } from './lanes.ts';
import { doubt, endRows, noteSent, ready, settleAsked } from './settling.ts';
import * as queries from './settling-doubts.queries.ts';
import { tellOfDoubts } from './troubles.ts';

/*
 * What is settled without an answer, by the rule of PERFORMANCE 5.1: a batch whose holder is gone is in doubt; any event that comes of it
 * says that it was accepted; it goes out again only when the grace is over and batches posted after it were heard of, so that its own events
 * would have come, too. Else a person decides. A provider that can be asked is asked instead, row by row.
 */

/** Settles what can be settled by now. */
export async function settleDoubts(): Promise<void> {
  for (const lost of await queries.selectLost(now())) await briefly((tx) => giveUp(tx, lost));
  const asked = channelsAtHand().filter((name) => channelOf(name).ask !== undefined);
  for (const heard of await queries.selectHeard(db, asked)) await briefly((tx) => takeForSent(tx, heard));
  await askAbout(asked);
  const before = new Date(now().getTime() - GRACE_MILLISECONDS);
  for (const silent of await queries.selectSilent(db, before, asked))
    await briefly((tx) => sendAgain(tx, silent, before));
  for (const stuck of await queries.selectStuck(db, before, asked))
    await briefly((tx) => tellOnce(tx, stuck));
}

/** What was on its way when its answer was lost has arrived by then, or never will. */
const ARRIVED_MILLISECONDS = Math.min(10_000, GRACE_MILLISECONDS / 2);

/** Asks the providers that can be asked. Where they cannot say, they are asked again with the next look. */
async function askAbout(asked: readonly ChannelName[]): Promise<void> {
  const before = new Date(now().getTime() - ARRIVED_MILLISECONDS);
  for (const { channel, rows, ...batch } of await queries.selectAskable(db, { asked, before })) {
    const answer = await channelOf(channel).ask?.({ ...batch, rows }, AbortSignal.timeout(POST_MILLISECONDS));
    if (answer?.kind !== 'divided') continue;
    const had = answer.rows.filter(({ kind }) => kind === 'accepted').map(({ n }) => n);
    await briefly(async (tx) => {
      if (!(await queries.holdDoubtful(tx, batch))) return;
      await settleAsked(tx, batch, { had, isAll: had.length === rows.length });
      await askForEnd(tx, batch.runId);
      await askForLanes(tx);
    });
  }
}

/** Its holder's lease is over and no answer noted. */
async function giveUp(tx: Tx, batch: queries.Doubtful): Promise<void> {
  if (await queries.holdLost(tx, batch, now())) await doubt(tx, batch, 'no answer was noted');
}

async function takeForSent(tx: Tx, batch: queries.Doubtful): Promise<void> {
  if (!(await queries.holdDoubtful(tx, batch))) return;
  await noteSent(tx, batch, null);
  await askForEnd(tx, batch.runId);
}

async function sendAgain(tx: Tx, batch: queries.Doubtful, before: Date): Promise<void> {
  if (!(await queries.holdDoubtful(tx, batch)) || !(await queries.isSilent(tx, batch, before))) return;
  await ready(tx, batch, { dueAt: now(), error: 'not heard of by the provider' });
  await askForEnd(tx, batch.runId);
  await askForLanes(tx);
}

async function tellOnce(tx: Tx, batch: queries.Doubtful & { size: number }): Promise<void> {
  if ((await queries.holdDoubtful(tx, batch)) && (await queries.noteTold(tx, batch, now())))
    await tellOfDoubts(tx, batch.runId, batch.size);
}

export const decisions = ['sent', 'again', 'failed'] as const;

/**
 * A person decides what became of a batch in doubt: it was sent, it goes out again (and comes twice if it had been), or it failed.
 * @throws Forbidden; Conflict when it is not in doubt (any more)
 */
export async function settleDoubt(
  viewer: Viewer,
  runId: number,
  { batch, decision }: { batch: number; decision: (typeof decisions)[number] },
): Promise<void> {
  editorOf(viewer);
  await briefly(async (tx) => {
    if (!(await queries.holdDoubtful(tx, { runId, batch }))) throw new Conflict('the batch is not in doubt');
    if (decision === 'sent') await noteSent(tx, { runId, batch }, null);
    else if (decision === 'again')
      await ready(tx, { runId, batch }, { dueAt: now(), error: 'sent again by a person' });
    else await fail(tx, { runId, batch });
    await askForEnd(tx, runId);
    await askForLanes(tx);
  });
}

async function fail(tx: Tx, batch: queries.Doubtful): Promise<void> {
  const rows = (await queries.selectDoubtful(tx, batch)).map((n) => ({ n, reason: 'in_doubt' }));
  await endRows(tx, batch, { rows, state: 'failed' });
  await queries.close(tx, batch, now());
}
