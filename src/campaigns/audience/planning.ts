import '../events.ts';

import { batchSizeOf } from '../../channels/channels.ts';
import { messageVersion } from '../../content/content.ts';
import { topicByCode } from '../../consent/topics.ts';
import { now } from '../../platform/clock.ts';
import { db, type Tx } from '../../platform/db.ts';
import { type Events, record } from '../../platform/events.ts';
import { faultPoint } from '../../platform/faults.ts';
import { log } from '../../platform/log.ts';
import { wholeCatalog } from '../../segments/catalog.ts';

import { selectApproved } from '../definition/approvals.queries.ts';
import { stageCohorts, writeCohorts } from './cohorts.queries.ts';
import { type Judged, refuseByHistory, refuseByThemselves } from './eligibility.queries.ts';
import { briefly } from '../mailing/briefly.ts';
import * as queries from './planning.queries.ts';
import type { Laid } from './planning.queries.ts';
import { quietHoursOf } from '../definition/policy.ts';
import type { Fixed, Run } from '../runs/runs.ts';
import { maybeRun, selectForUpdate } from '../runs/runs.queries.ts';
import { campaignSettings } from '../definition/settings.ts';
import { type Asked, hashAudience, stageAudience } from './staging.queries.ts';
import { addCounts } from '../runs/statistics.ts';

const LONGEST = 300_000;

/**
 * A reaction: freezes the audience of a run and writes its ledger, all of it in one transaction. A run that is no longer waiting for it is left
 * as it is, so it may run any number of times.
 */
export async function planRun({ runId }: Events['run.triggered']): Promise<void> {
  const waiting = await maybeRun(db, runId);
  if (waiting?.state !== 'triggered') return;
  const asked = await askedOf(waiting.fixed);
  const topic = await topicOf(waiting.fixed);
  try {
    await briefly(async (tx) => {
      await queries.allowMilliseconds(tx, LONGEST);
      const run = await selectForUpdate(tx, runId);
      if (run?.state === 'triggered')
        await plan(tx, run, asked, { campaignId: run.campaignId, topic, ...asked });
    });
    faultPoint('planned');
  } catch (error) {
    if (!isRuleBroken(error)) throw error;
    log.error({ err: error, runId }, 'the audience of a run could not be looked at');
    await briefly((tx) => end(tx, runId, { reason: 'audience_broken' }));
  }
}

/** With what a run, or what would be one, is planned. */
export const askedOf = async (fixed: Fixed): Promise<Asked> => ({
  fixed,
  catalog: await wholeCatalog(),
  zone: (await campaignSettings()).zone,
  message: await messageOf(fixed),
  now: now(),
});

const messageOf = async ({ messageId, messageVersion: version }: Fixed) =>
  messageId === null || version === null ? undefined : await messageVersion(messageId, version);

export const topicOf = async ({ topic }: Fixed) => (topic === null ? undefined : await topicByCode(topic));

async function plan(tx: Tx, run: Run, asked: Asked, judged: Judged): Promise<void> {
  await stageAudience(tx, asked);
  const audience = await hashAudience(tx);
  if (!run.isDry && (await isAnother(tx, run))) {
    await end(tx, run.id, { reason: 'audience_changed', audience });
    return;
  }
  await refuseByThemselves(tx, judged);
  await queries.waitForTurn(tx, judged);
  await refuseByHistory(tx, judged);
  const planned = await write(tx, run, asked);
  faultPoint('planning');
  const skipped = Object.entries(await queries.countRefused(tx));
  await addCounts(tx, run.id, {
    total: audience.count,
    planned,
    skipped: audience.count - planned,
    ...Object.fromEntries(skipped.map(([reason, count]) => [`skipped:${reason}`, count])),
  });
  await queries.notePlanned(tx, run.id, {
    ...audience,
    now: asked.now,
    state: run.isDry ? 'completed' : 'planned',
  });
  await record(tx, 'run.planned', { runId: run.id });
}

/** @returns how many will be written to */
async function write(tx: Tx, { id, campaignId, isDry }: Run, asked: Asked): Promise<number> {
  const laid = laidOf(asked, { campaignId, runId: id });
  const { rollout } = laid;
  if (rollout !== null) {
    await stageCohorts(tx, asked, { rollout, campaignId });
    await writeCohorts(tx, id, rollout);
  }
  if (isDry) {
    await queries.refuseEverybodyElse(tx, 'dry_run');
    await queries.writeSkipped(tx, { runId: id, now: asked.now, step: 0 });
    return 0;
  }
  await queries.layGroups(tx, laid);
  await queries.writeLedger(tx, laid);
  return await queries.countRows(tx);
}

export const laidOf = (
  { fixed, now: at, message }: Asked,
  { campaignId, runId }: { campaignId: string; runId: number },
): Laid => ({
  runId,
  now: at,
  quietHours: quietHoursOf(fixed),
  trial: fixed.policy.trial ?? null,
  rollout: fixed.policy.rollout ?? null,
  message,
  campaignId,
  batchSize: batchSizeOf(fixed.channel),
  step: fixed.source.kind === 'wave' ? fixed.source.number : 0,
});

/** Whether the audience is farther from the approved one than its policy lets it be. What triggers bring is approved by its rule alone. */
async function isAnother(tx: Tx, { campaignId, revision, fixed }: Run): Promise<boolean> {
  if (fixed.source.kind !== 'list') return false;
  const approval = await selectApproved(tx, campaignId, revision);
  const distance = approval && (await queries.selectDistance(tx, approval.id));
  if (distance === undefined) return false;
  const { came, left, approved } = distance;
  return came + left > (approved * fixed.policy.tolerancePercent) / 100;
}

/** Ends a run that is not planned; its campaign has to be approved anew where that is why. */
async function end(
  tx: Tx,
  runId: number,
  why: { reason: 'audience_changed' | 'audience_broken'; audience?: { count: number; hash: Buffer } },
): Promise<void> {
  await queries.noteUnplanned(tx, runId, { ...why, now: now() });
  if (why.reason === 'audience_changed') await queries.askForApproval(tx, runId, now());
  await record(tx, 'run.ended', { runId });
}

/** What PostgreSQL refuses of somebody's rule: a number out of range, a date that is none. */
export const isRuleBroken = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && /^(22|42)/.test(String(error.code));
