import type { Viewer } from '../../access/viewer.ts';
import { messageVersion } from '../../content/content.ts';
import { HOUR, now } from '../../platform/clock.ts';
import { transaction, type Tx } from '../../platform/db.ts';
import { Conflict, Invalid } from '../../platform/errors.ts';

import { editorOf } from '../definition/editors.ts';
import type { Trial } from '../definition/policy.ts';
import { askForLanes } from '../mailing/lanes.ts';
import { type Fixed, type Run, runSeenBy, type TrialResult } from '../runs/runs.ts';
import { measureVariants } from './results.queries.ts';
import * as queries from './trials.queries.ts';
import { judgeVariants } from './variants.ts';

/*
 * A trial: a run's variants go to a share of its people, drawn by lot; the rest wait in batches of their own. Once the share has had its time,
 * the rest get the variant that did best. Where chance explains the difference, too, that is said, and the best one is taken all the same:
 * nothing speaks for another. Nobody answered: the first.
 */

/** Settles what the rest of runs get whose variants were out long enough. A run that somebody settled meanwhile stays as it is. */
export async function decideTrials(): Promise<void> {
  for (const runId of await queries.selectRipe(now()))
    await transaction(async (tx) => {
      const waiting = await queries.holdWaiting(tx, runId);
      if (waiting === undefined) return;
      const { leader, verdict, variants } = await judged(tx, runId, waiting.trial);
      await settle(tx, runId, {
        verdict,
        by: waiting.trial.by,
        variant: leader ?? 0,
        variants,
        personId: null,
      });
    });
}

/**
 * Settles by hand what the rest get, before its time or against the figures.
 * @throws Forbidden; NotFound; Invalid; Conflict when nothing waits for a variant (any more)
 */
export async function chooseVariant(viewer: Viewer, runId: number, variant: number): Promise<void> {
  const { personId } = editorOf(viewer);
  await runSeenBy(viewer, runId);
  await transaction(async (tx) => {
    const waiting = await queries.holdWaiting(tx, runId);
    if (waiting === undefined) throw new Conflict('nothing of the run waits for a variant');
    if (!(await variantsOf(waiting.fixed)).includes(variant)) throw new Invalid({ variant: 'runs.trial.errors.variant' }); // prettier-ignore
    const { variants } = await judged(tx, runId, waiting.trial);
    await settle(tx, runId, { verdict: 'person', by: waiting.trial.by, variant, variants, personId });
  });
}

async function judged(tx: Tx, runId: number, { by }: Trial) {
  const { variants, verdict, leader } = judgeVariants(await measureVariants(tx, [runId]), by);
  const counted = variants.map((one) => ({ variant: one.variant, sent: one.sent, count: one[by] }));
  return { variants: counted, verdict, leader };
}

async function settle(tx: Tx, runId: number, trial: Omit<TrialResult, 'at'>): Promise<void> {
  await queries.release(tx, runId, { ...trial, at: now().toISOString() });
  await askForLanes(tx);
}

/** The variants that a run's message has, of those that anybody is to get. */
async function variantsOf({ messageId, messageVersion: version }: Fixed): Promise<number[]> {
  const message =
    messageId === null || version === null ? undefined : await messageVersion(messageId, version);
  return message?.content.weights.flatMap((weight, variant) => (weight > 0 ? [variant] : [])) ?? [];
}

/** How a run's trial stands. */
export type TrialCourse =
  | { state: 'settled'; trial: TrialResult }
  /** `dueAt`: when it is settled by itself; null while the variants are still going out. */
  | { state: 'waiting'; trial: Trial; variants: number[]; waiting: number; dueAt: Date | null };

/** Of a run that this viewer sees; undefined where its variants are not tried first. */
export async function trialOf({
  id,
  fixed,
  trial,
}: Pick<Run, 'id' | 'fixed' | 'trial'>): Promise<TrialCourse | undefined> {
  if (trial !== null) return { state: 'settled', trial };
  const asked = fixed.policy.trial ?? null;
  if (asked === null) return undefined;
  const { open, lastAt, waiting } = await queries.selectCourse(id);
  if (waiting === 0) return undefined;
  const dueAt = open > 0 || lastAt === null ? null : new Date(lastAt.getTime() + asked.hours * HOUR);
  return { state: 'waiting', trial: asked, variants: await variantsOf(fixed), waiting, dueAt };
}
