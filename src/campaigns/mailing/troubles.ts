import { now } from '../../platform/clock.ts';
import { db, type Tx } from '../../platform/db.ts';
import { sendMail } from '../../platform/mail.ts';

import type { Claimed } from './batches.ts';
import * as batches from './batches.queries.ts';
import { briefly } from './briefly.ts';
import * as control from './control.queries.ts';
import * as queries from './troubles.queries.ts';

/** Why a run was paused; words: `runs.pauseReasons.<reason>`. */
export const pauseReasons = ['person', 'failures', 'message_refused', 'unauthorized', 'content'] as const;
type PauseReason = (typeof pauseReasons)[number];

/** Fewer failures than this say nothing, whatever share they are. */
const FEWEST_FAILURES = 20;

/** The provider takes this message from nobody: the next batch would fare no better. */
export async function pauseForRefusal({ runId }: Claimed, detail: string): Promise<void> {
  await briefly((tx) => pause(tx, [runId], 'message_refused', detail));
}

/** The provider does not know us: no run of the channel goes on until somebody has seen to it. */
export async function pauseForSettings({ channel }: Claimed, detail: string): Promise<void> {
  await briefly(async (tx) => {
    await pause(tx, await queries.selectOpen(tx, channel), 'unauthorized', detail);
  });
}

/** The message cannot be put together. The batch was never posted. */
export async function pauseForContent(claimed: Claimed, cause: unknown): Promise<void> {
  await batches.release(db, claimed);
  const detail = cause instanceof Error ? cause.message : String(cause);
  await briefly((tx) => pause(tx, [claimed.runId], 'content', detail.slice(0, 300)));
}

/** Pauses a run of which more fails than its policy lets it. */
export async function pauseIfFailing({ runId }: Pick<Claimed, 'runId'>): Promise<void> {
  await pauseFailing([runId]);
}

/** The same for all runs that are on their way: what providers told since counts, too. */
export async function pauseWhatFails(): Promise<void> {
  await pauseFailing(undefined);
}

async function pauseFailing(among: readonly number[] | undefined): Promise<void> {
  const failing = await queries.selectFailing(db, { among, fewest: FEWEST_FAILURES });
  for (const { id, failed, tried } of failing)
    await briefly((tx) => pause(tx, [id], 'failures', `${String(failed)} / ${String(tried)}`));
}

async function pause(tx: Tx, runIds: readonly number[], reason: PauseReason, detail: string): Promise<void> {
  const paused = await control.pause(tx, runIds, { at: now(), by: null, reason });
  for (const { runId, campaign, ownerId } of await queries.selectOwners(tx, paused))
    await sendMail(tx, {
      to: { personId: ownerId },
      template: 'run-paused',
      data: { campaign, reason, quote: detail, path: `/console/runs/${String(runId)}` },
    });
}

/** Tells the owner that nobody can say what became of some, and that it is for a person to decide. */
export async function tellOfDoubts(tx: Tx, runId: number, people: number): Promise<void> {
  for (const { campaign, ownerId } of await queries.selectOwners(tx, [runId]))
    await sendMail(tx, {
      to: { personId: ownerId },
      template: 'run-in-doubt',
      data: { campaign, count: people, path: `/console/runs/${String(runId)}` },
    });
}
